"""RX.CLARIFY: the pharmacist asks something that only a clinician can answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Holder, Stuck, Team
from ...prescriptions import Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import first, note, of_cause, of_the_fill, troubled

#: What a pharmacy asks, and the cause under which a clinician is asked it.
_CAUSE = {
    "sig_unclear": "wrong_sig",
    "quantity_mismatch": "quantity_mismatch",
    "md_outreach": "md_outreach",
    "therapy_change": "md_outreach",
    "duplicate_therapy": "duplicate_therapy",
    "interaction": "duplicate_therapy",
}


def find(scope: Scope) -> Select[Any]:
    return troubled(scope, *_CAUSE, ball="clinic")


def says(details: Details, now: datetime) -> str:
    name, since = details["pharmacy_name"], ago(details, "stands", now)
    if details["answered"]:
        return f"{name} was answered, and has not gone on: it asked {since} ago."
    return f"{name} asked something {since} ago that only a clinician can answer."


def offers(stuck: Stuck) -> Sequence[Offer]:
    found = of_cause(str(stuck.order_id), _CAUSE[stuck.details["code"]])
    return first(found, note(stuck, "Write down what the pharmacy said"))


RULE = Rule(
    code="RX.CLARIFY",
    title="The pharmacist asks a clinician",
    rank=Rank.EXCEPTION,
    stage=Stage.PRESCRIPTION,
    team=Team.CLINIC,
    ball=Holder.CLINIC,
    limit=Limit(timedelta(hours=2), timedelta(hours=24), business=True),
    find=find,
    says=says,
    evidence=of_the_fill,
    suggests="Ask a clinician",
    offers=offers,
    recipe=(
        Look("What the pharmacy says, on its fill.", "/orders/{order}"),
        Ask(
            "asked",
            "Was a clinician asked?",
            {"no": "No", "yes": "Yes, they have to decide"},
            leads={"no": "visits.request"},
        ),
        Do("A clinician decides. What changes on a prescription changes by a new one."),
        Check("The pharmacy goes on."),
    ),
    cases=frozenset(_CAUSE),
)
