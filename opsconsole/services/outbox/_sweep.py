"""The sweep: what dead workers held is offered again."""

from __future__ import annotations

import structlog
from sqlalchemy import func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from ...db import db, instant
from ...models import Attempt, Promise, PromiseStatus
from .._transaction import transaction
from ._due import hint, lock_of
from ._intervene import intervene
from ._keeper import keeper_of

log = structlog.get_logger("outbox")
DEATHS_ALLOWED = 10  # workers that die over one promise: it is the promise that kills them


def sweep(connection: Connection) -> int:
    """Give claims whose worker is gone back to the queue. Returns how many.

    `connection` is an unpooled one in autocommit: a claim whose advisory lock can be taken here has
    nobody behind it. What that worker sent may have been done, so the outcome is unknown.
    """
    claimed = connection.execute(select(Promise.id).where(Promise.status == PromiseStatus.CLAIMED)).scalars()
    freed = sum(_free_if_abandoned(promise_id, connection) for promise_id in list(claimed))
    if freed:
        hint()
    return freed


def _free_if_abandoned(promise_id: str, connection: Connection) -> bool:
    key = lock_of(promise_id)
    if not connection.execute(select(func.pg_try_advisory_lock(key))).scalar():
        return False
    try:
        return _free(promise_id)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # one that cannot be freed now must not keep the others from it
        log.exception("fault", promise=promise_id)
        return False
    finally:
        connection.execute(select(func.pg_advisory_unlock(key)))


def _free(promise_id: str) -> bool:
    """Waiting again, at its old place among what is due: it has waited longest."""
    with transaction():
        promise = Promise.lock(promise_id)
        if promise.status != PromiseStatus.CLAIMED:
            return False
        maybe_done = keeper_of(promise).changes
        attempt = db.session.scalar(
            select(Attempt).where(Attempt.promise_id == promise_id, Attempt.fence == promise.fence)
        )
        if attempt is not None:
            attempt.ended_at = instant()
            attempt.outcome = "lost"
            attempt.maybe_done = maybe_done
            attempt.words = "The worker died while it was asking."
        promise.maybe_done = promise.maybe_done or maybe_done
        promise.last_words = "The worker died while it was asking; asking again with the same key."
        if _deaths(promise) >= DEATHS_ALLOWED:
            intervene(promise, "our_fault", f"{DEATHS_ALLOWED} workers died over it.")
        else:
            promise.move_to(PromiseStatus.WAITING)
    return True


def _deaths(promise: Promise) -> int:
    """Workers that died over this promise since somebody last looked at it."""
    query = select(func.count()).where(
        Attempt.promise_id == promise.id, Attempt.outcome == "lost", Attempt.started_at >= promise.tried_since
    )
    return db.session.scalar(query) or 0
