"""One commit around everything inside, and what happens once it is durable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ..db import AT_ONCE, db
from ..lib.refusal import Refused

R = TypeVar("R")


class Busy(Refused):
    """Somebody else holds what this act needs."""


_open: ContextVar[list[Callable[[], None]] | None] = ContextVar("transaction", default=None)

# deadlock_detected, serialization_failure, and unique_violation (two wrote the same new thing at once: the
# second now finds it): run again. lock_not_available, query_canceled: somebody is at it.
_AGAIN = {"40P01", "40001", "23505"}
_BUSY = {"55P03", "57014"}


@contextmanager
def transaction(*, lock_timeout: str | None = None) -> Iterator[None]:
    """One commit around everything inside. What was handed to `after_commit` runs once it is durable.

    `lock_timeout` ("500ms") is how long to wait for what others hold, if not as long as usual.
    """
    if _open.get() is not None:
        raise RuntimeError("A transaction is open already: acts called inside it join it.")
    _roll_back()
    db.session.info.pop(AT_ONCE, None)
    afterwards: list[Callable[[], None]] = []
    token = _open.set(afterwards)
    try:
        if lock_timeout:
            db.session.execute(text("select set_config('lock_timeout', :lock, true)"), {"lock": lock_timeout})
        yield
        db.session.commit()
    except BaseException as error:
        _roll_back()
        if isinstance(error, DBAPIError) and _sqlstate(error) in _BUSY:
            raise Busy("Someone is acting on this right now. Try again in a moment.") from error
        raise
    finally:
        _open.reset(token)
    for step in afterwards:
        step()


def read_at_once() -> None:
    """Let each statement stand for itself until a transaction begins: what a page reads needs no BEGIN and no ROLLBACK
    around it, and sees no less (READ COMMITTED takes a snapshot for each statement anyway)."""
    if _open.get() is None and not db.session().in_transaction():
        db.session.info[AT_ONCE] = True


def read_first(read: Callable[[], R]) -> R:
    """The first thing that a request reads. Nobody looked whether its connection still lives, so a dead one, as after a
    restart of the database, is replaced once."""
    read_at_once()
    try:
        return read()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        _roll_back()
        read_at_once()
        return read()


def after_commit(step: Callable[[], None]) -> None:
    """Run `step` once the open transaction is durable, once however often it is asked for."""
    steps = _open.get()
    if steps is not None and step not in steps:
        steps.append(step)


def _roll_back() -> None:
    try:
        db.session.rollback()
    except DBAPIError:  # its connection is gone
        db.session.remove()


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def again_after_deadlock(attempt: Callable[[], Any], *, tries: int = 4) -> Any:
    """Run a whole transaction again when it met another one: a deadlock, or the same new row twice."""
    for left in reversed(range(tries)):
        try:
            return attempt()
        except DBAPIError as error:
            if _sqlstate(error) not in _AGAIN or not left:
                raise
    raise AssertionError("unreachable")


def is_open() -> bool:
    """Is a transaction open? Acts called now join it."""
    return _open.get() is not None
