"""What is due, the hint that something is, and the sweep that frees what dead workers held."""

from __future__ import annotations

import hashlib
import threading
import time

from sqlalchemy import func, select, text
from sqlalchemy.engine import Connection

from ...db import db
from ...models import Attempt, Promise, PromiseStatus
from .._act import transaction

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
    order by p.due_at, p.position limit :limit
    """
)


def due(limit: int = 200) -> list[tuple[str, int]]:
    """The promises that a worker could claim now, as (id, attempts so far): due heads of lanes, oldest first."""
    return [(row.id, row.attempts) for row in db.session.execute(_DUE, {"limit": limit})]


def hint() -> None:
    """Tell the dispatcher that something is due. Sent after the commit; losing it costs a second."""
    global _last
    with _lock:
        if time.monotonic() - _last < _GAP:
            return
        _last = time.monotonic()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(select(func.pg_notify(CHANNEL, "")))


def lock_of(promise_id: str) -> int:
    """The session advisory lock that the process keeping this promise holds."""
    return int.from_bytes(hashlib.blake2b(promise_id.encode(), digest_size=8).digest(), "big", signed=True)


def sweep(connection: Connection) -> int:
    """Give claims whose worker is gone back to the queue. Returns how many.

    `connection` is an unpooled one in autocommit: a claim whose advisory lock can be taken here has
    nobody behind it. What that worker sent may have been done, so the outcome is unknown.
    """
    claimed = connection.execute(select(Promise.id).where(Promise.status == PromiseStatus.CLAIMED)).scalars()
    freed = 0
    for promise_id in list(claimed):
        key = lock_of(promise_id)
        if not connection.execute(select(func.pg_try_advisory_lock(key))).scalar():
            continue
        try:
            freed += _free(promise_id)
        finally:
            connection.execute(select(func.pg_advisory_unlock(key)))
    if freed:
        hint()
    return freed


def _free(promise_id: str) -> bool:
    with transaction():
        promise = Promise.lock(promise_id)
        if promise.status != PromiseStatus.CLAIMED:
            return False
        attempt = db.session.scalar(
            select(Attempt).where(Attempt.promise_id == promise_id, Attempt.fence == promise.fence)
        )
        if attempt is not None:
            attempt.ended_at = func.instant()
            attempt.outcome = "lost"
            attempt.maybe_done = True
            attempt.words = "The worker died while it was asking."
        promise.maybe_done = True
        promise.last_words = "The worker died while it was asking; asking again with the same key."
        promise.due_at = func.instant()
        promise.move_to(PromiseStatus.WAITING)
    return True
