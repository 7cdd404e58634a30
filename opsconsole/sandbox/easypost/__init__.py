"""The sandbox's EasyPost: parcels that move with sandbox time, addresses, and events of what moved."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._door import Door, Run, plain
from .._vendor import Vendor
from . import addresses, trackers
from ._plans import PLANS
from ._signature import sign
from ._turn import SCHEMA, Refusal, Turn, iso, new_id, refuse


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


class EasyPost(Vendor[Turn]):
    """Opened by Basic authentication with the key as the user's name. It has dials of its own."""

    NAME, HOOK, EVENTS = "easypost", "easypost", "ep_events"

    def __init__(self, *parts: Any, keys: Keys, webhook_url: str | None) -> None:
        due = {trackers.CARRIER_SCANS: trackers.carrier_scans}
        super().__init__(*parts, schema=SCHEMA, falls_due=due, webhook_url=webhook_url)
        self.keys = keys
        basic = base64.b64encode(f"{keys.api_key}:".encode()).decode()
        self.doors = (
            Door(
                self.NAME, "/easypost", authorization=f"Basic {basic}", clock=self.clock, faults=self.faults,
                turn=self.turn, refuse=refuse, routes=ROUTES, body_limit=None, unknown_key="unknown_key",
            ),
        )  # fmt: skip

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

    def forget(self, tracker: str) -> None:
        """A tracker is lost there, and nobody is told. Raises ValueError."""
        try:
            with self.turn() as turn:
                turn.db.execute(
                    "DELETE FROM ep_trackers WHERE id = ?", (trackers.named(turn, tracker)["id"],)
                )
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

    def _at(self, db: sqlite3.Connection, now: float) -> Turn:
        return Turn(db, now, self._report)

    def _report(self, turn: Turn, kind: str, before: str | None, tracker: dict[str, Any]) -> None:
        id = new_id("evt")
        body = {
            "id": id, "object": "Event", "mode": "test", "description": kind, "created_at": iso(turn.now),
            "updated_at": iso(turn.now), "previous_attributes": {"status": before} if before else {},
            "result": tracker, "status": "pending", "pending_urls": [], "completed_urls": [],
        }  # fmt: skip
        turn.db.execute("INSERT INTO ep_events (id, body) VALUES (?, ?)", (id, json.dumps(body)))
        self._owe(turn.db, id, kind, turn.now)

    def _headers(self, body: bytes, flaw: str | None) -> dict[str, str]:
        return sign(body, self.keys.webhook_secret, flaw)


ROUTES: list[tuple[str, str, Run]] = [
    ("POST", "/v2/trackers", plain(trackers.create)),
    ("GET", "/v2/trackers", plain(trackers.find)),
    ("GET", "/v2/trackers/<id>", plain(lambda turn, given, id: trackers.show(turn, id))),
    ("POST", "/v2/addresses", plain(addresses.create)),
]

__all__ = ["PLANS", "EasyPost", "Keys"]
