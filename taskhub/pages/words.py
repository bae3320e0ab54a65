"""The texts of the pages that the server draws, in each language. A missing one is a type error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from taskhub.errors import Problem

LANGUAGE_COOKIE = "taskhub_lang"


@dataclass(frozen=True)
class Words:
    """One language. `errors` are titles and advice by problem code; "" stands for any other."""

    language: str
    name: str
    sign_in: str
    register: str
    email: str
    your_name: str
    password: str
    password_rule: str
    no_account: str
    have_account: str
    forgotten: str
    first_title: str
    first_text: str
    by_invitation: str
    no_script: str
    not_built: str
    home: str
    again: str
    offline: str
    offline_text: str
    wait: str
    wait_minutes: str
    request_id: str
    check_fields: str
    roles: Mapping[str, str]
    join: str
    join_title: str
    invited_to_join: str
    invited_to_register: str
    invited_here: str
    signed_in_as: str
    invite_for_other: str
    other_account: str
    invite_gone: str
    invite_gone_text: str
    errors: Mapping[str, tuple[str, str]]


EN = Words(
    language="en",
    name="English",
    sign_in="Sign in",
    register="Create account",
    email="E-mail",
    your_name="Your name",
    password="Password",  # noqa: S106 - the word, not one
    password_rule="At least 10 characters.",  # noqa: S106
    no_account="New here?",
    have_account="Have an account?",
    forgotten="Forgot your password? Whoever runs this TaskHub sets a new one.",
    first_title="Welcome to TaskHub",
    first_text="Nobody is here yet. The first account becomes the administrator of this instance.",
    by_invitation="Accounts are made by invitation: ask a member of your team.",
    no_script="The board is live and needs JavaScript. Turn it on for this site and reload the page.",
    not_built="The browser interface is not built. Run “make run” in the source tree, or install the wheel.",
    home="To your projects",
    again="Try again",
    offline="No connection",
    offline_text="TaskHub can’t be reached. Look at your network, and try again in a moment.",
    wait="Too many attempts. Wait {seconds} seconds and try again.",
    wait_minutes="Too many attempts. Wait {minutes} minutes and try again.",
    request_id="Request",
    check_fields="Check: ",
    roles={"viewer": "a viewer", "member": "a member", "owner": "an owner"},
    join="Join",
    join_title="Join {project}",
    invited_to_join="{person} invites you to the project as {role}.",
    invited_to_register="{person} invites you to the project as {role}. Create an account to join.",
    invited_here="{person} invites you. Create an account to come in.",
    signed_in_as="You are signed in as {name} ({email}).",
    invite_for_other="This invite is for {email}.",
    other_account="Use another account",
    invite_gone="This invite is no longer good",
    invite_gone_text="It was used, has run out or was taken back. Ask whoever sent it for a new one.",
    # Where the server's own words are meant for programs.
    errors={
        "cross_origin": ("This came from another site", "Open TaskHub itself and try it there."),
        "method_not_allowed": ("Not found", "There is nothing at this address."),
    },
)

ZH = Words(
    language="zh-CN",
    name="简体中文",
    sign_in="登录",
    register="创建账户",
    email="电子邮箱",
    your_name="你的名字",
    password="密码",  # noqa: S106
    password_rule="至少 10 个字符。",  # noqa: S106
    no_account="还没有账户？",
    have_account="已有账户？",
    forgotten="忘记密码？请联系此 TaskHub 的管理员重设。",
    first_title="欢迎使用 TaskHub",
    first_text="这里还没有人。第一个账户将成为此实例的管理员。",
    by_invitation="账户需通过邀请创建：请联系你的团队成员。",
    no_script="看板是实时的，需要 JavaScript。请为本站启用后重新加载页面。",
    not_built="浏览器界面尚未构建。请在源码目录运行 “make run”，或安装 wheel 包。",
    home="返回项目列表",
    again="重试",
    offline="没有连接",
    offline_text="无法连接到 TaskHub。请检查网络，稍后重试。",
    wait="尝试次数过多。请等待 {seconds} 秒后再试。",
    wait_minutes="尝试次数过多。请等待 {minutes} 分钟后再试。",
    request_id="请求",
    check_fields="请检查：",
    roles={"viewer": "查看者", "member": "成员", "owner": "所有者"},
    join="加入",
    join_title="加入“{project}”",
    invited_to_join="{person} 邀请你以{role}身份加入此项目。",
    invited_to_register="{person} 邀请你以{role}身份加入此项目。创建账户即可加入。",
    invited_here="{person} 邀请你。创建账户即可进入。",
    signed_in_as="你当前以 {name}（{email}）的身份登录。",
    invite_for_other="此邀请仅供 {email} 使用。",
    other_account="使用其他账户",
    invite_gone="此邀请已失效",
    invite_gone_text="它已被使用、已过期或已被撤回。请联系邀请人重新发送。",
    errors={
        "": ("出错了", "请稍后重试。"),
        "unauthenticated": ("未登录", "电子邮箱或密码不正确。"),
        "forbidden": ("没有权限", "你没有权限这样做。请联系你的团队成员。"),
        "cross_origin": ("请求来自其他网站", "请从 TaskHub 自己的页面重试。"),
        "not_found": ("未找到", "这里什么都没有，或者你无权查看。"),
        "method_not_allowed": ("不支持的请求方式", "请从页面上的链接进入。"),
        "duplicate": ("已存在", "该电子邮箱已有账户，请直接登录。"),
        "too_large": ("内容太大", "请减少内容后重试。"),
        "invalid": ("填写有误", "请检查填写的内容。"),
        "rate_limited": ("尝试次数过多", "请稍候再试。"),
        "bad_request": ("无法读取请求", "请返回上一页后重试。"),
        "timeout": ("请求超时", "内容没有及时送达。请检查网络后重试。"),
        "edit_conflict": ("内容已被更改", "其他人刚刚更改了同一处。请重新加载后再试。"),
        "transition_not_allowed": ("工作流不允许", "工作流不允许这样移动。"),
        "wip_limit_reached": ("状态已满", "请先移出一个任务。"),
        "state_in_use": ("状态仍在使用", "该状态中还有任务，请先移走。"),
        "last_owner": ("至少需要一位所有者", "项目至少保留一位所有者。"),
        "undo_conflict": ("无法撤销", "此后它又被更改过。"),
        "not_undoable": ("无法撤销", "这一步不能撤销。"),
        "cursor_expired": ("记录已过期", "请重新加载页面。"),
        "unsupported_media_type": ("不支持的格式", "请从页面上的表单提交。"),
        "idempotency_mismatch": ("请求标识已被使用", "请重新提交。"),
        "internal": ("我们这边出了问题", "请求失败，故障已记录。请重试。"),
        "unavailable": ("暂不可用", "数据库没有响应，没有任何更改。请稍后重试。"),
    },
)

LANGUAGES: Mapping[str, Words] = {words.language: words for words in (EN, ZH)}


def chosen() -> Words:
    """The language of this request: asked for by `?lang=`, else the cookie's, else what the browser accepts."""
    for wanted in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted is not None and wanted in LANGUAGES:
            return LANGUAGES[wanted]
    best = request.accept_languages.best_match(["en", "zh-CN", "zh"])
    return ZH if best is not None and best.startswith("zh") else EN


def in_words(words: Words, problem: Problem) -> tuple[str, str]:
    """A problem's title and detail in a language; the server's own words are English."""
    title, detail = words.errors.get(problem.code) or words.errors.get("") or (problem.title, problem.detail)
    if problem.code == "rate_limited" and (wait := problem.headers.get("Retry-After")):
        seconds = int(wait)
        if seconds < 90:
            return title, words.wait.format(seconds=seconds)
        return title, words.wait_minutes.format(minutes=-(-seconds // 60))
    return title, detail


def form_trouble(words: Words, problem: Problem) -> str:
    """What was wrong with a form, with its fields called as the form calls them."""
    labels = {"email": words.email, "name": words.your_name, "password": words.password}
    wrong = [(labels.get(error["loc"][-1]), error["msg"]) for error in problem.extra.get("errors", ())]
    named = [(label, msg) for label, msg in wrong if label is not None]
    if not named:
        return in_words(words, problem)[1]
    if words is EN:
        return " ".join(f"{label}: {msg}." for label, msg in named)
    return words.check_fields + "、".join(label for label, _ in named)
