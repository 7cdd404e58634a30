"""What is done when a fill leaves its pharmacy, by those who know of parcels: they stand above fills."""

from __future__ import annotations

from collections.abc import Callable

from ...models import Fill, Order

WhenShipped = Callable[[Order, Fill], None]
_done: list[WhenShipped] = []


def when_shipped(do: WhenShipped) -> WhenShipped:
    """Mark what is done, in the same commit, when a fill has left or its pharmacy tells another number of its parcel.
    Order and fill are locked. It refuses nothing: the parcel is gone."""
    _done.append(do)
    return do


def shipped(order: Order, fill: Fill) -> None:
    for do in _done:
        do(order, fill)
