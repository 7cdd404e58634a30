"""People: what the Track API stores of them and the App API shows. Contact data lives here and nowhere else."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from ._turn import Turn, refused_by_app, refused_by_track

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost")
ID_LIMIT = 150
ID_TYPES = ("id", "email", "cio_id")


def identify(turn: Turn, id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """PUT /api/v1/customers/{id}: add or change a person; null takes an attribute away.

    With `_update` nobody is added. An address that another person has is dropped without a word.
    """
    _check(id, given)
    person = turn.person(id)
    if person is None and given.get("_update") is True:
        return {}
    if person and _taken(turn, id, given.get("email")):
        given = {name: value for name, value in given.items() if name != "email"}
    attributes = dict(person["attributes"]) if person else {}
    attributes |= {name: value for name, value in given.items() if name not in ("id", "_update")}
    attributes = {name: value for name, value in attributes.items() if value is not None}
    unsubscribed = str(attributes.get("unsubscribed", False)).lower() == "true"
    turn.db.execute(
        "INSERT INTO cio_people (id, cio_id, email, unsubscribed, attributes) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET email = excluded.email, unsubscribed = excluded.unsubscribed,"
        " attributes = excluded.attributes",
        (id, secrets.token_hex(8), attributes.get("email"), unsubscribed, json.dumps(attributes)),
    )
    if "unsubscribed" in given and unsubscribed != bool(person and person["unsubscribed"]):
        _tell(turn, id, "unsubscribed" if unsubscribed else "subscribed")
    return {}


def _taken(turn: Turn, id: str, email: str | None) -> bool:
    query = "SELECT 1 FROM cio_people WHERE email = ? AND id <> ?"
    return bool(email) and turn.db.execute(query, (email, id)).fetchone() is not None


def _check(id: str, given: Mapping[str, Any]) -> None:
    if not id.strip() or len(id) > ID_LIMIT:
        raise refused_by_track("id", f"must be 1 to {ID_LIMIT} characters")
    email = given.get("email")
    if email is not None and (not isinstance(email, str) or not EMAIL.fullmatch(email)):
        raise refused_by_track("email", "is not a valid email address")
    if "id" in given and given["id"] != id:
        raise refused_by_track("id", "differs from the one in the path")


def _tell(turn: Turn, id: str, metric: str) -> None:
    turn.report(
        turn,
        {
            "object_type": "customer",
            "metric": metric,
            "timestamp": turn.created,
            "data": {"customer_id": id, "identifiers": identifiers(turn, id)},
        },
    )


def identifiers(turn: Turn, id: str) -> dict[str, Any]:
    person = turn.person(id) or {}
    return {"id": id, "email": person.get("email"), "cio_id": person.get("cio_id")}


def need(turn: Turn, id: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The person of an App API path, named as `id_type` says."""
    id_type = query.get("id_type", "id")
    if id_type not in ID_TYPES:
        raise refused_by_app(400, f"id_type must be one of {', '.join(ID_TYPES)}")
    person = turn.person(id, id_type)
    if person is None:
        raise refused_by_app(404, "not found")
    return person


def show_attributes(turn: Turn, id: str, query: Mapping[str, str]) -> dict[str, Any]:
    """GET /v1/customers/{id}/attributes: every value as text."""
    person = need(turn, id, query)
    shown = {name: _as_text(value) for name, value in person["attributes"].items()}
    return {
        "customer": {
            "id": person["id"],
            "attributes": {**shown, "id": person["id"], "cio_id": person["cio_id"]},
            "timestamps": {},
            "unsubscribed": bool(person["unsubscribed"]),
            "devices": [],
        }
    }


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def find_by_email(turn: Turn, query: Mapping[str, str]) -> dict[str, Any]:
    """GET /v1/customers?email="""
    if not query.get("email"):
        raise refused_by_app(400, "email is required")
    rows = turn.db.execute("SELECT id, email, cio_id FROM cio_people WHERE email = ?", (query["email"],))
    return {"results": [dict(row) for row in rows]}
