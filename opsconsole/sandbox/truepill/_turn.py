"""One piece of work at the sandbox's Truepill: an API call, or something that falls due."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .._agenda import Agenda
from .._door import Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS tp_orders (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT UNIQUE, ref TEXT, prescription TEXT NOT NULL,
    fill_number INTEGER NOT NULL, status TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tp_orders_ref ON tp_orders (ref);
CREATE INDEX IF NOT EXISTS tp_orders_rx ON tp_orders (prescription, fill_number);
CREATE TABLE IF NOT EXISTS tp_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at REAL NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tp_events_at ON tp_events (at);
"""
FIRST_NUMBER = 1_000_000


def refuse(status: int, code: str, message: str = "") -> Refusal:
    """Truepill's own envelope."""
    words = message or code.replace("_", " ")
    return Refusal(status, {"status": "error", "error": {"code": code, "message": words}})


@dataclass
class Turn:
    """`publish(turn, event)` owes a webhook, and puts it on the feed, in the transaction of the change it tells of."""

    db: sqlite3.Connection
    now: float
    publish: Callable[[Turn, Mapping[str, Any]], None]

    @property
    def instant(self) -> str:
        return datetime.fromtimestamp(self.now, UTC).isoformat()

    def later(self, seconds: float, what: str, number: str) -> None:
        Agenda.add(self.db, self.now + seconds, what, number)

    def find(self, number: str) -> dict[str, Any] | None:
        row = self.db.execute("SELECT body FROM tp_orders WHERE number = ?", (number,)).fetchone()
        return json.loads(row["body"]) if row else None

    def need(self, number: str) -> dict[str, Any]:
        found = self.find(number)
        if found is None:
            raise refuse(404, "not_found")
        return found

    def keep(self, order: Mapping[str, Any]) -> None:
        self.db.execute(
            "UPDATE tp_orders SET status = ?, body = ? WHERE number = ?",
            (order["status"], json.dumps(order), order["order_number"]),
        )
