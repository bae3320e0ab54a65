"""Refusals, as the contract's RFC 9457 problems: one exception, one table of codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: code → (HTTP status, title)
CODES: Mapping[str, tuple[int, str]] = {
    "bad_request": (400, "The request could not be read"),
    "unauthenticated": (401, "Not signed in"),
    "forbidden": (403, "Not allowed"),
    "cross_origin": (403, "The request came from another site"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "This address does not take that method"),
    "timeout": (408, "The request took too long to arrive"),
    "edit_conflict": (409, "Somebody else changed this meanwhile"),
    "transition_not_allowed": (409, "The workflow does not allow this move"),
    "wip_limit_reached": (409, "The state is full"),
    "state_in_use": (409, "The state still has tasks"),
    "last_owner": (409, "A project keeps at least one owner"),
    "undo_conflict": (409, "It was changed again since"),
    "duplicate": (409, "It exists already"),
    "cursor_expired": (410, "The cursor is older than the log that is kept"),
    "too_large": (413, "Too large"),
    "unsupported_media_type": (415, "The body must be JSON"),
    "invalid": (422, "Invalid input"),
    "not_undoable": (422, "This can't be undone"),
    "idempotency_mismatch": (422, "The Idempotency-Key was used for something else"),
    "rate_limited": (429, "Too many attempts"),
    "internal": (500, "Something went wrong on our side"),
    "unavailable": (503, "Not ready"),
}


class Problem(Exception):
    """A refusal that a person can act on.

    `code` is one of `CODES`; `detail` says what was wrong and what to do; `extra` are the members that the
    contract adds for that code (`errors`, `allowed`, `conflicts`, …); `headers` go with the HTTP answer.
    """

    def __init__(self, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.status, self.title = CODES[code]
        self.detail = detail
        self.extra = extra
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The members of the `application/problem+json` answer."""
        return {
            "type": f"urn:taskhub:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.extra,
        }


def not_found(what: str = "There is nothing here, or it is not yours to see.") -> Problem:
    """404 for a thing that is not there or must not be known to be there."""
    return Problem("not_found", what)


def invalid(loc: str, msg: str) -> Problem:
    """422 for one field: `loc` is its name, `msg` what was wrong with it."""
    return Problem("invalid", f"{loc}: {msg}", errors=[{"loc": [loc], "msg": msg}])
