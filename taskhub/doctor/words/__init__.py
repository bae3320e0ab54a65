"""The findings in words, in each language: what was found, and what to do."""

from __future__ import annotations

from taskhub.doctor.model import Finding
from taskhub.doctor.words import en, zh_cn

_WORDS = {"en": en, "zh-CN": zh_cn}

#: The first is spoken where none is asked for.
LANGUAGES = tuple(_WORDS)


def in_words(finding: Finding, language: str) -> tuple[str, str]:
    """What was found, and what to do: empty where there is nothing to be done."""
    what, todo = _WORDS[language].FINDINGS[finding.code]
    said = _WORDS[language].SAID
    facts = dict(finding.facts)
    if (why := facts.get("why")) in said:
        facts["why"] = said[why]
    if "what" in facts:
        kind, space, id_ = facts["what"].partition(" ")
        facts["what"] = f"{said.get(kind, kind)}{space}{id_}"
    return what.format_map(facts), todo.format_map(facts)


def on_wire(finding: Finding, language: str) -> dict[str, str]:
    """A finding as `taskhub doctor --json` and the API give it."""
    what, todo = in_words(finding, language)
    return {
        "check": finding.check,
        "name": _WORDS[language].CHECKS[finding.check],
        "code": finding.code,
        "level": finding.level.value,
        "what": what,
        "do": todo,
    }
