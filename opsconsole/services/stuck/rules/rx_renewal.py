"""RX.RENEWAL: the next prescription is needed soon, and its renewal is not done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, literal

from ....db import now
from ....lib.business_time import Limit
from ....models import (
    RENEWAL_OPEN,
    Holder,
    Prescription,
    Product,
    Renewal,
    RenewalStatus,
    Stuck,
    Subscription,
    Team,
)
from ... import subscriptions
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage
from .._scope import Scope
from ._care import begins, escalate, first, note

_WARN, _BREACH = timedelta(days=14), timedelta(days=3)
_LATER = timedelta(days=14)  # by how much a charge is moved


def find(scope: Scope) -> Select[Any]:
    needed = begins(Renewal.due_on)
    with_clinic = Renewal.status == RenewalStatus.REQUESTED
    return (
        scope.rows(
            Renewal, since=Renewal.created_at, ball=case((with_clinic, literal("clinic")), else_=literal("patient")),
            fires=needed - _WARN, breaches=needed - _BREACH, sku=Prescription.sku, renewal=Renewal.id, due=Renewal.due_on,
            visit=Renewal.visit_id, renewal_status=Renewal.status, sent=Renewal.sent,
        )
        .join(Prescription, Prescription.id == Renewal.prescription_id)
        .where(Renewal.status.in_(RENEWAL_OPEN))
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    who = {
        "due": "the customer has not been asked yet",
        "dripping": "the customer has not answered",
        "requested": "a clinician has not decided",
    }[details["renewal_status"]]
    if details["due"] is None:
        return f"A renewal has begun, and {who}."
    left = (date.fromisoformat(details["due"]) - now.date()).days
    when = f"in {left} days" if left > 1 else "tomorrow" if left == 1 else "now"
    return f"The next prescription is needed {when}, and {who}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    details = stuck.details
    sent = f"{details['sent']} message{'' if details['sent'] == 1 else 's'}, besides the visit’s reminders"
    return [
        Evidence("Renewal", details["renewal_status"].replace("_", " "), f"/renewals/{details['renewal']}"),
        Evidence("Told the customer", sent),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    details = stuck.details
    with_clinic = details["renewal_status"] == RenewalStatus.REQUESTED and details["visit"]
    does = "Nothing more is sent for it, and nobody is asked again."
    stop = Offer("renewals.stop", details["renewal"], "Stop the renewal", does, within=False)
    return first(
        escalate(details["visit"]) if with_clinic else [], _later(stuck), note(stuck, "Write down that you have asked them"),
        [stop],
    )  # fmt: skip


def _later(stuck: Stuck) -> list[Offer]:
    """The next charge for it is moved behind the day by which there may be a prescription."""
    product = Product.by_sku(stuck.sku or "")
    for one in Subscription.of_customer(stuck.customer_id or "") if product else ():
        charged = product and product.id in {item.product_id for item in one.items()}
        if charged and subscriptions.why_not_move(one) is None and one.next_charge_at:
            day = max(one.next_charge_at, now()) + _LATER
            does = "Nothing is charged before there can be a prescription."
            fields = {"on": day.date().isoformat(), "reason": "Its prescription is not renewed yet"}
            return [
                Offer("subscriptions.reschedule", one.id, "Move the next charge two weeks back", does, fields)
            ]
    return []


RULE = Rule(
    code="RX.RENEWAL",
    title="A renewal is not done in time",
    rank=Rank.PATIENT,
    stage=Stage.PRESCRIPTION,
    team=Team.SUPPORT,
    ball=Holder.PATIENT,
    limit=Limit(timedelta(days=31), timedelta(days=42)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Move the next charge",
    offers=offers,
    recipe=(
        Look("What the customer was sent, and when they are charged next.", "/customers/{customer}"),
        Ask(
            "wants",
            "Does the customer go on with it?",
            {"yes": "Yes, they will answer", "no": "No", "silent": "They cannot be reached"},
            leads={
                "yes": "subscriptions.reschedule",
                "silent": "subscriptions.reschedule",
                "no": "renewals.stop",
            },
        ),
        Do("The charge is moved, so that nobody pays for what no prescription covers."),
        Check("There is a new prescription, or the renewal is stopped."),
    ),
    heals=timedelta(days=7),
)
