"""The types of what the wire carries, for the browser, from TaskHub's own OpenAPI and AsyncAPI documents.

    wire_types.py           write static/src/api/generated.ts
    wire_types.py --check   exit with 1 where that file is not what the documents say now

The shapes of requests and answers come under their names (without "Shape"), the frames of the WebSocket as
`…Frame`, and the events of the log as one `LogEvent`, in which the entities that not all types carry are optional;
those of the inbox are an `InboxEvent`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "static" / "src" / "api" / "generated.ts"

_HEAD = """\
/**
 * What the wire carries. Written by tools/wire_types.py from the server's OpenAPI and AsyncAPI documents:
 * change the server's models, then run `make types`.
 */
"""

Schema = Mapping[str, Any]


def document() -> dict[str, Any]:
    """The AsyncAPI document of this source tree, which has the shapes of the OpenAPI document too."""
    from taskhub.app import create_app
    from taskhub.config import Settings
    from taskhub.reference.asyncapi import asyncapi_document
    from taskhub.reference.views import openapi_document

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder)))
        with app.app_context():
            return asyncapi_document(openapi_document()["components"]["schemas"])


def as_typescript(asyncapi: Schema) -> str:
    """The TypeScript of the document's shapes; the same document gives the same text."""
    schemas: Schema = asyncapi["components"]["schemas"]
    inbox = {name: schema for name, schema in schemas.items() if name.startswith(_INBOX)}
    events = {name: schema for name, schema in schemas.items() if "." in name and name not in inbox}
    parts = [_HEAD]
    parts += [
        _declared(_named(name), schema)
        for name, schema in sorted(schemas.items())
        if name not in events and name not in inbox and name != "Event"
    ]
    parts.append(
        _declared(
            "LogEvent",
            _merged(
                events.values(), "One entry of a project's log; it carries the whole entities that its type names."
            ),
        )
    )
    parts.append(_declared("InboxEvent", _merged(inbox.values(), "One entry of one's inbox.")))
    frames: Schema = asyncapi["components"]["messages"]
    for side, operation in (("ClientFrame", "send"), ("ServerFrame", "receive")):
        names = [ref["$ref"].rpartition("/")[2] for ref in asyncapi["operations"][operation]["messages"]]
        for name in names:
            payload = frames[name]["payload"] | {"description": frames[name]["summary"]}
            parts.append(_declared(_frame(name), payload))
        parts.append(f"export type {side} =\n" + "\n".join(f"  | {_frame(name)}" for name in names) + ";\n")
    return "\n".join(parts)


_INBOX = ("notification.", "membership.")


def _named(schema: str) -> str:
    if schema.startswith(_INBOX):
        return "InboxEvent"
    if schema == "Event" or "." in schema:
        return "LogEvent"
    return schema.removesuffix("Shape") if schema != "ProblemShape" else "ProblemDetails"


def _frame(message: str) -> str:
    return "".join(word.capitalize() for word in message.split("_")) + "Frame"


def _merged(schemas: Iterable[Schema], description: str) -> dict[str, Any]:
    """One object for all of them: what only some have is optional, what differs may be either."""
    kinds: dict[str, list[Any]] = {}
    everywhere: set[str] | None = None
    for schema in schemas:
        for name, kind in schema["properties"].items():
            known = kinds.setdefault(name, [])
            if kind not in known:
                known.append(kind)
        everywhere = set(schema["required"]) & (everywhere if everywhere is not None else set(schema["required"]))
    return {
        "type": "object",
        "description": description,
        "properties": {name: found[0] if len(found) == 1 else {"anyOf": found} for name, found in kinds.items()},
        "required": sorted(everywhere or ()),
    }


def _declared(name: str, schema: Schema) -> str:
    text = _comment(schema.get("description"), "")
    if "properties" in schema:
        return f"{text}export interface {name} {_object(schema, '')}\n"
    return f"{text}export type {name} = {_type(schema)};\n"


def _comment(text: str | None, indent: str) -> str:
    return f"{indent}/** {' '.join(text.split())} */\n" if text else ""


def _object(schema: Schema, indent: str) -> str:
    required = set(schema.get("required", ()))
    inner = indent + "  "
    lines = []
    for name, kind in schema["properties"].items():
        mark = "" if name in required else "?"
        lines.append(f"{_comment(kind.get('description'), inner)}{inner}{name}{mark}: {_type(kind, inner)};\n")
    return "{\n" + "".join(lines) + indent + "}"


_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def _type(schema: Schema, indent: str = "") -> str:
    if "$ref" in schema:
        return _named(schema["$ref"].rpartition("/")[2])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            found = [_type(one, indent) for one in schema[union]]
            return " | ".join(dict.fromkeys(found))
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(one) for one in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return _array(schema, indent)
    if kind == "object":
        if "properties" in schema:
            return _object(schema, indent)
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values, indent) if isinstance(values, Mapping) else 'unknown'}>"
    return _PLAIN[kind] if kind is not None else "unknown"


def _array(schema: Schema, indent: str) -> str:
    item = _type(schema.get("items", {}), indent)
    if "maxItems" in schema and schema.get("minItems") == schema["maxItems"]:
        return f"[{', '.join([item] * schema['maxItems'])}]"
    return f"({item})[]" if " | " in item else f"{item}[]"


def main() -> int:
    """Write or check the file; the exit status."""
    fresh = as_typescript(document())
    if "--check" in sys.argv[1:]:
        if GENERATED.read_text() == fresh:
            return 0
        print(
            f"{GENERATED.relative_to(ROOT)} is not what the server's documents say: run “make types”.", file=sys.stderr
        )
        return 1
    GENERATED.write_text(fresh)
    print(f"wrote {GENERATED.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
