"""Which pharmacies may ship to a state on a day."""

from __future__ import annotations

from datetime import date

from ...models import Pharmacy
from ._candidates import candidates


def licensed(state: str, on: date) -> list[Pharmacy]:
    """The active pharmacies that this installation is connected to and that the state has licensed, in the order in
    which they are asked."""
    return [one.pharmacy for one in candidates(state, (), on) if one.licensed]
