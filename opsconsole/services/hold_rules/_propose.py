"""Changing the rules: propose -> adopt, by a second person; or withdraw."""

from __future__ import annotations

from sqlalchemy import func, select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import HoldRules, HoldRulesStatus
from .. import staff
from .._act import act, concerns, performing, say, warn
from .._actor import Actor
from ._simulate import simulate

_S = HoldRulesStatus
SECOND = "Which invoices are looked at before they go out is never changed by one person alone."
LARGEST, MOST_PERCENT, MOST_LINES = 1_000_000_00, 1_000, 250


class SameAsBefore(Refused):
    """Invoices are held by exactly these rules already."""


class NotDraft(Refused):
    """It holds, has held, or was taken back."""


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
    active = HoldRules.lock(HoldRules.active().id)
    if active.rules == (amount_above, delta_percent, first_invoice, lines_above):
        raise SameAsBefore("Invoices are held by exactly these rules already.")
    made = HoldRules(
        status=_S.DRAFT,
        number=(db.session.scalar(select(func.max(HoldRules.number))) or 0) + 1,
        amount_above=amount_above,
        delta_percent=delta_percent,
        first_invoice=first_invoice,
        lines_above=lines_above,
        why=staff.reasoned(reason),
        by=by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    warn(simulate(made).says)
    say(f"Proposed {made.name.lower()} of the hold rules: {made.why}")
    return made


@act(second=SECOND)
def adopt(hold_rules_id: str, *, by: Actor) -> HoldRules:
    """Have drafts held by it from now on; what is held or released already stays so. Raises NotDraft."""
    active = HoldRules.lock(HoldRules.active().id)
    draft = _draft(hold_rules_id)
    warn(simulate(draft).says)
    active.move_to(_S.SUPERSEDED)
    db.session.flush()  # there is never more than one
    draft.move_to(_S.ACTIVE)
    concerns(active.id)
    say(f"Invoices are held by {draft.name.lower()} of the hold rules: {draft.why}")
    return draft


@act
def withdraw(hold_rules_id: str, *, by: Actor) -> HoldRules:
    """Take a draft back. Raises NotDraft."""
    draft = _draft(hold_rules_id)
    draft.move_to(_S.WITHDRAWN)
    say(f"Took {draft.name.lower()} of the hold rules back")
    return draft


def why_not_draft(version: HoldRules) -> str | None:
    """Why a version can neither be adopted nor taken back any more."""
    return {
        _S.DRAFT: None,
        _S.ACTIVE: "It holds already. To go back, propose the earlier rules anew.",
        _S.SUPERSEDED: "A newer version took its place. Propose its rules anew.",
        _S.WITHDRAWN: "It was taken back. Propose its rules anew.",
    }[HoldRulesStatus(version.status)]


def _draft(hold_rules_id: str) -> HoldRules:
    version = HoldRules.lock(hold_rules_id)
    if why_not := why_not_draft(version):
        raise NotDraft(why_not)
    return version
