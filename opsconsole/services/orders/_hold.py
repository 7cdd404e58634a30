"""Keeping an order back before it goes to the pharmacy: hold -> release, and a case when it was held too long."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from ...db import db, instant
from ...lib.refusal import Invalid, Refused
from ...models import Hold, HoldReason, HoldStatus, Order, OrderStatus
from .. import cases, payments
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._gone import in_our_hands, locked, too_late
from ._note import note as write_note

LONGEST = timedelta(days=30)
OVERDUE = "hold_overdue"


class NotHoldable(Refused):
    """It left already, is over, or is held."""


class NotHeld(Refused):
    """Nobody holds it."""


@act(private=("note",))
def hold(order_id: str, *, reason: str, until: date, note: str = "", by: Actor) -> Order:
    """Send nothing of an order until it is released, at the latest at the end of the day `until` (30 days at most);
    what stands longer makes a case. Only before it was handed to the pharmacy. Raises NotHoldable, Invalid.
    """
    if reason not in [one.value for one in HoldReason]:
        raise Invalid({"reason": [f"Choose one of: {', '.join(HoldReason)}."]})
    today = performing().now.date()
    if not today <= until <= today + LONGEST:
        raise Invalid({"until": ["Choose a day between today and thirty days from now."]})
    order = locked(order_id)
    if standing := Hold.on(order.id):
        raise NotHoldable(f"{standing.by} holds it already: {standing.why.lower()}.")
    if not in_our_hands(order):
        raise NotHoldable(too_late(order, "held"))
    made = Hold(
        status=HoldStatus.STANDING, order_id=order.id, reason=reason, returns_to=order.status, until_on=until,
        by=by.label, by_id=by.id, created_at=performing().now,
    ).add()  # fmt: skip
    order.move_to(OrderStatus.ON_HOLD)
    concerns(made.id)
    if note:
        write_note(order.id, text=note, phi=False, by=by)
    say(f"Held order {order.reference} until {until:%-d %b %Y}: {made.why.lower()}")
    return order


@act
def release(order_id: str, *, by: Actor) -> Order:
    """Let a held order go on from where it was; what was paid meanwhile counts. Raises NotHeld."""
    order = locked(order_id)
    standing = _standing(order)
    standing.move_to(HoldStatus.RELEASED)
    order.move_to(OrderStatus(standing.returns_to))
    payments.ready_if_paid(order)
    cases.close_when_solved(OVERDUE, order.id, "released")
    say(f"Released order {order.reference}")
    return order


@act(robots=("clock",))
def overrun(order_id: str, *, by: Actor) -> Order:
    """A hold has stood for longer than was meant: whoever looks at the cases decides."""
    order = locked(order_id)
    standing = _standing(order)
    standing.overdue_at = performing().now
    cases.open_case(
        OVERDUE,
        order.id,
        says=f"{standing.by} held it until {standing.until_on:%-d %b %Y}: {standing.why.lower()}. It is still held.",
        suggests={"act": "orders.release", "url": f"{order.url}/release", "label": "Release it"},
        about=order.related(),
    )
    say(f"Order {order.reference} was held for too long")
    return order


def held_too_long(limit: int = 100) -> list[str]:
    """Orders whose hold should be over, and of which nobody was told yet."""
    query = select(Hold.order_id).where(
        Hold.status == HoldStatus.STANDING,
        Hold.overdue_at.is_(None),
        Hold.until_on < func.date(func.timezone("UTC", instant())),
    )
    found = list(db.session.scalars(query.order_by(Hold.until_on).limit(limit)))
    db.session.rollback()
    return found


def _standing(order: Order) -> Hold:
    found = Hold.on(order.id)
    if found is None:
        raise NotHeld("Nobody holds this order.")
    return Hold.lock(found.id)
