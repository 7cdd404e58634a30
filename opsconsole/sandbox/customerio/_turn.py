"""One piece of work at the sandbox's Customer.io: an API call, or something that falls due."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .._agenda import Agenda

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


class Refusal(Exception):
    """A refusal with the body Customer.io would send."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


def refused_by_track(field: str, message: str) -> Refusal:
    return Refusal(400, {"errors": [{"reason": "invalid", "field": field, "message": message}]})


def refused_by_app(status: int, detail: str) -> Refusal:
    return Refusal(status, {"errors": [{"detail": detail, "status": str(status)}]})


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
