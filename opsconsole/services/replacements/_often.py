"""How often one customer gets something again for nothing before a second person looks."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from ...db import db
from ...models import Replacement, ReplacementPolicy, ReplacementStatus
from .._act import Need, performing
from .._actor import Actor

YEAR = timedelta(days=365)
_CALLED_OFF = (ReplacementStatus.CANCELED, ReplacementStatus.CONVERTED_TO_REFUND)


def weigh(customer_id: str, *, by: Actor) -> None:
    """One more than the policy gives freely in a year needs a second person. With the customer locked."""
    free, given = ReplacementPolicy.current().free_in_year, given_so_far(customer_id, performing().now)
    if given >= free and by.kind != "robot":
        words = f"It is this customer's {_nth(given + 1)} free replacement in twelve months, and alone you may give {free}."
        performing().needs.append(Need(words))


def given_so_far(customer_id: str, now: datetime) -> int:
    """The customer's replacements of the last twelve months that were not called off."""
    query = select(func.count()).where(
        Replacement.customer_id == customer_id,
        Replacement.created_at > now - YEAR,
        Replacement.status.not_in(_CALLED_OFF),
    )
    return db.session.scalar(query) or 0


def _nth(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
