"""SYS.SIGNATURE: what a vendor tells us is signed in a way that we cannot accept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ....db import db
from ....lib.business_time import Limit
from ....models import Holder, Incident, IncidentStatus, RejectedCount, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from .sys_outage import SIGNED_WRONGLY, name


def find(scope: Scope) -> Select[Any]:
    """An incident of that kind begins with three within ten minutes, and ends with one that we can accept."""
    return scope.rows(
        Incident,
        since=Incident.opened_at,
        vendor=Incident.port,
        opened=Incident.opened_at,
        source=Incident.source,
    ).where(Incident.status == IncidentStatus.OPEN, Incident.signs == SIGNED_WRONGLY)


def says(details: Details, now: datetime) -> str:
    return f"For {ago(details, 'opened', now)} what it tells us is not signed with our secret, and is not taken in."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    incident = Incident.require(stuck.subject_id)
    query = select(func.sum(RejectedCount.count)).where(
        RejectedCount.source == incident.source, RejectedCount.why == "not_authentic"
    )
    return [
        Evidence("System", name(incident.port), incident.url),
        Evidence("Not taken in", f"{db.session.scalar(query) or 0} messages so far", "/inbox/rejected"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    does = "It is shown wherever people wait for this system."
    return [
        Offer(
            "incidents.expect_back", stuck.subject_id, "Write down when it is put right", does, within=False
        )
    ]


RULE = Rule(
    code="SYS.SIGNATURE",
    title="A vendor signs with another secret",
    rank=Rank.VENDOR,
    stage=Stage.SYSTEM,
    team=Team.ENGINEERING,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=1)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Put the secret right",
    offers=offers,
    recipe=(
        Look(
            "Since when, and whether somebody has changed the secret there or here.", "/incidents/{subject}"
        ),
        Ask(
            "whose",
            "Who sends them?",
            {"vendor": "The vendor, with a new secret", "stranger": "Somebody else"},
        ),
        Do(
            "The secret is put right in the settings; both are accepted for a while. Then what was missed is read."
        ),
        Check("A message is accepted, and what was missed is in."),
    ),
    cases=frozenset(("signature_refused",)),
)
