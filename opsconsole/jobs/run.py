"""The two jobs a worker does. Their arguments are ids only; what they find is in Postgres."""

from __future__ import annotations

import time
from contextlib import suppress

import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from ..db import db, own_connection
from ..services import inbox, outbox

log = structlog.get_logger("jobs")
PAUSE = 0.3  # seconds
_connection: Connection | None = None


def keep(promise_id: str) -> str | None:
    """Keep a promise if it can be claimed."""
    try:
        return outbox.keep(promise_id, connection=_own_connection())
    except (OperationalError, InterfaceError):
        return _database_away()


def settle(event_id: str) -> str | None:
    """Settle an event if nobody else is at it."""
    try:
        return inbox.settle(event_id, connection=_own_connection())
    except (OperationalError, InterfaceError):
        return _database_away()


def _own_connection() -> Connection:
    """The process's unpooled connection, on which its advisory locks live."""
    global _connection
    if _connection is None or _connection.closed or _connection.invalidated:
        _connection = own_connection()
    return _connection


def _database_away() -> str:
    """Nothing is lost: the claim is freed with our lock, and the sweep offers it again.

    The pause keeps a worker from running through the whole queue while there is nothing to be done.
    """
    global _connection
    if _connection is not None:
        with suppress(DBAPIError):
            _connection.close()
    _connection = None
    db.session.remove()
    log.warning("database_away")
    time.sleep(PAUSE)
    return "later"
