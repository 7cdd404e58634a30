"""What the rules of care have in common: which open order waits, whose fill a pharmacy has trouble with, and what is offered
again and again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    DateTime,
    ScalarSelect,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from ....db import db, now
from ....models import (
    EXCEPTIONAL,
    UNSHIPPED,
    VISIT_TO_DECIDE,
    Case,
    CaseStatus,
    Fill,
    Order,
    OrderLine,
    OrderStatus,
    Pharmacy,
    Prescription,
    Stuck,
    Visit,
    VisitKind,
    VisitStatus,
)
from ... import prescriptions, visits
from ...prescriptions import Evidence, Offer
from .._scope import Scope

#: What somebody waits for: ordered, and not on its way yet.
OPEN = tuple(status for status in UNSHIPPED if status is not OrderStatus.DRAFT)
#: All of it is prescribed, and no pharmacy was asked yet.
UNASKED = (
    OrderStatus.AWAITING_PAYMENT, OrderStatus.READY, OrderStatus.ON_HOLD, OrderStatus.MANUAL_INTERVENTION,
)  # fmt: skip
WEEK = timedelta(days=7)


# ---------------------------------------------------------------- whom it is about


def order_for(customer: Any, sku: Any) -> ScalarSelect[Any]:
    """As a column: the oldest open order of a customer that a product was bought with."""
    order, line = aliased(Order), aliased(OrderLine)
    query = (
        select(order.id)
        .join(line, line.order_id == order.id)
        .where(
            order.customer_id == customer, order.status.in_(OPEN), line.sku == sku, line.dropped_at.is_(None)
        )
    )
    return query.order_by(order.placed_at, order.id).limit(1).scalar_subquery()


def open_order(order_id: Any) -> ScalarSelect[Any]:
    """As a column: that order, if it is open."""
    order = aliased(Order)
    return select(order.id).where(order.id == order_id, order.status.in_(OPEN)).scalar_subquery()


def order_of_visit() -> Any:
    """As a column: the open order that a visit is for, or that waits for what it is to put right."""
    rx = aliased(Prescription)
    sku = select(rx.sku).where(rx.id == Visit.prescription_id).correlate(Visit).scalar_subquery()
    return func.coalesce(open_order(Visit.order_id), order_for(Visit.customer_id, sku))


def order_first(rows: Select[Any]) -> Select[Any]:
    """Rows of `Scope.rows` whose subject is the order that waits, where one does."""
    found = rows.subquery()
    waits = found.c.order_id.is_not(None)
    rest = [column for column in found.c if column.name not in ("subject_id", "prefix")]
    return select(
        func.coalesce(found.c.order_id, found.c.subject_id).label("subject_id"),
        case((waits, literal(Order.PREFIX, String)), else_=found.c.prefix).label("prefix"),
        *rest,
    )


def together(*several: Select[Any]) -> Select[Any]:
    """The rows of several statements as one."""
    every: CompoundSelect[Any] = union_all(*several)
    return select(*every.subquery().c)


def day_of(at: Any) -> Any:
    """The day of an instant, as columns: by UTC, for nobody's medicine ends within hours."""
    return cast(func.timezone("UTC", at), Date)


def begins(day: Any) -> Any:
    """The instant at which a day begins, as columns."""
    return func.timezone("UTC", cast(day, DateTime()))


# ---------------------------------------------------------------- what a pharmacy has trouble with


def troubled(
    scope: Scope, *codes: str, ball: Any = None, breaches: Any = None, **details: Any
) -> Select[Any]:
    """The open orders with a fill that its pharmacy has one of these troubles with (codes of vendors/pharmacy/codes.py).
    What was answered is the pharmacy's to go on with."""
    whose = case((Fill.answer.is_not(None), literal("pharmacy", String)), else_=literal(ball, String))
    return (
        scope.rows(
            Order, since=Fill.status_since, ball=whose, breaches=breaches, pharmacy=Fill.pharmacy_id, fill=Fill.id,
            code=Fill.code, pharmacy_name=Pharmacy.name, stands=Fill.status_since, answered=Fill.answer.is_not(None),
            **details,
        )
        .join(Fill, Fill.order_id == Order.id)
        .join(Pharmacy, Pharmacy.id == Fill.pharmacy_id)
        .where(Fill.status.in_(EXCEPTIONAL), Fill.code.in_(codes), Order.status.in_(OPEN))
    )  # fmt: skip


def of_the_fill(stuck: Stuck) -> list[Evidence]:
    """The fill, and how many others its pharmacy has the same trouble with."""
    code = stuck.details["code"]
    others = db.session.scalar(
        select(func.count()).where(
            Fill.status.in_(EXCEPTIONAL), Fill.code == code, Fill.pharmacy_id == stuck.pharmacy_id,
            Fill.id != stuck.details["fill"],
        )
    )  # fmt: skip
    label = f"Others of {stuck.details['pharmacy_name']} with the same"
    return [
        Evidence("Fill", "answered" if stuck.details["answered"] else "not answered", f"/fills/{stuck.details['fill']}"),
        Evidence(label, str(others) if others else "None"),
    ]  # fmt: skip


# ---------------------------------------------------------------- what is offered


