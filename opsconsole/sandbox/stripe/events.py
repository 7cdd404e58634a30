"""Events: a snapshot of what changed, kept for 30 days, and owed to every endpoint that listens."""

from __future__ import annotations

import json
from typing import Any

from .._webhooks import Webhooks
from ._errors import Malformed, no_such
from ._form import boolean, list_of, text
from ._routes import LIST, route
from ._turn import API_VERSION, Facts, Turn, new_id, page, shape_of, show
from .webhook_endpoints import listening

KEPT_SECONDS = 30 * 86400
UNDELIVERED = (
    "EXISTS (SELECT 1 FROM deliveries"
    " WHERE deliveries.event = stripe_objects.id AND deliveries.state <> 'delivered')"
)


@shape_of("event")
def event(facts: Facts) -> dict[str, Any]:
    return {
        "id": facts["id"],
        "object": "event",
        "api_version": API_VERSION,
        "created": facts["created"],
        "data": facts["data"],
        "livemode": False,
        "pending_webhooks": facts["pending_webhooks"],
        "request": facts["request"],
        "type": facts["type"],
    }


def body_of(facts: Facts) -> bytes:
    """The bytes that are signed and sent: indented, as Stripe sends them."""
    return json.dumps(show("event", facts), indent=2).encode()


def publish(
    webhooks: Webhooks, turn: Turn, type: str, shown: dict[str, Any], changed: dict[str, Any] | None
) -> None:
    """Store the event and owe it to the endpoints, in the transaction of the change itself."""
    endpoints = listening(turn, type)
    (latest,) = turn.db.execute("SELECT max(created) FROM stripe_objects WHERE kind = 'event'").fetchone()
    facts: Facts = {
        "id": new_id("evt"),
        "created": max(turn.created, latest or 0),  # a cursor never misses an event that fell due a bit late
        "type": type,
        "data": {"object": shown} | ({} if changed is None else {"previous_attributes": changed}),
        "pending_webhooks": len(endpoints),
        "request": {"id": turn.request_id, "idempotency_key": turn.key},
    }
    turn.add("event", facts)
    webhooks.send(turn.db, "stripe", facts["id"], type, endpoints, turn.now)


@route("GET", "/events/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("event", id)
    if facts["created"] < turn.now - KEPT_SECONDS:
        raise no_such("event", id)
    return _with_pending(turn, show("event", facts))


def _with_pending(turn: Turn, shown: dict[str, Any]) -> dict[str, Any]:
    (pending,) = turn.db.execute(
        "SELECT count(*) FROM deliveries WHERE event = ? AND state <> 'delivered'", (shown["id"],)
    ).fetchone()
    return {**shown, "pending_webhooks": pending}


@route(
    "GET",
    "/events",
    {**LIST, "type": text(), "types": list_of(text(), most=20), "delivery_success": boolean()},
)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    if "type" in values and "types" in values:
        raise Malformed("You may only specify one of these parameters: type, types.")
    conditions = ["created >= ?"]
    arguments: list[Any] = [turn.created - KEPT_SECONDS]
    types = values.get("types") or ([values["type"]] if "type" in values else [])
    if types:
        conditions.append("(" + " OR ".join(["type GLOB ?"] * len(types)) + ")")
        arguments += [type.replace("[", "[[]").replace("?", "[?]") for type in types]
    if "delivery_success" in values:
        conditions.append(f"NOT {UNDELIVERED}" if values["delivery_success"] else UNDELIVERED)
    answer = page(turn, "event", values, "/v1/events", also=(" AND ".join(conditions), tuple(arguments)))
    answer["data"] = [_with_pending(turn, shown) for shown in answer["data"]]
    return answer
