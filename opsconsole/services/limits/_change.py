"""Changing what a role may do alone, and at most with a second person."""

from __future__ import annotations

from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Limit, Role
from .. import approvals, staff
from .._act import act, concerns, say, warn
from .._actor import Actor
from ._simulate import DAYS, Simulated, called, simulate

MOST = 1_000_000_00  # cents: beyond this it is a slip of the finger


class SameAsBefore(Refused):
    """The limit is like that already."""


@act(second=staff.SECOND)
def change(limit_id: str, *, alone: int, at_most: int | None, reason: str, by: Actor) -> Limit:
    """Set a limit, in cents of US dollars; `at_most` None is any amount. Holds from the next act on.

    The preview tells what it would have meant for what was done in the last 30 days. Raises SameAsBefore, Invalid.
    """
    limit = Limit.lock(limit_id)
    reason = staff.reasoned(reason)
    _sensible(alone, at_most)
    if (limit.alone, limit.at_most) == (alone, at_most):
        raise SameAsBefore("The limit is like that already.")
    before, after = simulate(limit, limit.alone, limit.at_most), simulate(limit, alone, at_most)
    warn(f"Of the {called(limit)} of the last {DAYS} days {_told(before)} under the limit as it is.")
    warn(f"Under the new one {_told(after)}.")
    limit.alone, limit.at_most = alone, at_most
    role = Role.require(limit.role_id)
    concerns(role.id)
    most = "any amount" if at_most is None else str(Money(at_most, "usd"))
    say(
        f"{role.name} may give {Money(alone, 'usd')} alone and {most} with a second person, "
        f"{approvals.MEASURES[limit.measure]}: {reason}"
    )
    return limit


def _sensible(alone: int, at_most: int | None) -> None:
    if not 0 <= alone <= MOST:
        raise Invalid({"alone": [f"Choose an amount up to {Money(MOST, 'usd')}."]})
    if at_most is not None and not alone <= at_most <= MOST:
        raise Invalid({"at_most": ["With a second person it cannot be less than alone."]})


def _told(what: Simulated) -> str:
    return (
        f"{what.alone.count} ({what.alone.money}) needed nobody else, "
        f"{what.second.count} ({what.second.money}) a second person, "
        f"{what.refused.count} ({what.refused.money}) would be refused"
    )
