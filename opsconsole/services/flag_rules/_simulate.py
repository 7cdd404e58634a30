"""Which of the visits of the last thirty days another version would have flagged, and which no longer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from ...db import db, instant
from ...models import FlagRule, FlagRules, FlagSeverity, Visit
from ._apply import applying
from ._gather import gather

DAYS, MOST = 30, 5_000


@dataclass(frozen=True)
class Flips:
    """A visit that would be flagged otherwise: `gained` are the rules that would flag it now, `lost` those that would not
    any more. A rule that flags otherwise (its severity, what it does) counts as both."""

    visit_id: str
    customer_id: str
    gained: tuple[FlagRule, ...]
    lost: tuple[FlagRule, ...]


@dataclass(frozen=True)
class Simulated:
    """Of `looked_at` visits that were answered in the last thirty days, those that would be flagged otherwise. `capped`:
    there were more, and the newest were looked at."""

    looked_at: int
    flips: tuple[Flips, ...]
    capped: bool

    def by_severity(self, which: str) -> dict[str, int]:
        """How many visits gain, or lose, a flag, by the worst of what they gain or lose."""
        order = [one.value for one in FlagSeverity]
        worst = Counter(
            min((rule.severity.value for rule in getattr(one, which)), key=order.index)
            for one in self.flips
            if getattr(one, which)
        )
        return {severity: worst[severity] for severity in order if worst[severity]}

    @property
    def says(self) -> list[str]:
        if not self.looked_at:
            return [f"No visit was answered in the last {DAYS} days: there is nothing to compare with."]
        looked = f"Of {self.looked_at:,} {_visits(self.looked_at)} answered in the last {DAYS} days"
        told = [
            f"{looked}, {sum(found.values()):,} would {words}: "
            + ", ".join(f"{count:,} {severity}" for severity, count in found.items())
            + "."
            for which, words in (("gained", "newly be flagged"), ("lost", "no longer be flagged"))
            if (found := self.by_severity(which))
        ]
        return told or [f"{looked}, none would be flagged otherwise."]


def _visits(count: int) -> str:
    return "visit that was" if count == 1 else "visits that were"


def simulate(version: FlagRules, holds: FlagRules) -> Simulated:
    """Look at every visit that was answered in the last thirty days, as what is known of it stands now, under both."""
    since = instant() - timedelta(days=DAYS)
    query = select(Visit).where(Visit.submitted_at >= since).order_by(Visit.submitted_at.desc(), Visit.id)
    visits = db.session.scalars(query.limit(MOST + 1)).all()
    capped, visits = len(visits) > MOST, visits[:MOST]
    told = gather(visits)
    before, after = holds.in_order(), version.in_order()
    flips = [_flips(one, applying(before, told[one.id]), applying(after, told[one.id])) for one in visits]
    return Simulated(len(visits), tuple(one for one in flips if one.gained or one.lost), capped)


def _flips(visit: Visit, before: Sequence[FlagRule], after: Sequence[FlagRule]) -> Flips:
    was, now = ({_flag(rule): rule for rule in rules} for rules in (before, after))
    return Flips(
        visit.id,
        visit.customer_id,
        tuple(rule for flag, rule in now.items() if flag not in was),
        tuple(rule for flag, rule in was.items() if flag not in now),
    )


def _flag(rule: FlagRule) -> tuple[str, ...]:
    """What a clinician would see of it."""
    return rule.code, rule.kind, rule.severity, rule.effect
