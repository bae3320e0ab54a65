"""Whom a text names: `@` and a member's name, by the rules by which the browser marks names (writing/marks.ts)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_CODE = re.compile(
    r"^(`{3,}|~{3,})[^\n]*\n(?s:.*?)(?:^\1[`~]*[ \t]*$|\Z)|(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n)(?s:.))+?(?<!`)\2(?!`)",
    re.MULTILINE,
)
_HAN = re.compile(
    r"[\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
)
_WIDE = re.compile(r"[\u2e80-\u9fff]\Z")


def mentioned(text: str, names: Mapping[str, str]) -> set[str]:
    """The ids of those whose name stands in the text after an `@`; `names` are the members' by id.

    The whole name counts, in any case, the longest first; or its first word, where that is nobody else's. What
    stands in code does not count, nor an `@` within a word, as in an e-mail address.
    """
    if "@" not in text:
        return set()
    text = _CODE.sub(" ", text)
    members = sorted((_Member.of(user_id, name) for user_id, name in names.items()), key=lambda one: -len(one.name))
    found = set()
    for match in re.finditer("@", text):
        at = match.start()
        if at and (text[at - 1] in "/@-" or _is_word(text[at - 1])):
            continue
        if (user_id := _named(text[at + 1 : at + 201].lower(), members)) is not None:
            found.add(user_id)
    return found


class _Member(NamedTuple):
    user_id: str
    name: str
    first: str
    #: Whether a name may go on without a space after it: Chinese has none.
    ends_anywhere: bool

    @classmethod
    def of(cls, user_id: str, name: str) -> _Member:
        lower = name.lower()
        return cls(user_id, lower, "".join(lower.split()[:1]), _WIDE.search(name) is not None)


def _named(rest: str, members: Sequence[_Member]) -> str | None:
    for one in members:
        if rest.startswith(one.name) and (one.ends_anywhere or not _is_word(rest[len(one.name) : len(one.name) + 1])):
            return one.user_id
    first = _first_word(rest)
    same = [one.user_id for one in members if first and one.first == first]
    return same[0] if len(same) == 1 else None


def _first_word(text: str) -> str:
    """The letters that the text begins with, all of them Han or none."""
    if not text:
        return ""
    han = _HAN.match(text[0]) is not None
    end = 0
    while end < len(text) and (_HAN.match(text[end]) if han else _is_letter(text[end])):
        end += 1
    return text[:end]


def _is_letter(character: str) -> bool:
    return character.isalpha() and _HAN.match(character) is None


def _is_word(character: str) -> bool:
    return (character.isalnum() or character == "_") and _HAN.match(character) is None
