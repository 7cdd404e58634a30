"""RX.NO_REFILL: no fill is left for what is ordered or charged for next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, literal

from ....lib.business_time import Limit
from ....models import Holder, Order, Prescription, PrescriptionStatus, Stuck, Subscription, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ahead
from .._scope import Scope
from . import _covered
from ._care import of_its_fill, together, troubled

_BEFORE = timedelta(days=30)
_USED_UP = (PrescriptionStatus.ACTIVE, PrescriptionStatus.DEPLETED)


def find(scope: Scope) -> Select[Any]:
    """Orders that no pharmacy was asked about and cannot fill; what is charged for next; and fills that their pharmacy says
    it of. By the healthcare system's count of fills."""
    none_left = Prescription.status.in_(_USED_UP) & (_covered.LEFT <= 0)
    orders = _covered.of_orders(
        scope.rows(
            Order, since=Order.status_since, sku=Prescription.sku, prescription=Prescription.id, what=literal("order"),
            needed=Order.status_since,
        )
    )  # fmt: skip
    charge = Subscription.next_charge_at
    charged = _covered.of_subscriptions(
        scope.rows(
            Prescription, since=charge - _BEFORE, breaches=charge, sku=Prescription.sku, prescription=Prescription.id,
            what=literal("charge"), needed=charge,
        )
    )  # fmt: skip
    return together(
        orders.where(none_left), charged.where(none_left),
        troubled(scope, "no_refills", ball="clinic", prescription=of_its_fill(), what=literal("fill")),
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    if details["what"] == "fill":
        return f"{details['pharmacy_name']} says that the prescription has no fill left."
    if details["what"] == "order":
        return "Every fill of the prescription is used, and the order needs one."
    if datetime.fromisoformat(details["needed"]) <= now:
        return "Every fill of the prescription is used, and the next charge was due."
    return (
        f"Every fill of the prescription is used, and it is charged for in {ahead(details, 'needed', now)}."
    )


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    rx = Prescription.get(stuck.details["prescription"] or "")
    if rx is None:
        return [Evidence("Prescription", "not known here", f"/orders/{stuck.order_id}")]
    return [Evidence("Fills used", f"{rx.fills_used} of {rx.fills_authorised}", rx.url)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    return _covered.offers(stuck, "no_refills")


RULE = Rule(
    code="RX.NO_REFILL",
    title="No fill is left",
    rank=Rank.WAITING,
    stage=Stage.PRESCRIPTION,
    team=Team.OPS,
    ball=Holder.CLINIC,
    limit=Limit(timedelta(0), timedelta(0)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Begin the renewal",
    offers=offers,
    recipe=(
        Look("How many fills were used, and when it is charged for next.", "/customers/{customer}"),
        Ask(
            "wants",
            "Does the customer go on with it?",
            {"yes": "Yes", "no": "No"},
            leads={"yes": "renewals.begin"},
        ),
        Do("The customer is asked to a check-in. A clinician prescribes anew, or says no."),
        Check("There is a prescription with a fill left."),
    ),
    cases=frozenset(("no_refills",)),
)
