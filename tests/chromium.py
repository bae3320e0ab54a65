"""Real Chromium, driven by Playwright. All tests share one event loop, so one browser serves the session."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.browser.uneven import KINDS
from tests.needs import require

ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

NewContext = Callable[..., Awaitable[BrowserContext]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--slower",
        type=float,
        default=1,
        metavar="TIMES",
        help="make the scripts of each window in tests/browser this many times slower, as on a busy machine",
    )
    parser.addoption(
        "--uneven",
        type=float,
        default=0,
        metavar="MS",
        help="hold each request, answer and message of a socket in tests/browser for up to so long, by chance",
    )
    parser.addoption(
        "--late",
        type=_late,
        action="append",
        default=[],
        metavar="KIND=MS",
        help="hold all requests that read or write, answers or messages of sockets in tests/browser for just so long;"
        " KIND is reads, writes, answers or messages",
    )


def _late(text: str) -> tuple[str, float]:
    kind, _, ms = text.partition("=")
    if kind not in KINDS:
        raise argparse.ArgumentTypeError(f"{kind} is none of {', '.join(KINDS)}")
    return kind, float(ms)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The session's Chromium; tests that need it are skipped where it is not installed."""
    executable = require("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def new_context(browser: Browser) -> AsyncIterator[NewContext]:
    """`await new_context(**OPTIONS)` gives a browser context (a person's own cookies); closed after the test.

    OPTIONS are those of Playwright's `Browser.new_context`. The locale is en-US unless they name another.
    """
    contexts: list[BrowserContext] = []

    async def make(**options: Any) -> BrowserContext:
        context = await browser.new_context(**{"locale": "en-US", **options})
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        await context.close()


@pytest.fixture
async def context(new_context: NewContext) -> BrowserContext:
    """One browser context of the test's own."""
    return await new_context()
