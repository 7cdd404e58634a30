"""Webhook endpoints: the console's own, made at the start, and those made through the API."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from ._errors import Malformed
from ._form import boolean, list_of, merge_metadata, metadata, one_of, text
from ._routes import LIST, route
from ._turn import API_VERSION, Facts, Turn, new_id, page, shape_of, show

#: The console's endpoint. Its secret comes from the settings and is never stored.
CONSOLE = "we_console"


@shape_of("webhook_endpoint")
def webhook_endpoint(facts: Facts) -> dict[str, Any]:
    """The secret is told once, in the answer that creates it."""
    return {
        "id": facts["id"],
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": facts["created"],
        "description": facts.get("description"),
        "enabled_events": facts["enabled_events"],
        "livemode": False,
        "metadata": facts.get("metadata", {}),
        "status": facts.get("status", "enabled"),
        "url": facts["url"],
    }


def listening(turn: Turn, type: str) -> list[tuple[str, str]]:
    """(id, url) of each enabled endpoint that wants events of this type."""
    rows = turn.db.execute("SELECT facts FROM stripe_objects WHERE kind = 'webhook_endpoint' ORDER BY seq")
    endpoints = [json.loads(row["facts"]) for row in rows]
    return [
        (endpoint["id"], endpoint["url"])
        for endpoint in endpoints
        if endpoint.get("status", "enabled") == "enabled"
        and ("*" in endpoint["enabled_events"] or type in endpoint["enabled_events"])
    ]


def set_console(turn: Turn, url: str | None) -> None:
    """Point the console's own endpoint at `url`, or switch it off."""
    facts = turn.find("webhook_endpoint", CONSOLE) or turn.add(
        "webhook_endpoint", {"id": CONSOLE, "created": turn.created, "enabled_events": ["*"]}
    )
    facts |= {"url": url or "", "status": "enabled" if url else "disabled"}
    turn.save("webhook_endpoint", facts)
    if url:
        turn.db.execute(
            "UPDATE deliveries SET url = ? WHERE endpoint = ? AND state = 'waiting'", (url, CONSOLE)
        )


CREATE = {
    "api_version": one_of(API_VERSION),
    "connect": boolean(),
    "description": text(clears=True),
    "enabled_events": list_of(text(), most=300),
    "metadata": metadata(),
    "url": text(),
}


@route("POST", "/webhook_endpoints", CREATE, needs=("enabled_events", "url"))
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    if urlsplit(values["url"]).scheme not in ("http", "https") or not urlsplit(values["url"]).hostname:
        raise Malformed("Invalid URL: must be absolute http or https.", code="url_invalid", param="url")
    facts: Facts = {
        "id": new_id("we"),
        "created": turn.created,
        "url": values["url"],
        "enabled_events": values["enabled_events"],
        "description": values.get("description"),
        "metadata": merge_metadata({}, values.get("metadata", {})),
        "secret": new_id("whsec", 32),
    }
    turn.add("webhook_endpoint", facts)
    return {**show("webhook_endpoint", facts), "secret": facts["secret"]}


@route("GET", "/webhook_endpoints/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show("webhook_endpoint", turn.need("webhook_endpoint", id))


@route("GET", "/webhook_endpoints", LIST)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    return page(turn, "webhook_endpoint", values, "/v1/webhook_endpoints")


@route(
    "POST",
    "/webhook_endpoints/<id>",
    {
        "description": text(clears=True),
        "disabled": boolean(),
        "enabled_events": list_of(text(), most=300),
        "metadata": metadata(),
        "url": text(),
    },
)
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("webhook_endpoint", id)
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    if "disabled" in values:
        facts["status"] = "disabled" if values["disabled"] else "enabled"
    facts.update({name: values[name] for name in ("description", "enabled_events", "url") if name in values})
    turn.save("webhook_endpoint", facts)
    return show("webhook_endpoint", facts)


@route("DELETE", "/webhook_endpoints/<id>")
def delete(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("webhook_endpoint", id)
    turn.save("webhook_endpoint", facts, as_kind="deleted_webhook_endpoint")
    turn.db.execute("UPDATE deliveries SET state = 'dropped' WHERE endpoint = ? AND state = 'waiting'", (id,))
    return {"id": id, "object": "webhook_endpoint", "deleted": True}
