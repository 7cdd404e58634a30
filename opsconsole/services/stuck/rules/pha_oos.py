"""PHA.OOS: a pharmacy has run out of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ....db import db
from ....lib.business_time import Limit
from ....models import Fill, FillStatus, Holder, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._fills import call_off, elsewhere, fills, tell_delayed
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_ASKING = (FillStatus.EXCEPTION, FillStatus.TRIAGE)
_STATUSES = (*_ASKING, FillStatus.ERROR, FillStatus.REJECTED)
MANY = 20  # so many, and it is no longer one order's trouble


def find(scope: Scope) -> Select[Any]:
    """Until it is answered, or goes elsewhere: who said that it shall wait has decided."""
    return fills(scope, _STATUSES, code=Fill.code, said=Fill.status_since).where(
        Fill.code == "out_of_stock", Fill.answer.is_(None)
    )


def says(details: Details, now: datetime) -> str:
    return f"{details['pharmacy_name']} has run out of it, and said so {ago(details, 'said', now)} ago."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    others = db.session.scalar(
        select(func.count()).where(
            Fill.code == "out_of_stock", Fill.status.in_(_STATUSES), Fill.answer.is_(None),
            Fill.pharmacy_id == stuck.pharmacy_id, Fill.id != stuck.details["fill"],
        )
    )  # fmt: skip
    words = f"{others or 'No'} others wait there for the same reason."
    if others and others > MANY:
        words += " Send them elsewhere together: the list of this pharmacy shows all of them."
    return [
        Evidence("Fill", "Out of stock", f"/fills/{stuck.details['fill']}"),
        Evidence("Others there", words, f"/fills?pharmacy={stuck.pharmacy_id}&code=out_of_stock"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    fill = Fill.require(stuck.details["fill"])
    does = "This one lets go of it first: no copy is made twice."
    other = elsewhere(stuck, "Send it to another pharmacy", does, reason="stock")
    if fill.status not in _ASKING:
        return [other, tell_delayed(stuck), call_off(stuck)]
    does = "The pharmacy makes it up when it is there again."
    wait = Offer("fills.answer", fill.id, "Have it wait", does, {"answer": "wait"})
    somebody_has_it = "pharmacy" in other.fields
    return [other, wait, call_off(stuck)] if somebody_has_it else [wait, other, call_off(stuck)]


RULE = Rule(
    code="PHA.OOS",
    title="The pharmacy has run out of it",
    rank=Rank.EXCEPTION,
    stage=Stage.PHARMACY,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Send it to another pharmacy",
    offers=offers,
    recipe=(
        Look("How many others wait there for it, and when it is there again.", "/orders/{order}"),
        Ask(
            "wait",
            "Can the customer wait for it?",
            {"yes": "Yes, it comes soon", "no": "No"},
            leads={"yes": "fills.answer", "no": "orders.reroute"},
        ),
        Do("The pharmacy lets go of it, and another one that has it makes it up."),
        Check("A pharmacy makes it up."),
    ),
    cases=frozenset(("out_of_stock", "exception_unanswered")),
)
