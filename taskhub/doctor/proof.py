"""Short-lived proofs by which the doctor and the server of one instance know each other, both having its secret key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

#: The header that carries one.
HEADER = "X-TaskHub-Probe"

#: Seconds for which one is good; clocks may differ as much.
GOOD_FOR = 120


def ask(key: str, now: float | None = None) -> str:
    """A fresh question, for `HEADER`: a moment, something random, and both signed."""
    asked = f"{int(time.time() if now is None else now)}.{secrets.token_hex(8)}"
    return f"{asked}.{_signed(key, 'question', asked)}"


def is_good(key: str, question: str, now: float | None = None) -> bool:
    """Whether it was asked by who has the key, and just now."""
    moment, _, rest = question.partition(".")
    random, _, signature = rest.partition(".")
    if not (moment.isascii() and moment.isdecimal() and len(moment) < 16):
        return False
    fresh = abs((time.time() if now is None else now) - int(moment)) <= GOOD_FOR
    expected = _signed(key, "question", f"{moment}.{random}")
    return fresh and hmac.compare_digest(signature.encode(), expected.encode())


def answer(key: str, question: str) -> str:
    """What only who has the key can answer."""
    return _signed(key, "answer", question)


def _signed(key: str, what: str, text: str) -> str:
    return hmac.new(key.encode(), f"taskhub probe {what} {text}".encode(), hashlib.sha256).hexdigest()
