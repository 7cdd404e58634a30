"""Outgoing webhooks: at least once, signed anew on each try, with back-off, and faults when asked for."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import requests

from ._faults import Faults
from ._state import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, vendor TEXT NOT NULL, event TEXT NOT NULL, type TEXT NOT NULL,
    endpoint TEXT NOT NULL, url TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed', 'dropped')),
    attempts INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL, delayed INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER, last_error TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_at, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS deliveries_of_event ON deliveries (event, state);
"""
#: Seconds to the next try; after the last one the delivery has failed. Quick at first, three days in all.
BACK_OFF = (1, 5, 30, 300, 1800, 2 * 3600, 6 * 3600, 15 * 3600, 24 * 3600, 24 * 3600)
BATCH = 200
SENDERS = 4

Deliver = Callable[[str, dict[str, str], bytes], int]
#: (event id, endpoint id, what is wrong with the signature: wrong_secret, stale or None) -> headers, body
Sign = Callable[[str, str, str | None], tuple[dict[str, str], bytes]]


@dataclass
class Sending:
    """One try: the row it belongs to, and what is wrong with it."""

    row: sqlite3.Row
    flaw: str | None = None
    status: int | None = None
    error: str | None = None

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Webhooks:
    def __init__(self, store: Store, faults: Faults, deliver: Deliver | None) -> None:
        self._store = store
        self._faults = faults
        self._deliver = deliver or Http().post
        self._parallel = deliver is None
        self._signers: dict[str, Sign] = {}
        self._busy = threading.Lock()
        self.new = threading.Event()
        store.define(SCHEMA)

    def deliver_by(self, deliver: Deliver) -> None:
        """Hand deliveries to this from now on."""
        self._deliver = deliver

    def teach(self, vendor: str, sign: Sign) -> None:
        self._signers[vendor] = sign

    def send(
        self,
        db: sqlite3.Connection,
        vendor: str,
        event: str,
        type: str,
        to: Iterable[tuple[str, str]],
        at: float,
    ) -> None:
        """Owe an event to endpoints (id, url), in the transaction of the change it tells of."""
        db.executemany(
            "INSERT INTO deliveries (vendor, event, type, endpoint, url, next_at) VALUES (?, ?, ?, ?, ?, ?)",
            [(vendor, event, type, endpoint, url, at) for endpoint, url in to],
        )
        self.new.set()

    def deliver_due(self, now: float) -> tuple[int, int]:
        """Send one batch of what is due. Returns (deliveries dealt with, tries answered with 2xx)."""
        with self._busy:
            with self._store.reading() as db:
                due = db.execute(
                    "SELECT * FROM deliveries WHERE state = 'waiting' AND next_at <= ?"
                    " ORDER BY next_at, id LIMIT ?",
                    (now, BATCH),
                ).fetchall()
            if not due:
                return 0, 0
            sendings = self._plan(due, now)
            if self._parallel and len(sendings) > 1:
                with ThreadPoolExecutor(SENDERS) as pool:
                    list(pool.map(self._try, sendings))
            else:
                for sending in sendings:
                    self._try(sending)
            self._note(sendings, now)
            return len(due), sum(sending.arrived for sending in sendings)

    def _plan(self, due: list[sqlite3.Row], now: float) -> list[Sending]:
        """Apply the faults: some are dropped or put off, some go out three times or after all the others."""
        usual: list[Sending] = []
        late: list[Sending] = []
        with self._store.transaction() as db:
            for row in due:
                fault = self._faults.strike(row["vendor"], "webhook", f"webhook {row['type']}")
                kind = fault.kind if fault else None
                if kind == "drop":
                    db.execute("UPDATE deliveries SET state = 'dropped' WHERE id = ?", (row["id"],))
                elif fault and kind == "delay" and not row["delayed"]:
                    db.execute(
                        "UPDATE deliveries SET delayed = 1, next_at = ? WHERE id = ?",
                        (now + fault.seconds, row["id"]),
                    )
                elif kind == "duplicate":
                    usual.append(Sending(row))
                    late += [Sending(row), Sending(row)]
                elif kind == "reorder":
                    late.append(Sending(row))
                else:
                    usual.append(Sending(row, kind if kind in ("wrong_secret", "stale") else None))
        return usual + late[::-1]

    def _try(self, sending: Sending) -> None:
        row = sending.row
        headers, body = self._signers[row["vendor"]](row["event"], row["endpoint"], sending.flaw)
        try:
            sending.status = self._deliver(row["url"], headers, body)
        except OSError as error:  # what requests raises, too: nobody answered
            sending.error = type(error).__name__

    def _note(self, sendings: list[Sending], now: float) -> None:
        with self._store.transaction() as db:
            for sending in sendings:
                attempts = sending.row["attempts"] + 1
                if sending.arrived:
                    state, next_at = "delivered", now
                elif attempts > len(BACK_OFF):
                    state, next_at = "failed", now
                else:
                    state = "waiting"
                    next_at = now + BACK_OFF[attempts - 1] * random.uniform(1, 1.1)
                db.execute(
                    "UPDATE deliveries SET state = ?, next_at = ?, attempts = attempts + 1, last_status = ?,"
                    " last_error = ? WHERE id = ? AND state <> 'delivered'",
                    (state, next_at, sending.status, sending.error, sending.row["id"]),
                )

    def redeliver(self, vendor: str, event: str | None, times: int, now: float) -> int:
        """Owe known events again, `times` times each to where they went. Returns how many were added."""
        with self._store.transaction() as db:
            seen = db.execute(
                "SELECT event, type, endpoint, url FROM deliveries"
                " WHERE vendor = ? AND (? IS NULL OR event = ?)"
                " GROUP BY event, endpoint ORDER BY min(id)",
                (vendor, event, event),
            ).fetchall()
            for _ in range(times):
                for row in seen:
                    self.send(db, vendor, row["event"], row["type"], [(row["endpoint"], row["url"])], now)
        return len(seen) * times

    def list(self, limit: int) -> list[dict[str, Any]]:
        with self._store.reading() as db:
            rows = db.execute("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
        return [dict(row) for row in rows]

    def counts(self) -> dict[str, int]:
        with self._store.reading() as db:
            return dict(db.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall())


class Http:
    """Deliveries over the wire: one session per thread, no redirects followed, short time-outs."""

    def __init__(self) -> None:
        self._local = threading.local()

    def post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        answer = self._local.session.post(
            url, data=body, headers=headers, timeout=(3, 20), allow_redirects=False
        )
        return int(answer.status_code)
