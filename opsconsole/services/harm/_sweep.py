"""Looking at everything, each night and on demand: whatever breaks a guard has its case, and what is mended has none."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...models import Case, CaseStatus, HarmSweep
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ._guard import GUARDS
from ._keep import alarm


@act
def sweep(*, by: Actor) -> HarmSweep:
    """One statement for each guard. What it found is counted by guard, and each has its case."""
    return _sweep()


@act(robots=("clock",))
def sweep_nightly(*, by: Actor) -> HarmSweep:
    """The clock's own."""
    return _sweep()


def _sweep() -> HarmSweep:
    counts: dict[str, int] = {}
    for guard in GUARDS.values():
        broken = guard.broken(db.session.connection())
        counts[guard.code] = len(broken)
        for one in broken:
            alarm(guard, one)
        _close(guard.reason, {one.subject for one in broken})
    total = sum(counts.values())
    say(f"Looked for harm in everything: {total or 'nothing'} found")
    now = performing()
    return HarmSweep(found=counts, total=total, by=now.by.label, trace_id=now.trace, created_at=now.now).add()


def _close(reason: str, subjects: set[str]) -> None:
    query = select(Case.subject_id).where(Case.reason == reason, Case.status == CaseStatus.OPEN)
    for subject in db.session.scalars(query).all():
        if subject not in subjects:
            cases.close_when_solved(reason, subject, "it is so no more")
