"""RX.MISMATCH: the patient, or the product, that somebody names is not the order's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, literal, null

from ....lib.business_time import Limit
from ....models import (
    Case,
    CaseStatus,
    Holder,
    Prescription,
    Stuck,
    Team,
    UnknownPatient,
    UnknownPatientStatus,
)
from ... import prescriptions
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import (
    ask_clinic,
    first,
    hold,
    note,
    of_cause,
    of_the_fill,
    order_first,
    order_for,
    together,
    troubled,
    waits_for_the_pharmacy,
)
from .rx_unmapped import waiting_for_any

_TOLD = ("patient_mismatch", "product_mismatch")  # reasons of cases: nothing else keeps what was told


def find(scope: Scope) -> Select[Any]:
    """Fills whose pharmacy sees another patient; patients whom nobody knows here; and prescriptions that are another
    patient's now, or name two products."""
    strangers = scope.rows(
        UnknownPatient, since=UnknownPatient.status_since, customer=null(), told=UnknownPatient.status_since,
        what=literal("stranger"), waiting=func.jsonb_array_length(UnknownPatient.waiting),
    ).where(UnknownPatient.status == UnknownPatientStatus.OPEN)  # fmt: skip
    order = func.coalesce(order_for(Prescription.customer_id, Prescription.sku), waiting_for_any())
    names = (
        scope.rows(
            Prescription, since=Case.created_at, order=order, sku=Prescription.sku, prescription=Prescription.id,
            code=Case.reason, told=Case.created_at, what=literal("prescription"),
        )
        .join(Case, Case.subject_id == Prescription.id)
        .where(Case.status == CaseStatus.OPEN, Case.reason.in_(_TOLD))
    )  # fmt: skip
    return together(troubled(scope, "patient_mismatch", what=literal("fill")), strangers, order_first(names))


def says(details: Details, now: datetime) -> str:
    if details["what"] == "fill":
        return (
            f"{details['pharmacy_name']} has another name or birth date, since {ago(details, 'stands', now)}."
        )
    since = ago(details, "told", now)
    if details["what"] == "stranger":
        count = details["waiting"]
        return f"{count} prescription{'' if count == 1 else 's'} for a patient whom nobody knows here, since {since}."
    if details["code"] == "patient_mismatch":
        return f"The healthcare system says, since {since}, that the prescription is another patient’s."
    return f"For {since} a prescription has named no one product of ours."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    what = stuck.details["what"]
    if what == "fill":
        return [
            *of_the_fill(stuck),
            Evidence("Customer", "as we hold them", f"/customers/{stuck.customer_id}"),
        ]
    if what == "stranger":
        return [Evidence("Patient", "nobody’s yet", f"/unknown-patients/{stuck.subject_id}")]
    return [Evidence("Prescription", "does not fit", f"/prescriptions/{stuck.details['prescription']}")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    details = stuck.details
    if details["what"] == "fill":
        found = of_cause(str(stuck.order_id), "patient_mismatch")
        found.sort(
            key=lambda one: one.act != prescriptions.ASK
        )  # whose it is, before anything is written over
        return first(found, waits_for_the_pharmacy(stuck))
    if details["what"] == "stranger":
        does = (
            "What is prescribed to them is read and goes on. Look at both first: it is never done by itself."
        )
        return [Offer("prescriptions.link", stuck.subject_id, "Say whose patient it is", does, within=False)]
    return first(ask_clinic(details["prescription"], details["code"]), hold(stuck), note(stuck))


RULE = Rule(
    code="RX.MISMATCH",
    title="The patient or the product does not fit",
    rank=Rank.EXCEPTION,
    stage=Stage.PRESCRIPTION,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=2), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Ask a clinician whose it is",
    offers=offers,
    recipe=(
        Look("Both side by side: what we hold, and what is named.", "/customers/{customer}"),
        Ask(
            "same",
            "Is it the same person?",
            {"typo": "Yes, somebody mistyped", "no": "No", "unsure": "I cannot tell"},
            leads={"typo": "prescriptions.fix", "no": "orders.hold", "unsure": "visits.request"},
        ),
        Do("A typo is put right with proof, by two people. Another person’s is never linked by itself."),
        Check("Both name the same person and the same product."),
    ),
    cases=frozenset(("patient_mismatch", "product_mismatch", "patient_unknown")),
)
