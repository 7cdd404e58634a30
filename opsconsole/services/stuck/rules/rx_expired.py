"""RX.EXPIRED: the prescription ends before what needs it can be filled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, literal

from ....lib.business_time import Limit
from ....models import Holder, Order, Prescription, PrescriptionStatus, Stuck, Subscription, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ahead
from .._scope import Scope
from . import _covered
from ._care import begins, of_its_fill, together, troubled

_BEFORE = timedelta(days=30)
_TO_LEAVE = timedelta(days=3)  # what a pharmacy usually takes: it must not expire before
_ENDS = (PrescriptionStatus.ACTIVE, PrescriptionStatus.EXPIRED)
_AFTER = begins(Prescription.expires_on) + timedelta(
    days=1
)  # the first instant at which nothing may be filled


def find(scope: Scope) -> Select[Any]:
    """Orders that no pharmacy was asked about and could not fill any more; what is charged for next after the last day;
    and fills that their pharmacy says it of."""
    told = {"prescription": Prescription.id, "ends": _AFTER, "what": literal("prescription")}
    placed = func.greatest(Order.status_since, _AFTER - _TO_LEAVE)
    orders = _covered.of_orders(
        scope.rows(
            Order, since=Order.status_since, sku=Prescription.sku, fires=placed, breaches=_AFTER, **told
        )
    )
    charged = _covered.of_subscriptions(
        scope.rows(Prescription, since=_AFTER - _BEFORE, sku=Prescription.sku, breaches=_AFTER, **told)
    ).where(Subscription.next_charge_at > _AFTER - _TO_LEAVE)
    ends = Prescription.status.in_(_ENDS) & Prescription.expires_on.is_not(None)
    return together(
        orders.where(ends), charged.where(ends),
        troubled(scope, "rx_expired", ball="clinic", prescription=of_its_fill(), what=literal("fill")),
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    if details["what"] == "fill":
        return f"{details['pharmacy_name']} says that the prescription has expired."
    if datetime.fromisoformat(details["ends"]) <= now:
        return f"The prescription has expired: its last day was {_last_day(details):%-d %b %Y}."
    return f"The prescription expires in {ahead(details, 'ends', now)}, before what needs it can be filled."


def _last_day(details: Details) -> date:
    return datetime.fromisoformat(details["ends"]).date() - timedelta(days=1)


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    details = stuck.details
    value = "as the pharmacy says" if details["what"] == "fill" else f"{_last_day(details):%-d %b %Y}"
    url = (
        f"/prescriptions/{details['prescription']}"
        if details["prescription"]
        else f"/orders/{stuck.order_id}"
    )
    return [Evidence("Its last day", value, url)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    return _covered.offers(stuck, "rx_expired")


RULE = Rule(
    code="RX.EXPIRED",
    title="The prescription ends too soon",
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
        Look("When it ends, and when it is charged for next.", "/customers/{customer}"),
        Ask(
            "wants",
            "Does the customer go on with it?",
            {"yes": "Yes", "no": "No"},
            leads={"yes": "renewals.begin"},
        ),
        Do("The customer is asked to a check-in. Nobody extends a date: a clinician prescribes anew."),
        Check("There is a prescription that lasts."),
    ),
    cases=frozenset(("rx_expired",)),
)
