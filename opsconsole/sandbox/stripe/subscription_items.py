"""Subscription items on their own: each act is an update of the subscription with that one item."""

from __future__ import annotations

import json
from typing import Any

from . import _items, subscriptions
from ._errors import no_such
from ._form import Schema, integer, one_of, text
from ._pauses import PRORATION
from ._routes import LIST, route
from ._turn import Facts, Turn, show

HOW: Schema = {
    "payment_behavior": one_of(*subscriptions.BEHAVIORS),
    "proration_behavior": PRORATION,
    "proration_date": integer(0),
}


def _with(turn: Turn, id: str) -> tuple[Facts, Facts]:
    """The subscription that an item belongs to, and the item."""
    rows = turn.db.execute(
        "SELECT facts FROM stripe_objects WHERE kind = 'subscription' AND facts LIKE ?", (f'%"{id}"%',)
    )
    for row in rows.fetchall():
        subscription = json.loads(row["facts"])
        for item in subscription["items"]:
            if item["id"] == id:
                return subscription, item
    raise no_such("subscription_item", id)


def _shown(subscription: dict[str, Any], id: str) -> dict[str, Any]:
    return next(item for item in subscription["items"]["data"] if item["id"] == id)


@route("GET", "/subscription_items/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return _shown(show("subscription", _with(turn, id)[0]), id)


@route("GET", "/subscription_items", {**LIST, "subscription": text()}, needs=("subscription",))
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """All of them: a subscription has twenty at most."""
    shown = show("subscription", turn.need("subscription", values["subscription"], "subscription"))["items"]
    data, limit = shown["data"], values.get("limit", 10)
    if "starting_after" in values:
        ids = [item["id"] for item in data]
        if values["starting_after"] not in ids:
            raise no_such("subscription_item", values["starting_after"], "starting_after")
        data = data[ids.index(values["starting_after"]) + 1 :]
    return {**shown, "data": data[:limit], "has_more": len(data) > limit, "url": "/v1/subscription_items"}


@route("POST", "/subscription_items", {**_items.NEW, **HOW, "subscription": text()}, needs=("subscription",))
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    facts = turn.need("subscription", values.pop("subscription"), "subscription")
    had = {item["id"] for item in facts["items"]}
    after = _updated(turn, facts["id"], values, {})
    return next(item for item in after["items"]["data"] if item["id"] not in had)


@route("POST", "/subscription_items/<id>", {**_items.NEW, **HOW})
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    subscription, _ = _with(turn, id)
    return _shown(_updated(turn, subscription["id"], values, {"id": id}), id)


@route("DELETE", "/subscription_items/<id>", HOW)
def delete(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    subscription, _ = _with(turn, id)
    _updated(turn, subscription["id"], values, {"id": id, "deleted": True})
    return {"id": id, "object": "subscription_item", "deleted": True}


def _updated(turn: Turn, id: str, values: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    how = {name: values[name] for name in HOW if name in values}
    item |= {name: values[name] for name in _items.NEW if name in values}
    return subscriptions.update(turn, {**how, "items": [item]}, id)
