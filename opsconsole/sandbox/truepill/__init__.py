"""The sandbox's Truepill: orders without idempotency keys, unsigned webhooks, and a feed of the same events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from .._door import Door
from ..pharmacies import Pharmacy
from . import orders
from ._turn import SCHEMA, Turn, refuse


class Truepill(Pharmacy[Turn]):
    NAME, HOOK = "truepill", "pharmacy-truepill"
    ORDERS, ID, EVENTS = "tp_orders", "number", "tp_events"

    def __init__(self, *parts: Any, api_key: str, webhook_url: str | None) -> None:
        super().__init__(*parts, schema=SCHEMA, falls_due=orders.FALLS_DUE, webhook_url=webhook_url)
        self.doors = (
            Door(
                self.NAME, "/truepill", authorization=f"ApiKey {api_key}", clock=self.clock, faults=self.faults,
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
            "INSERT INTO tp_events (id, at, body) VALUES (?, ?, ?)",
            (event["id"], turn.now, json.dumps(event)),
        )
        self._owe(turn.db, event["id"], f"{event['type']}.{event['status']}", turn.now)

    def _headers(self, body: bytes, flaw: str | None) -> dict[str, str]:
        return {"Content-Type": "application/json"}  # it signs nothing


__all__ = ["Truepill"]
