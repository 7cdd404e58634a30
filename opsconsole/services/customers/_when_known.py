"""What is done when it becomes known under which id another system knows a customer, by those who stand above this noun."""

from __future__ import annotations

from collections.abc import Callable

from ...models import Customer

WhenKnown = Callable[[Customer, str, str], None]
_done: list[WhenKnown] = []


def when_known(do: WhenKnown) -> WhenKnown:
    """Mark what is done, in the same commit, with (customer, system, external id). The customer is locked."""
    _done.append(do)
    return do


def known(customer: Customer, system: str, external_id: str) -> None:
    for do in _done:
        do(customer, system, external_id)
