"""What may be the cause of one subject, and which of them is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ._rule import Rank, Rule

#: So many days before somebody has no medicine left it stands before everything else.
NEAR = timedelta(days=3)
_TIER = 10**11  # more seconds than any instant has


@dataclass(frozen=True)
class Candidate:
    """A rule that found the subject: from `warn_at` on it holds."""

    rule: Rule
    subject_id: str
    prefix: str
    order_id: str | None
    customer_id: str | None
    since: datetime
    warn_at: datetime
    breach_at: datetime
    ball: str
    team: str
    vendor: str | None
    pharmacy_id: str | None
    sku: str | None
    details: dict[str, Any]

    def holds(self, now: datetime) -> bool:
        return self.warn_at <= now

    @property
    def awaited(self) -> list[str]:
        """As it is kept in the subject's facts."""
        instants = (self.since, self.warn_at, self.breach_at)
        return [self.rule.code, *(one.isoformat(timespec="seconds") for one in instants)]

    @property
    def fingerprint(self) -> str:
        """By which those that one fix may put right are grouped: who it waits for, why, and where."""
        where = self.pharmacy_id or self.details.get("code") or ""
        return ":".join(filter(None, (self.vendor, self.rule.code, str(where))))[:80]


def primary(candidates: Iterable[Candidate], now: datetime) -> Candidate | None:
    """The one cause: by rank, then by stage; None where nothing waits too long yet."""
    return min((one for one in candidates if one.holds(now)), key=lambda one: one.rule.order, default=None)


def next_at(candidates: Sequence[Candidate], now: datetime) -> datetime | None:
    """When that changes by the passing of time: the next one that begins to hold, or the next breach."""
    instants = [at for one in candidates for at in (one.warn_at, one.breach_at)]
    return min((at for at in instants if at > now), default=None)


def urgency(one: Candidate, runs_out_on: date | None, now: datetime) -> int:
    """A number by which the queue is ordered, the smallest first: who is or soon will be without medicine, then what is
    harmful or nobody knows where money is, then the rest; each by the instant of its breach."""
    near = runs_out_on is not None and runs_out_on <= (now + NEAR).date()
    tier = 0 if near else 1 if one.rule.rank <= Rank.MONEY else 2
    return tier * _TIER + int(one.breach_at.timestamp())
