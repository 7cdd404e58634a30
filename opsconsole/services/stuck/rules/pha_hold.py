"""PHA.HOLD: somebody held it for longer than was meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Date, DateTime, Select, cast, func

from ....lib.business_time import Limit
from ....models import Hold, Holder, HoldStatus, Order, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._fills import call_off
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope


def find(scope: Scope) -> Select[Any]:
    """It was meant to last until the end of that day, in UTC as the clock counts it."""
    until = func.timezone("UTC", cast(cast(Hold.until_on, Date) + 1, DateTime(timezone=False)))
    rows = scope.rows(
        Order, since=until, hold=Hold.id, reason=Hold.reason, until=until, began=Hold.created_at
    )
    return rows.join(Hold, Hold.order_id == Order.id).where(Hold.status == HoldStatus.STANDING)


def says(details: Details, now: datetime) -> str:
    return f"It was to be held until {ago(details, 'until', now)} ago, and is held still."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    held = Hold.require(stuck.details["hold"])
    return [
        Evidence("Held by", held.by, f"/orders/{stuck.order_id}"),
        Evidence("Why", f"{held.why}, until {held.until_on:%-d %b %Y}"),
        Evidence("Was", held.returns_to.replace("_", " ").capitalize()),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    order = str(stuck.order_id)
    does = "It goes on from where it was. To hold it longer, hold it anew then."
    return [
        Offer("orders.release", order, "Release it", does),
        Offer(
            "orders.note",
            order,
            "Write down why it is held still",
            "Whoever looks next reads it.",
            within=False,
        ),
        call_off(stuck, "Nothing of it was sent."),
    ]


RULE = Rule(
    code="PHA.HOLD",
    title="Held for too long",
    rank=Rank.WAITING,
    stage=Stage.PHARMACY,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Release it",
    offers=offers,
    recipe=(
        Look("Who holds it, and why.", "/orders/{order}"),
        Ask(
            "over",
            "Is what it was held for over?",
            {
                "yes": "Yes",
                "no": "Not yet: hold it anew after its release",
                "never": "It will not go out at all",
            },
            leads={"yes": "orders.release", "never": "orders.cancel"},
        ),
        Do("It goes on from where it was."),
        Check("Nobody holds it any more."),
    ),
    cases=frozenset(("hold_overdue",)),
)
