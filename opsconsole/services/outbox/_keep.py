"""Keeping a promise: claim -> call -> record. At most once at the vendor, whatever dies in between.

The claim is committed before a byte leaves; the call is made with no transaction open; the outcome and
the promise's new status are one commit. The process holds a session advisory lock all the while, so
that the sweep can tell a slow worker from a dead one.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from ... import vendors
from ...db import db, instant
from ...lib import canonical, crash
from ...lib.cause import Cause, because
from ...models import Attempt, Promise, PromiseStatus
from .. import cases
from .._actor import WORKER
from .._transaction import Busy, after_commit, again_after_deadlock, transaction
from . import _breaker
from ._due import hint, lock_of
from ._intervene import intervene, stumble
from ._keeper import KEEPERS, Keeper
from ._outage import outage_since
from ._pace import Pace

log = structlog.get_logger("outbox")

GIVE_UP_AFTER = timedelta(hours=24)
REPEATED_FOR = timedelta(minutes=10)  # an error that the vendor saved, and a list without effect: it is a no
KEY_HOLDS = timedelta(hours=23)  # Stripe may forget a key after 24 h: from here on we ask first


@dataclass(frozen=True)
class Claim:
    """What a worker needs to make the call, read in the claim's commit."""

    promise_id: str
    attempt_id: str
    kind: Keeper
    port: str
    fence: int
    round: int
    ref: str
    subject_id: str
    arguments: dict[str, Any]
    request: dict[str, Any] | None
    ask_first: bool
    trace: str
    lane: str
    started_at: datetime


class Superseded(Exception):
    """Another worker has taken this promise over: what this one learned is dropped."""


def keep(promise_id: str, *, connection: Connection) -> str | None:
    """Try a promise once. Returns the attempt's outcome, None if there was nothing to claim.

    `connection` is the worker's own unpooled one in autocommit; the advisory lock lives on it.
    """
    key = lock_of(promise_id)
    if not connection.execute(select(func.pg_try_advisory_lock(key))).scalar():
        return None
    try:
        return _keep(promise_id)
    except Superseded:
        log.info("superseded", promise=promise_id)
        return None
    except (OperationalError, InterfaceError):
        raise  # the database is away, and our lock with it: the sweep will offer the promise again
    except Exception as error:  # whatever else happens is a fault of ours, and is kept as one
        log.exception("fault", promise=promise_id)
        connection.execute(select(1))  # if this fails our lock is gone, and what follows is not ours to write
        return again_after_deadlock(partial(_fault, promise_id, error))
    finally:
        if not connection.closed:
            connection.execute(select(func.pg_advisory_unlock(key)))


def _keep(promise_id: str) -> str | None:
    crash.point("claim.before")
    claim = again_after_deadlock(partial(_claim, promise_id))
    if claim is None:
        return None
    crash.point("claim.after")
    with because(Cause(claim.trace, WORKER.label, claim.kind.name, claim.attempt_id)):
        outcome, record = _call(claim)
        crash.point("record.before")
        again_after_deadlock(partial(_record, claim, record))
        crash.point("record.after")
    return outcome


# ------------------------------------------------------------------ claim


def _claim(promise_id: str) -> Claim | None:
    try:
        with transaction(), db.session.no_autoflush:
            return _claimed(promise_id)
    except (IntegrityError, Busy):  # somebody claims an earlier one of the lane or acts on the subject
        return None


def _claimed(promise_id: str) -> Claim | None:
    waiting = db.session.execute(
        select(Promise.kind, Promise.subject_id).where(
            Promise.id == promise_id, Promise.status == PromiseStatus.WAITING
        )
    ).first()
    if waiting is None:
        return None
    kind = KEEPERS[waiting.kind]
    kind.begins(waiting.subject_id)  # locks the subject, as every act does, before the promise
    promise = Promise.lock(promise_id)
    now: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
    if promise.status != PromiseStatus.WAITING or promise.due_at > now or _held_back(promise):
        db.session.rollback()
        return None
    if not _breaker.admits(promise.port, promise.method):
        db.session.rollback()
        return None
    if kind.pace and not kind.pace.admits():
        _later(promise_id, kind.pace)
        return None
    started = promise.round_started_at
    ask_first = promise.round > 1 or bool(started and now - started > KEY_HOLDS)
    promise.move_to(PromiseStatus.CLAIMED)
    promise.fence += 1
    promise.attempts += 1
    promise.maybe_done = promise.maybe_done or kind.changes
    promise.round_started_at = started or now
    promise.tried_since = promise.tried_since or now
    attempt = Attempt(
        promise_id=promise.id,
        vendor=vendors.system_of(promise.port).port,
        round=promise.round,
        fence=promise.fence,
        worker=f"worker {os.getpid()}",
        started_at=now,
    )
    db.session.add(attempt)
    return Claim(
        promise.id, attempt.id, kind, promise.port, promise.fence, promise.round, promise.ref, promise.subject_id,
        dict(promise.arguments), promise.request, ask_first, promise.trace_id, promise.lane, now,
    )  # fmt: skip


