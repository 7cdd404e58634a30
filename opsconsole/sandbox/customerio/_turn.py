"""One piece of work at the sandbox's Customer.io: an API call, or something that falls due."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .._agenda import Agenda
from .._door import Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS cio_people (
    id TEXT PRIMARY KEY, cio_id TEXT NOT NULL UNIQUE, email TEXT COLLATE NOCASE,
    unsubscribed INTEGER NOT NULL DEFAULT 0, attributes TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS cio_people_email ON cio_people (email) WHERE email IS NOT NULL;
CREATE TABLE IF NOT EXISTS cio_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, person TEXT NOT NULL, name TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS cio_deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, person TEXT NOT NULL,
    recipient TEXT NOT NULL, subject TEXT NOT NULL, created INTEGER NOT NULL, trigger_event_id TEXT,
    transactional_message_id TEXT, metrics TEXT NOT NULL DEFAULT '{}', failure_message TEXT
);
CREATE INDEX IF NOT EXISTS cio_deliveries_person ON cio_deliveries (person, seq);
CREATE TABLE IF NOT EXISTS cio_reports (id TEXT PRIMARY KEY, body TEXT NOT NULL);
"""
ULID_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def refused_by_track(field: str, message: str) -> Refusal:
    return Refusal(400, {"errors": [{"reason": "invalid", "field": field, "message": message}]})


def refused_by_app(status: int, detail: str) -> Refusal:
    return Refusal(status, {"errors": [{"detail": detail, "status": str(status)}]})


_WORDS = {
    "rate_limit": "too many requests",
    "unauthorized": "Unauthorized request",
    "forbidden": "Account is not authorized for this.",
    "unavailable": "service unavailable",
    "server_error": "internal server error",
}
BODY_LIMIT = 32 * 1024  # documented for single requests of the Track API v2
_NO_BODY = f"must be a JSON object of at most {BODY_LIMIT} bytes"


def refuse_by_track(status: int, code: str) -> Refusal:
    """What the Track API's door refuses, in Customer.io's own words."""
    return refused_by_track("body", _NO_BODY) if code == "invalid_request" else _refuse(status, code)


def refuse_by_app(status: int, code: str) -> Refusal:
    """What the App API's door refuses."""
    return refused_by_app(400, f"the body {_NO_BODY}") if code == "invalid_request" else _refuse(status, code)


def _refuse(status: int, code: str) -> Refusal:
    if code == "not_found":
        return refused_by_app(404, "not found")
    return Refusal(status, {"meta": {"error": _WORDS[code]}})


def new_ulid(now: float) -> str:
    number = int(now * 1000) << 80 | secrets.randbits(80)
    return "".join(ULID_LETTERS[number >> shift & 31] for shift in range(125, -1, -5))


@dataclass
class Turn:
    """`report(turn, type, body)` owes a webhook in the transaction of the change it tells of."""

    db: sqlite3.Connection
    now: float
    report: Callable[[Turn, dict[str, Any]], None]

    @property
    def created(self) -> int:
        return int(self.now)

    def later(self, seconds: float, what: str, object_id: str) -> None:
        Agenda.add(self.db, self.now + seconds, what, object_id)

    def person(self, id: str, id_type: str = "id") -> dict[str, Any] | None:
        column = {"id": "id", "email": "email", "cio_id": "cio_id"}[id_type]
        row = self.db.execute(f"SELECT * FROM cio_people WHERE {column} = ?", (id,)).fetchone()
        return {**dict(row), "attributes": json.loads(row["attributes"])} if row else None
