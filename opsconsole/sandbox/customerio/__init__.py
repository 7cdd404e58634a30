"""The sandbox's Customer.io: people, events that start messages, and what is reported of them."""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._door import Door, Refusal, Run, plain
from .._vendor import Vendor
from . import messages, people
from ._signature import sign
from ._turn import BODY_LIMIT, SCHEMA, Turn, new_ulid, refuse_by_app, refuse_by_track


@dataclass(frozen=True)
class Keys:
    """What opens the two APIs, and what reports are signed with."""

    site_id: str = "site_sandbox"
    track_key: str = field(default="track_sandbox", repr=False)
    app_key: str = field(default="app_sandbox", repr=False)
    webhook_secret: str = field(default="signing_key_sandbox", repr=False)

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> Keys:
        """CUSTOMERIO_*, as the console reads them; what is not set is the sandbox's own."""
        named = {
            "site_id": environ.get("CUSTOMERIO_SITE_ID"),
            "track_key": environ.get("CUSTOMERIO_API_KEY"),
            "app_key": environ.get("CUSTOMERIO_APP_API_KEY") or environ.get("CUSTOMERIO_API_KEY"),
            "webhook_secret": environ.get("CUSTOMERIO_WEBHOOK_SECRET"),
        }
        return cls(**{name: value for name, value in named.items() if value})


class CustomerIO(Vendor[Turn]):
    """Two APIs on one port: /customerio/track (Basic) and /customerio/app (Bearer)."""

    NAME, HOOK, EVENTS = "customerio", "customerio", "cio_reports"

    def __init__(self, *parts: Any, keys: Keys, webhook_url: str | None) -> None:
        super().__init__(*parts, schema=SCHEMA, falls_due=FALLS_DUE, webhook_url=webhook_url)
        self.keys = keys
        basic = base64.b64encode(f"{keys.site_id}:{keys.track_key}".encode()).decode()
        apis = (
            ("track", f"Basic {basic}", refuse_by_track, TRACK),
            ("app", f"Bearer {keys.app_key}", refuse_by_app, APP),
        )
        self.doors = tuple(
            Door(
                self.NAME, "/customerio", name=f"customerio-{name}", authorization=opens, clock=self.clock,
                faults=self.faults, turn=self.turn, refuse=refuse, routes=routes, body_limit=BODY_LIMIT,
            )
            for name, opens, refuse, routes in apis
        )  # fmt: skip

    def report(self, delivery: str, metric: str) -> dict[str, Any]:
        """What a mailbox does days later. Raises ValueError."""
        try:
            with self.turn() as turn:
                return messages.becomes(turn, delivery, metric)
        except Refusal:
            raise ValueError(f"There is no message {delivery!r}.") from None

    def load(self, lines: Iterable[Any]) -> dict[str, int]:
        """Bulk creation of people, one {"id", "email", ..} a line; who is there stays as they are.

        All or none of them. Raises ValueError.
        """
        counts = {"loaded": 0, "unchanged": 0}
        with self.turn() as turn:
            for line in lines:
                if not isinstance(line, Mapping) or not isinstance(line.get("id"), str):
                    raise ValueError("a person needs an id")
                if turn.person(line["id"]):
                    counts["unchanged"] += 1
                    continue
                try:
                    people.identify(turn, line["id"], line)
                except Refusal as refusal:
                    raise ValueError(f"{line['id']}: {json.dumps(refusal.body)}") from None
                counts["loaded"] += 1
        return counts

    def _at(self, db: sqlite3.Connection, now: float) -> Turn:
        return Turn(db, now, self._report)

    def _report(self, turn: Turn, body: dict[str, Any]) -> None:
        id = new_ulid(turn.now)
        turn.db.execute(
            "INSERT INTO cio_reports (id, body) VALUES (?, ?)", (id, json.dumps({"event_id": id, **body}))
        )
        self._owe(turn.db, id, f"{body['object_type']}.{body['metric']}", turn.now)

    def _headers(self, body: bytes, flaw: str | None) -> dict[str, str]:
        return sign(body, self.keys.webhook_secret, time.time(), flaw)


FALLS_DUE: dict[str, Callable[[Turn, str], None]] = {
    messages.CAMPAIGN_RUNS: messages.campaign_runs,
    messages.GETS_THERE: messages.gets_there,
}
REGION = {"url": "track.customer.io", "data_center": "us", "environment_id": 1}
TRACK: list[tuple[str, str, Run]] = [
    ("GET", "/track/api/v1/accounts/region", plain(lambda turn, given: REGION)),
    ("PUT", "/track/api/v1/customers/<id>", plain(lambda turn, given, id: people.identify(turn, id, given))),
    (
        "POST",
        "/track/api/v1/customers/<id>/events",
        plain(lambda turn, given, id: messages.track(turn, id, given)),
    ),
]
APP: list[tuple[str, str, Run]] = [
    ("GET", "/app/v1/customers", plain(people.find_by_email)),
    (
        "GET",
        "/app/v1/customers/<id>/attributes",
        plain(lambda t, given, id: people.show_attributes(t, id, given)),
    ),
    (
        "GET",
        "/app/v1/customers/<id>/messages",
        plain(lambda t, given, id: messages.find_of_person(t, id, given)),
    ),
    ("GET", "/app/v1/messages", plain(messages.find)),
    ("GET", "/app/v1/messages/<id>", plain(lambda turn, given, id: messages.retrieve(turn, id))),
    ("POST", "/app/v1/send/email", plain(messages.send_email)),
]

__all__ = ["CustomerIO", "Keys"]
