"""What is done when a parcel arrives at the customer's, by those who stand above parcels."""

from __future__ import annotations

from collections.abc import Callable

from ...models import Order, Shipment

WhenArrived = Callable[[Order, Shipment], bool]
_done: list[WhenArrived] = []


def when_arrived(do: WhenArrived) -> WhenArrived:
    """Mark what is done, in the same commit, when carriers tell for the first time that a parcel was delivered. Order and
    shipment are locked. It answers whether it has told somebody of it, so that no second case says the same."""
    _done.append(do)
    return do


def arrived(order: Order, shipment: Shipment) -> bool:
    told = [do(order, shipment) for do in _done]  # all of them, whoever has told first
    return any(told)
