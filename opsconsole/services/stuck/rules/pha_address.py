"""PHA.ADDRESS: nobody finds where it ships, or the pharmacy ships it to another state than we say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Select, and_, case, cast, exists, func, literal, null, or_, select

from .... import vendors
from ....lib.business_time import Limit
from ....models import (
    AddressVerdict,
    Drift,
    DriftStatus,
    Fill,
    FillStatus,
    Holder,
    Order,
    OrderStatus,
    Stuck,
    Team,
)  # fmt: skip
from ...prescriptions import Evidence, Offer
from .._fills import call_off, hold
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_S = OrderStatus
UNSENT = (
    _S.AWAITING_RX,
    _S.AWAITING_PAYMENT,
    _S.READY,
    _S.SUBMITTED,
    _S.AT_PHARMACY,
    _S.ON_HOLD,
    _S.MANUAL_INTERVENTION,
)
BEING_CHECKED = timedelta(minutes=10)  # what is ready is checked by itself: only then it is worth telling
ELSEWHERE = "ship_to_differs"  # the finding that the pharmacy has another address than the order


def find(scope: Scope) -> Select[Any]:
    """Of what has not left: an address that nobody finds, that nobody has checked, or that the pharmacy does not have."""
    differs = (
        select(Drift.id, Drift.created_at, Drift.order_id)
        .where(Drift.status == DriftStatus.OPEN, Drift.kind == ELSEWHERE, Drift.order_id.is_not(None))
        .subquery()
    )
    unfound = Order.address_verdict == AddressVerdict.UNVERIFIABLE
    unchecked = and_(
        Order.address_verdict == AddressVerdict.UNCHECKED, Order.status == _S.READY, Order.ship_to.is_not(None),
        literal(vendors.connected("tracking")),
    )  # fmt: skip
    left = exists().where(Fill.order_id == Order.id, Fill.status == FillStatus.SHIPPED)
    since = case(
        (unfound, func.coalesce(Order.address_at, Order.status_since)),
        else_=func.coalesce(differs.c.created_at, Order.status_since),
    )
    late = case(
        (and_(unchecked, differs.c.id.is_(None)), Order.status_since + BEING_CHECKED),
        else_=cast(null(), DateTime(timezone=True)),
    )
    what = case((unfound, "unverifiable"), (differs.c.id.is_not(None), "differs"), else_="unchecked")
    ball = case((unfound, Holder.PATIENT.value), else_=Holder.US.value)
    rows = scope.rows(Order, since=since, ball=ball, fires=late, what=what, stands=since, drift=differs.c.id)
    return rows.join(differs, differs.c.order_id == Order.id, isouter=True).where(
        Order.status.in_(UNSENT), or_(unfound, unchecked, differs.c.id.is_not(None)), ~left
    )


_SAYS = {
    "unverifiable": "Nobody has found where it ships for {0}: the customer has to say, or somebody accepts it as it is.",
    "differs": "For {0} the pharmacy has had another state to ship to than the order says.",
    "unchecked": "It has been ready for {0}, and nobody has checked where it ships.",
}


def says(details: Details, now: datetime) -> str:
    return _SAYS[details["what"]].format(ago(details, "stands", now))


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    order = Order.require(str(stuck.order_id))
    told = [Evidence("Address", order.address.help, order.url)]
    if stuck.details["what"] == "differs":
        told.append(
            Evidence("Finding", "Another state", f"/reconciliation/findings/{stuck.details['drift']}")
        )
    return told


def offers(stuck: Stuck) -> Sequence[Offer]:
    order, what = str(stuck.order_id), stuck.details["what"]
    does = "What the customer says is checked anew."
    change = Offer("orders.readdress", order, "Change the address", does, within=False)
    accept = Offer(
        "orders.accept_address", order, "Accept it as it is", "It ships there: the order says that you did.",
        {"reason": "customer_confirmed"},
    )  # fmt: skip
    if what == "differs":
        does = "The pharmacy is told the order's address."
        tell = Offer("reconciliation.repair", stuck.details["drift"], "Tell the pharmacy our address", does)
        return [tell, call_off(stuck)]
    if what == "unchecked":
        does = "EasyPost says whether mail reaches it."
        return [Offer("orders.check_address", order, "Have it checked", does), accept, change]
    return [change, accept, hold(stuck, "address")]


RULE = Rule(
    code="PHA.ADDRESS",
    title="Nobody vouches for its address",
    rank=Rank.WAITING,
    stage=Stage.PHARMACY,
    team=Team.SUPPORT,
    ball=Holder.PATIENT,
    limit=Limit(timedelta(0), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Change or accept the address",
    offers=offers,
    recipe=(
        Look("What the check said, and how the post would write it.", "/orders/{order}"),
        Ask(
            "asked",
            "What does the customer say?",
            {"other": "It is another address", "right": "It is right as it is", "silent": "Nothing yet"},
            leads={"other": "orders.readdress", "right": "orders.accept_address"},
        ),
        Do("The order ships to what the customer said; in another state the licences count anew."),
        Check("Somebody vouches for its address."),
    ),
    cases=frozenset(("address_unverifiable", "bad_address", "drift")),
)
