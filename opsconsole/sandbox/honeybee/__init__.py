"""The sandbox's Honeybee: keys on everything that changes something, exceptions that wait for us, signed webhooks."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from .._door import Door
from ..pharmacies import Pharmacy
from . import orders
from ._turn import SCHEMA, Turn, refuse, sign


class Honeybee(Pharmacy[Turn]):
    NAME, HOOK = "honeybee", "pharmacy-honeybee"
    ORDERS, ID, EVENTS = "hb_orders", "id", "hb_events"

    def __init__(self, *parts: Any, api_key: str, webhook_secret: str, webhook_url: str | None) -> None:
        super().__init__(*parts, schema=SCHEMA, falls_due=orders.FALLS_DUE, webhook_url=webhook_url)
        self._secret = webhook_secret
        self.doors = (
            Door(
                self.NAME, "/honeybee", authorization=f"Bearer {api_key}", clock=self.clock, faults=self.faults,
                turn=self.turn, refuse=refuse, routes=orders.ROUTES,
            ),
        )  # fmt: skip

    def _becomes(self, turn: Turn, id: str, status: str, code: str | None) -> dict[str, Any]:
        return orders.becomes(turn, id, status, code)

    def _load(self, turn: Turn, line: Any) -> bool:
        return orders.load(turn, line)

    def _at(self, db: sqlite3.Connection, now: float) -> Turn:
        return Turn(db, now, self._publish)

    def _publish(self, turn: Turn, event: Mapping[str, Any]) -> None:
        turn.db.execute(
            "INSERT INTO hb_events (id, at, body) VALUES (?, ?, ?)",
            (event["eventId"], turn.now, json.dumps(event)),
        )
        self._owe(turn.db, event["eventId"], event["eventType"], turn.now)

    def _headers(self, body: bytes, flaw: str | None) -> dict[str, str]:
        return sign(body, self._secret, time.time(), flaw)


__all__ = ["Honeybee"]
