"""The demo's two smaller projects, in which any move is allowed."""

from __future__ import annotations

from taskhub.demo.story import Note, Project, Task
from taskhub.workflow.templates import TEMPLATES

MOBILE = Project(
    key="APP",
    name="Mobile app",
    people=("ben", "ana", "dee"),
    labels={"ios": "blue", "android": "green", "bug": "red"},
    workflow=TEMPLATES["simple"],
    since=30,
    until=2,
    tasks=(
        Task("Choose a minimum version for both systems", "doing 26, done 24", "ben", "ios android"),
        Task("Sign in with the account of the website", "todo 22, doing 15, done 9", "ana", priority="high"),
        Task(
            "Scan a bar code to find a product",
            "todo 14, doing 3",
            "ben",
            "ios android",
            "medium",
            8,
            "- [x] Camera permission, asked when it is needed\n- [ ] EAN-13 and QR\n- [ ] A way without a camera\n",
            (Note(1.5, "dee", "On my old phone it takes two seconds to focus."),),
        ),
        Task("Order list stays empty after a sign-out", "todo 6", "ana", "bug android", "high", 2),
        Task("Notifications: which, and when not?", "", "dee"),
        Task("Works without a network in the warehouse"),
        Task("Store pictures in both languages 应用商店截图", "", "dee", "ios android"),
    ),
)

RESEARCH = Project(
    key="RES",
    name="Research 研究",
    people=("chen", "ana"),
    labels={"访谈": "purple", "数据": "teal"},
    workflow=TEMPLATES["simple"],
    since=40,
    until=4,
    tasks=(
        Task("竞品网站对比", "todo 36, doing 33, done 27", "chen", "数据", text="五家网站的结账流程，各走一遍。"),
        Task("Interview six customers 用户访谈", "todo 30, doing 21, done 12", "chen ana", "访谈", "high", notes=(
            Note(18, "ana", "Four of six never saw the search field."),
            Note(17.5, "chen", "因为它看起来像装饰。"),
        )),
        Task("整理访谈记录", "todo 11, doing 5", "chen", "访谈", "medium", 5,
             "1. 录音转文字\n2. 标注主题\n\n- [x] 第一位\n- [x] 第二位\n- [ ] 其余四位\n"),
        Task("Where do people leave the checkout?", "todo 8", "ana", "数据", "high"),
        Task("问卷：为什么不下单？", "", "chen", "访谈"),
        Task("Accessibility test with a screen reader user", "", "ana", "访谈"),
    ),
)  # fmt: skip
