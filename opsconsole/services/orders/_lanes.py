"""An order's three lanes over one time axis: money, prescription and parcel, the gates between them, the ball."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, select

from ...db import db, instant
from ...lib.calendar import over
from ...lib.money import Money
from ...models import (
    AuditEntry,
    Collection,
    CollectionStatus,
    Holder,
    Order,
    OrderPaymentStatus,
    OrderStatus,
    Paid,
    PaymentStatus,
    RefundStatus,
    StatusMove,
)
from ._ball import ball
from ._care_lanes import OrderStep, ahead, gates, parcel, prescription
from ._lane import Awaited, Ball, Gate, Lane, Look, steps
from ._money_lane import Held, Story, money, paid_gate
from ._parcels import Parcel, parcels, replaced, with_parcels, with_replacements
from ._stop_lane import with_wishes


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


def lanes(
    order: Order,
    paid: Sequence[Paid] | None = None,
    sent: Sequence[Parcel] | None = None,
    *,
    at: datetime | None = None,
    awaited: Awaited | None = None,
    collections: Sequence[Collection] = (),
) -> Lanes:
    """The order's lanes, from what was written down. Two statements, and one of replacements where something has left,
    besides those of `order.paid()` and of `parcels(order)` where `paid` and `sent` are not given. `at` is the instant up to
    which open waits are told; now unless given. `awaited` is what keeps an order that is ready from going to a pharmacy;
    `collections` are those of the order, without which the money lane knows nothing of a card that is to be charged."""
    paid = order.paid() if paid is None else paid
    now, moves = _moves(order, paid, collections)
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
        collections={one: steps(CollectionStatus, one, one.created_at, moves[one.id]) for one in collections},
    )
    left = sum(one.left.refundable for one in paid if one.payment.currency == order.currency)
    sent = parcels(order) if sent is None else sent
    made = replaced(order)
    carried = with_wishes(with_parcels(_kept_back(parcel(way), awaited), sent), order, sent)
    drawn = (money(story), prescription(way), with_replacements(carried, made))
    ends = [at for lane in drawn for span in lane.spans for at in (span.since, span.until) if at]
    last = max([*ends, *(point.at for lane in drawn for point in lane.points)])
    return Lanes(
        *drawn,
        gates=_in_order(_ahead(order, way[-1], gates(way), sent, awaited, now), paid_gate(story)),
        ball=ball(order, 0 if made else left, *drawn, now, awaited),
        since=drawn[0].spans[0].since,
        last=last,
        now=max(now, last),
    )


def _kept_back(lane: Lane, awaited: Awaited | None) -> Lane:
    """The parcel lane of an order that is ready and may not go: whose move it is says what is awaited."""
    if awaited is None or lane.current.state != OrderStatus.READY:
        return lane
    words = "Cannot go to a pharmacy yet"
    last = replace(lane.current, says=words, tone="warn", look=Look.STOP, holder=awaited.who, due=None)
    return replace(lane, spans=[*lane.spans[:-1], last])


def _ahead(
    order: Order, step: OrderStep, of_order: list[Gate], sent: Sequence[Parcel], awaited: Awaited | None, now: datetime
) -> list[Gate]:  # fmt: skip
    """What is ahead, with when: not while something keeps it from going."""
    if awaited and order.status == OrderStatus.READY:
        return of_order
    paid = order.payment_status == OrderPaymentStatus.PAID or not order.total
    promised = max((over(day) for one in sent if (day := one.shipment.promised_on)), default=None)
    return ahead(of_order, step, now, paid=paid, promised=promised)


def _in_order(of_order: Sequence[Gate], paid: Gate) -> list[Gate]:
    """The way of an order: approved, signed, paid, at the pharmacy, shipped, delivered."""
    return [*of_order[:2], paid, *of_order[2:]]


def _moves(
    order: Order, paid: Sequence[Paid], collections: Sequence[Collection]
) -> tuple[datetime, dict[str, list[StatusMove]]]:
    """Now, and the moves of the order, its payments, their refunds and its collections, each in order."""
    ids = [order.id, *(one.payment.id for one in paid), *(r.id for one in paid for r in one.refunds)]
    ids += [one.id for one in collections]
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
    """When the bank took money back for a dispute and how that ended, from the audit of the payments."""
    fields = ("disputed", "dispute")
    query = (
        select(AuditEntry.subject, AuditEntry.created_at, AuditEntry.changes)
        .where(
            AuditEntry.about.contains([order.id]),
            AuditEntry.subject.in_([one.payment.id for one in paid]),
            or_(*(AuditEntry.changes.contains([{"field": field}]) for field in fields)),
        )
        .order_by(AuditEntry.created_at, AuditEntry.id)
    )
    found: list[Held] = []
    last: dict[str, Held] = {}
    for subject, at, changes in db.session.execute(query) if paid else ():
        became = {change["field"]: change["to"] for change in changes if change["field"] in fields}
        before = last.get(subject, Held(subject, at, None))
        amount = str(became["disputed"]) if "disputed" in became else before.money
        money = amount if any(digit in (amount or "") for digit in "123456789") else None
        now = Held(subject, at, money, became.get("dispute", before.dispute))
        last[subject] = now
        if (now.money, now.lost) != (before.money, before.lost) and (now.money or before.money):
            found.append(now)
    return [*_as_it_stands(paid, found), *_held_without_a_word(paid, found)]


def _as_it_stands(paid: Sequence[Paid], found: Sequence[Held]) -> Iterator[Held]:
    """The last word on each payment takes the dispute's state from the payment, where the audit is silent."""
    states = {one.payment.id: one.payment.dispute for one in paid}
    last = {held.payment_id: held for held in found}
    for held in found:
        silent = held.dispute is None and held is last[held.payment_id]
        yield replace(held, dispute=states[held.payment_id]) if silent else held


def _held_without_a_word(paid: Sequence[Paid], told: Sequence[Held]) -> Iterator[Held]:
    """A payment that is disputed, and no entry says since when: since we last read it, at the latest."""
    for one in paid:
        payment = one.payment
        if payment.disputed and not any(held.payment_id == payment.id for held in told):
            at = payment.fetched_at or payment.status_since
            yield Held(payment.id, at, str(Money(payment.disputed, payment.currency)), payment.dispute)
