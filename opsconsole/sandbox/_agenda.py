"""What happens by itself when sandbox time comes: refunds settle, banks change their mind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from ._state import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS agenda (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, what TEXT NOT NULL, object_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS agenda_at ON agenda (at, seq);
CREATE INDEX IF NOT EXISTS agenda_of_object ON agenda (object_id);
"""

Occurrence = Callable[[sqlite3.Connection, float, str], None]


class Agenda:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._occurrences: dict[str, Occurrence] = {}
        store.define(SCHEMA)

    def teach(self, what: str, occurrence: Occurrence) -> None:
        """Say what to do when an entry named `what` falls due: `occurrence(db, at, object_id)`."""
        self._occurrences[what] = occurrence

    @staticmethod
    def add(db: sqlite3.Connection, at: float, what: str, object_id: str) -> None:
        db.execute("INSERT INTO agenda (at, what, object_id) VALUES (?, ?, ?)", (at, what, object_id))

    @staticmethod
    def drop(db: sqlite3.Connection, object_id: str) -> None:
        """Nothing more happens to this object by itself."""
        db.execute("DELETE FROM agenda WHERE object_id = ?", (object_id,))

    def run_due(self, now: float) -> int:
        """Let everything due happen, in order, each in its own transaction and at its own time."""
        done = 0
        while self._run_next(now):
            done += 1
        return done

    def _run_next(self, now: float) -> bool:
        with self._store.reading() as db:
            if not db.execute("SELECT 1 FROM agenda WHERE at <= ? LIMIT 1", (now,)).fetchone():
                return False
        with self._store.transaction() as db:
            row = db.execute(
                "DELETE FROM agenda WHERE seq ="
                " (SELECT seq FROM agenda WHERE at <= ? ORDER BY at, seq LIMIT 1)"
                " RETURNING at, what, object_id",
                (now,),
            ).fetchone()
            if row is not None:
                self._occurrences[row["what"]](db, row["at"], row["object_id"])
        return row is not None
