"""SYS.OUTAGE: an outside system does not answer, or has stopped telling us things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select

from .... import vendors
from ....db import db
from ....lib.business_time import Limit
from ....models import BECAUSE, Holder, Incident, IncidentStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

SIGNED_WRONGLY = ["signature"]  # nothing else is wrong: SYS.SIGNATURE


def find(scope: Scope) -> Select[Any]:
    """One for each incident; all that waits for that system stands under it. What drains comes right by itself."""
    return scope.rows(
        Incident, since=Incident.opened_at, vendor=Incident.port, because=func.to_jsonb(Incident.signs),
        opened=Incident.opened_at, holds=Incident.holds, ball=_ball(),
    ).where(Incident.status == IncidentStatus.OPEN, Incident.signs != SIGNED_WRONGLY)  # fmt: skip


def _ball() -> Any:
    return case(
        (Incident.port == "payments", Holder.PAYMENT.value),
        (Incident.port.startswith("pharmacy-"), Holder.PHARMACY.value),
        (Incident.port == "tracking", Holder.CARRIER.value),
        else_=Holder.US.value,
    )


def name(port: str) -> str:
    """What people call a system."""
    return vendors.system_of(port).name


def says(details: Details, now: datetime) -> str:
    why = " and ".join(BECAUSE[one] for one in details["because"])
    return f"For {ago(details, 'opened', now)} it {why}. What waits for it is kept, and goes out when it is back."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    incident = Incident.require(stuck.subject_id)
    under = select(func.count()).where(Stuck.incident_id == incident.id, Stuck.ended_at.is_(None))
    back = incident.expected_back_at
    return [
        Evidence("System", name(incident.port), incident.url),
        Evidence(
            "Waiting for it",
            f"{db.session.scalar(under)} that would be stuck",
            f"/stuck?incident={incident.id}",
        ),
        Evidence("Expected back", f"{back:%-d %b, %H:%M} UTC" if back else "Nobody has said"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    incident = Incident.require(stuck.subject_id)
    does = "It is shown wherever people wait for this system."
    back = Offer(
        "incidents.expect_back", incident.id, "Write down when it is expected back", does, within=False
    )
    if not incident.holds:
        return [back]
    end = Offer(
        "incidents.end",
        incident.id,
        "It is back",
        "What was held goes out, a few calls at first.",
        within=False,
    )
    return [back, end]


RULE = Rule(
    code="SYS.OUTAGE",
    title="An outside system is down",
    rank=Rank.VENDOR,
    stage=Stage.SYSTEM,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(minutes=15), timedelta(hours=2)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Write down when it is expected back",
    offers=offers,
    recipe=(
        Look("What does not answer, since when, and who waits.", "/incidents/{subject}"),
        Ask(
            "asked",
            "What does the vendor say?",
            {"known": "They know of it", "unknown": "They know of nothing"},
        ),
        Do("What they say is written down. Nothing else has to be sent, and nothing is lost."),
        Check("It answers again, and what waited has gone out."),
    ),
    heals=timedelta(hours=2),
    cases=frozenset(("vendor_down", "vendor_refuses_credentials")),
)
