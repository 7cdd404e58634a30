"""Sandbox time: real time plus an offset that only moves forward."""

from __future__ import annotations

import time

from ._state import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (only INTEGER PRIMARY KEY CHECK (only = 1), offset_seconds REAL NOT NULL);
INSERT OR IGNORE INTO clock VALUES (1, 0);
"""


class Clock:
    """Objects and due dates carry sandbox time; webhook signatures carry real time, as receivers check it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.define(SCHEMA)
        with store.reading() as db:
            self.offset: float = db.execute("SELECT offset_seconds FROM clock").fetchone()[0]

    def now(self) -> float:
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Raises ValueError for a negative or endless step: time never runs backwards here."""
        if not 0 <= seconds <= 3650 * 86400:
            raise ValueError("The clock moves forward, by at most ten years at once.")
        with self._store.transaction() as db:
            db.execute("UPDATE clock SET offset_seconds = offset_seconds + ?", (seconds,))
            self.offset = db.execute("SELECT offset_seconds FROM clock").fetchone()[0]
