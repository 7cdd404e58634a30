"""Asking a clinician to put a prescription right: what stands on its face changes only by a new one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import (
    VISIT_TO_DECIDE,
    Customer,
    Order,
    Prescription,
    ShipTo,
    Visit,
    VisitKind,
    VisitStatus,
)
from .. import prescriptions
from .._act import act, concerns, performing, say
from .._actor import Actor

#: Until when a clinician is to decide: at once where somebody could be harmed, else within a day.
SOON, USUAL = timedelta(hours=4), timedelta(hours=24)
URGENT = ("duplicate_therapy", "product_mismatch", "md_outreach", "wrong_sig")
_OPEN = (*VISIT_TO_DECIDE, VisitStatus.NEEDS_INFO)


class AlreadyAsked(Refused):
    """A clinician was asked the same about it, and has not decided."""


@act
def request(subject_id: str, *, asks: str, by: Actor) -> Visit:
    """Put a prescription, or an order that has none, before a clinician. `asks` is one of the causes' codes. It waits in the
    clinic's queue for somebody licensed where the patient is; deciding it ends in a new prescription and the canceling of
    the old one. Raises AlreadyAsked, Invalid.
    """
    if asks not in prescriptions.CAUSES:
        raise Invalid({"asks": [f"Choose one of: {', '.join(prescriptions.CAUSES)}."]})
    rx, order = _about(subject_id)
    customer = Customer.lock((rx or order).customer_id)  # type: ignore[union-attr]
    if standing := _standing(rx, order, asks):
        raise AlreadyAsked(
            "A clinician was asked that already and has to decide.",
            blockers=[{
                "code": "already_asked", "says": f"Asked on {standing.created_at:%-d %b %Y}, {standing.state.help}",
                "fix": {"act": None, "url": standing.url, "label": "See what was asked"},
            }],
        )  # fmt: skip
    ship_to = _lives(customer, order)
    now = performing().now
    title = prescriptions.CAUSES[asks].title
    visit = Visit(
        status=VisitStatus.SUBMITTED, kind=VisitKind.RX_REQUEST.value, customer_id=customer.id,
        order_id=order.id if order else None, prescription_id=rx.id if rx else None, asks=asks,
        patient_state=ship_to.state if ship_to else None, submitted_at=now,
        due_at=now + (SOON if asks in URGENT else USUAL), says=f"{title}.", by=by.label, trace_id=performing().trace,
        created_at=now,
    ).add()  # fmt: skip
    concerns(order.id if order else None, rx.id if rx else None)
    say(f"Asked a clinician: {title[0].lower()}{title[1:]}")
    return visit


def _about(subject_id: str) -> tuple[Prescription | None, Order | None]:
    if subject_id.startswith(f"{Prescription.PREFIX}_"):
        return Prescription.require(subject_id), None
    return None, Order.require(subject_id)


def _lives(customer: Customer, order: Order | None) -> ShipTo | None:
    """Where the patient is: where the order ships to, else where parcels of theirs go, or went last."""
    if order is not None and order.ship_to:
        return order.ships_to
    if customer.ship_to:
        return customer.ships_to
    query = select(Order).where(Order.customer_id == customer.id, Order.ship_to.is_not(None))
    last = db.session.scalar(query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(1))
    return last.ships_to if last else None


def _standing(rx: Prescription | None, order: Order | None, asks: str) -> Visit | None:
    about = or_(
        Visit.prescription_id == rx.id
        if rx
        else Visit.prescription_id.is_(None) & (Visit.order_id == order.id)  # type: ignore[union-attr]
    )
    query = select(Visit).where(
        Visit.kind == VisitKind.RX_REQUEST, Visit.asks == asks, Visit.status.in_(_OPEN), about
    )
    return db.session.scalar(query.order_by(Visit.created_at).limit(1))
