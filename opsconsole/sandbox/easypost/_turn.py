"""One piece of work at the sandbox's EasyPost: an API call, or something that falls due."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .. import _door as door
from .._agenda import Agenda

SCHEMA = """
CREATE TABLE IF NOT EXISTS ep_trackers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, tracking_code TEXT NOT NULL,
    carrier TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL, est_delivery REAL
);
CREATE INDEX IF NOT EXISTS ep_trackers_code ON ep_trackers (tracking_code, carrier);
CREATE TABLE IF NOT EXISTS ep_scans (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, tracker TEXT NOT NULL, at REAL NOT NULL, status TEXT NOT NULL,
    detail TEXT NOT NULL, message TEXT NOT NULL, city TEXT NOT NULL, state TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS ep_scans_tracker ON ep_scans (tracker, at, seq);
CREATE TABLE IF NOT EXISTS ep_events (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ep_plan (only INTEGER PRIMARY KEY CHECK (only = 1), name TEXT NOT NULL);
INSERT OR IGNORE INTO ep_plan VALUES (1, 'usual');
"""


class Refusal(door.Refusal):
    """A refusal with the body EasyPost would send."""

    def __init__(self, status: int, code: str, message: str, *, field: str | None = None) -> None:
        errors = [{"field": field, "message": message}] if field else []
        super().__init__(status, {"error": {"code": code, "message": message, "errors": errors}})


_REFUSALS = {
    "rate_limit": ("RATE_LIMITED", "Too many requests."),
    "unauthorized": ("APIKEY.INACTIVE", "This api key is no longer active."),
    "unknown_key": ("APIKEY.INVALID", "This api key is not valid."),
    "forbidden": ("FORBIDDEN", "This action is not allowed."),
    "unavailable": ("SERVICE.UNAVAILABLE", "Service unavailable."),
    "server_error": ("INTERNAL_SERVER_ERROR", "We had an error."),
    "invalid_request": ("BAD_REQUEST", "The body must be a JSON object."),
    "not_found": ("NOT_FOUND", "The requested resource could not be found."),
}


def refuse(status: int, code: str) -> Refusal:
    """EasyPost's own words for what the door refuses."""
    return Refusal(status, *_REFUSALS[code])


def not_found() -> Refusal:
    return refuse(404, "not_found")


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(16)}"


def iso(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Turn:
    """`report(turn, kind, previous status, tracker)` owes a webhook in the transaction of what it tells of."""

    db: sqlite3.Connection
    now: float
    report: Callable[[Turn, str, str | None, dict[str, Any]], None]

    def later(self, seconds: float, what: str, object_id: str) -> None:
        Agenda.add(self.db, self.now + seconds, what, object_id)

    def plan(self) -> str:
        return str(self.db.execute("SELECT name FROM ep_plan").fetchone()[0])
