"""The AsyncAPI 3.0 document of the live side, made from the catalogue of events and the socket's own models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from taskhub import api
from taskhub.comments.views import Comment
from taskhub.events.catalogue import TYPES
from taskhub.live.socket import SUBPROTOCOL, At, Ping, SayPresence, Subscribe, Unsubscribe
from taskhub.notifications.model import INBOX_TYPES
from taskhub.projects.model import Role
from taskhub.work.views import Standings

_ENTITIES = {
    "project": "Project",
    "workflow": "WorkflowShape",
    "member": "Member",
    "label": "Label",
    "task": "Task",
}

_CLOSE_CODES = {
    1009: "the frame was larger than 1 MiB",
    1012: "the server restarts, or its database does not answer: come back with the cursor",
    1013: "you read too slowly: come back with the cursor",
    4401: "not signed in, or not any more",
    4403: "the page that asks is from another site",
}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_UNSUBSCRIBED = {
    "summary": "Access was taken away; the stream ends.",
    "payload": _object(reason={"enum": ["access_revoked", "deleted"]}),
}

_TOPIC = {"type": "string", "examples": ["project:WEB", "inbox"]}
_SEQ = {"type": "integer"}
_LOG = {"type": "string", "description": "names one history of one project"}


def _event_schema(name: str) -> dict[str, Any]:
    comment = Comment.model_json_schema()["properties"]
    comment.pop("body_html")
    entities = {
        carried: _object(**comment) if carried == "comment" else {"$ref": f"#/components/schemas/{_ENTITIES[carried]}"}
        for carried in TYPES[name].carries
    }
    # In project.* events the whole project stands where the others have its KEY.
    members: dict[str, Any] = {
        "v": {"const": 1},
        "seq": _SEQ,
        "type": {"const": name},
        "at": {"type": "string", "format": "date-time"},
        "actor": _object(id={"type": "string"}, name={"type": "string"}),
        "project": {"type": "string"},
        "command_id": {"type": "string"},
        "changes": {
            "type": "object",
            "description": "field: [old, new]",
            "additionalProperties": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
        },
        **entities,
    }
    return _object(**members)


def _inbox_event_schema(name: str) -> dict[str, Any]:
    of: dict[str, dict[str, Any]] = {
        **{
            f"notification.{what}": {
                "notification": {
                    "anyOf": [{"$ref": "#/components/schemas/Notification"}, {"type": "null"}],
                    "description": "null where it is about a project that one may not see any more",
                }
            }
            for what in ("created", "edited")
        },
        **{
            f"notification.{what}": {"ids": {"type": "array", "items": {"type": "string"}}}
            for what in ("read", "unread", "redacted")
        },
        "membership.changed": {
            "project": {"type": "string"},
            "role": {"enum": [*(role.value for role in Role), None]},
        },
    }
    return _object(
        v={"const": 1},
        seq=_SEQ,
        type={"const": name},
        at={"type": "string", "format": "date-time"},
        unread={"type": "integer", "description": "how many notifications are unread then"},
        **of[name],
    )


def asyncapi_document(schemas: dict[str, Any]) -> dict[str, Any]:
    """The document; `schemas` are the OpenAPI document's, whose entities the events carry."""
    from_client: dict[str, type[BaseModel]] = {
        "subscribe": Subscribe,
        "unsubscribe": Unsubscribe,
        "say_presence": SayPresence,
        "ping": Ping,
    }
    from_server: dict[str, tuple[str, dict[str, Any]]] = {
        "subscribed": (
            "The answer to subscribe; what was missed follows. `build` names the build of TaskHub that answers.",
            {"topic": _TOPIC, "log": _LOG, "seq": _SEQ, "build": {"type": "string"}},
        ),
        "events": (
            "One or more events in order of `seq`, each once: of the project's log, or of one's inbox.",
            {
                "topic": _TOPIC,
                "events": {
                    "type": "array",
                    "items": {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in (*TYPES, *INBOX_TYPES)]},
                },
            },
        ),
        "resync": (
            "The cursor does not fit: another log, beyond its head, or older than what is kept of it. Fetch the board "
            "(the inbox). What follows comes after `seq`.",
            {"topic": _TOPIC, "log": _LOG, "seq": _SEQ},
        ),
        "unsubscribed": (
            "The topic ended.",
            {"topic": _TOPIC, "reason": {"enum": ["asked", "access_revoked", "deleted"]}},
        ),
        "presence": (
            "Who is in the project now, each person once, with the places they are at. Until the first one it is "
            "nobody; at most two come in a second.",
            {
                "topic": _TOPIC,
                "users": {
                    "type": "array",
                    "items": _object(
                        id={"type": "string"},
                        name={"type": "string"},
                        at={"type": "array", "items": {"$ref": "#/components/schemas/At"}},
                    ),
                },
            },
        ),
        "pong": ("The answer to ping.", {}),
        "error": (
            "What was sent could not be done; the connection stays.",
            {"code": {"type": "string"}, "detail": {"type": "string"}},
        ),
    }
    messages: dict[str, Any] = {}
    for name, model in from_client.items():
        payload = model.model_json_schema(ref_template="#/components/schemas/{model}")
        payload.pop("$defs", None)
        messages[name] = {"summary": model.__doc__, "payload": payload}
    for name, (summary, properties) in from_server.items():
        messages[name] = {"summary": summary, "payload": _object(op={"const": name}, **properties)}
    # Where what was sent named a topic.
    messages["error"]["payload"]["properties"]["topic"] = _TOPIC
    stream_messages = {
        "hello": {
            "summary": "First of all; its id is the cursor the stream starts from.",
            "payload": _object(log=_LOG, seq=_SEQ, build={"type": "string"}),
        },
        "event": {"summary": "An event, under id: SEQ and without a name.", "payload": _any_event()},
        "resync": {
            "summary": "Fetch the board; the stream goes on after `seq`.",
            "payload": _object(log=_LOG, seq=_SEQ),
        },
        "unsubscribed": _UNSUBSCRIBED,
    }
    told = "at once, and when they change, at most four times a second."
    figures = {"summary": f"The whole figures, under id: SEQ: {told}", "payload": schemas["Dashboard"]}
    shown = {"summary": f"What the wallboard shows, under id: SEQ: {told}", "payload": schemas["Wall"]}
    own = Standings.model_json_schema(ref_template="#/components/schemas/{model}")
    # The others are those of the OpenAPI document too.
    schemas = {**own.pop("$defs"), **schemas, "Standings": own}
    standings = {"summary": f"How all projects stand: {told}", "payload": own}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "TaskHub live",
            "version": "1",
            "description": "Topics are project:KEY and inbox. A cursor is `log` and `seq`: reconnect with it and "
            "nothing is missed or doubled. Close codes: "
            + "; ".join(f"{code}: {meaning}" for code, meaning in _CLOSE_CODES.items())
            + ".",
        },
        "channels": {
            "live": {
                "address": f"{api.PREFIX}/live",
                "description": f"A WebSocket, subprotocol {SUBPROTOCOL} or none; text frames, one JSON object each.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET"}},
            },
            "stream": {
                "address": f"{api.PREFIX}/projects/{{key}}/stream",
                "description": "Server-sent events; a Last-Event-ID header or ?since=N is the cursor.",
                "parameters": {"key": {"description": "The project's KEY."}},
                "messages": stream_messages,
            },
            "dashboard": {
                "address": f"{api.PREFIX}/projects/{{key}}/dashboard/stream",
                "description": "Server-sent events without a cursor: whoever comes back gets the figures as they are.",
                "parameters": {"key": {"description": "The project's KEY."}},
                "messages": {"dashboard": figures, "unsubscribed": _UNSUBSCRIBED},
            },
            "wallboard": {
                "address": f"{api.PREFIX}/wallboards/{{secret}}/stream",
                "description": "Server-sent events without a cursor, and without signing in.",
                "parameters": {"secret": {"description": "The secret in the wallboard's link."}},
                "messages": {"dashboard": shown, "unsubscribed": _UNSUBSCRIBED},
            },
            "overview": {
                "address": f"{api.PREFIX}/me/overview/stream",
                "description": "Server-sent events without a cursor.",
                "messages": {"overview": standings, "unsubscribed": _UNSUBSCRIBED},
            },
            "inbox_stream": {
                "address": f"{api.PREFIX}/inbox/stream",
                "description": "Server-sent events of one's own inbox, as a project's stream has those of its log.",
                "messages": {
                    **stream_messages,
                    "event": {
                        "summary": "An event of the inbox, under id: SEQ and without a name.",
                        "payload": {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in INBOX_TYPES]},
                    },
                },
            },
        },
        "operations": {
            "send": {
                "action": "send",
                "channel": {"$ref": "#/channels/live"},
                "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in from_client],
            },
            "receive": {
                "action": "receive",
                "channel": {"$ref": "#/channels/live"},
                "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in from_server],
            },
            "follow": {"action": "receive", "channel": {"$ref": "#/channels/stream"}},
            "watch": {"action": "receive", "channel": {"$ref": "#/channels/dashboard"}},
            "follow_inbox": {"action": "receive", "channel": {"$ref": "#/channels/inbox_stream"}},
            "watch_wall": {"action": "receive", "channel": {"$ref": "#/channels/wallboard"}},
            "watch_projects": {"action": "receive", "channel": {"$ref": "#/channels/overview"}},
        },
        "components": {
            "messages": messages,
            "schemas": {
                **schemas,
                "At": At.model_json_schema(),
                **{name: _event_schema(name) | {"description": TYPES[name].meaning} for name in TYPES},
                **{name: _inbox_event_schema(name) | {"description": INBOX_TYPES[name]} for name in INBOX_TYPES},
            },
        },
    }


def _any_event() -> dict[str, Any]:
    return {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in TYPES]}
