"""Who has the ball: the one who has to do something next, and what."""

from __future__ import annotations

from datetime import datetime

from ...lib.duration import span_words
from ...lib.money import Money
from ...models import Holder, Order, OrderStatus
from ._lane import Awaited, Ball, Lane, Look, Span
from ._stop_lane import STOPPING

_S = OrderStatus
_AWAITED = {
    _S.DRAFT: "The customer has to finish checking out.",
    _S.AWAITING_VISIT: "The customer has to answer the questionnaire.",
    _S.IN_REVIEW: "A clinician has to decide.",
    _S.AWAITING_RX: "A clinician has to sign the prescription.",
    _S.READY: "It has to go to the pharmacy.",
    _S.SUBMITTED: "The pharmacy has to confirm that it has it.",
    _S.AT_PHARMACY: "The pharmacy has to ship it.",
    _S.SHIPPED: "The carrier has to deliver it.",
}
_PARCEL = {Holder.US: "its case says what to do.", Holder.PATIENT: "the customer has to fetch it."}
_AWAITED_MONEY = {
    "unpaid": "The customer has to pay.",
    "partly_paid": "The customer has to pay the rest.",
    "requires_payment": "The customer has to give a card that works.",
    "requires_action": "The customer has to confirm the payment with the bank.",
    "processing": "Stripe has to collect the payment.",
    "charge_planned": "The saved card is charged in a minute.",
    "charge_submitted": "Stripe has to say whether the card was charged.",
    "expected": "Stripe has to tell us of the payment.",
    "authorised": "The reserved money has to be collected.",
    "unknown": "Stripe uses a word for the payment that we do not know: look at it there.",
    "refund_planned": "The refund goes out in a minute.",
    "refund_submitted": "Stripe has to confirm the refund.",
    "refund_pending": "The bank has to pay the refund out.",
    "refund_requires_action": "The customer has to act before the refund can be paid out.",
}


def ball(
    order: Order,
    left: int,
    money: Lane,
    prescription: Lane,
    parcel: Lane,
    now: datetime,
    awaited: Awaited | None = None,
) -> Ball:
    """Money in trouble comes first, then what keeps it from going, then where the order stands, then money that is still
    moving.

    `left` is what could still be given back, in minor units of the order's currency. `awaited` is what keeps an order that
    is ready from going to a pharmacy.
    """
    return (
        _stopped(order, parcel, prescription)
        or _money_in_trouble(order, left, money.current)
        or _not_to_go(order, awaited)
        or _on_its_way(order, money.current, prescription.current, parcel.current, now)
        or _still_moving(money.current)
        or _came_back(order, left)
        or Ball(Holder.NOBODY, order.status_since, _AT_REST.get(_S(order.status), "Nothing is awaited."))
    )


_AT_REST = {
    _S.DELIVERED: "It arrived; nothing is awaited.",
    _S.CLOSED: "It arrived and is closed; nothing is awaited.",
    _S.CANCELED: "It was canceled; nothing is awaited.",
    _S.REJECTED: "A clinician declined it; nothing is awaited.",
    _S.RETURNED: "It came back and the money was returned; nothing is awaited.",
}


def _stopped(order: Order, *lanes: Lane) -> Ball | None:
    if order.status == _S.MANUAL_INTERVENTION:
        words = "It cannot go on by itself. Its case says why and what to do."
    elif order.status == _S.ON_HOLD:
        words = "Somebody holds it. Release it or cancel it."
    else:
        return None
    return Ball(Holder.US, order.status_since, words)


def _money_in_trouble(order: Order, left: int, money: Span) -> Ball | None:
    words = {
        "refund_failed": "A refund came back: give the money back another way.",
        "disputed": "The customer disputes the payment. While the dispute is open, answer it at Stripe.",
        "kept": f"Give {Money(left, order.currency)} back: the order is {order.status}.",
    }.get(money.state)
    return Ball(money.holder, money.since, words) if words else None


def _not_to_go(order: Order, awaited: Awaited | None) -> Ball | None:
    if order.status != _S.READY or awaited is None:
        return None
    return Ball(awaited.who, order.status_since, awaited.says)


def _on_its_way(order: Order, money: Span, prescription: Span, parcel: Span, now: datetime) -> Ball | None:
    if order.status == _S.DRAFT:
        return Ball(Holder.PATIENT, order.status_since, _AWAITED[_S.DRAFT])
    if order.status == _S.AWAITING_PAYMENT:
        if money.look is not Look.WAIT:
            words = "The money is there: the order has to move on."
            return Ball(Holder.US, max(order.status_since, money.since), words)
        return _waits(money, _AWAITED_MONEY[money.state], now)
    for span in (prescription, parcel):
        if span.state == STOPPING:
            return _waits(span, "The pharmacy was asked to stop and has to say whether it does.", now)
        if span.state == _S.SHIPPED and span.holder in _PARCEL:
            return Ball(span.holder, span.since, f"{span.says}: {_PARCEL[span.holder]}")
        if span.state == order.status and order.state in _AWAITED:
            return _waits(span, _AWAITED[_S(order.status)], now)
    return None


def _waits(span: Span, words: str, now: datetime) -> Ball:
    if not span.late(now):
        return Ball(span.holder, span.since, words)
    assert span.due
    over = span_words((now - span.due).total_seconds())
    return Ball(span.holder, span.since, f"{words} It is {over} over the usual time.", late=True)


def _still_moving(money: Span) -> Ball | None:
    if money.look is not Look.WAIT:
        return None
    return Ball(money.holder, money.since, _AWAITED_MONEY[money.state])


def _came_back(order: Order, left: int) -> Ball | None:
    if order.status != _S.RETURNED or not left:
        return None
    return Ball(Holder.US, order.status_since, "The parcel came back: replace it, or give the money back.")
