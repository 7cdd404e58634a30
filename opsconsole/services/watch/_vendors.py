"""How calls to each vendor go, from their attempts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from ...db import db, instant
from ...models import Attempt, Promise
from .._find import Filter, Listing, exactly, yes

# An attempt that ended with an answer, be it yes or no, says that the vendor works; one of which nobody knows whether the
# vendor did it, or that it did not take, says that it does not. A fault of ours says nothing about it.
ANSWERED = ("kept", "declined")
FAILED = ("unavailable", "lost")
WITHIN = {"1h": timedelta(hours=1), "24h": timedelta(hours=24)}


@dataclass(frozen=True)
class Calls:
    """Of one vendor, within a time: how many calls ended, how many of them with an answer; how long the slowest of twenty
    took, in seconds."""

    ended: int = 0
    answered: int = 0
    p95: float | None = None

    @property
    def failed(self) -> int:
        return self.ended - self.answered

    @property
    def ratio(self) -> float | None:
        return self.answered / self.ended if self.ended else None


def within(code: str) -> ColumnElement[bool]:
    """Was an attempt made within "1h" or "24h"? Raises ValueError for another word."""
    if code not in WITHIN:
        raise ValueError(f"There is no such time. There are: {', '.join(WITHIN)}.")
    since = select(instant() - WITHIN[code]).scalar_subquery()
    return Attempt.created_at >= since


def counts() -> ColumnElement[bool]:
    """Does an attempt say anything about its vendor?"""
    return Attempt.outcome.in_([*ANSWERED, *FAILED])


# The attempts of which these numbers are made.
LIST = Listing(
    Attempt,
    {
        "vendor": exactly(Attempt.vendor, "Which system was asked, by its port: payments."),
        "within": Filter(within, "How long ago it was at most.", choices=tuple(WITHIN)),
        "outcome": exactly(
            Attempt.outcome, "How it ended: kept, declined, unavailable, lost, error.", few=True
        ),
        "counts": yes(counts(), "Those that say whether the vendor answers.", few=True),
        "failed": yes(Attempt.outcome.in_(FAILED), "Those without an answer.", few=True),
    },
    shown=(
        Attempt.id,
        Attempt.promise_id,
        Promise.says,
        Attempt.vendor,
        Attempt.outcome,
        Attempt.words,
        Attempt.started_at,
        Attempt.ended_at,
        Attempt.created_at,
    ),
    beside={Promise: Promise.id == Attempt.promise_id},
    size=40,
)
find = LIST.find


def calls(code: str) -> dict[str, Calls]:
    """By vendor, named by its port, of the last "1h" or "24h": one statement over an index of the attempts' time."""
    took = func.extract("epoch", Attempt.ended_at - Attempt.started_at)
    query = (
        select(
            Attempt.vendor,
            func.count(),
            func.count().filter(Attempt.outcome.in_(ANSWERED)),
            func.percentile_cont(0.95).within_group(took),
        )
        .where(within(code), counts(), Attempt.vendor.is_not(None))
        .group_by(Attempt.vendor)
    )
    return {vendor: Calls(*numbers) for vendor, *numbers in db.session.execute(query)}
