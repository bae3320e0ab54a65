"""Slowing down who guesses passwords: per account and per address, over all processes of one machine."""

from __future__ import annotations

import math
import time
from pathlib import Path

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from taskhub.errors import Problem
from taskhub.people.attempts import SharedStorage


class Throttle:
    """Counts attempts in moving windows: in the file at `path`, or without one in this process's memory."""

    ACCOUNT = parse("10 per 5 minutes")
    ADDRESS = parse("60 per 10 minutes")
    LINK = parse("60 per 10 minutes")
    REGISTER = parse("120 per minute")

    def __init__(self, path: Path | None = None) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage() if path is None else SharedStorage(path))

    def sign_in(self, email: str, address: str) -> None:
        """Count an attempt to sign in. Raises Problem `rate_limited` with Retry-After."""
        self.check_address(address)
        if not self._limiter.hit(self.ACCOUNT, "account", email):
            raise self._refusal(self.ACCOUNT, "account", email)

    def check_address(self, address: str) -> None:
        """Raise Problem `rate_limited` for an address that too many wrong passwords came from."""
        if not self._limiter.test(self.ADDRESS, "address", address):
            raise self._refusal(self.ADDRESS, "address", address)

    def failed(self, address: str) -> None:
        """Count a wrong password against the address it came from."""
        self._limiter.hit(self.ADDRESS, "address", address)

    def succeeded(self, email: str) -> None:
        """Forget the account's attempts."""
        self._limiter.clear(self.ACCOUNT, "account", email)

    def register(self, address: str) -> None:
        """Count a registration. Raises Problem `rate_limited` with Retry-After."""
        if not self._limiter.hit(self.REGISTER, "register", address):
            raise self._refusal(self.REGISTER, "register", address)

    def guessed(self, address: str) -> None:
        """Count a link with nothing behind it against who asks. Raises Problem `rate_limited` with Retry-After.

        By itself: whoever has such a link open in vain, or a page of another site that asks for some, keeps nobody from
        signing in.
        """
        if not self._limiter.hit(self.LINK, "link", address):
            raise self._refusal(self.LINK, "link", address)

    def _refusal(self, item: RateLimitItem, *names: str) -> Problem:
        reset, _ = self._limiter.get_window_stats(item, *names)
        wait = max(1, math.ceil(reset - time.time()))
        return Problem(
            "rate_limited",
            f"Too many attempts. Wait {wait} seconds and try again.",
            headers={"Retry-After": str(wait)},
        )
