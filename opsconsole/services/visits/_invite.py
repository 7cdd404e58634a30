"""Asking a patient to answer a form: invite -> opened by the healthcare system; and calling a visit off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ... import vendors
from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Customer, Order, OrderStatus, Promise, Questionnaire, Visit, VisitKind, VisitStatus
from ...models.visit import VISIT_TO_DECIDE, VISIT_WITH_PATIENT
from ...vendors.healthcare import VisitFacts
from .. import customers, outbox, questionnaires
from .._act import act, concerns, performing, say, warn
from .._actor import Actor
from ..outbox import keeper, promise
from ._newer import note, older
from ._remind import plan
from ._settle import previous

_S = VisitStatus
KINDS = (VisitKind.INITIAL, VisitKind.RENEWAL, VisitKind.FOLLOW_UP)


class NoHealthRecord(Refused):
    """Nobody is connected who could ask the patient, or they do not know them."""


class NotAsked(Refused):
    """The healthcare system does not ask this form yet."""


class Invited(Refused):
    """The customer has a visit that is not decided on yet."""


class NotCancelable(Refused):
    """It is decided on, or over."""


@act
def invite(customer_id: str, *, form: str, kind: str, order: str | None, by: Actor) -> Visit:
    """Have the healthcare system open a visit and ask the customer to answer the form by that name, as it is asked now.
    `order` is the order that waits for it, by id or URL. Reminders go out by themselves until they have answered.
    Raises NoHealthRecord, NotAsked, Invited, Invalid."""
    customer = Customer.lock(customer_id)
    waits = _order(order, customer)
    version = _version(form)
    if kind not in [one.value for one in KINDS]:
        raise Invalid({"kind": [f"Choose one of: {', '.join(one.value for one in KINDS)}."]})
    if why_not := why_not_invite(customer):
        raise NoHealthRecord(why_not)
    if standing := _standing(customer, waits):
        raise Invited(
            f"They have a visit already that is {standing.status.replace('_', ' ')}: {standing.url}. "
            "Call that off first, if it will come to nothing."
        )
    visit = open_visit(customer, VisitKind(kind), version, waits)
    if customer.ships_to is None:
        warn("Nobody has told where the customer’s parcels go: which state’s rule counts is not known yet.")
    concerns(customer.id, visit.order_id)
    say(f"Invited the customer to a visit: {VisitKind(kind).words.lower()}")
    return visit


def open_visit(
    customer: Customer, kind: VisitKind, version: Questionnaire, order: Order | None = None
) -> Visit:
    """In an act, of a locked customer who can be asked: plan the visit with its reminders, and have it opened."""
    before = previous(customer.id)
    visit = Visit(
        status=_S.INVITED,
        kind=kind.value,
        customer_id=customer.id,
        order_id=order.id if order else None,
        questionnaire_id=version.id,
        previous_id=before.id if before else None,
        patient_state=customer.ships_to.state if customer.ships_to else None,
        by=performing().by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    plan(visit)
    asks = {
        "patient": customers.patient_of(customer), "kind": kind.value, "practitioner": None,
        "questionnaire": f"{version.canonical}|{version.number}",
    }  # fmt: skip
    says = "The healthcare system opens a visit and asks the patient to answer"
    promise(open_, visit, lane=visit.lane, says=says, arguments=asks)
    return visit


def usual_form(customer: Customer) -> Questionnaire | None:
    """What the customer is asked when nobody chooses: the form that they answered last, else the only one there is. None
    where it is not asked any more, or not published yet."""
    before = previous(customer.id)
    answered = Questionnaire.get(before.questionnaire_id) if before and before.questionnaire_id else None
    forms = questionnaires.forms()
    key = answered.key if answered else forms[0].key if len(forms) == 1 else None
    version = Questionnaire.active(key) if key else None
    return version if version and version.published_at else None


def why_not_invite(customer: Customer) -> str | None:
    """Why the customer cannot be asked anything from here; None when they can."""
    if not vendors.connected("healthcare"):
        return "No healthcare system is connected: nobody could ask the patient."
    if customers.patient_of(customer) is None:
        return "The healthcare system does not know this customer: the shop has told no id of theirs."
    return None


def _version(form: str) -> Questionnaire:
    version = Questionnaire.active(form)
    if version is None:
        known = ", ".join(one.key for one in questionnaires.forms()) or "none yet"
        raise Invalid({"form": [f"Patients are asked no such form. There are: {known}."]})
    if version.published_at is None:
        raise NotAsked(
            "The healthcare system has not published this version yet: try again in a minute.", field="form"
        )
    return version


def _order(order: str | None, customer: Customer) -> Order | None:
    if not order:
        return None
    found = Order.get(order.rsplit("/", 1)[-1])
    if found is None or found.customer_id != customer.id:
        raise Invalid({"order": ["This customer has no such order."]})
    if found.status != OrderStatus.AWAITING_VISIT:
        raise Invalid({"order": [f"It waits for no visit: it is {found.status.replace('_', ' ')}."]})
    return Order.lock(found.id)


def _standing(customer: Customer, order: Order | None) -> Visit | None:
    """A visit of the customer for the same order, or for none as well, that is not decided on yet."""
    query = select(Visit).where(
        Visit.customer_id == customer.id,
        Visit.status.in_((*VISIT_WITH_PATIENT, *VISIT_TO_DECIDE)),
        Visit.kind != VisitKind.RX_REQUEST,
        Visit.order_id == (order.id if order else None),
    )
    return db.session.scalar(query.limit(1))


@act(robots=("worker",))
def opened(visit_id: str, *, facts: VisitFacts, fetched_at: datetime, by: Actor) -> Visit:
    """The healthcare system has opened it. One that was called off meanwhile is called off there too."""
    visit = Visit.lock(visit_id)
    visit.external_id = facts.id
    if not older(visit, facts, fetched_at):
        visit.raw_status = facts.raw_status
        note(visit, facts, fetched_at)
    if visit.status == _S.CANCELLED:
        _close(visit)
    concerns(visit.customer_id)
    say("The healthcare system has opened the visit")
    return visit


@act(robots=("worker",))
def unopened(visit_id: str, *, code: str, words: str, by: Actor) -> Visit:
    """The healthcare system said no. The outbox opens the case; the visit waits."""
    visit = Visit.lock(visit_id)
    say(f"The healthcare system did not open the visit: {words}")
    return visit


def _dropped(visit_id: str) -> None:
    """It will not be tried again: there is no visit."""
    visit = Visit.lock(visit_id)
    if visit.status in VISIT_WITH_PATIENT:
        visit.move_to(_S.CANCELLED)


# ------------------------------------------------------------------ calling it off


@act
def cancel(visit_id: str, *, reason: str, by: Actor) -> Visit:
    """Call a visit off before a clinician has decided: reminders end, and the healthcare system is told. An order that waits
    for it stays as it is. Raises NotCancelable."""
    known = Visit.require(visit_id)
    customer = Customer.lock(known.customer_id)
    order = Order.lock(known.order_id) if known.order_id else None
    visit = Visit.lock(visit_id)
    if why_not := why_not_cancel(visit):
        raise NotCancelable(why_not)
    call_visit_off(visit)
    if order and not order.final:
        warn(
            f"Order {order.reference} stays {order.status.replace('_', ' ')}: cancel it too, or invite again."
        )
    concerns(customer.id, visit.order_id)
    say(f"Called the visit off: {reason}")
    return visit


def call_visit_off(visit: Visit) -> None:
    """In an act, of a locked visit that is open: its reminders end, and the healthcare system is told."""
    visit.move_to(_S.CANCELLED)
    opening = _opening(visit)
    if visit.external_id:
        _close(visit)
    elif opening and outbox.may_withdraw([opening]):
        outbox.withdraw(visit)


def why_not_cancel(visit: Visit) -> str | None:
    return None if visit.open else f"It cannot be called off: {visit.state.help}"


def _opening(visit: Visit) -> Promise | None:
    return next((one for one in outbox.of(visit.id) if one.kind == open_.name), None)


def _close(visit: Visit) -> None:
    asks = {"visit": visit.external_id, "practitioner": None, "status": "cancelled"}
    says = "The healthcare system calls the visit off"
    promise(call_off_there, visit, lane=visit.lane, says=says, arguments=asks)


@act(robots=("worker",))
def called_off(visit_id: str, *, facts: VisitFacts, fetched_at: datetime, by: Actor) -> Visit:
    """The healthcare system has called it off too."""
    visit = Visit.lock(visit_id)
    if not older(visit, facts, fetched_at):
        visit.raw_status = facts.raw_status
        note(visit, facts, fetched_at)
    say("The healthcare system has called the visit off")
    return visit


open_ = keeper("visits.open", call="healthcare.open_visit", then=opened, declined=unopened, dropped=_dropped)
call_off_there = keeper("visits.call_off", call="healthcare.close_visit", then=called_off)
