"""The sandbox's EasyPost: parcels that move with sandbox time, addresses, and events of what moved."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from .._agenda import Agenda
from .._clock import Clock
from .._faults import Faults
from .._state import Store
from .._webhooks import Webhooks
from . import trackers
from ._plans import PLANS
from ._signature import sign
from ._turn import SCHEMA, Refusal, Turn, iso, new_id

VENDOR = "easypost"


@dataclass(frozen=True)
class Keys:
    """What opens the API, and what events are signed with."""

    api_key: str = field(default="EZTK_sandbox", repr=False)
    webhook_secret: str = field(default="easypost_sandbox", repr=False)

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> Keys:
        """EASYPOST_*, as the console reads them; what is not set is the sandbox's own."""
        named = {
            "api_key": environ.get("EASYPOST_API_KEY"),
            "webhook_secret": environ.get("EASYPOST_WEBHOOK_SECRET"),
        }
        return cls(**{name: value for name, value in named.items() if value})


class EasyPost:
    """What the rest of the sandbox knows of EasyPost: its state, what falls due, how it signs, its dials."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        faults: Faults,
        agenda: Agenda,
        webhooks: Webhooks,
        *,
        keys: Keys,
        webhook_url: str | None,
    ) -> None:
        self.store, self.clock, self.faults, self.keys = store, clock, faults, keys
        self._webhooks = webhooks
        self._url = webhook_url and webhook_url.rstrip("/") + "/webhooks/easypost"
        store.define(SCHEMA)
        webhooks.teach(VENDOR, self._signed)
        agenda.teach(trackers.CARRIER_SCANS, partial(self._due, trackers.carrier_scans))

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        with self.store.transaction() as db:
            yield Turn(db, self.clock.now(), self._report)

    # the dials

    def plan(self, plan: str) -> dict[str, Any]:
        """How parcels go that are followed from now on: a name of PLANS. Raises ValueError."""
        if plan not in PLANS:
            raise ValueError(f"plan must be one of {', '.join(PLANS)}")
        with self.turn() as turn:
            turn.db.execute("UPDATE ep_plan SET name = ?", (plan,))
        return {"plan": plan}

    def plan_now(self) -> str:
        with self.turn() as turn:
            return turn.plan()

    def scan(self, tracker: str, status: str, *, hours_ago: float = 0, **more: str) -> dict[str, Any]:
        """What a carrier's scanner does: a scan, perhaps known only `hours_ago` after it was made. Any word is a
        status here. `tracker` is its id or the parcel's number. Raises ValueError."""
        if not status or hours_ago < 0:
            raise ValueError("a scan needs a status, and happens now or before")
        try:
            with self.turn() as turn:
                id = trackers.named(turn, tracker)["id"]
                trackers.add_scan(turn, id, turn.now - hours_ago * 3600, status, **more)
                return trackers.show(turn, id)
        except Refusal:
            raise ValueError(f"There is no tracker {tracker!r}.") from None

    def load(self, lines: Iterable[Any]) -> dict[str, int]:
        """Bulk creation of trackers, one {"id", "tracking_code", "carrier", "created", "scans": [..]} a line; who is
        there stays as it is, and nobody is told. All or none of them. Raises ValueError."""
        counts = {"loaded": 0, "unchanged": 0}
        with self.turn() as turn:
            for line in lines:
                if not isinstance(line, Mapping) or not isinstance(line.get("id"), str):
                    raise ValueError("a tracker needs an id")
                counts["loaded" if trackers.put(turn, line) else "unchanged"] += 1
        return counts

    # events

    def _due(self, happens: Callable[[Turn, str], None], db: sqlite3.Connection, at: float, id: str) -> None:
        happens(Turn(db, at, self._report), id)

    def _report(self, turn: Turn, kind: str, before: str | None, tracker: dict[str, Any]) -> None:
        id = new_id("evt")
        body = {
            "id": id, "object": "Event", "mode": "test", "description": kind, "created_at": iso(turn.now),
            "updated_at": iso(turn.now), "previous_attributes": {"status": before} if before else {},
            "result": tracker, "status": "pending", "pending_urls": [], "completed_urls": [],
        }  # fmt: skip
        turn.db.execute("INSERT INTO ep_events (id, body) VALUES (?, ?)", (id, json.dumps(body)))
        if self._url:
            self._webhooks.send(turn.db, VENDOR, id, kind, [("console", self._url)], turn.now)

    def _signed(self, event: str, endpoint: str, flaw: str | None) -> tuple[dict[str, str], bytes]:
        with self.store.reading() as db:
            (body,) = db.execute("SELECT body FROM ep_events WHERE id = ?", (event,)).fetchone()
        return sign(body.encode(), self.keys.webhook_secret, flaw), body.encode()


__all__ = ["PLANS", "EasyPost", "Keys"]
