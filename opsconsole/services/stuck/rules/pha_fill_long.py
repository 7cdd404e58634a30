"""PHA.FILL_LONG: a pharmacy takes longer for a fill than it takes for almost any."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, Interval, Select, and_, case, cast, collate, func, or_, select, true
from sqlalchemy.orm import aliased

from ....lib.business_time import Limit
from ....lib.duration import span_words
from ....models import Fill, FillStatus, Holder, Pharmacy, StatusMove, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._fills import ASK, ask, call_off, elsewhere, fills, shipped_today, the_fill
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_F = FillStatus
WORKED_ON = (_F.ACKNOWLEDGED, _F.FILLING, _F.DISPENSED, _F.PARTIAL, _F.CANCEL_DENIED)
ANSWERED = (_F.TRIAGE, _F.EXCEPTION)  # it was told what it asked, and goes on by itself
LATEST, ENOUGH = 500, 20  # so many of its last fills are looked at; fewer tell nothing
FLOOR, UNKNOWN = timedelta(days=1), timedelta(days=5)


def find(scope: Scope) -> Select[Any]:
    usual, sent = _usual(), _sent()
    since = func.coalesce(sent.c.at, Fill.created_at)
    answered = and_(Fill.status.in_(ANSWERED), Fill.answer.is_not(None))
    rows = fills(
        scope, (*WORKED_ON, *ANSWERED), since=since, fires=since + usual.c.usual, breaches=since + 2 * usual.c.usual,
        stands=Fill.status, sent=since, usual=func.extract("epoch", usual.c.usual),
    )  # fmt: skip
    rows = rows.join(usual, usual.c.id == Fill.pharmacy_id).join(sent, true())
    return rows.where(or_(Fill.status.in_(WORKED_ON), answered))


def _usual() -> CTE:
    """How long 95 of 100 of its last fills took each pharmacy, from the order's being sent until the parcel left; not less
    than a day, and five where it has not sent enough to be measured. Measured once, not for each fill."""
    one = aliased(Fill)
    last = (
        select((one.status_since - one.created_at).label("took"))
        .where(one.pharmacy_id == Pharmacy.id, one.status == _F.SHIPPED)
        .order_by(one.created_at.desc(), one.id.desc())
        .limit(LATEST)
        .lateral("last")
    )
    longest = func.percentile_cont(0.95).within_group(last.c.took)
    usual = case(
        (func.count(last.c.took) >= ENOUGH, func.greatest(longest, cast(FLOOR, Interval))),
        else_=cast(UNKNOWN, Interval),
    )
    query = select(Pharmacy.id, usual.label("usual")).join(last, true(), isouter=True).group_by(Pharmacy.id)
    return query.cte("usual").prefix_with("materialized")


def _sent() -> Any:
    """When the pharmacy was asked last: what failed first and was sent again begins anew."""
    moved = select(func.max(StatusMove.at).label("at"))
    fill = collate(Fill.id, "default")  # as the moves' index has it
    return moved.where(StatusMove.record_id == fill, StatusMove.after == _F.SENT).lateral("sent")


def says(details: Details, now: datetime) -> str:
    usual = span_words(float(details["usual"]))
    has = f"{details['pharmacy_name']} has had it for {ago(details, 'sent', now)}"
    return f"{has}; 95 of 100 of its fills leave within {usual}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    stands = stuck.details["stands"].replace("_", " ").capitalize()
    return [the_fill(stuck, stands), shipped_today(stuck)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    if stuck.details["stands"] in (_F.DISPENSED, _F.PARTIAL, _F.CANCEL_DENIED):
        return [ask(stuck), call_off(stuck)]
    does = "This one is asked to stop first, and the other gets it only when it has."
    return [
        ask(stuck),
        elsewhere(stuck, "Send it to another pharmacy", does, reason="late"),
        call_off(stuck),
    ]


RULE = Rule(
    code="PHA.FILL_LONG",
    title="The pharmacy takes too long",
    rank=Rank.MISSING,
    stage=Stage.PHARMACY,
    team=Team.OPS,
    ball=Holder.PHARMACY,
    limit=Limit(UNKNOWN, 2 * UNKNOWN),
    find=find,
    says=says,
    evidence=evidence,
    suggests=ASK,
    offers=offers,
    recipe=(
        Look(
            "Whether the pharmacy sends others today: then it is this fill alone.",
            "/fills?pharmacy={pharmacy}",
        ),
        Do("The pharmacy is asked how it stands: often it has left, and nobody told us."),
        Ask(
            "answered",
            "What does the pharmacy say?",
            {"soon": "It leaves soon", "cannot": "It cannot make it up"},
            leads={"cannot": "orders.reroute"},
        ),
        Check("It leaves the pharmacy."),
    ),
    heals=timedelta(days=2),
)
