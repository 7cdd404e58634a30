"""Changing the rules: propose -> adopt, by a second person; or withdraw."""

from __future__ import annotations

from ...lib.refusal import Invalid
from ...models import HoldRules
from .._act import act
from .._actor import Actor
from .._versions import Versions
from ._simulate import simulate

RULES = Versions(HoldRules, "the hold rules", lambda version, active: [simulate(version).says])
SECOND = "Which invoices are looked at before they go out is never changed by one person alone."
LARGEST, MOST_PERCENT, MOST_LINES = 1_000_000_00, 1_000, 250


@act
def propose(
    *,
    amount_above: int | None,
    delta_percent: int | None,
    first_invoice: bool,
    lines_above: int | None,
    reason: str,
    by: Actor,
) -> HoldRules:
    """Write down the next version. Nothing is held by it until somebody else agreed (`adopt`). `amount_above` in cents of
    US dollars. The preview tells what it would have held of the last 1,000 invoices. Raises Invalid, SameAsBefore."""
    limits = {
        "amount_above": (amount_above, LARGEST),
        "delta_percent": (delta_percent, MOST_PERCENT),
        "lines_above": (lines_above, MOST_LINES),
    }
    if wrong := [
        name for name, (value, most) in limits.items() if value is not None and not 0 <= value <= most
    ]:
        raise Invalid({name: [f"From 0 to {limits[name][1]:,}, or nothing."] for name in wrong})
    return RULES.propose(
        amount_above=amount_above,
        delta_percent=delta_percent,
        first_invoice=first_invoice,
        lines_above=lines_above,
        reason=reason,
    )


@act(second=SECOND)
def adopt(hold_rules_id: str, *, by: Actor) -> HoldRules:
    """Have drafts held by it from now on; what is held or released already stays so. Raises NotDraft."""
    return RULES.adopt(hold_rules_id)


@act
def withdraw(hold_rules_id: str, *, by: Actor) -> HoldRules:
    """Take a draft back. Raises NotDraft."""
    return RULES.withdraw(hold_rules_id)
