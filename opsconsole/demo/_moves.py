"""How orders, payments and refunds of the story came to where they are: the moves of their statuses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from ..models import OrderStatus, PaymentStatus, RefundStatus, Status
from ._chance import Chance, id_alone
from ._story import Bought, GivenBack, Paid

_S = OrderStatus
_WAY = (
    _S.DRAFT, _S.AWAITING_VISIT, _S.IN_REVIEW, _S.AWAITING_RX, _S.AWAITING_PAYMENT, _S.READY, _S.SUBMITTED,
    _S.AT_PHARMACY, _S.SHIPPED, _S.DELIVERED, _S.CLOSED,
)  # fmt: skip
# From where an order came to an end that is not on the way.
_FROM = {
    _S.ON_HOLD: _S.READY, _S.MANUAL_INTERVENTION: _S.SUBMITTED, _S.RETURNED: _S.SHIPPED, _S.REJECTED: _S.IN_REVIEW,
}  # fmt: skip
# What part of the time until the payment, or since, an order usually spends in a status.
_SHARE = {
    _S.DRAFT: 2, _S.AWAITING_VISIT: 30, _S.IN_REVIEW: 40, _S.AWAITING_RX: 15, _S.AWAITING_PAYMENT: 13,
    _S.READY: 0.2, _S.SUBMITTED: 6, _S.AT_PHARMACY: 50, _S.SHIPPED: 42, _S.DELIVERED: 500,
}  # fmt: skip
_BY = {
    _S.AWAITING_VISIT: ("token shop", "orders.record"),
    _S.IN_REVIEW: ("token shop", "orders.record"),
    _S.READY: ("stripe", "payments.settle"),
    _S.ON_HOLD: ("Lee Okafor", "orders.hold"),
}
_HEARD = timedelta(seconds=2)  # from the shop or Stripe to the console


@dataclass(frozen=True)
class Move:
    """One row of `status_moves`."""

    record_id: str
    at: datetime
    before: Status
    after: Status
    by: str = "console"
    cause: str = ""

    def row(self, nth: int, trace: str | None) -> dict[str, Any]:
        return {
            "id": id_alone("move", f"{self.record_id} {nth}", "mov", self.at), "record_id": self.record_id,
            "at": self.at, "before": self.before.value, "after": self.after.value, "by": self.by, "cause": self.cause,
            "trace_id": trace,
        }  # fmt: skip


def rows(moves: Iterator[Move], trace: str | None = None) -> Iterator[dict[str, Any]]:
    for nth, move in enumerate(moves):
        yield move.row(nth, trace)


def of_order(order: Bought) -> Iterator[Move]:
    """It went the usual way until `order.since`, and became ready when its last payment was heard of."""
    way = [*_way(order), order.status]
    paid_at = max((payment.at + _HEARD for payment in order.payments), default=None)
    instants = _instants(Chance("way", order.id), way, order.placed_at, paid_at, order.since)
    for (before, after), at in zip(pairwise(way), instants, strict=True):
        by, cause = _BY.get(after, ("console", ""))
        yield Move(order.id, at, before, after, by, cause)


def _way(order: Bought) -> Sequence[OrderStatus]:
    if order.status is _S.CANCELED:
        last = _S.READY if order.payments else _S.AWAITING_PAYMENT
    elif order.status in _FROM:
        last = _FROM[order.status]
    else:
        return _WAY[: _WAY.index(order.status)]
    return _WAY[: _WAY.index(last) + 1]


def _instants(
    chance: Chance, way: Sequence[OrderStatus], start: datetime, paid_at: datetime | None, end: datetime
) -> list[datetime]:
    """When each status but the first began: spread until the payment, and from there until the end."""
    if paid_at is None or _S.READY not in way or way[-1] is _S.READY:
        return _spread(chance, way[:-1], start, end)
    ready = way.index(_S.READY)
    return [*_spread(chance, way[:ready], start, paid_at), *_spread(chance, way[ready:-1], paid_at, end)]


def _spread(
    chance: Chance, statuses: Sequence[OrderStatus], start: datetime, end: datetime
) -> list[datetime]:
    """When each of the statuses ended; the last one at `end`."""
    weights = [_SHARE[status] * chance.uniform(0.6, 1.6) for status in statuses]
    ends = [start + (end - start) * (sum(weights[: n + 1]) / sum(weights)) for n in range(len(weights))]
    return [*ends[:-1], end] if ends else []


def of_payment(payment: Paid) -> Iterator[Move]:
    yield Move(
        payment.id, payment.at + _HEARD, PaymentStatus.EXPECTED, PaymentStatus.SUCCEEDED, "stripe", "payments.settle"
    )  # fmt: skip


def of_refund(refund: GivenBack) -> Iterator[Move]:
    """One of ours is asked for after the minute in which it can be undone; one made elsewhere begins at Stripe."""
    status = RefundStatus.PENDING
    if refund.by:
        asked = refund.at + min(timedelta(seconds=61), (refund.settled_at - refund.at) * 0.9)
        told = asked + min(_HEARD, (refund.settled_at - asked) / 3)
        yield Move(refund.id, asked, RefundStatus.PLANNED, RefundStatus.SUBMITTED, "worker", "refunds.send")
        status = RefundStatus.SUBMITTED
        if refund.status is RefundStatus.FAILED:  # the bank took its time to send it back
            yield Move(refund.id, told, status, RefundStatus.PENDING, "worker", "refunds.sent")
            status = RefundStatus.PENDING
    if refund.status is not status:
        yield Move(refund.id, refund.settled_at, status, refund.status, "stripe", "refunds.settle")
