"""RX.UNSIGNED: it is written, and waits for the clinician's signature."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Holder, Prescription, PrescriptionStatus, Provider, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import ask_clinic, first, hold, note, order_first, order_for

_UNSIGNED = (PrescriptionStatus.DRAFT, PrescriptionStatus.PENDING_SIGNATURE)


def find(scope: Scope) -> Select[Any]:
    rows = scope.rows(
        Prescription, since=Prescription.status_since, order=order_for(Prescription.customer_id, Prescription.sku),
        sku=Prescription.sku, prescription=Prescription.id, stands=Prescription.status_since,
        provider=Prescription.provider_id,
    )  # fmt: skip
    return order_first(rows.where(Prescription.status.in_(_UNSIGNED)))


def says(details: Details, now: datetime) -> str:
    return f"The prescription has waited {ago(details, 'stands', now)} for the clinician’s signature."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    provider = Provider.get(stuck.details["provider"] or "")
    found = [Evidence("Prescription", "not signed", f"/prescriptions/{stuck.details['prescription']}")]
    return [*found, Evidence("Whose signature", provider.name, provider.url)] if provider else found


def offers(stuck: Stuck) -> Sequence[Offer]:
    subject = stuck.order_id or stuck.details["prescription"]
    return first(ask_clinic(subject, "rx_missing", "Have a clinician sign it"), hold(stuck), note(stuck))


RULE = Rule(
    code="RX.UNSIGNED",
    title="A prescription is not signed",
    rank=Rank.WAITING,
    stage=Stage.PRESCRIPTION,
    team=Team.CLINIC,
    ball=Holder.CLINIC,
    limit=Limit(timedelta(hours=4), timedelta(hours=24), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Have a clinician sign it",
    offers=offers,
    recipe=(
        Look(
            "Whose signature it waits for, and whether they work today.", "/prescriptions?customer={customer}"
        ),
        Ask("works", "Do they sign today?", {"yes": "Yes", "no": "No"}, leads={"no": "visits.request"}),
        Do("Somebody who is licensed there is asked. It is signed where it was written."),
        Check("It is signed."),
    ),
    heals=timedelta(hours=4),
)
