"""Markdown as people write it, to HTML that is safe to show.

CommonMark with tables, strikethrough, bare links and task lists by markdown-it-py; nh3 (ammonia) then lets only the
tags and attributes named here through, whatever the renderer made of the text.
"""

from __future__ import annotations

import asyncio
import functools

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from mdit_py_plugins.tasklists import tasklists_plugin

_TAGS = {
    *("a", "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "del", "code", "pre"),
    *("blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "label", "input"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "ol": {"start"},
    "input": {"type", "checked", "disabled", "class"},
    "li": {"class", "data-line"},
    "ul": {"class"},
    "code": {"class"},
    "th": {"align"},
    "td": {"align"},
}
_SCHEMES = {"http", "https", "mailto"}

#: A text longer than this is rendered in a thread.
_LONG = 2_000


@functools.cache
def _renderer() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"linkify": True, "html": False, "breaks": True})
    markdown.enable(["table", "strikethrough", "linkify"]).use(tasklists_plugin, label=True)
    markdown.core.ruler.push("task-lines", _name_task_lines)
    return markdown


def _name_task_lines(state: StateCore) -> None:
    """Let each item of a task list say in which line of the text, from 0, its box stands."""
    for item, inline in zip(state.tokens, state.tokens[2:], strict=False):
        if item.type == "list_item_open" and item.attrGet("class") == "task-list-item" and inline.map:
            item.attrSet("data-line", str(inline.map[0]))


@functools.cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        attribute_filter=_only_ours,
    )


def _only_ours(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        kept = [name for name in value.split() if name.startswith(("task-list", "contains-task", "language-"))]
        return " ".join(kept) or None
    if attribute == "data-line":
        return value if value.isdecimal() else None
    if tag == "input" and attribute == "type":
        return "checkbox"
    return value


@functools.lru_cache(maxsize=512)
def _render(text: str) -> str:
    return _cleaner().clean(_renderer().render(text))


async def to_html(text: str) -> str:
    """The text as sanitised HTML.

    Each item of a task list has `data-line`, the line of the text, from 0, in which its `[ ]` stands.
    """
    if len(text) <= _LONG:
        return _render(text)
    return await asyncio.to_thread(_render, text)