def _later(promise_id: str, pace: Pace) -> None:
    """Too many at once: it is offered again when there is a place for it. No attempt was made."""
    db.session.rollback()
    promise = Promise.lock(promise_id)
    if promise.status == PromiseStatus.WAITING:
        promise.due_at = instant() + pace.reserve()


def _held_back(promise: Promise) -> bool:
    """Is an earlier promise of the lane still to be kept, or the one this comes after?"""
    open_states = [PromiseStatus.WAITING, PromiseStatus.CLAIMED]
    earlier = select(Promise.id).where(
        Promise.lane == promise.lane, Promise.position < promise.position, Promise.status.in_(open_states)
    )
    if db.session.scalar(earlier.limit(1)):
        return True
    before = db.session.get(Promise, promise.after_id) if promise.after_id else None
    return before is not None and before.status not in (PromiseStatus.KEPT, PromiseStatus.DISMISSED)


# ------------------------------------------------------------------ call


def _call(claim: Claim) -> tuple[str, partial[None]]:
    """Make the call. Returns the outcome's name and the step that records it."""
    method = getattr(vendors.port(claim.port), claim.kind.method)
    try:
        crash.point("call.before")
        told = (_vendor_call(claim),) if claim.kind.changes else ()
        answer = method(*told, **claim.arguments, **_read_private(claim))
        answer = claim.kind.between(answer) if claim.kind.between else answer
        crash.point("call.after")
    except vendors.Unavailable as failure:
        return "unavailable", partial(_unavailable, failure=failure)
    except vendors.Declined as no:
        return "declined", partial(_declined, no=no)
    return "kept", partial(_kept, answer=answer)


def _read_private(claim: Claim) -> dict[str, Any]:
    """What the call needs and no promise may hold, as the subject has it sealed."""
    if claim.kind.reads is None:
        return {}
    with transaction():
        return claim.kind.reads(claim.subject_id)


def _vendor_call(claim: Claim) -> vendors.Call:
    return vendors.Call(
        ref=claim.ref,
        round=claim.round,
        tags={"opsconsole_trace": claim.trace, "opsconsole_subject": claim.subject_id},
        ask_first=claim.ask_first,
        pin=partial(_pin, claim),
    )


def _pin(claim: Claim, request: dict[str, Any]) -> dict[str, Any]:
    """Store what the round's first attempt sends; give later attempts what was stored."""
    if claim.request is not None:
        return claim.request
    with transaction():
        stored = db.session.execute(
            update(Promise)
            .where(Promise.id == claim.promise_id, Promise.fence == claim.fence)
            .values(request=func.coalesce(Promise.request, cast(request, JSONB)))
            .returning(Promise.request)
            .execution_options(synchronize_session=False)
        ).scalar()
        if stored is None:
            raise vendors.Unavailable("Another worker took over.", maybe_done=False, code="superseded")
    crash.point("pin.after")
    return stored


# ------------------------------------------------------------------ record


def _record(claim: Claim, record: partial[None]) -> None:
    with transaction(lock_timeout="10s"):  # what was learned is worth waiting for
        record(claim)
        db.session.flush()
        crash.point("record.inside")
        after_commit(hint)  # the lane's next one may be due


def _end(claim: Claim, outcome: str, **values: Any) -> Promise:
    """Close the attempt and lock the promise, or Superseded if the claim is no longer ours."""
    promise = Promise.lock(claim.promise_id)
    if promise.fence != claim.fence or promise.status != PromiseStatus.CLAIMED:
        raise Superseded
    db.session.execute(
        update(Attempt)
        .where(Attempt.id == claim.attempt_id)
        .values(ended_at=instant(), outcome=outcome, **values)
        .execution_options(synchronize_session=False)
    )
    return promise


def _kept(claim: Claim, *, answer: Any) -> None:
    claim.kind.then(claim.subject_id, facts=answer, fetched_at=claim.started_at, by=WORKER)
    told = (
        canonical.without_private(answer) if claim.kind.changes else None
    )  # what was only read is not kept twice
    promise = _end(claim, "kept", answer=told, maybe_done=claim.kind.changes)
    promise.move_to(PromiseStatus.KEPT)
    promise.maybe_done = claim.kind.changes
    promise.last_words = None
    _answered(claim)


