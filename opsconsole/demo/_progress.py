"""How far it is: a bar that redraws itself at a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from typing import TextIO

WIDTH = 30
LOG_EVERY = 10.0  # seconds
DRAW_EVERY = 0.2


class Progress:
    """`done` is called after each step with how many of `total` customers and how many rows are in."""

    def __init__(self, total: int, out: TextIO | None = None) -> None:
        self._total = total
        self._out = out or sys.stderr
        self._bar = self._out.isatty()
        self._began = time.monotonic()
        self._said = 0.0

    def done(self, customers: int, rows: int) -> None:
        now = time.monotonic()
        last = customers >= self._total
        if not last and now - self._said < (DRAW_EVERY if self._bar else LOG_EVERY):
            return
        self._said = now
        spent = max(now - self._began, 0.001)
        left = spent / max(customers, 1) * (self._total - customers)
        share = min(customers / self._total, 1.0)
        words = f"{customers:,} of {self._total:,} customers, {rows:,} rows, {rows / spent:,.0f} rows/s, " + (
            f"{_minutes(left)} left" if not last else f"in {_minutes(spent)}"
        )
        if self._bar:
            bar = "█" * round(share * WIDTH)
            self._out.write(f"\r{bar:░<{WIDTH}} {words}\x1b[K" + ("\n" if last else ""))
        else:
            self._out.write(f"Demo data: {words}\n")
        self._out.flush()

    def say(self, words: str) -> None:
        self._out.write(f"{words}\n")
        self._out.flush()


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02} min"
