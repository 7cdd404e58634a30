"""PHA.NOT_SUBMITTED: an order is ready, and no pharmacy was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, exists, literal, select

from .... import vendors
from ....db import now
from ....lib.business_time import Limit
from ....models import (
    REGISTRY,
    AddressVerdict,
    Case,
    CaseStatus,
    Fill,
    FillStatus,
    Holder,
    Order,
    OrderLine,
    OrderPaymentStatus,
    OrderStatus,
    Prescription,
    PrescriptionStatus,
    Product,
    Stuck,
    Team,
)  # fmt: skip
from ... import gates, prescriptions
from ..._act import ACTS
from ...prescriptions import Evidence, Offer
from .._fills import call_off, hold
from .._recipe import Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_FREE = (FillStatus.CANCELED, FillStatus.WITHDRAWN)
_UNPAID = (OrderPaymentStatus.UNPAID, OrderPaymentStatus.PARTIALLY_PAID)


def find(scope: Scope) -> Select[Any]:
    """Not what has a cause of its own: an address that nobody vouches for, or no pharmacy that would take it."""
    asked = exists().where(Fill.order_id == Order.id, Fill.status.not_in(_FREE))
    no_way = exists().where(
        Case.subject_id == Order.id, Case.reason == "no_pharmacy", Case.status == CaseStatus.OPEN
    )
    in_doubt = [AddressVerdict.UNVERIFIABLE.value]
    if vendors.connected("tracking"):
        in_doubt.append(AddressVerdict.UNCHECKED.value)
    nowhere = and_(Order.address_verdict.in_(in_doubt), Order.ship_to.is_not(None))
    return scope.rows(Order, since=Order.status_since, ball=_ball(), ready=Order.status_since).where(
        Order.status == OrderStatus.READY, ~asked, ~no_way, ~nowhere
    )


def _ball() -> Any:
    """Whose the gate is that is closed, as far as one statement for all can tell. Looked for order by order: an "exists"
    would be read for all prescriptions at once."""
    signed = select(Prescription.id).where(
        Prescription.customer_id == Order.customer_id, Prescription.sku == OrderLine.sku,
        Prescription.status == PrescriptionStatus.ACTIVE,
    ).limit(1).correlate(Order, OrderLine).scalar_subquery()  # fmt: skip
    unsigned = select(OrderLine.id).join(Product, Product.sku == OrderLine.sku).where(
        OrderLine.order_id == Order.id, OrderLine.dropped_at.is_(None), Product.needs_prescription, signed.is_(None)
    ).limit(1).correlate(Order).scalar_subquery()  # fmt: skip
    unpaid = and_(Order.total > 0, Order.payment_status.in_(_UNPAID))
    return case(
        (unpaid, literal(Holder.PATIENT.value)),
        (unsigned.is_not(None), literal(Holder.CLINIC.value)),
        else_=literal(Holder.US.value),
    )


def says(details: Details, now: datetime) -> str:
    return f"It has been ready for {ago(details, 'ready', now)}, and no pharmacy was asked."


def _gates(stuck: Stuck) -> gates.Gates:
    return gates.of_order(Order.require(str(stuck.order_id)), now())


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    closed = [gate for gate in _gates(stuck).all if gate.blockers]
    if not closed:
        return [Evidence("Gates", "All of them are open: it can go.", f"/orders/{stuck.order_id}")]
    return [Evidence(f"Closed: {one.label.lower()}", one.says, _page(one.blockers[0])) for one in closed]


def _page(blocker: gates.Blocker) -> str:
    return blocker.fix.url if blocker.fix else ""


def offers(stuck: Stuck) -> Sequence[Offer]:
    order = str(stuck.order_id)
    closed = _gates(stuck).blockers
    if not closed:
        does = "It goes where the rules say. For a minute it can be taken back."
        send = Offer("fills.submit", order, "Send it to its pharmacy", does)
        return [send, hold(stuck, "other"), call_off(stuck)]
    opens = next((offer for one in closed if (offer := _opens(one, order))), None)
    return [*([opens] if opens else []), hold(stuck, "other"), call_off(stuck)]


def _opens(blocker: gates.Blocker, order: str) -> Offer | None:
    """What opens the gate: the act that it names, or what puts a prescription right."""
    if blocker.fix and blocker.fix.act in ACTS:
        parts = blocker.fix.url.split("/")
        on = next((part for part in parts if part.partition("_")[0] in REGISTRY and "_" in part), order)
        return Offer(blocker.fix.act, on, blocker.fix.label, blocker.says, within=False)
    if blocker.who is Holder.CLINIC and _fixable(order):
        return Offer("prescriptions.fix", order, "Put its prescription right", blocker.says, within=False)
    return None


def _fixable(order: str) -> bool:
    found = prescriptions.diagnose(Order.require(order), now())
    return any(one.offers and not one.waits for one in found)


RULE = Rule(
    code="PHA.NOT_SUBMITTED",
    title="Ready, and no pharmacy was asked",
    rank=Rank.WAITING,
    stage=Stage.PHARMACY,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(minutes=10), timedelta(hours=2)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Open the gate, and send it",
    offers=offers,
    recipe=(
        Look("Its gates: each that is closed says who has to move.", "/orders/{order}"),
        Do("What opens the gate; or, where all are open, it is sent to its pharmacy."),
        Check("It goes to a pharmacy."),
    ),
    heals=timedelta(minutes=10),
)
