"""How much the vendors were asked, by the machine's own clock: sandbox time leaps, and a rate limit does not."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from typing import Any


class Traffic:
    """Requests by vendor: how many, of which kind, and the most that came within any one second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._calls: dict[str, Counter[str]] = {}
            self._latest: dict[str, deque[float]] = {}
            self._most: Counter[str] = Counter()

    def came(self, vendor: str, method: str, rule: str, at: float | None = None) -> None:
        """`rule` is the path with its ids named, as in `/v1/invoices/<id>`; `at` monotonic seconds."""
        at = time.monotonic() if at is None else at
        with self._lock:
            self._calls.setdefault(vendor, Counter())[f"{method} {rule}"] += 1
            latest = self._latest.setdefault(vendor, deque())
            latest.append(at)
            while latest[0] <= at - 1:
                latest.popleft()
            self._most[vendor] = max(self._most[vendor], len(latest))

    def told(self) -> dict[str, dict[str, Any]]:
        """`{vendor: {"total", "most_in_a_second", "by_method": {method: n}, "by_call": {"GET /v1/..": n}}}`"""
        with self._lock:
            return {
                vendor: {
                    "total": calls.total(),
                    "most_in_a_second": self._most[vendor],
                    "by_method": _by_method(calls),
                    "by_call": dict(calls.most_common()),
                }
                for vendor, calls in sorted(self._calls.items())
            }


def _by_method(calls: Counter[str]) -> dict[str, int]:
    methods: Counter[str] = Counter()
    for call, times in calls.items():
        methods[call.partition(" ")[0]] += times
    return dict(sorted(methods.items()))
