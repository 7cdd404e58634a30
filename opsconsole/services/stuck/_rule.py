"""What a rule is: one cause for which something does not go on, in one file of `rules/`.

A rule says whom it finds and since when they wait, in one statement for everybody at once; from when on that is too long is
the service level's. It says it in one sentence, shows what proves it, and offers what puts it right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import Select

from ...lib.business_time import Limit
from ...lib.duration import span_words
from ...models import Holder, Stuck, Team
from ..prescriptions import Evidence, Offer
from ._recipe import Step
from ._scope import Scope


class Rank(IntEnum):
    """What comes first when several causes hold. Rolled up under an incident is what waits for a vendor that is down:
    that stands between HARM and MONEY."""

    HARM = 1  # what must never be
    VENDOR = 2  # an outside system is down
    MONEY = 3  # we do not know where money is
    DEAD = 4  # a call or an event that cannot go on
    EXCEPTION = 5  # a vendor says that something is wrong
    MISSING = 6  # what should have come did not
    WAITING = 7  # somebody of ours has to do something
    PATIENT = 8  # the patient has to
    UNKNOWN = 9  # late, and no cause holds


class Stage(IntEnum):
    """Where on its way; of one rank the earlier one is the cause."""

    INTAKE = 1
    PAYMENT = 2
    REVIEW = 3
    PRESCRIPTION = 4
    PHARMACY = 5
    PARCEL = 6
    REFUND = 7
    RENEWAL = 8
    SYSTEM = 9


Details = Mapping[str, Any]


def _none(_: Stuck) -> Sequence[Any]:
    return ()


@dataclass(frozen=True)
class Rule:
    """`title` names it on boards, `suggests` what is to be done, as a button says it. `find` has the columns of
    `Scope.rows`. `says` is one sentence of evidence as of now, from `details` alone. `evidence` and `offers` (the suggested
    act first, at most two more behind it) may read the database: pages of one ask them.

    `heals` is within which time it usually comes right by itself, if it does. `cases` are reasons of cases that tell of
    the same: such a case is taken, none is opened beside it. `recipe` is what somebody does, step by step.
    """

    code: str
    title: str
    rank: Rank
    stage: Stage
    team: Team
    ball: Holder
    limit: Limit
    find: Callable[[Scope], Select[Any]]
    says: Callable[[Details, datetime], str]
    suggests: str
    offers: Callable[[Stuck], Sequence[Offer]]
    recipe: Sequence[Step]
    evidence: Callable[[Stuck], Sequence[Evidence]] = _none
    vendor: str | None = None
    heals: timedelta | None = None
    cases: frozenset[str] = field(default_factory=frozenset)

    @property
    def order(self) -> tuple[int, int, str]:
        """What stands before what, where several hold."""
        return self.rank, self.stage, self.code


def at(details: Details, name: str) -> datetime:
    """An instant of a row's details."""
    return datetime.fromisoformat(details[name])


def ago(details: Details, name: str, now: datetime) -> str:
    """How long ago an instant of the details was: "26 h"."""
    return span_words(max((now - at(details, name)).total_seconds(), 0))


def ahead(details: Details, name: str, now: datetime) -> str:
    """How far ahead one is."""
    return span_words(max((at(details, name) - now).total_seconds(), 0))
