"""A comparison from beginning to end, for a command: with workers or without."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import select

from ..db import db, instant
from ..models import Promise, PromiseStatus, ReconciliationRun
from ..services import CONSOLE, outbox, reconciliation
from .run import keep

PAUSE = 0.2  # seconds
PATIENCE = 30.0  # seconds in which nothing moves


@dataclass(frozen=True)
class Compared:
    """`waits_for` are the words of whoever keeps it from its end; None when it has ended."""

    run_id: str
    looked: int
    waits_for: str | None


def compare(*, fix: bool) -> Compared | None:
    """Begin a comparison, or go on with the one that is under way, and keep what it promises until it ends or somebody
    outside asks us to wait. None when nobody is connected."""
    begun = reconciliation.begin(fix=fix, by=CONSOLE)
    if begun is None:
        return None
    run_id, moved_at = str(begun.id), time.monotonic()
    while time.monotonic() - moved_at < PATIENCE:
        run, waiting = _now(run_id)
        if run.final:
            return Compared(run_id, run.looked, None)
        if waiting and all(_put_off(one) for one in waiting):
            return Compared(run_id, run.looked, " ".join(sorted({str(one.last_words) for one in waiting})))
        if "kept" in [keep(one.id) for one in waiting]:
            moved_at = time.monotonic()
        elif _now(run_id)[0].looked == run.looked:
            time.sleep(PAUSE)  # a worker is at it
        else:
            moved_at = time.monotonic()
    run, _ = _now(run_id)
    return Compared(run_id, run.looked, "somebody does not answer.")


def _put_off(promise: Promise) -> bool:
    """Did somebody outside ask us to come again later?"""
    later = db.session.scalar(select(Promise.due_at > instant()).where(Promise.id == promise.id))
    return bool(promise.last_words and (later or promise.status == PromiseStatus.MANUAL_INTERVENTION))


def _now(run_id: str) -> tuple[ReconciliationRun, list[Promise]]:
    """The run and what it waits for, as they are now."""
    db.session.rollback()
    open_ = (PromiseStatus.WAITING, PromiseStatus.CLAIMED, PromiseStatus.MANUAL_INTERVENTION)
    return ReconciliationRun.require(run_id), [one for one in outbox.of(run_id) if one.status in open_]
