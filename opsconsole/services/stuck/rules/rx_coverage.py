"""RX.COVERAGE: the pharmacy asks for a coverage, and our patients pay themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Holder, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import ask_clinic, first, of_cause, of_the_fill, troubled, waits_for_the_pharmacy


def find(scope: Scope) -> Select[Any]:
    return troubled(scope, "prior_auth", ball="clinic")


def says(details: Details, now: datetime) -> str:
    name, since = details["pharmacy_name"], ago(details, "stands", now)
    if details["answered"]:
        return f"{name} was told that the patient pays, and has not gone on: it asked {since} ago."
    return f"{name} asked {since} ago for a coverage that we do not use."


def offers(stuck: Stuck) -> Sequence[Offer]:
    found = of_cause(str(stuck.order_id), "prior_auth")
    other = (
        ask_clinic(str(stuck.order_id), "prior_auth", "Ask a clinician for another product") if found else []
    )
    return first(found[:2], other, [] if found else waits_for_the_pharmacy(stuck))


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return [
        *of_the_fill(stuck),
        Evidence("What was paid", "covers it: nobody else pays", f"/orders/{stuck.order_id}"),
    ]


RULE = Rule(
    code="RX.COVERAGE",
    title="The pharmacy asks for a coverage",
    rank=Rank.EXCEPTION,
    stage=Stage.PRESCRIPTION,
    team=Team.OPS,
    ball=Holder.CLINIC,
    limit=Limit(timedelta(hours=4), timedelta(hours=72)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Tell them: the patient pays",
    offers=offers,
    recipe=(
        Look("What the pharmacy asks for, on its fill.", "/orders/{order}"),
        Ask(
            "takes",
            "Does this pharmacy fill it without a coverage?",
            {"yes": "Yes", "no": "No"},
            leads={"yes": "fills.answer", "no": "visits.request"},
        ),
        Do("They are told that the patient pays. Another product is a clinician’s to choose."),
        Check("The pharmacy goes on."),
    ),
    cases=frozenset(("prior_auth",)),
)
