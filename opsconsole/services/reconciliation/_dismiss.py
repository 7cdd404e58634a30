"""Letting be what differs: somebody looked, and it is all right or dealt with outside."""

from __future__ import annotations

from ...db import instant
from ...models import Drift, DriftStatus
from .. import cases
from .._act import act, say
from .._actor import Actor
from ._answered import NotOpen
from ._kinds import KINDS
from ._record import REASON
from ._repair import BeingRepaired, asking


@act
def dismiss(drift_id: str, *, reason: str, by: Actor) -> Drift:
    """Close a finding with a reason. It comes back only when what we or they hold changes.

    Raises NotOpen, BeingRepaired.
    """
    drift = Drift.lock(drift_id)
    if drift.status != DriftStatus.OPEN:
        raise NotOpen(f"This finding is {drift.status}.")
    if asking(drift):
        raise BeingRepaired("Its repair is under way.")
    let_be(drift, reason)
    cases.close_when_solved(REASON, drift.id, "the finding was dismissed")
    say(f"{KINDS[drift.kind].words}, let be: {reason}")
    return drift


def let_be(drift: Drift, reason: str) -> None:
    """Close it with a reason. Lock it first."""
    drift.why_dismissed, drift.closed_at = reason[:500], instant()
    drift.move_to(DriftStatus.DISMISSED)
