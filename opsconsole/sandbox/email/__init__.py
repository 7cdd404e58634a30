"""The sandbox's mail server: a mailbox for everybody, which takes what it is handed and shows it to developers."""

from __future__ import annotations

import email
import email.policy
import re
from typing import Any

from .._clock import Clock
from .._faults import Faults
from .._state import Store

VENDOR = "email"
SCHEMA = """
CREATE TABLE IF NOT EXISTS mails (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    data BLOB NOT NULL
);
"""


class Mailbox:
    """What was handed in, and kept: every copy, also of what came twice."""

    def __init__(self, store: Store, clock: Clock, faults: Faults) -> None:
        self.store, self.clock, self.faults = store, clock, faults
        store.define(SCHEMA)

    def keep(self, sender: str, recipients: list[str], data: bytes) -> int:
        """One copy for each of them. Returns the number of the last."""
        with self.store.transaction() as db:
            for recipient in recipients:
                row = (self.clock.now(), sender, recipient, data)
                kept = db.execute("INSERT INTO mails (at, sender, recipient, data) VALUES (?, ?, ?, ?)", row)
        return int(kept.lastrowid or 0)

    def mails(self, limit: int = 50) -> list[dict[str, Any]]:
        """The newest first, as their readers see them, with the links in them."""
        with self.store.reading() as db:
            rows = db.execute("SELECT * FROM mails ORDER BY seq DESC LIMIT ?", (limit,)).fetchall()
        return [_read(dict(row)) for row in rows]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    message = email.message_from_bytes(row["data"], policy=email.policy.default)
    body = message.get_body(("plain",))
    text = body.get_content().replace("\r\n", "\n") if body else ""
    return {
        "seq": row["seq"],
        "at": row["at"],
        "to": row["recipient"],
        "from": row["sender"],
        "subject": str(message["subject"] or ""),
        "message_id": str(message["message-id"] or ""),
        "headers": {name.lower(): str(value) for name, value in message.items()},
        "text": text,
        "links": re.findall(r"https?://[^\s<>\"]+", text),
    }


__all__ = ["VENDOR", "Mailbox"]
