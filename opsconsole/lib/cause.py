"""Who is behind what happens right now, and which trace it belongs to. Set by acts and by workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """`by` is an actor's label, `name` the act or the step, `parent` the trace entry that led here."""

    trace: str
    by: str
    name: str
    parent: str | None = None


_current: ContextVar[Cause | None] = ContextVar("cause", default=None)


def current() -> Cause | None:
    return _current.get()


@contextmanager
def because(cause: Cause) -> Iterator[Cause]:
    token = _current.set(cause)
    try:
        yield cause
    finally:
        _current.reset(token)
