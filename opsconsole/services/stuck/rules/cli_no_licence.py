"""CLI.NO_LICENCE: nobody who may decide is licensed where the patient is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, or_

from ....lib.business_time import Limit
from ....models import (
    VISIT_TO_DECIDE,
    Holder,
    LicenceStatus,
    Provider,
    ProviderLicence,
    Stuck,
    Team,
    Visit,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import close, delayed, first, hold, note, order_first, order_of_visit


def find(scope: Scope) -> Select[Any]:
    """A licence that is active counts while its days last. When one ends, the look at everything finds it."""
    today = scope.now.date()
    licensed = exists().where(
        ProviderLicence.state == Visit.patient_state, ProviderLicence.status == LicenceStatus.ACTIVE,
        or_(ProviderLicence.starts_on.is_(None), ProviderLicence.starts_on <= today),
        or_(ProviderLicence.expires_on.is_(None), ProviderLicence.expires_on >= today),
        Provider.id == ProviderLicence.provider_id, Provider.active,
    )  # fmt: skip
    ready = func.coalesce(Visit.submitted_at, Visit.created_at)
    rows = scope.rows(
        Visit, since=ready, order=order_of_visit(), visit=Visit.id, code=Visit.patient_state, ready=ready
    )
    return order_first(
        rows.where(Visit.status.in_(VISIT_TO_DECIDE), Visit.patient_state.is_not(None), ~licensed)
    )


def says(details: Details, now: datetime) -> str:
    return f"It has waited {ago(details, 'ready', now)} for a clinician, and none is licensed in {details['code']}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return [
        Evidence("Visit", "nobody may decide on it", f"/visits/{stuck.details['visit']}"),
        Evidence(f"Licensed in {stuck.details['code']}", "Nobody today", "/providers"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    return first(delayed(stuck), close(stuck), hold(stuck) if stuck.order_id else note(stuck))


RULE = Rule(
    code="CLI.NO_LICENCE",
    title="No clinician is licensed there",
    rank=Rank.WAITING,
    stage=Stage.REVIEW,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Tell the customer that it takes longer",
    offers=offers,
    recipe=(
        Look("Whose licences there have ended, or begin soon.", "/providers"),
        Ask(
            "cover",
            "Does somebody become licensed there within days?",
            {"yes": "Yes", "no": "No"},
            leads={"yes": "messages.send", "no": "plans.make"},
        ),
        Do("The customer is told; where nobody will be licensed, the order is canceled and refunded."),
        Check("Somebody licensed there has it, or the order is over."),
    ),
)
