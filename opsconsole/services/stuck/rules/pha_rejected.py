"""PHA.REJECTED: a pharmacy could not take a fill, or will not make it up after all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ....db import db, now
from ....lib.business_time import Limit
from ....models import Fill, FillStatus, Holder, Order, Stuck, Team
from ... import fills as _fills
from ... import prescriptions
from ...prescriptions import Evidence, Offer
from .._fills import call_off, elsewhere, fills
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

FAILED = (FillStatus.ERROR, FillStatus.REJECTED)


def find(scope: Scope) -> Select[Any]:
    code = func.coalesce(Fill.code, "pharmacy_declined")
    return fills(scope, FAILED, code=code, said=Fill.status_since).where(code != "out_of_stock")


def says(details: Details, now: datetime) -> str:
    recipe = _fills.RECIPES.get(details["code"], _fills.RECIPES["unknown_problem"])
    return f"{details['pharmacy_name']} did not take it {ago(details, 'said', now)} ago. {recipe.means}"


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    fill = Fill.require(stuck.details["fill"])
    recipe = _fills.recipe_of(fill)
    lately = now() - timedelta(days=1)
    others = db.session.scalar(
        select(func.count()).where(
            Fill.pharmacy_id == stuck.pharmacy_id, Fill.status.in_(FAILED), Fill.status_since >= lately,
            Fill.id != fill.id,
        )
    )  # fmt: skip
    same = (
        f"It refused {others} others in the last 24 h." if others else "It refused no other in the last 24 h."
    )
    told = [Evidence("What to do", f"{recipe.do} ({recipe.who}.)")] if recipe else []
    return [
        Evidence("Fill", fill.state.help, fill.url),
        *told,
        Evidence("This pharmacy otherwise", same, f"/pharmacies/{stuck.pharmacy_id}"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    fill = Fill.require(stuck.details["fill"])
    recipe = _fills.recipe_of(fill)
    again = Offer(
        "fills.resend", fill.id, "Send it again", "The same fill, once what was wrong is put right."
    )
    does = "This one has nothing of it: no copy is made twice."
    other = elsewhere(stuck, "Send it to another pharmacy", does, reason="trouble")
    stop = call_off(stuck)
    if fill.code == "bad_address":
        does = "Where it ships is put right, and checked. Then send it again."
        change = Offer("orders.readdress", fill.order_id, "Change the address", does, within=False)
        return [change, again, stop]
    if recipe and recipe.clinical and _clinical(fill.order_id):
        does = "What is wrong stands on the prescription: a clinician writes a new one."
        rx = Offer("prescriptions.fix", fill.order_id, "Put its prescription right", does, within=False)
        return [rx, other, stop]
    return [other, again, stop] if fill.code == "pharmacy_declined" else [again, other, stop]


def _clinical(order_id: str) -> bool:
    found = prescriptions.diagnose(Order.require(order_id), now())
    return bool(found and found[0].offers and not found[0].waits)


RULE = Rule(
    code="PHA.REJECTED",
    title="The pharmacy did not take it",
    rank=Rank.EXCEPTION,
    stage=Stage.PHARMACY,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=4), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Put it right, and send it again",
    offers=offers,
    recipe=(
        Look("What the pharmacy said, and what is to be done about that code.", "/orders/{order}"),
        Ask(
            "right",
            "Is what it named put right?",
            {"yes": "Yes, or nothing was wrong", "cannot": "It will not take it at all"},
            leads={"yes": "fills.resend", "cannot": "orders.reroute"},
        ),
        Do("It is sent again under its own key. Nothing is made up twice: the pharmacy has no copy."),
        Check("A pharmacy says that it has it."),
    ),
    cases=frozenset(set(_fills.RECIPES) | {"vendor_rejected", "exception_unanswered"}),
)
