"""Reminding patients: the whole sequence is planned when a visit begins to wait for them, the clock takes each step at its
time, and what is left of it is called off the moment the visit goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from ... import vendors
from ...db import db, instant
from ...models import (
    VISIT_WITH_PATIENT,
    Customer,
    Message,
    MessageStatus,
    Order,
    OrderStatus,
    Reminder,
    ReminderStatus,
    Visit,
    VisitPolicy,
    VisitStatus,
)
from .. import lifecycle, messages
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._moved import when_moved
from ._sequence import after_quiet, sequence

_S = ReminderStatus
AWAITED, ASKED = "answers_awaited", "clinician_asks"  # the messages
_NOT_SENT = (MessageStatus.PLANNED,)


def plan(visit: Visit) -> None:
    """In an act: the visit waits for the patient from now on; plan every step."""
    policy, began_at = VisitPolicy.current(), performing().now
    zone = lifecycle.zone_of(_state(visit))
    for one in sequence(policy.steps, began_at, zone, policy.quiet_from, policy.quiet_until):
        Reminder(
            status=_S.PLANNED,
            visit_id=visit.id,
            customer_id=visit.customer_id,
            began_at=began_at,
            step=one.step,
            last=one.last,
            zone=zone,
            due_at=one.due_at,
            created_at=began_at,
        ).add()


def _state(visit: Visit) -> str | None:
    ships_to = Customer.require(visit.customer_id).ships_to
    return visit.patient_state or (ships_to.state if ships_to else None)


@when_moved
def follow(visit: Visit) -> None:
    """A sequence ends when the visit waits for the patient no more, and another begins when it does again."""
    if visit not in db.session:
        return  # it is nowhere yet
    planned = _planned(visit)
    waiting = visit.status in VISIT_WITH_PATIENT
    if waiting and visit.status == VisitStatus.IN_PROGRESS and planned:
        return  # they have begun, and not finished: it goes on
    call_off(visit, f"The visit is {visit.status.replace('_', ' ')}.")
    if waiting:
        plan(visit)


def call_off(visit: Visit, why: str, *, but_last: bool = False) -> None:
    """In an act: nothing of what is planned is sent any more, nor what the CRM was not asked for yet."""
    for one in _planned(visit):
        if not (one.last and but_last):
            one.why = why[:200]
            one.move_to(_S.CANCELED)
    unsent = (
        select(Reminder)
        .join(Message, Message.id == Reminder.message_id)
        .where(Reminder.visit_id == visit.id, Reminder.status == _S.SENT, Message.status.in_(_NOT_SENT))
    )
    for one in db.session.scalars(unsent.with_for_update(of=Reminder)):
        if messages.take_back(Message.require(str(one.message_id))):
            one.why = why[:200]
            one.move_to(_S.CANCELED)


def _planned(visit: Visit) -> Sequence[Reminder]:
    query = select(Reminder).where(Reminder.visit_id == visit.id, Reminder.status == _S.PLANNED)
    return db.session.scalars(query.order_by(Reminder.step).with_for_update()).all()


# ------------------------------------------------------------------ the clock


def to_remind(limit: int = 200) -> Sequence[str]:
    """Visits of which a step is due, and those that wait for their patient though nothing is planned."""
    if not vendors.connected("crm"):
        return []
    due = select(Reminder.visit_id).where(Reminder.status == _S.PLANNED, Reminder.due_at <= instant())
    planned = select(Reminder.visit_id).where(Reminder.status == _S.PLANNED)
    unplanned = Visit.status.in_(VISIT_WITH_PATIENT) & Visit.id.not_in(planned)
    query = select(Visit.id).where(or_(Visit.id.in_(due), unplanned)).order_by(Visit.status_since, Visit.id)
    found = db.session.scalars(query.limit(limit)).all()
    db.session.rollback()
    return found


@act(robots=("clock",))
def remind(visit_id: str, *, by: Actor) -> Visit:
    """Take the step that is due. Of several that became due while nobody looked only the last is taken: nobody is written to
    twice in a row. What stops it is told beside each step that is not sent."""
    known = Visit.require(visit_id)
    customer = Customer.lock(known.customer_id)
    order = Order.lock(known.order_id) if known.order_id else None
    visit = Visit.lock(visit_id)
    concerns(customer.id, visit.order_id)
    planned = _planned(visit)
    if visit.status not in VISIT_WITH_PATIENT:
        call_off(visit, f"The visit is {visit.status.replace('_', ' ')}.")
        return visit
    if not planned:
        plan(visit)
        say("Planned when the patient is reminded")
        return visit
    due = [one for one in planned if one.due_at <= performing().now]
    if due:
        for passed in due[:-1]:
            _skip(passed, "A later one was due too.")
        _take(due[-1], visit, customer, order)
    return visit


def _take(one: Reminder, visit: Visit, customer: Customer, order: Order | None) -> None:
    if one.last:
        one.why = "Nobody answered."
        one.move_to(_S.DONE)
        visit.move_to(VisitStatus.ABANDONED)
        say("Closed as abandoned: nobody answered")
        return
    if over := _over(visit, customer, order):
        call_off(visit, over, but_last=True)
        say(f"The patient is not reminded any more: {over}")
        return
    if (later := _not_now(one)) is not None:
        one.due_at = later
        say("The patient is reminded in the morning")
        return
    if why_not := messages.why_not_write(customer):
        _skip(one, why_not)
        say(f"The patient could not be reminded: {why_not}")
        return
    template = ASKED if visit.status == VisitStatus.NEEDS_INFO else AWAITED
    one.message_id = messages.write(customer, template=template, data={}).id
    one.move_to(_S.SENT)
    concerns(one.message_id)
    say(f"Reminded the patient, step {one.step}")


def _skip(one: Reminder, why: str) -> None:
    one.why = why[:200]
    one.move_to(_S.SKIPPED)


def _over(visit: Visit, customer: Customer, order: Order | None) -> str | None:
    """Why nobody is to be reminded any more, though the visit waits; None while they are."""
    if order and order.status == OrderStatus.CANCELED:
        return "Its order was canceled."
    if messages.opted_out(customer):
        return "The customer does not want to be written to."
    bounced = (
        select(Reminder.id)
        .join(Message, Message.id == Reminder.message_id)
        .where(Reminder.visit_id == visit.id, Message.status == MessageStatus.BOUNCED)
    )
    if db.session.scalar(bounced.limit(1)):
        return "An earlier one bounced."
    return None


def _not_now(one: Reminder) -> datetime | None:
    """The end of the quiet hours, when the clock comes late and it is night there; None when it may be sent."""
    now = performing().now
    later = _after_quiet(one.zone, now)
    return later if later > now else None


def awake(state: str | None, at: datetime) -> datetime:
    """That instant, or the end of the quiet hours that it falls into in a state: nobody is written to at night."""
    return _after_quiet(lifecycle.zone_of(state), at)


def _after_quiet(zone: str, at: datetime) -> datetime:
    policy = VisitPolicy.current()
    return after_quiet(at.astimezone(ZoneInfo(zone)), policy.quiet_from, policy.quiet_until)
