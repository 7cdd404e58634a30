"""What is due, the hint that something is, and the lock that says who is at it."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import suppress

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from ...db import db

CHANNEL = "opsconsole_due"
_GAP = 0.025  # one hint per process and 25 ms is plenty: the sweep finds the rest within a second
_lock = threading.Lock()
_last = 0.0

_DUE = text(
    """
    select p.id, p.attempts from promises p
    where p.status = 'waiting' and p.due_at <= instant()
      and not exists (select 1 from promises e
                      where e.lane = p.lane and e.status in ('waiting', 'claimed') and e.position < p.position)
      and (p.after_id is null
           or exists (select 1 from promises a where a.id = p.after_id and a.status in ('kept', 'dismissed')))
      and not exists (select 1 from breakers b
                      where b.port = p.port and b.method = p.method and b.opened_at is not null
                        and b.probe_at > instant())
      and not exists (select 1 from incidents i
                      where i.status = 'open' and i.holds and p.port = any(i.ports))
    order by p.due_at, p.position limit :limit
    """
)


def due(limit: int = 200) -> list[tuple[str, int]]:
    """The promises that a worker could claim now, as (id, attempts so far): due heads of lanes, oldest first."""
    return [(row.id, row.attempts) for row in db.session.execute(_DUE, {"limit": limit})]


def hint() -> None:
    """Tell the dispatcher that something is due. Sent after the commit: what was committed stays done,
    so a hint that cannot be sent is no error, and losing it costs a second."""
    global _last
    with _lock:
        if time.monotonic() - _last < _GAP:
            return
        _last = time.monotonic()
    with suppress(SQLAlchemyError), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            select(func.pg_notify(CHANNEL, ""))
        )


def lock_of(promise_id: str) -> int:
    """The session advisory lock that the process keeping this promise holds."""
    return int.from_bytes(hashlib.blake2b(promise_id.encode(), digest_size=8).digest(), "big", signed=True)
