"""The sandbox's Honeybee: keys on everything that changes something, exceptions that wait for us, signed webhooks."""

from __future__ import annotations

import json
import sqlite3
import time
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
from ._turn import SCHEMA, Turn, refuse, sign

VENDOR = "honeybee"
PREFIX = "/honeybee"


class Honeybee:
    """What the rest of the sandbox knows of Honeybee: its state, what falls due, how it signs."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        faults: Faults,
        agenda: Agenda,
        webhooks: Webhooks,
        *,
        api_key: str,
        webhook_secret: str,
        webhook_url: str | None,
    ) -> None:
        self.store, self.clock = store, clock
        self._webhooks = webhooks
        self._secret = webhook_secret
        self._url = webhook_url and webhook_url.rstrip("/") + "/webhooks/pharmacy-honeybee"
        self.door = Door(
            VENDOR, PREFIX, authorization=f"Bearer {api_key}", clock=clock, faults=faults, turn=self.turn,
            refuse=refuse,
        )  # fmt: skip
        store.define(SCHEMA)
        webhooks.teach(VENDOR, self._signed)
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

    def move(self, id: str, status: str, code: str | None = None) -> dict[str, Any]:
        """What the pharmacy's staff does to an order. Raises ValueError."""
        with self.turn() as turn:
            return orders.becomes(turn, id, status, code)

    def load(self, lines: Iterable[Any]) -> dict[str, int]:
        """Bulk creation of orders as they stand, one a line (see orders.load). Raises ValueError."""
        counts = {"loaded": 0, "unchanged": 0}
        with self.turn() as turn:
            for line in lines:
                counts["loaded" if orders.load(turn, line) else "unchanged"] += 1
        return counts

    def counts(self) -> dict[str, int]:
        with self.store.reading() as db:
            rows = db.execute("SELECT status, count(*) FROM hb_orders GROUP BY status ORDER BY status")
            return dict(rows.fetchall())

    def _due(self, happens: Callable[[Turn, str], None], db: sqlite3.Connection, at: float, id: str) -> None:
        happens(Turn(db, at, self._publish), id)

    def _publish(self, turn: Turn, event: Mapping[str, Any]) -> None:
        turn.db.execute(
            "INSERT INTO hb_events (id, at, body) VALUES (?, ?, ?)",
            (event["eventId"], turn.now, json.dumps(event)),
        )
        if self._url:
            to = [("console", self._url)]
            self._webhooks.send(turn.db, VENDOR, event["eventId"], event["eventType"], to, turn.now)

    def _signed(self, event: str, endpoint: str, flaw: str | None) -> tuple[dict[str, str], bytes]:
        with self.store.reading() as db:
            (body,) = db.execute("SELECT body FROM hb_events WHERE id = ?", (event,)).fetchone()
        return sign(body.encode(), self._secret, time.time(), flaw), body.encode()


__all__ = ["PREFIX", "Honeybee"]
