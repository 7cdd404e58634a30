"""Having a pharmacy stop an order that was handed over. Who asks them stands above orders, and says so here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from ...models import Fill, FillStatus, Order, OrderStatus
from .._actor import Actor

AskToStop = Callable[[Order, str, Actor], None]
_asking: list[AskToStop] = []
_F = FillStatus
_OVER = (_F.CANCELED, _F.WITHDRAWN, _F.SHIPPED)
_AT_PHARMACY = (OrderStatus.SUBMITTED, OrderStatus.AT_PHARMACY)
_NEVER_THERE = (_F.ERROR, _F.REJECTED)  # nobody has to be asked: they are not made up


def asks_to_stop(ask: AskToStop) -> AskToStop:
    """Mark what asks the pharmacies to stop an order that is locked: (order, a code of orders.REASONS, by). It refuses by
    raising when one of them cannot be asked."""
    _asking.append(ask)
    return ask


def ask_to_stop(order: Order, reason: str, by: Actor) -> None:
    for ask in _asking:
        ask(order, reason, by)


def why_not_stop(order: Order, fills: Sequence[Fill]) -> str | None:
    """Why the pharmacies cannot be asked to stop an order, of which these are the fills; None when they can."""
    alive = [fill for fill in fills if fill.status not in _OVER]
    if order.status == OrderStatus.MANUAL_INTERVENTION:
        given_up = alive and all(fill.status in _NEVER_THERE for fill in alive)
        return None if given_up else "It cannot go on by itself: its case says what to do."
    if order.status not in _AT_PHARMACY:
        return "No pharmacy has it."
    if not alive:
        return (
            "The pharmacy has it, and no fill of it is known here that could be stopped. Call the pharmacy."
        )
    if all(fill.status == _F.CANCEL_REQUESTED for fill in alive):
        return "The pharmacy was asked to stop already, and has not answered yet."
    return None


def asked_to_stop(order: Order) -> datetime | None:
    """Since when an answer is awaited of a pharmacy that was asked to stop. No statement for an order that none has."""
    if order.status not in _AT_PHARMACY:
        return None
    asked = [fill.status_since for fill in Fill.of_order(order.id) if fill.status == _F.CANCEL_REQUESTED]
    return min(asked, default=None)
