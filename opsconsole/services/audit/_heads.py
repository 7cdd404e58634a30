"""The chain's last value, written down outside the database: what was cut off its end cannot hide."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Head:
    """The chain ended with `number` and `chain` at an instant."""

    number: int
    chain: bytes
    at: datetime

    def line(self) -> str:
        return f"{self.number} {self.chain.hex()} {self.at.isoformat()}\n"


class Heads:
    """Two files in a folder: `last`, replaced at each seal, and `history`, one line in five minutes.

    The folder is best kept where the database's administrators cannot write.
    """

    def __init__(self, folder: Path) -> None:
        self.last, self.history = folder / "last", folder / "history"

    def keep(self, number: int, chain: bytes) -> Head:
        """Write the newest head down. Raises OSError."""
        head = Head(number, chain, datetime.now(UTC))
        self.last.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.last.with_suffix(f".{os.getpid()}")
        fresh.write_text(head.line())
        fresh.replace(self.last)
        if not self.history.exists() or self._age(head.at) >= EVERY:
            self.note(head)
        return head

    def note(self, head: Head) -> None:
        """Add a head to the history, where it stays."""
        with self.history.open("a") as history:
            history.write(head.line())

    def newest(self) -> Head | None:
        return _read(self.last.read_text()) if self.last.exists() else None

    def read(self) -> list[Head]:
        """All that were written down and can be read, oldest first."""
        lines = []
        for file in (self.history, self.last):
            if file.exists():
                lines += file.read_text().splitlines()
        heads = {head.number: head for line in lines if (head := _read(line))}
        return [heads[number] for number in sorted(heads)]

    def _age(self, now: datetime) -> timedelta:
        return now - datetime.fromtimestamp(self.history.stat().st_mtime, UTC)


def _read(line: str) -> Head | None:
    try:
        number, chain, at = line.split()
        return Head(int(number), bytes.fromhex(chain), datetime.fromisoformat(at))
    except ValueError:
        return None  # half a line, from a machine that lost power
