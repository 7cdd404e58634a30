"""Undoing a decision within its two minutes, all of it: what was to be written, sent and closed, and what the order did."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Refused
from ...models import (
    Customer,
    Decision,
    DecisionKind,
    Message,
    MessageStatus,
    Order,
    OrderStatus,
    PrescriptionRequest,
    RequestStatus,
    Visit,
    VisitStatus,
)
from .. import cases, outbox, prescriptions
from .._act import act, performing, say
from .._actor import Actor
from ._claim import NotYours
from ._clock import go_on
from ._deciding import NOT_REPLACED, REJECTED, UNDO
from ._flags import reopen
from ._sign import decisive, sign
from ._who import SIGN_FOR, clinician

_S = VisitStatus
_CASES = {REJECTED, NOT_REPLACED}


class TooLate(Refused):
    """Its two minutes are over, or nothing was decided."""


@act
def withdraw(visit_id: str, *, by: Actor) -> Visit:
    """Take the last decision back: the visit is with whoever signed it again. What was signed stays, with a word that it was
    taken back. Raises TooLate, NotYours, NotWithdrawable."""
    known = Visit.require(visit_id)
    Customer.lock(known.customer_id)
    order = Order.lock(known.order_id) if known.order_id else None
    visit = Visit.lock(visit_id)
    last = decisive(Decision.of_visit(visit.id))
    at = performing().now
    if last is None or visit.status not in (_S.APPROVED, _S.DENIED, _S.REFERRED, _S.NEEDS_INFO):
        raise TooLate("Nothing that was decided can be undone.")
    if at > last.signed_at + timedelta(seconds=UNDO):
        raise TooLate("Its two minutes are over. Add to the decision, or begin another visit.")
    me = clinician(by)
    if not (by.may(SIGN_FOR) or (me and me.id == last.provider_id)):
        raise NotYours("Whoever signed it takes it back.")
    _take_back_what_was_asked(visit, last)
    if order:
        _put_back(order, last)
    reopen(visit, last.trace_id)
    go_on(visit, at)
    visit.decided_at, visit.claimed_at = None, at
    visit.move_to(_S.IN_REVIEW)
    sign(visit, DecisionKind.TAKEN_BACK, by=by, provider=me, licence=None, takes_back=last.number)
    say(f"Took decision {last.number} back: it is as if it had not been signed, and both stand in the record")
    return visit


def _take_back_what_was_asked(visit: Visit, last: Decision) -> None:
    """Raises NotWithdrawable once one of them may be under way."""
    requests = select(PrescriptionRequest).where(
        PrescriptionRequest.visit_id == visit.id, PrescriptionRequest.status != RequestStatus.WITHDRAWN
    )
    for request in list(db.session.scalars(requests)):
        if request.trace_id == last.trace_id:
            prescriptions.take_back(request)
    messages = select(Message).where(
        Message.customer_id == visit.customer_id, Message.trace_id == last.trace_id
    )
    for message in list(db.session.scalars(messages)):
        outbox.withdraw(message)
        message.move_to(MessageStatus.WITHDRAWN)
    if any(one.trace_id == last.trace_id for one in outbox.of(visit.id)):
        outbox.withdraw(visit, trace=last.trace_id)


def _put_back(order: Order, last: Decision) -> None:
    """The order goes back to where the decision found it."""
    if last.kind in (DecisionKind.APPROVE, DecisionKind.APPROVE_WITH_CHANGES):
        if order.status not in (OrderStatus.AWAITING_RX, OrderStatus.ON_HOLD, OrderStatus.IN_REVIEW):
            raise TooLate(
                f"Order {order.reference} has gone on already: it is {order.status.replace('_', ' ')}."
            )
        if order.status == OrderStatus.AWAITING_RX:
            order.move_to(OrderStatus.IN_REVIEW)
    elif order.status == OrderStatus.REJECTED:
        order.move_to(OrderStatus.IN_REVIEW)
    cases.close_when_solved(_CASES, order.id, "the decision was taken back")
