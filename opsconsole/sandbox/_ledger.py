"""The sandbox's own book of effects: what really happened outside, for tests to count at the end."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from ._state import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, object_id TEXT NOT NULL,
    amount INTEGER, currency TEXT, payment TEXT, metadata TEXT NOT NULL, idempotency_key TEXT
);
CREATE INDEX IF NOT EXISTS ledger_kind ON ledger (kind, seq);
CREATE TRIGGER IF NOT EXISTS ledger_is_never_changed BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_is_never_pruned BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""


class Ledger:
    def __init__(self, store: Store) -> None:
        self._store = store
        store.define(SCHEMA)

    @staticmethod
    def append(
        db: sqlite3.Connection,
        kind: str,
        object_id: str,
        *,
        at: float,
        amount: int | None = None,
        currency: str | None = None,
        payment: str | None = None,
        metadata: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> None:
        """One entry per effect, in the effect's own transaction: a replayed answer writes none."""
        db.execute(
            "INSERT INTO ledger (at, kind, object_id, amount, currency, payment, metadata, idempotency_key)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (at, kind, object_id, amount, currency, payment, json.dumps(metadata or {}), key),
        )

    def entries(
        self, kind: str | None = None, since: int = 0, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Entries after `since`, oldest first."""
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT * FROM ledger WHERE seq > ? AND (? IS NULL OR kind = ?) ORDER BY seq LIMIT ?",
                (since, kind, kind, -1 if limit is None else limit),
            ).fetchall()
        return [_entry(row) for row in rows]

    def tail(self, limit: int) -> list[dict[str, Any]]:
        """The last entries, newest first."""
        with self._store.reading() as db:
            rows = db.execute("SELECT * FROM ledger ORDER BY seq DESC LIMIT ?", (limit,)).fetchall()
        return [_entry(row) for row in rows]


def _entry(row: sqlite3.Row) -> dict[str, Any]:
    return {**dict(row), "metadata": json.loads(row["metadata"])}
