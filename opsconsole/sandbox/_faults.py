"""Fault dials: which calls and deliveries go wrong, how, and how often. Gone with the process."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

LOOKS_UP_EVERY = 0.5
VENDORS = ("stripe", "customerio", "easypost", "truepill", "honeybee", "fhir", "email", "*")
CALL_KINDS = (
    *("rate_limit", "lock_timeout", "error_500", "slow", "lost_answer", "refused"),
    *("garbage", "unauthorized", "forbidden", "down"),
)
WEBHOOK_KINDS = ("drop", "duplicate", "reorder", "delay", "wrong_secret", "stale")
PROFILES = (
    *("html200", "bad_json", "null", "list", "nan", "wrong_types", "missing_id"),
    *("redirect", "huge", "gzip_bomb", "drip"),
)
#: When nothing is said: does the fault strike before the effect, or once it has happened?
USUAL_SIDE = {"garbage": "after", "lost_answer": "after"}


class AnswerLost(ConnectionError):
    """The caller gets no answer. An OSError, so that waitress closes the connection without one."""


class BadDial(ValueError):
    """A fault that cannot be set, with a sentence that says why."""


@dataclass
class Fault:
    """`method` is "METHOD /path" with * as a wildcard, "SMTP DATA" for a step of handing in mail, or "webhook" /
    "webhook refund.*" for deliveries.

    `every=5` strikes each fifth match, `times` limits how often in all, `seconds` belongs to slow and delay,
    `bytes` to the huge and gzip_bomb profiles of garbage.
    """

    id: str
    kind: str
    vendor: str = "stripe"
    method: str = "*"
    every: int = 1
    times: int | None = None
    seconds: float = 1.0
    side: str = "before"
    profile: str = "html200"
    bytes: int = 16 * 1024 * 1024
    seen: int = 0
    struck: int = 0

    def matches(self, vendor: str, method: str) -> bool:
        if method.startswith("webhook") != self.of_webhooks:
            return False
        return self.vendor in ("*", vendor) and fnmatchcase(method, self.method)

    @property
    def of_webhooks(self) -> bool:
        return self.method.split(" ")[0] == "webhook"

    def strikes(self) -> bool:
        """Count one match; true when this is the one that goes wrong."""
        self.seen += 1
        if self.seen % self.every or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        return True


@dataclass
class Faults:
    _dials: dict[str, Fault] = field(default_factory=dict)
    _lifted: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def add(self, **dial: Any) -> str:
        """Set a dial and return its id. Raises BadDial with the reason."""
        unknown = set(dial) - (set(Fault.__dataclass_fields__) - {"id", "seen", "struck"})
        if unknown or "kind" not in dial:
            raise BadDial(f"unknown: {', '.join(sorted(unknown))}" if unknown else "kind is missing")
        dial = {name: value for name, value in dial.items() if value is not None or name == "times"}
        dial.setdefault("side", USUAL_SIDE.get(dial["kind"], "before"))
        fault = Fault(id=f"flt_{next(self._numbers)}", **dial)
        _check(fault)
        with self._lock:
            self._dials[fault.id] = fault
        return fault.id

    def remove(self, fault_id: str) -> bool:
        with self._lock:
            return self._dials.pop(fault_id, None) is not None

    def clear(self) -> None:
        with self._lock:
            self._dials.clear()
            self._lifted.set()  # whoever is being slow goes on at once
            self._lifted = threading.Event()

    def hold_up(self, seconds: float, given_up: Callable[[], bool]) -> None:
        """Wait like a slow vendor, but no longer than until all dials are cleared or the caller has left."""
        lifted, until = self._lifted, time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if lifted.wait(min(left, LOOKS_UP_EVERY)) or given_up():
                return

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._dials.values()]

    def strike(self, vendor: str, *names: str) -> Fault | None:
        """The fault that hits this call or delivery, if any: dials are asked in the order they were set."""
        with self._lock:
            for fault in self._dials.values():
                if any(fault.matches(vendor, name) for name in names) and fault.strikes():
                    return fault
        return None


def _check(fault: Fault) -> None:
    if fault.vendor not in VENDORS:
        raise BadDial(f"vendor must be one of {', '.join(VENDORS)}")
    kinds = WEBHOOK_KINDS if fault.of_webhooks else CALL_KINDS
    if fault.kind not in kinds:
        raise BadDial(f"kind must be one of {', '.join(kinds)}")
    if fault.side not in ("before", "after"):
        raise BadDial("side must be before or after")
    if fault.profile not in PROFILES:
        raise BadDial(f"profile must be one of {', '.join(PROFILES)}")
    if type(fault.every) is not int or fault.every < 1:
        raise BadDial("every must be a whole number from 1")
    if fault.times is not None and (type(fault.times) is not int or fault.times < 1):
        raise BadDial("times must be a whole number from 1, or null")
    if isinstance(fault.seconds, bool) or not isinstance(fault.seconds, (int, float)) or fault.seconds < 0:
        raise BadDial("seconds must be a number from 0")
    if type(fault.bytes) is not int or not 0 < fault.bytes <= 2**31:
        raise BadDial("bytes must be a whole number up to 2 GiB")
