"""Undoing a change before the processor is asked."""

from __future__ import annotations

from ...models import Change, ChangeStatus
from .. import outbox
from .._act import act, say
from .._actor import Actor
from ._outcome import _locked, ended


@act
def withdraw(change_id: str, *, by: Actor) -> Change:
    """Take a planned or scheduled change back: the processor is not asked.

    Raises AlreadyWithdrawn, and NotWithdrawable once it may have been asked.
    """
    change = _locked(change_id)
    if change.status == ChangeStatus.WITHDRAWN:
        raise outbox.AlreadyWithdrawn("This was undone already.")
    call_off(change)
    say(f"Undid: {change.says}")
    return change


def call_off(change: Change) -> None:
    """In an act: take a locked change back. Raises NotWithdrawable once the processor may have been asked."""
    # Of a scheduled one nobody was asked, and nothing is owed yet.
    if change.status != ChangeStatus.SCHEDULED:
        outbox.withdraw(change)
    change.move_to(ChangeStatus.WITHDRAWN)
    ended(change)
