"""The healthcare system tells of a visit: ours follows as far as both mean the same, and what is left over is a case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ... import vendors
from ...db import db
from ...models import (
    VISIT_DECIDED,
    Customer,
    Order,
    OrderStatus,
    Promise,
    Visit,
    VisitAnswers,
    VisitKind,
    VisitStatus,
)
from ...vendors.healthcare import UNKNOWN, VisitFacts
from .. import cases
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._advance import advance
from ._newer import note, older
from ._remind import plan

_S = VisitStatus
SYSTEM = "healthcare"
CLOSED_ELSEWHERE, STATUS_UNKNOWN = "visit_closed_elsewhere", "vendor_status_unknown"
_KINDS = {kind.value for kind in VisitKind}


@act(robots=("healthcare", "worker"))
def settle(ref: str, *, facts: VisitFacts, fetched_at: datetime, by: Actor) -> Visit | None:
    """Take in a visit as it was freshly read. An older fetch never overwrites a newer one. A visit of a patient who is
    nobody's customer is a case, and is taken in again from there."""
    known = _known(facts)
    customer = Customer.lock(known.customer_id if known else patient(facts.patient).id)
    order = _order(known, customer)
    visit = Visit.lock(known.id) if known else _new(facts, customer, order)
    concerns(customer.id, visit.order_id)
    if older(visit, facts, fetched_at):
        say("The healthcare system: known as of later")
        return visit
    visit.external_id, visit.raw_status = facts.id, facts.raw_status
    note(visit, facts, fetched_at)
    _follow(visit, facts)
    _gather(visit)
    advance(visit, order, customer)
    say(f"The healthcare system: the visit is {facts.status.replace('_', ' ')}")
    return visit


def patient(external_id: str | None) -> Customer:
    """Whose patient that is; a definite no, which becomes a case with a retry, while nobody has told us."""
    found = Customer.by_external(SYSTEM, external_id) if external_id else None
    if found is None:
        raise vendors.Declined(
            "patient_unknown",
            f"It is about a patient whom nobody here knows ({external_id or 'none is named'}). Once the shop has told "
            "whose they are, take it in again.",
        )
    return found


def _known(facts: VisitFacts) -> Visit | None:
    """By its id there, or by the promise that it was opened for: its event may be faster than the answer."""
    if found := Visit.by_external(facts.id):
        return found
    opened = Promise.get(facts.ref or "")
    return Visit.get(opened.subject_id) if opened else None


def _order(visit: Visit | None, customer: Customer) -> Order | None:
    """The order that the visit is for, locked: of a new visit the newest that waits for one."""
    if visit is not None:
        return Order.lock(visit.order_id) if visit.order_id else None
    taken = select(Visit.order_id).where(Visit.customer_id == customer.id, Visit.order_id.is_not(None))
    waiting = select(Order.id).where(
        Order.customer_id == customer.id,
        Order.status == OrderStatus.AWAITING_VISIT,
        Order.id.not_in(taken),
    )
    found = db.session.scalar(waiting.order_by(Order.placed_at.desc(), Order.id.desc()).limit(1))
    return Order.lock(found) if found else None


def _new(facts: VisitFacts, customer: Customer, order: Order | None) -> Visit:
    before = previous(customer.id)
    kind = (
        facts.kind if facts.kind in _KINDS else (VisitKind.FOLLOW_UP if before else VisitKind.INITIAL).value
    )
    made = Visit(
        status=_S.INVITED,
        kind=kind,
        customer_id=customer.id,
        order_id=order.id if order else None,
        previous_id=before.id if before else None,
        external_id=facts.id,
        patient_state=customer.ships_to.state if customer.ships_to else None,
        by=performing().by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    plan(made)
    return made


def previous(customer_id: str) -> Visit | None:
    """The customer's last visit that was answered: what a new one is compared with."""
    query = select(Visit).where(
        Visit.customer_id == customer_id, Visit.submitted_at.is_not(None), Visit.kind != VisitKind.RX_REQUEST
    )
    return db.session.scalar(query.order_by(Visit.submitted_at.desc(), Visit.id.desc()).limit(1))


def _follow(visit: Visit, facts: VisitFacts) -> None:
    if facts.status == "in_progress" and visit.status == _S.INVITED:
        visit.move_to(_S.IN_PROGRESS)
    elif facts.status in ("cancelled", "entered_in_error") and visit.open:
        visit.move_to(_S.CANCELLED)
    elif facts.status == "finished":
        _finished(visit)
    elif facts.status == UNKNOWN:
        cases.open_case(
            STATUS_UNKNOWN,
            visit.id,
            says=f"The healthcare system says that a visit is “{facts.raw_status[:40]}”, which we do not know. It stays "
            f"{visit.state.value.replace('_', ' ')} here.",
            about=visit.related(),
        )
    if facts.status != UNKNOWN:
        cases.close_when_solved(STATUS_UNKNOWN, visit.id, "the healthcare system uses a word that we know")


def _finished(visit: Visit) -> None:
    """It is over there: here too, once a clinician has decided."""
    if visit.status in VISIT_DECIDED:
        visit.move_to(_S.COMPLETED)
        cases.close_when_solved(CLOSED_ELSEWHERE, visit.id, "a clinician has decided")
    elif visit.open:
        cases.open_case(
            CLOSED_ELSEWHERE,
            visit.id,
            says="The healthcare system has closed the visit, and no clinician has decided on it here. Ask the clinic "
            "whether somebody decided there.",
            suggests={"act": "visits.claim", "url": visit.url, "label": "See the visit"},
            about=visit.related(),
        )


def _gather(visit: Visit) -> None:
    """Answers that were told of before their visit was."""
    early = select(VisitAnswers).where(
        VisitAnswers.visit_external_id == visit.external_id,
        VisitAnswers.visit_id.is_(None),
        VisitAnswers.customer_id == visit.customer_id,
    )
    for answers in db.session.scalars(early.with_for_update()):
        answers.visit_id = visit.id
    db.session.flush()