def of_cause(subject_id: str, code: str) -> list[Offer]:
    """What the diagnosis of an order or a prescription offers for one of its causes; nothing while it is being put right."""
    subject = Order.get(subject_id) or Prescription.require(subject_id)
    found = next((one for one in prescriptions.diagnose(subject, now()) if one.code == code), None)
    if found is None or found.waits:
        return []
    return [_within_fix(one, subject.id, code) if one.then or one.second else one for one in found.offers]


def _within_fix(one: Offer, subject_id: str, code: str) -> Offer:
    """What is done with more, or by two people, is done in the wizard, on its own page."""
    fields = {"code": code, "choice": one.choice, **one.fields}
    return Offer("prescriptions.fix", subject_id, one.label, one.does, fields, within=False)


def assign(visit: str, state: str | None, besides: str | None = None) -> list[Offer]:
    """Whoever is licensed there and has the fewest to decide on gets the visit."""
    could = [one for one in visits.licensed_providers(state, now()) if one.id != besides]
    if not could:
        return []
    load = visits.load_of()
    chosen = min(could, key=lambda one: (load.get(one.id, 0), one.id))
    does = f"They are licensed there, and have {load.get(chosen.id, 0)} others to decide on."
    return [Offer("visits.assign", visit, f"Give it to {chosen.name}", does, {"provider": chosen.id})]


def escalate(visit_id: str) -> list[Offer]:
    """A visit goes before others, unless it does."""
    visit = Visit.require(visit_id)
    if visit.escalated_at:
        return []
    does = "It stands first in the clinic’s queue."
    return [Offer("visits.escalate", visit.id, "Have it decided before others", does, {"reason": "other"})]


def telephone(request: str) -> list[Offer]:
    """What the pharmacy says about something that it was asked."""
    does = "What waits for the answer goes on from it. Nothing is sent by this."
    label = "Call the pharmacy, and write down what they said"
    return [Offer("prescriptions.record_outcome", request, label, does)]


def retry(subject_id: str | None) -> list[Offer]:
    """What we owe about something goes out once more, where its promise has ended in a case."""
    owed = select(Case.id).where(
        Case.subject_id == subject_id, Case.status == CaseStatus.OPEN, Case.behind_id.is_not(None)
    )
    case_id = db.session.scalar(owed.order_by(Case.created_at).limit(1)) if subject_id else None
    does = "The same goes out once more, under the same key: it happens once."
    return [Offer("cases.retry", case_id, "Try it again", does)] if case_id else []


def ask_clinic(subject: str, code: str, label: str = "Ask a clinician") -> list[Offer]:
    """A clinician is asked about an order or a prescription, unless one was and has not decided."""
    asked = select(Visit.id).where(
        or_(Visit.prescription_id == subject, Visit.order_id == subject),
        Visit.kind == VisitKind.RX_REQUEST, Visit.asks == code, Visit.status.in_((*VISIT_TO_DECIDE, VisitStatus.NEEDS_INFO)),
    )  # fmt: skip
    if db.session.scalar(asked.limit(1)):
        return []
    does = "It waits in the clinic’s queue for somebody licensed where the patient is, who decides."
    return [Offer("visits.request", subject, label, does, {"asks": code})]


def close(stuck: Stuck, reason: str = "customer_request") -> list[Offer]:
    """Its order is canceled, and what was paid goes back by the same plan."""
    if not stuck.order_id:
        return []
    does = "It is canceled. Add the refund and the words to the customer: all of it is done together."
    return [Offer("plans.make", stuck.order_id, "Cancel and refund", does, {"cancel": reason}, within=False)]


def delayed(stuck: Stuck) -> list[Offer]:
    """The customer is told that it takes longer."""
    if not (stuck.order_id and stuck.customer_id):
        return []
    fields = {"template": "order_delayed", "order": stuck.order_id}
    does = "They are told that it takes longer, in neutral words."
    return [Offer("messages.send", stuck.customer_id, "Tell the customer that it takes longer", does, fields)]


def hold(stuck: Stuck, reason: str = "clinical") -> list[Offer]:
    """Nothing of its order goes out meanwhile."""
    order = Order.get(stuck.order_id or "")
    if order is None or order.status in (OrderStatus.ON_HOLD, OrderStatus.MANUAL_INTERVENTION):
        return []
    fields = {"reason": reason, "until": (now() + WEEK).date().isoformat()}
    return [
        Offer(
            "orders.hold", order.id, "Hold the order", "Nothing goes out until somebody lets it go.", fields
        )
    ]


def note(stuck: Stuck, label: str = "Write down what you found") -> list[Offer]:
    """A note for whoever looks next: on the order, else on the customer."""
    does = "Whoever looks next reads it."
    if stuck.order_id:
        return [Offer("orders.note", stuck.order_id, label, does, within=False)]
    return (
        [Offer("customers.note", stuck.customer_id, label, does, within=False)] if stuck.customer_id else []
    )


def first(*offers: Sequence[Offer]) -> Sequence[Offer]:
    """Of what can be offered as things stand the first three."""
    return [one for several in offers for one in several][:3]


def waits_for_the_pharmacy(stuck: Stuck) -> list[Offer]:
    """It was answered: nothing is to be done but to see that it goes on."""
    return [*delayed(stuck), *note(stuck, "Write down what the pharmacy said")]


def of_its_fill() -> ScalarSelect[Any]:
    """As a column: the prescription that a fill is of."""
    rx = aliased(Prescription)
    return select(rx.id).where(rx.external_id == Fill.prescription_id).scalar_subquery()
