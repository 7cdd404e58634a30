"""Several changes of one invoice, one after the other: each is asked for once the one before it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ...db import db
from ...models import Change, ChangeStatus, Invoice
from .. import changes
from .._act import tell_change
from ..outbox import Keeper


@dataclass(frozen=True)
class Step:
    """One change: what keeps it, the sentence for people and the port's arguments."""

    keeper: Keeper
    says: str
    arguments: Mapping[str, Any]


def plan_steps(
    invoice: Invoice,
    steps: Sequence[Step],
    *,
    reason: str,
    note: str,
    details: Mapping[str, Any],
    after: Change | None = None,
) -> Change:
    """In an act: plan the steps, of which the first is asked for when the undo window is over, or once `after` is done.
    Undoing that one undoes all. Returns it; `details` go with the first step."""
    first, told = after, details
    for number, step in enumerate(steps):
        waits = f"“{after.says}” to be done" if after else None
        if number:
            tell_change(invoice, "then" if number == 1 else f"then, step {number + 1}", "", step.says)
        after = changes.plan(
            step.keeper,
            invoice=invoice,
            says=step.says,
            arguments=step.arguments,
            reason=reason,
            note=note,
            details={**told, "follows": after.id} if after else told,
            waits_for=waits[:120] if waits else None,
        )
        first, told = first or after, {}
    assert first is not None
    return first


def follow_step(change: Change) -> None:
    """When a step ends: the next one is asked for, or all that would have followed is called off."""
    query = select(Change).where(
        Change.invoice_id == change.invoice_id,
        Change.status == ChangeStatus.SCHEDULED,
        Change.details["follows"].astext == change.id,
    )
    following = db.session.scalar(query.with_for_update())
    if following is None:
        return
    if change.status == ChangeStatus.DONE:
        changes.begin(following, Invoice.require(str(change.invoice_id)).lane)
    else:
        following.move_to(ChangeStatus.WITHDRAWN)
        follow_step(following)
