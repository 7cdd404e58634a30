"""What the rules about parcels have in common: parcels of orders that are owed still, and what is done about one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Interval, Select, and_, case, cast, exists, func, select

from ...db import db, now
from ...models import (
    Order,
    OrderPaymentStatus,
    OrderStatus,
    Replacement,
    ReplacementStatus,
    Shipment,
    ShipmentStatus,
    Stuck,
)
from .. import shipments
from ..prescriptions import Evidence, Offer
from ._scope import Scope

VENDOR = "tracking"
_OVER = (OrderStatus.CLOSED, OrderStatus.CANCELED, OrderStatus.REJECTED)
_OFF = (ReplacementStatus.CANCELED, ReplacementStatus.CONVERTED_TO_REFUND)


def parcels(scope: Scope, statuses: Sequence[ShipmentStatus], **more: Any) -> Select[Any]:
    """A row for each parcel that stands so, of an order of which something is owed. `more` as `Scope.rows` takes it."""
    return (
        scope.rows(
            Order, parcel=Shipment.id, carrier=Shipment.carrier,
            **{"since": Shipment.status_since, "vendor": VENDOR, **more},
        )
        .join(Shipment, Shipment.order_id == Order.id)
        .where(Shipment.status.in_(statuses), owed())
    )  # fmt: skip


def owed() -> ColumnElement[bool]:
    """SQL: does the order's customer wait for something still? Not who gets it once more, or got all the money back."""
    again = exists().where(Replacement.order_id == Order.id, Replacement.status.not_in(_OFF))
    back = and_(Order.payment_status == OrderPaymentStatus.REFUNDED, Order.total > 0)
    return and_(Order.status.not_in(_OVER), ~again, ~back)


def between_scans() -> ColumnElement[Any]:
    """SQL: for how long a parcel that is sent to be fast may go without a scan; null for all others."""
    known = shipments.services().items()
    faster = [(of, patience.between_scans) for of, patience in known if patience.between_scans < 3]
    return case(
        *(
            (and_(Shipment.carrier == carrier, Shipment.service == service), cast(timedelta(days), Interval))
            for (carrier, service), days in faster
        )
    )


def day_over(column: Any, days: int = 0) -> ColumnElement[Any]:
    """SQL: when a day is over in all of the country: at midnight in Hawaii; `days` later."""
    midnight = cast(cast(column, Date) + 1 + days, DateTime(timezone=False))
    return func.timezone("Pacific/Honolulu", midnight)


def the_parcel(stuck: Stuck, says: str) -> Evidence:
    return Evidence("Parcel", says, f"/shipments/{stuck.details['parcel']}")


def others_of_carrier(stuck: Stuck) -> Evidence:
    """Whether it is this parcel, or all of that carrier's."""
    lately = now() - timedelta(days=1)
    moved = db.session.scalar(
        select(func.count()).where(
            Shipment.carrier == stuck.details["carrier"], Shipment.last_scan_at >= lately,
            Shipment.created_at >= lately - timedelta(days=30),
        )
    )  # fmt: skip
    words = (
        f"It scanned {moved} others in the last 24 h." if moved else "It scanned no other in the last 24 h."
    )
    return Evidence(f"{stuck.details['carrier']} otherwise", words)


def replace(stuck: Stuck, reason: str, label: str, does: str) -> Offer:
    """Sending it again for nothing: which prescription that uses, and whether one is left, is looked at then."""
    return Offer("replacements.issue", str(stuck.order_id), label, does, {"reason": reason})


def give_up(stuck: Stuck, why: str) -> Offer:
    does = "It counts as lost until the carrier scans it again. Then it can be replaced."
    return Offer(
        "shipments.mark_lost", stuck.details["parcel"], "Mark it lost", does, {"reason": why}, within=False
    )


def refund(stuck: Stuck) -> Offer:
    does = "The money goes back instead."
    return Offer("refunds.issue", str(stuck.order_id), "Give the money back", does, within=False)
