"""One piece of work at the sandbox's Honeybee: an API call, or something that falls due."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .._agenda import Agenda
from .._door import Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS hb_orders (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, ref TEXT NOT NULL, status TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS hb_orders_ref ON hb_orders (ref);
CREATE TABLE IF NOT EXISTS hb_keys (
    key TEXT PRIMARY KEY, at REAL NOT NULL, digest TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS hb_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at REAL NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS hb_events_at ON hb_events (at);
"""
KEYS_LIVE = 24 * 3600.0
STALE_SECONDS = 3600


def refuse(status: int, code: str, message: str = "") -> Refusal:
    """Honeybee's own envelope."""
    code = code.upper()
    return Refusal(
        status, {"errorCode": code, "errorMessage": message or code.replace("_", " ").capitalize()}
    )


def sign(body: bytes, secret: str, now: float, flaw: str | None = None) -> dict[str, str]:
    """Headers of one delivery. `flaw`: "wrong_secret" signs with another, "stale" is an hour old."""
    instant = int(now) - (STALE_SECONDS if flaw == "stale" else 0)
    if flaw == "wrong_secret":
        secret = "the_secret_of_somebody_else"
    made = hmac.new(secret.encode(), f"{instant}.".encode() + body, hashlib.sha256).digest()
    signature = f"t={instant},v1={base64.b64encode(made).decode()}"
    return {"Content-Type": "application/json", "X-Honeybee-Signature": signature}


@dataclass
class Turn:
    """`publish(turn, event)` owes a webhook in the transaction of the change it tells of."""

    db: sqlite3.Connection
    now: float
    publish: Callable[[Turn, Mapping[str, Any]], None]

    @property
    def instant(self) -> int:
        """In milliseconds, as Honeybee counts."""
        return int(self.now * 1000)

    def later(self, seconds: float, what: str, id: str) -> None:
        Agenda.add(self.db, self.now + seconds, what, id)

    def find(self, id: str) -> dict[str, Any] | None:
        row = self.db.execute("SELECT body FROM hb_orders WHERE id = ?", (id,)).fetchone()
        return json.loads(row["body"]) if row else None

    def need(self, id: str) -> dict[str, Any]:
        found = self.find(id)
        if found is None:
            raise refuse(404, "NOT_FOUND")
        return found

    def keep(self, order: Mapping[str, Any]) -> None:
        self.db.execute(
            "UPDATE hb_orders SET status = ?, body = ? WHERE id = ?",
            (order["status"], json.dumps(order), order["orderId"]),
        )

    def remembered(self, key: str | None, what: object) -> tuple[int, dict[str, Any]] | None:
        """The answer that this key had within a day. Raises Refusal without a key, or for another request."""
        if not key:
            raise refuse(400, "KEY_MISSING", "Send an Idempotency-Key.")
        self.db.execute("DELETE FROM hb_keys WHERE at < ?", (self.now - KEYS_LIVE,))
        row = self.db.execute("SELECT * FROM hb_keys WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        if row["digest"] != _digest(what):
            raise refuse(422, "KEY_REUSED")
        return row["status"], json.loads(row["body"])

    def remember(self, key: str | None, what: object, status: int, body: Mapping[str, Any]) -> None:
        self.db.execute(
            "INSERT INTO hb_keys VALUES (?, ?, ?, ?, ?)",
            (key, self.now, _digest(what), status, json.dumps(body)),
        )


def _digest(what: object) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
