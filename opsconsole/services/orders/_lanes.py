"""An order's three lanes over one time axis: money, prescription and parcel, the gates between them, the ball."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...db import db, instant
from ...lib.money import Money
from ...models import AuditEntry, Order, OrderStatus, Paid, PaymentStatus, RefundStatus, StatusMove
from ._ball import ball
from ._care_lanes import gates, parcel, prescription
from ._lane import Ball, Gate, Holder, Lane, steps
from ._money_lane import Held, Story, money, paid_gate


@dataclass(frozen=True)
class Lanes:
    """`since` is when the order begins, `last` the newest thing that happened, `now` when this was read."""

    money: Lane
    prescription: Lane
    parcel: Lane
    gates: Sequence[Gate]
    ball: Ball
    since: datetime
    last: datetime
    now: datetime

    @property
    def all(self) -> tuple[Lane, Lane, Lane]:
        return self.money, self.prescription, self.parcel

    @property
    def open(self) -> bool:
        """Whether anybody still has to do something."""
        return self.ball.who is not Holder.NOBODY


def lanes(order: Order, paid: Sequence[Paid] | None = None, *, at: datetime | None = None) -> Lanes:
    """The order's lanes, from what was written down. Two statements, besides those of `order.paid()` where
    `paid` is not given. `at` is the instant up to which open waits are told; now unless given."""
    paid = order.paid() if paid is None else paid
    now, moves = _moves(order, paid)
    now = at or now
    began = min([order.placed_at, order.created_at, *(one.payment.created_at for one in paid)])
    way = steps(OrderStatus, order, began, moves[order.id])
    story = Story(
        order,
        paid,
        way,
        payments={
            one.payment.id: steps(PaymentStatus, one.payment, one.payment.created_at, moves[one.payment.id])
            for one in paid
        },
        refunds={
            refund.id: steps(RefundStatus, refund, refund.created_at, moves[refund.id])
            for one in paid
            for refund in one.refunds
        },
        held=_held(order, paid),
    )
    left = sum(one.left.refundable for one in paid if one.payment.currency == order.currency)
    drawn = money(story), prescription(way), parcel(way)
    ends = [at for lane in drawn for span in lane.spans for at in (span.since, span.until) if at]
    last = max([*ends, *(point.at for lane in drawn for point in lane.points)])
    return Lanes(
        *drawn,
        gates=_in_order(gates(way), paid_gate(story)),
        ball=ball(order, left, *drawn, now),
        since=drawn[0].spans[0].since,
        last=last,
        now=max(now, last),
    )


def _in_order(of_order: Sequence[Gate], paid: Gate) -> list[Gate]:
    """The way of an order: approved, signed, paid, at the pharmacy, shipped, delivered."""
    return [*of_order[:2], paid, *of_order[2:]]


def _moves(order: Order, paid: Sequence[Paid]) -> tuple[datetime, dict[str, list[StatusMove]]]:
    """Now, and the moves of the order, its payments and their refunds, each in order."""
    ids = [order.id, *(one.payment.id for one in paid), *(r.id for one in paid for r in one.refunds)]
    query = (
        select(instant(), StatusMove)
        .select_from(Order)
        .join(StatusMove, StatusMove.record_id.in_(ids), isouter=True)
        .where(Order.id == order.id)
        .order_by(StatusMove.at, StatusMove.id)
    )
    found: dict[str, list[StatusMove]] = defaultdict(list)
    told = list(db.session.execute(query))
    for _, move in told:
        if move is not None:
            found[move.record_id].append(move)
    return told[0][0], found


def _held(order: Order, paid: Sequence[Paid]) -> list[Held]:
    """When the bank took money back for a dispute and when it gave it up, from the audit of the payments."""
    query = (
        select(AuditEntry.subject, AuditEntry.created_at, AuditEntry.changes)
        .where(
            AuditEntry.about.contains([order.id]),
            AuditEntry.subject.in_([one.payment.id for one in paid]),
            AuditEntry.changes.contains([{"field": "disputed"}]),
        )
        .order_by(AuditEntry.created_at, AuditEntry.id)
    )
    found: list[Held] = []
    for subject, at, changes in db.session.execute(query) if paid else ():
        [amount] = [str(change["to"]) for change in changes if change["field"] == "disputed"][-1:]
        money = amount if any(digit in amount for digit in "123456789") else None
        if money or any(one.payment_id == subject and one.money for one in found):
            found.append(Held(subject, at, money))
    return [*found, *_held_without_a_word(paid, found)]


def _held_without_a_word(paid: Sequence[Paid], told: Sequence[Held]) -> Iterator[Held]:
    """A payment that is disputed, and no entry says since when: since we last read it, at the latest."""
    for one in paid:
        payment = one.payment
        if payment.disputed and not any(held.payment_id == payment.id for held in told):
            at = payment.fetched_at or payment.status_since
            yield Held(payment.id, at, str(Money(payment.disputed, payment.currency)))
