"""Writing down what begins to be awaited: in the same flush as what it is awaited for, whoever brought it there.

A promise that was kept, a webhook, a sweep, a person at the vendor's dashboard: each puts the subject into the same
state, so each of them declares the same.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from ...db import db, instant
from ...lib.cause import current
from ...models import Expectation, ExpectationStatus, Order, Stateful
from .._act import moment
from ..outbox import keeping
from ._kinds import KINDS, OF_NOUN, PORTS, Kind

_SPREAD = timedelta(minutes=5)  # at most: what began at one moment is not asked about at one moment


def expect(kind: str, subject: Stateful) -> Expectation:
    """Await something of `kind` of a subject from now on, whatever its state; it is met as that kind is. For acts that
    await what no state of theirs shows. The row goes out with the flush that comes."""
    made = _awaits(KINDS[kind], subject)
    if made is None:
        raise ValueError(f"{subject.id} has no limit for {kind}.")
    db.session.add(made)
    return made


@event.listens_for(Session, "before_flush")
def _notice(session: Session, *_: Any) -> None:
    """Declare what the records that are about to be written begin to await."""
    for new, subjects in ((True, session.new), (False, session.dirty)):
        for subject in subjects:
            for kind in OF_NOUN.get(type(subject), ()):
                if _begins(kind, subject, new=new) and (made := _awaits(kind, subject)):
                    session.add(made)


def _begins(kind: Kind, subject: Any, *, new: bool) -> bool:
    changes = {
        name: history for name in kind.watches if (history := get_history(subject, name)).has_changes()
    }
    if not (new or changes) or not kind.awaited(subject):
        return False
    return new or kind.again or not _was_awaited(kind, subject, changes)


class _Before:
    """A record as it was before what is about to be written."""

    def __init__(self, subject: Any, was: dict[str, Any]) -> None:
        self._subject, self._was = subject, was

    def __getattr__(self, name: str) -> Any:
        return self._was[name] if name in self._was else getattr(self._subject, name)


def _was_awaited(kind: Kind, subject: Any, changes: dict[str, Any]) -> bool:
    was = {name: history.deleted[0] if history.deleted else None for name, history in changes.items()}
    return kind.awaited(_Before(subject, was))


def _awaits(kind: Kind, subject: Any) -> Expectation | None:
    limit = kind.limit(subject)
    if limit is None:
        return None
    at: Any = moment() or instant()  # an instant, or SQL for it: a claim is no act
    due: Any = limit if isinstance(limit, datetime) else at + limit
    spread = _SPREAD if isinstance(limit, datetime) else min(limit / 20, _SPREAD)
    source, cause = kind.source_of(subject), current()
    return Expectation(
        created_at=at,
        status=ExpectationStatus.WAITING,
        kind=kind.name,
        subject_id=subject.id,
        customer_id=getattr(subject, "customer_id", None),
        order_id=subject.id if isinstance(subject, Order) else getattr(subject, "order_id", None),
        promise_id=keeping(kind.name),
        port=PORTS[source],
        source=source,
        event=kind.events[source],
        due_at=due,
        missed_from=due + kind.patience,
        look_at=due + random.random() * spread,
        trace_id=cause.trace if cause else getattr(subject, "trace_id", None),
    )