def _answered(claim: Claim) -> None:
    """Yes or no: the vendor is there and takes our key."""
    if _breaker.answered(claim.port, claim.kind.method):
        cases.close_when_solved("vendor_refuses_credentials", claim.port, "the vendor answers again")


def _unavailable(claim: Claim, *, failure: vendors.Unavailable) -> None:
    if failure.repeats and _round_age(claim) > REPEATED_FOR:
        words = "The vendor repeats an error under this key, and its own list shows that nothing was done."
        return _declined(claim, no=vendors.Declined(failure.code, words, http_status=failure.http_status))
    if claim.kind.changes and not failure.maybe_done and not _maybe_done_before(claim):
        claim.kind.eased(claim.subject_id)
    promise = _end(
        claim,
        "unavailable",
        code=failure.code,
        words=failure.words,
        maybe_done=failure.maybe_done and claim.kind.changes,
        http_status=failure.http_status,
        request_id=failure.request_id,
    )
    promise.maybe_done = claim.kind.changes and (failure.maybe_done or _maybe_done_before(claim))
    promise.last_words = failure.words
    _breaker.failed(promise.port, promise.method, promise.lane, failure.words, at_once=failure.credentials)
    if failure.credentials:
        cases.open_case(
            "vendor_refuses_credentials",
            promise.port,
            says=f"{failure.words} All calls wait, and nothing is lost. Put the key right, and they go out.",
        )
    since: datetime = promise.tried_since or claim.started_at
    age: timedelta = db.session.scalar(select(instant())) - since  # type: ignore[operator]
    if age - outage_since(promise.port, since) > GIVE_UP_AFTER and not failure.credentials:
        intervene(
            promise,
            "unknown_outcome" if promise.maybe_done else "vendor_unavailable_exhausted",
            failure.words,
        )
        return
    promise.due_at = instant() + _pause(promise.attempts, age, failure.retry_after)
    promise.move_to(PromiseStatus.WAITING)


def _declined(claim: Claim, *, no: vendors.Declined) -> None:
    kept = {} if no.facts is None else {"facts": no.facts, "fetched_at": claim.started_at}
    claim.kind.declined(claim.subject_id, code=no.code, words=no.words, by=WORKER, **kept)
    promise = _end(
        claim, "declined", code=no.code, words=no.words, http_status=no.http_status, request_id=no.request_id
    )
    promise.last_words = no.words
    promise.maybe_done = False
    _answered(claim)
    if claim.kind.takes_no:
        promise.move_to(PromiseStatus.DISMISSED)
        return
    intervene(promise, "vendor_rejected", no.words)


def _fault(promise_id: str, error: Exception) -> str:
    """Something of ours broke, before, in or after the call. We still hold the promise's lock."""
    words = f"{type(error).__name__} while keeping this promise."
    with transaction():
        promise = Promise.lock(promise_id)
        attempt = db.session.scalar(
            select(Attempt).where(Attempt.promise_id == promise_id, Attempt.fence == promise.fence)
        )
        if promise.status == PromiseStatus.CLAIMED and attempt is not None:
            attempt.ended_at, attempt.outcome = instant(), "error"
            attempt.code, attempt.words, attempt.maybe_done = type(error).__name__, words, promise.maybe_done
        if promise.status in (PromiseStatus.WAITING, PromiseStatus.CLAIMED):
            stumble(promise, words)
    return "error"


def _round_age(claim: Claim) -> timedelta:
    """How long ago the first attempt of this round was."""
    query = select(instant() - Promise.round_started_at).where(Promise.id == claim.promise_id)
    return db.session.scalar(query) or timedelta(0)


def _maybe_done_before(claim: Claim) -> bool:
    """May an earlier attempt of this round have had its effect?"""
    query = select(Attempt.id).where(
        Attempt.promise_id == claim.promise_id,
        Attempt.round == claim.round,
        Attempt.id != claim.attempt_id,
        Attempt.maybe_done,
    )
    return db.session.scalar(query.limit(1)) is not None


def _pause(attempts: int, age: timedelta, retry_after: float | None) -> timedelta:
    """Jittered back-off: 1, 2, 4 … seconds, at most 30 in the first quarter of an hour, then up to 15 minutes."""
    ceiling = 30.0 if age < timedelta(minutes=15) else 900.0
    seconds = min(2.0 ** (attempts - 1), ceiling)
    return timedelta(seconds=max(retry_after or 0.0, seconds * random.uniform(0.6, 1.4)))
