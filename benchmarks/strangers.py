"""How long a wrong password takes for somebody who works here, and for nobody: a stranger must learn nothing from it."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable

from opsconsole import create_app
from opsconsole.config import Settings
from opsconsole.db import db
from opsconsole.services import staff

from .parts import Parts
from .table import Row, percentile

PEOPLE = (
    "sam",
    "lee",
    "ada",
    "finn",
    "mo",
    "root",
)  # in turn: each account has 100 tries in a quarter of an hour
GOAL = 0.05  # of the time for somebody known
_numbers = itertools.count()


def measure(parts: Parts, seconds: float) -> list[Row]:
    """Both in turn, so that whatever else the machine does meets both alike."""
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    with create_app(Settings.from_environment(parts.env)).app_context():
        until = time.monotonic() + min(seconds * 5, 20)
        while time.monotonic() < until:
            for who, times in took.items():
                times.append(_wrong_password(who))
        db.session.remove()
        db.engine.dispose()
    known, unknown = (percentile(times, 0.5) for times in took.values())
    apart = abs(known - unknown)
    return [
        Row("a wrong password, p50 of somebody known / of nobody", f"{known:.1f} ms", f"{unknown:.1f} ms", known / unknown),
        Row("  how far apart", f"{apart:.2f} ms", "", None, f"<= {known * GOAL:.1f} ms", apart <= known * GOAL),
    ]  # fmt: skip


def _wrong_password(who: str) -> float:
    """In milliseconds. Each from an address of its own, so that no limit is met."""
    number = next(_numbers)
    name = PEOPLE[number // 2 % len(PEOPLE)]
    email = f"{name}@example.test" if who == "known" else f"no-{name}-{number}@example.test"
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    began = time.perf_counter()
    _ended_in_refusal(lambda: staff.sign_in(email, "wrong-password-1", address=address))
    return (time.perf_counter() - began) * 1000


def _ended_in_refusal(attempt: Callable[[], object]) -> None:
    with contextlib.suppress(staff.WrongPassword):
        attempt()
        raise RuntimeError("a wrong password opened an account")
