"""RX.TOO_SOON: the pharmacy may not fill it again yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Fill, Holder, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage
from .._scope import Scope
from ._care import begins, first, of_cause, of_the_fill, troubled, waits_for_the_pharmacy


def find(scope: Scope) -> Select[Any]:
    """Too late is what is not filled on the day from which it may be."""
    may = begins(Fill.due_on) + timedelta(days=1)
    return troubled(scope, "refill_too_soon", ball="pharmacy", breaches=may, due=Fill.due_on)


def says(details: Details, now: datetime) -> str:
    if details["due"] is None:
        return f"{details['pharmacy_name']} may not fill it again yet, and names no day."
    day = f"{date.fromisoformat(details['due']):%-d %b %Y}"
    if details["answered"]:
        return f"{details['pharmacy_name']} fills it on {day}: before, it is too soon."
    return f"{details['pharmacy_name']} may fill it again from {day} on, and waits for our answer."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    due = stuck.details["due"]
    day = f"{date.fromisoformat(due):%-d %b %Y}" if due else "not told"
    return [Evidence("May be filled from", day, f"/fills/{stuck.details['fill']}"), *of_the_fill(stuck)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    return first(of_cause(str(stuck.order_id), "refill_too_soon"), waits_for_the_pharmacy(stuck))


RULE = Rule(
    code="RX.TOO_SOON",
    title="It is too soon to fill it again",
    rank=Rank.EXCEPTION,
    stage=Stage.PRESCRIPTION,
    team=Team.OPS,
    ball=Holder.PHARMACY,
    limit=Limit(timedelta(0), timedelta(days=7)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Have it filled when it is due",
    offers=offers,
    recipe=(
        Look("From which day on it may be filled, and when it is charged for next.", "/orders/{order}"),
        Ask(
            "lost",
            "Has the customer lost what was sent last?",
            {"no": "No", "yes": "Yes"},
            leads={"no": "fills.answer", "yes": "visits.request"},
        ),
        Do("The pharmacy fills it on the first day it may; the next charge is moved to that day."),
        Check("It is being made up."),
    ),
    heals=timedelta(days=7),
    cases=frozenset(("refill_too_soon",)),
)
