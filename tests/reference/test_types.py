"""The browser's types of what the wire carries are those of the server's own documents."""

from __future__ import annotations

from tools import wire_types


def test_the_browsers_types_are_fresh() -> None:
    assert wire_types.as_typescript(wire_types.document()) == wire_types.GENERATED.read_text(), "run “make types”"


def test_what_a_schema_says_is_said_in_typescript() -> None:
    shape = {
        "type": "object",
        "description": "A\nthing.",
        "properties": {
            "id": {"type": "string"},
            "kind": {"enum": ["a", "b"]},
            "parts": {
                "type": "array",
                "items": {"anyOf": [{"$ref": "#/components/schemas/PartShape"}, {"type": "null"}]},
            },
            "change": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
            "more": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
        "required": ["id"],
    }
    events = {
        "thing.made": {
            "properties": {"type": {"const": "thing.made"}, "thing": {"type": "string"}},
            "required": ["type"],
        },
        "thing.gone": {"properties": {"type": {"const": "thing.gone"}}, "required": ["type"]},
    }
    asyncapi = {
        "components": {"schemas": {"ThingShape": shape, **events}, "messages": {}},
        "operations": {"send": {"messages": []}, "receive": {"messages": []}},
    }
    text = wire_types.as_typescript(asyncapi)
    assert (
        """/** A thing. */
export interface Thing {
  id: string;
  kind?: "a" | "b";
  parts?: (Part | null)[];
  change?: [unknown, unknown];
  more?: Record<string, number>;
}
"""
        in text
    )
    assert 'type: "thing.made" | "thing.gone";\n  thing?: string;' in text
