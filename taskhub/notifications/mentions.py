"""Whom a text names: `@` and a member's name, by the rules by which the browser marks names (writing/marks.ts)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping

# A run of marks is taken whole and never given back: however somebody stacks them, this takes one way through.
_CODE = re.compile(
    r"^(`{3,}+|~{3,}+)[^\n]*+\n(?s:.*?)(?:^\1[`~]*+[ \t]*+$|\Z)"
    r"|(?<!`)(`++)(?:[^`\n]++|\n(?![ \t]*+\n)|(?!\2(?!`))`++)++\2(?!`)",
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
    members = _Members(names)
    found = set()
    for match in re.finditer("@", text):
        at = match.start()
        if at and (text[at - 1] in "/@-" or _is_word(text[at - 1])):
            continue
        if (user_id := members.named(text[at + 1 : at + 201].lower())) is not None:
            found.add(user_id)
    return found


class _Members:
    """The members by name, so that how many there are makes no difference to who looks for one."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._whole: dict[str, str] = {}
        # Names that may go on without a space after them: Chinese has none.
        self._end_anywhere: set[str] = set()
        # By first word; None where that is the first of several.
        self._first: dict[str, str | None] = {}
        for user_id, name in names.items():
            lower = name.lower()
            if lower not in self._whole:
                self._whole[lower] = user_id
                if _WIDE.search(name) is not None:
                    self._end_anywhere.add(lower)
            first = "".join(lower.split()[:1])
            self._first[first] = None if first in self._first else user_id
        self._sorted = sorted(filter(None, self._whole))

    def named(self, rest: str) -> str | None:
        """The id of whom a text names that begins with a name."""
        begin = rest
        # Every name that `begin` begins with stands at or before it in the order, and begins what stands right there.
        while at := bisect_right(self._sorted, begin):
            name = self._sorted[at - 1]
            shared = _shared(name, begin)
            if shared < len(name):
                begin = begin[:shared]
            elif name in self._end_anywhere or not _is_word(rest[shared : shared + 1]):
                return self._whole[name]
            else:
                begin = name[:-1]
        first = _first_word(rest)
        return self._first.get(first) if first else None


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    if other.startswith(one):
        return len(one)
    return next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), len(other))


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
