"""Idempotency keys as Stripe keeps them: the first answer, even a 500, is the answer for 24 hours."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from dataclasses import dataclass, field
from typing import Any

from ._errors import ApiError, Malformed

SCHEMA = """
CREATE TABLE IF NOT EXISTS stripe_keys (
    key TEXT PRIMARY KEY, path TEXT NOT NULL, parameters TEXT NOT NULL, request_id TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, created REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stripe_keys_created ON stripe_keys (created);
"""
KEPT_SECONDS = 24 * 3600
LONGEST = 255


@dataclass(frozen=True)
class Kept:
    status: int
    body: str
    request_id: str


@dataclass
class Keys:
    """The saved answers, and the keys whose first call is still running (only in this process)."""

    _running: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, key: str) -> None:
        """Hold the key while its call runs. Raises the 409 when another call holds it."""
        if len(key) > LONGEST:
            raise Malformed(f"Idempotency keys can be at most {LONGEST} characters, this one has {len(key)}.")
        with self._lock:
            if key in self._running:
                raise Malformed(
                    "There is currently another in-progress request using this Idempotent Key (that probably "
                    "means you submitted twice, and the other request is still going through): "
                    f"{key}. Please try again later.",
                    status=409,
                    type="idempotency_error",
                    code="idempotency_key_in_use",
                    headers={"Stripe-Should-Retry": "true"},
                )
            self._running.add(key)

    def running(self, key: str) -> bool:
        with self._lock:
            return key in self._running

    def finish(self, key: str) -> None:
        with self._lock:
            self._running.discard(key)


def kept(db: sqlite3.Connection, key: str, path: str, form: dict[str, Any], now: float) -> Kept | None:
    """The saved answer to this very request, or None. Raises when the key was used for another one."""
    row = db.execute(
        "SELECT * FROM stripe_keys WHERE key = ? AND created > ?", (key, now - KEPT_SECONDS)
    ).fetchone()
    if row is None:
        return None
    if row["path"] != path:
        raise _reused(
            f"Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{path}' vs '{row['path']}'). Try using a key other than '{key}' if you meant to execute a "
            "different request."
        )
    if row["parameters"] != _digest(form):
        raise _reused(
            "Keys for idempotent requests can only be used with the same parameters they were first used "
            f"with. Try using a key other than '{key}' if you meant to execute a different request."
        )
    return Kept(row["status"], row["body"], row["request_id"])


def keep(db: sqlite3.Connection, key: str, path: str, form: dict[str, Any], now: float, answer: Kept) -> None:
    """Save the answer, in the same transaction as the effect it tells of."""
    db.execute(
        "INSERT OR REPLACE INTO stripe_keys VALUES (?, ?, ?, ?, ?, ?, ?)",
        (key, path, _digest(form), answer.request_id, answer.status, answer.body, now),
    )


def prune(db: sqlite3.Connection, now: float) -> None:
    db.execute("DELETE FROM stripe_keys WHERE created <= ?", (now - KEPT_SECONDS,))


def _digest(form: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()


def _reused(message: str) -> ApiError:
    return Malformed(message, type="idempotency_error")
