"""A trace: one cause and all it led to, from the click to the settled webhook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from ...db import db
from ...lib.refusal import NotFound
from ...models import (
    AuditEntry,
    Case,
    CaseStatus,
    EventStatus,
    InboxEvent,
    Message,
    MessageStatus,
    Promise,
    PromiseStatus,
    Refund,
    RefundStatus,
)
from ._timeline import Entry, gather


@dataclass(frozen=True)
class Trace:
    """Entries oldest first; `waiting_for` are sentences about what has yet to happen."""

    id: str
    entries: list[Entry]
    waiting_for: list[str]

    @property
    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "entries": [e.as_json for e in self.entries], "waiting_for": self.waiting_for}


def trace(trace_id: str) -> Trace:
    """The trace of that id, or NotFound."""
    if not trace_id.isascii() or len(trace_id) > 40 or "\x00" in trace_id:
        raise NotFound("There is no such trace.")
    promised = _promised(trace_id)
    entries = sorted(
        gather(
            AuditEntry.trace_id == trace_id,
            promised,
            InboxEvent.trace_id == trace_id,
            Case.trace_id == trace_id,
            limit=1000,
        )
    )
    if not entries:
        raise NotFound(f"There is no trace {trace_id}.")
    return Trace(trace_id, entries, _waiting_for(trace_id, promised))


def _promised(trace_id: str) -> ColumnElement[bool]:
    """The promises that its acts made, and older ones that they sent out again."""
    again = db.session.scalars(
        select(func.unnest(AuditEntry.promises)).where(AuditEntry.trace_id == trace_id)
    )
    return or_(Promise.trace_id == trace_id, Promise.id.in_(again.all()))


def _waiting_for(trace_id: str, promised: ColumnElement[bool]) -> list[str]:
    waits = []
    open_states = [PromiseStatus.WAITING, PromiseStatus.CLAIMED]
    for promise in db.session.scalars(
        select(Promise).where(promised, Promise.status.in_(open_states)).order_by(Promise.position)
    ):
        since = f" (last try: {promise.last_words})" if promise.last_words else ""
        waits.append(f"{promise.says}{since}")
    unsettled = select(Refund).where(
        Refund.trace_id == trace_id, Refund.status.in_([RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION])
    )
    for refund in db.session.scalars(unsettled):
        waits.append(f"Stripe to settle the refund of {refund.money}")
    unproven = select(Message).where(
        Message.trace_id == trace_id, Message.status.in_([MessageStatus.SUBMITTED, MessageStatus.SENT])
    )
    for message in db.session.scalars(unproven):
        waits.append(f"Customer.io to tell what became of the message {message.template.replace('_', ' ')}")
    for event in db.session.scalars(
        select(InboxEvent).where(InboxEvent.trace_id == trace_id, InboxEvent.status == EventStatus.RECEIVED)
    ):
        waits.append(f"{event.kind} to be settled")
    for case in db.session.scalars(
        select(Case).where(Case.trace_id == trace_id, Case.status == CaseStatus.OPEN)
    ):
        waits.append(f"Somebody to deal with a case: {case.says}")
    return waits
