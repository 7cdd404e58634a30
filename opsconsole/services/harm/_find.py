"""What the guards have found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from ...db import db
from ...models import Case, CaseStatus, HarmSweep
from .._find import Listing
from ._guard import GUARDS, Guard

LIST = Listing(HarmSweep, {})
find = LIST.find


@dataclass(frozen=True)
class Kept:
    """A guard, and how many cases of it are open."""

    guard: Guard
    open: int


def kept() -> Sequence[Kept]:
    """Every guard with its open cases. One statement."""
    reasons = {one.reason: one for one in GUARDS.values()}
    query = (
        select(Case.reason, func.count())
        .where(Case.reason.in_(reasons), Case.status == CaseStatus.OPEN)
        .group_by(Case.reason)
    )
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    return [Kept(one, counts.get(reason, 0)) for reason, one in reasons.items()]
