"""The sandbox's Truepill: orders without idempotency keys, unsigned webhooks, and a feed of the same events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from flask import Blueprint, Response

from .._agenda import Agenda
from .._clock import Clock
from .._door import Door
from .._faults import Faults
from .._state import Store
from .._webhooks import Webhooks
from . import orders
from ._turn import SCHEMA, Turn, refuse

VENDOR = "truepill"
PREFIX = "/truepill"


class Truepill:
    """What the rest of the sandbox knows of Truepill: its state and what falls due."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        faults: Faults,
        agenda: Agenda,
        webhooks: Webhooks,
        *,
        api_key: str,
        webhook_url: str | None,
    ) -> None:
        self.store, self.clock = store, clock
        self._webhooks = webhooks
        self._url = webhook_url and webhook_url.rstrip("/") + "/webhooks/pharmacy-truepill"
        self.door = Door(
            VENDOR, PREFIX, authorization=f"ApiKey {api_key}", clock=clock, faults=faults, turn=self.turn,
            refuse=refuse,
        )  # fmt: skip
        store.define(SCHEMA)
        webhooks.teach(VENDOR, self._unsigned)
        for what, happens in orders.FALLS_DUE.items():
            agenda.teach(what, partial(self._due, happens))

    def blueprint(self, calls: Any) -> Blueprint:
        return self.door.blueprint(orders.ROUTES, calls)

    def unknown_url(self) -> Response:
        return self.door.unknown_url()

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        with self.store.transaction() as db:
            yield Turn(db, self.clock.now(), self._publish)

    def move(self, number: str, status: str, code: str | None = None) -> dict[str, Any]:
        """What the pharmacy's staff does to an order. Raises ValueError."""
        with self.turn() as turn:
            return orders.becomes(turn, number, status, code)

    def load(self, lines: Iterable[Any]) -> dict[str, int]:
        """Bulk creation of orders as they stand, one a line (see orders.load). Raises ValueError."""
        counts = {"loaded": 0, "unchanged": 0}
        with self.turn() as turn:
            for line in lines:
                counts["loaded" if orders.load(turn, line) else "unchanged"] += 1
        return counts

    def counts(self) -> dict[str, int]:
        with self.store.reading() as db:
            rows = db.execute("SELECT status, count(*) FROM tp_orders GROUP BY status ORDER BY status")
            return dict(rows.fetchall())

    def _due(self, happens: Callable[[Turn, str], None], db: sqlite3.Connection, at: float, id: str) -> None:
        happens(Turn(db, at, self._publish), id)

    def _publish(self, turn: Turn, event: Mapping[str, Any]) -> None:
        cursor = turn.db.execute(
            "INSERT INTO tp_events (id, at, body) VALUES (?, ?, ?)",
            (event["id"], turn.now, json.dumps(event)),
        )
        assert cursor.lastrowid
        if self._url:
            kind = f"{event['type']}.{event['status']}"
            self._webhooks.send(turn.db, VENDOR, event["id"], kind, [("console", self._url)], turn.now)

    def _unsigned(self, event: str, endpoint: str, flaw: str | None) -> tuple[dict[str, str], bytes]:
        with self.store.reading() as db:
            (body,) = db.execute("SELECT body FROM tp_events WHERE id = ?", (event,)).fetchone()
        return {"Content-Type": "application/json"}, body.encode()


__all__ = ["PREFIX", "Truepill"]
