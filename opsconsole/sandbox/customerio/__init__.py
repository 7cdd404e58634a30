"""The sandbox's Customer.io: people, events that start messages, and what is reported of them."""

from __future__ import annotations

import json
import sqlite3
import time
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
from . import messages, people
from ._signature import sign
from ._turn import SCHEMA, Refusal, Turn, new_ulid

VENDOR = "customerio"


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


class CustomerIO:
    """What the rest of the sandbox knows of Customer.io: its state, what falls due, how it signs."""

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
        self._url = webhook_url and webhook_url.rstrip("/") + "/webhooks/customerio"
        store.define(SCHEMA)
        webhooks.teach(VENDOR, self._signed)
        for what, happens in FALLS_DUE.items():
            agenda.teach(what, partial(self._due, happens))

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        with self.store.transaction() as db:
            yield Turn(db, self.clock.now(), self._report)

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

    def _due(self, happens: Callable[[Turn, str], None], db: sqlite3.Connection, at: float, id: str) -> None:
        happens(Turn(db, at, self._report), id)

    def _report(self, turn: Turn, body: dict[str, Any]) -> None:
        id = new_ulid(turn.now)
        turn.db.execute(
            "INSERT INTO cio_reports (id, body) VALUES (?, ?)", (id, json.dumps({"event_id": id, **body}))
        )
        if self._url:
            kind = f"{body['object_type']}.{body['metric']}"
            self._webhooks.send(turn.db, VENDOR, id, kind, [("console", self._url)], turn.now)

    def _signed(self, event: str, endpoint: str, flaw: str | None) -> tuple[dict[str, str], bytes]:
        with self.store.reading() as db:
            (body,) = db.execute("SELECT body FROM cio_reports WHERE id = ?", (event,)).fetchone()
        return sign(body.encode(), self.keys.webhook_secret, time.time(), flaw), body.encode()


FALLS_DUE: dict[str, Callable[[Turn, str], None]] = {
    messages.CAMPAIGN_RUNS: messages.campaign_runs,
    messages.GETS_THERE: messages.gets_there,
}

__all__ = ["CustomerIO", "Keys"]
