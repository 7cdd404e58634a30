"""Making a promise inside an act, and taking it back while nobody was asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from ...db import db
from ...lib import ids
from ...lib.refusal import Refused
from ...models import Promise, PromiseStatus, Record
from .. import cases
from .._act import performing
from .._transaction import after_commit
from ._due import hint
from ._keeper import Keeper


class AlreadyWithdrawn(Refused):
    """Somebody has undone it."""


class NotWithdrawable(Refused):
    """The vendor has been asked, or may have been: it cannot be undone any more."""


def promise(
    keeper: Keeper,
    subject: Record,
    *,
    lane: str,
    says: str,
    arguments: dict[str, Any],
    after: Promise | None = None,
    due_in: timedelta | None = None,
    port: str | None = None,
) -> Promise:
    """Write down one call that the act under way owes. It is due when the act's undo window is over.

    `arguments` are the port method's, without minted ids; `says` is the sentence people read, no PHI. `port` names
    the one of several that are alike, as pharmacies are.
    """
    performance = performing()
    delay = due_in if due_in is not None else performance.undo
    made_id = ids.new(Promise.PREFIX)
    made = Promise(
        id=made_id,
        created_at=performance.now,
        status=PromiseStatus.WAITING,
        kind=keeper.name,
        port=port or keeper.port,
        method=keeper.method,
        arguments=arguments,
        subject_id=subject.id,
        lane=lane,
        after_id=after.id if after else None,
        says=says,
        trace_id=performance.trace,
        entry_id=performance.entry_id,
        about=sorted(subject.related()),
        due_at=performance.now + delay,
        ref=made_id,
    )
    made.add()
    performance.promises.append(made)
    if not delay:
        after_commit(hint)
    return made


def of(subject_id: str) -> list[Promise]:
    """A record's promises, oldest first."""
    query = select(Promise).where(Promise.subject_id == subject_id).order_by(Promise.position)
    return list(db.session.scalars(query))


def may_withdraw(promises: list[Promise]) -> bool:
    """True while no attempt of any of them may have been done. All or nothing."""
    return bool(promises) and all(p.status == PromiseStatus.WAITING and not p.maybe_done for p in promises)


def proven(subject_id: str, kind: Keeper | None = None) -> None:
    """The vendor's own records show that it was done: a promise that was in doubt is kept, its case closed.

    Of all that was promised about the subject, or of one `kind`.

    One that is being asked about right now is left to its worker, who will hear the same.
    """
    for one in of(subject_id):
        if kind and one.kind != kind.name:
            continue
        made = Promise.lock(one.id)
        if made.maybe_done and made.status in (PromiseStatus.WAITING, PromiseStatus.MANUAL_INTERVENTION):
            made.move_to(PromiseStatus.KEPT)
            after_commit(hint)  # the lane's next one may be due
            cases.close_when_solved({"unknown_outcome", "our_fault"}, subject_id, "the vendor has done it")


def moot(subject_id: str, outcome: str) -> None:
    """The world has made it needless: what was promised about the subject, was surely not done and waits for a person is
    dropped, its case closed."""
    for one in of(subject_id):
        made = Promise.lock(one.id)
        if made.status == PromiseStatus.MANUAL_INTERVENTION and not made.maybe_done:
            made.move_to(PromiseStatus.DISMISSED)
    cases.close_when_solved("vendor_rejected", subject_id, outcome)


def withdraw(subject: Record, *, trace: str | None = None) -> list[Promise]:
    """Take back all that was promised about a record, of one trace alone where given. Raises NotWithdrawable once one may be
    under way."""
    query = (
        select(Promise).where(Promise.subject_id == subject.id).order_by(Promise.position).with_for_update()
    )
    if trace:
        query = query.where(Promise.trace_id == trace)
    promises = list(db.session.scalars(query.execution_options(populate_existing=True)))
    if not may_withdraw(promises):
        raise NotWithdrawable("It is too late to undo this: the vendor has been asked already.")
    for made in promises:
        made.move_to(PromiseStatus.WITHDRAWN)
    return promises
