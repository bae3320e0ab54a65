"""The pages that the server draws: each error in words, in both languages, with the way on."""

from __future__ import annotations

import httpx
import pytest

from taskhub.errors import CODES, Problem
from taskhub.pages.words import EN, LANGUAGES, ZH, in_words
from tests.teams import Team

PAGE = {"Accept": "text/html,application/xhtml+xml"}


def test_every_refusal_has_words_in_every_language() -> None:
    for code, (_, title) in CODES.items():
        refusal = Problem(code, "The server's own words.")
        assert in_words(EN, refusal) == EN.errors.get(code, (title, "The server's own words."))
        own, detail = in_words(ZH, refusal)
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in (own, detail)), code
        assert code in ZH.errors, code
    assert set(ZH.roles) == set(EN.roles)


def test_who_is_to_wait_is_told_how_long() -> None:
    refusal = Problem("rate_limited", "Wait 17 seconds.", headers={"Retry-After": "17"})
    for words in (EN, ZH):
        assert "17" in in_words(words, refusal)[1]
    long = Problem("rate_limited", "Wait 292 seconds.", headers={"Retry-After": "292"})
    assert (in_words(EN, long)[1], in_words(ZH, long)[1]) == (
        "Too many attempts. Wait 5 minutes and try again.",
        "尝试次数过多。请等待 5 分钟后再试。",
    )


@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_errors_are_pages_to_people(team: Team, language: str) -> None:
    words = LANGUAGES[language]
    headers = {**PAGE, "Accept-Language": language}

    async def ask(method: str, path: str, **more: object) -> httpx.Response:
        sent = headers | dict(more.pop("headers", {}))  # type: ignore[call-overload]
        return await team.nobody.request(method, path, headers=sent, **more)  # type: ignore[arg-type]

    large = b"email=" + b"x" * 1024 * 1024
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for status, answer in (
        (404, await ask("GET", "/nothing/here")),
        (403, await ask("POST", "/sign-in", headers={"Origin": "https://evil.example"}, data={"email": "a@b.c"})),
        (405, await ask("PUT", "/sign-in")),
        (413, await ask("POST", "/sign-in", content=large, headers=form)),
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert f'lang="{words.language}"' in answer.text
        assert words.home in answer.text
        assert "<script" not in answer.text
    offline = await ask("GET", "/offline")
    assert words.offline_text in offline.text
    assert "<script" not in offline.text
