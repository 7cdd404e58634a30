"""What is done when a pharmacy has answered a wish to stop, by those who stand above fills."""

from __future__ import annotations

from collections.abc import Callable

from ...models import Fill, FillStatus, Order

WhenAnswered = Callable[[Order, Fill], None]
_done: list[WhenAnswered] = []
_ANSWERS = (FillStatus.CANCELED, FillStatus.CANCEL_DENIED, FillStatus.SHIPPED)


def when_answered(do: WhenAnswered) -> WhenAnswered:
    """Mark what is done, in the same commit, when a fill was stopped, would not be, or has left. Order and fill are locked,
    and the order stands as the fill says. It refuses nothing: the pharmacy has the last word."""
    _done.append(do)
    return do


def answered(order: Order, fill: Fill) -> None:
    if fill.status in _ANSWERS:
        for do in _done:
            do(order, fill)


WhenFreed = Callable[[Order, Fill], None]
_freed: list[WhenFreed] = []


def when_freed(do: WhenFreed) -> WhenFreed:
    """Mark what is done, in the same commit, when a pharmacy has stopped a fill that is to go to another one."""
    _freed.append(do)
    return do


def freed(order: Order, fill: Fill) -> None:
    for do in _freed:
        do(order, fill)
