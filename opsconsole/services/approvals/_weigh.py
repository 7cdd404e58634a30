"""Weighing an amount against what the actor's role may do alone, and at most with a second person.

Limits are rows, in cents of US dollars. An amount in another currency is weighed at a rough fixed rate: a limit is a
brake and no account, and one that moved with the market could be neither known nor tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import func, select

from ...db import db
from ...lib.money import Money, exponent
from ...lib.refusal import Refused
from ...models import Limit
from .._act import Need, performing
from .._actor import Actor

# What one US dollar is, about. A currency that is not here always needs a second person.
PER_DOLLAR = {
    "usd": "1", "eur": "0.9", "gbp": "0.8", "cad": "1.4", "aud": "1.5", "chf": "0.9", "jpy": "150", "kwd": "0.3",
    "sek": "10", "nok": "10", "dkk": "7", "pln": "4", "mxn": "18", "inr": "85", "krw": "1350", "brl": "5.5",
}  # fmt: skip

MEASURES = {
    "customer_7d": "to this customer in 7 days",
    "customer_30d": "to this customer in 30 days",
    "actor_day": "by you in 24 hours",
}


class OverLimit(Refused):
    """More than the role may do, also with a second person."""


def cents(money: Money) -> int | None:
    """About so many cents of US dollars, rounded up; None for a currency without a rate."""
    rate = PER_DOLLAR.get(money.currency)
    if rate is None:
        return None
    dollars = Decimal(money.minor).scaleb(-exponent(money.currency)) / Decimal(rate)
    return int((dollars * 100).to_integral_value("ROUND_CEILING"))


def alone(by: Actor) -> None:
    """Let nobody else's act of this actor be weighed until this one is done: lock before adding up."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"weighs {by.id}", 0))))


def weigh(act: str, amount: Money, totals: Mapping[str, int], *, by: Actor, field: str) -> None:
    """Compare `totals`, {measure: cents, this one included}, with the limits of the actor's role.

    Over what it may do alone, the act under way needs a second person. Raises OverLimit. Robots are not weighed.
    """
    if by.kind == "robot":
        return
    limits = {limit.measure: limit for limit in _limits(by.role, act)}
    if cents(amount) is None or not limits:
        performing().needs.append(Need(f"{amount} is an amount that nobody decides alone."))
    for measure, limit in limits.items():
        total = totals[measure]
        if limit.at_most is not None and total > limit.at_most:
            raise OverLimit(
                f"That makes {Money(total, 'usd')} {MEASURES[measure]}; your role may give {Money(limit.at_most, 'usd')}. "
                "Ask an ops lead or finance to do it.",
                field=field,
            )
        if total > limit.alone:
            why = f"That makes {Money(total, 'usd')} {MEASURES[measure]}; alone you may give {Money(limit.alone, 'usd')}."
            performing().needs.append(Need(why, measure, total))


def _limits(role_id: str, act: str) -> list[Limit]:
    query = select(Limit).where(Limit.role_id == role_id, Limit.act == act).order_by(Limit.measure)
    return list(db.session.scalars(query))
