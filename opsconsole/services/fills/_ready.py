"""What is ready goes to a pharmacy by itself, where the installation says so."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_, select

from ... import vendors
from ...db import db, instant
from ...lib.refusal import Refused
from ...models import (
    AddressVerdict,
    Banner,
    BannerStatus,
    Case,
    CaseStatus,
    Customer,
    Fill,
    FillStatus,
    Order,
    OrderStatus,
    StatusMove,
)  # fmt: skip
from .. import banners, cases
from .._act import act, say
from .._actor import Actor
from ._choose import NO_PHARMACY
from ._submit import plan
from ._withdraw import withdraw


def ready(limit: int = 20) -> list[str]:
    """Orders that are ready and that nobody has touched: no fill, not even one undone, no banner that stops it, no
    case that says why it cannot go, and an address that somebody vouches for. The longest ready first."""
    kinds = banners.blockers("fills.submit")
    stopped = exists().where(
        Banner.status == BannerStatus.STANDING,
        Banner.kind.in_(kinds),
        or_(Banner.set_aside_until.is_(None), Banner.set_aside_until <= instant()),
        Banner.subject_id.in_([Order.id, Order.customer_id]),
    )
    no_way = exists().where(
        Case.subject_id == Order.id, Case.reason == NO_PHARMACY, Case.status == CaseStatus.OPEN
    )
    query = select(Order.id).where(
        Order.status == OrderStatus.READY, ~_taken_care_of(), ~stopped, ~no_way, _ships_somewhere_good()
    )
    return list(db.session.scalars(query.order_by(Order.placed_at, Order.id).limit(limit)))


def _ships_somewhere_good() -> ColumnElement[bool]:
    """SQL: does somebody vouch for the order's address? Where nobody checks addresses, any is good. An order without one
    is not sent either, and its case says so."""
    good = [verdict.value for verdict in AddressVerdict if verdict.vouched_for]
    if not vendors.connected("tracking"):
        good.append(AddressVerdict.UNCHECKED.value)
    return or_(Order.address_verdict.in_(good), Order.ship_to.is_(None))


def _taken_care_of() -> ColumnElement[bool]:
    """SQL: has the order a fill, be it one that somebody undid? One that was taken back so that the order could be held
    or sent elsewhere does not count."""
    undone = exists().where(
        StatusMove.record_id == Fill.id,
        StatusMove.after == FillStatus.WITHDRAWN,
        StatusMove.cause == withdraw.name,
    )
    return exists().where(Fill.order_id == Order.id, or_(Fill.status != FillStatus.WITHDRAWN, undone))


@act(robots=("clock",))
def dispatch(order_id: str, *, by: Actor) -> Fill | None:
    """Send an order that is ready to its pharmacies; a case when there is none for it. Returns its first fill."""
    Customer.lock(Order.require(order_id).customer_id)
    order = Order.lock(order_id)
    taken = db.session.scalar(select(_taken_care_of()).select_from(Order).where(Order.id == order.id))
    if order.status != OrderStatus.READY or taken:
        say(f"Order {order.reference} was taken care of meanwhile")
        return None
    try:
        return plan(order, pharmacy=None, prescription=None, by=by)[0]
    except Refused as why:
        suggests = {"act": "fills.submit", "url": f"{order.url}/submit", "label": "Choose a pharmacy"}
        cases.open_case(
            NO_PHARMACY, order.id, says=f"Order {order.reference} cannot go to a pharmacy. {why.message}",
            suggests=suggests, about=order.related(),
        )  # fmt: skip
        say(f"Order {order.reference} cannot go to a pharmacy: {why.message}")
        return None
