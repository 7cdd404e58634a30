"""PHA.ON_HOLD: a pharmacy waits for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, literal

from ....lib.business_time import Limit
from ....models import Fill, FillStatus, Holder, Stuck, Team
from ... import fills as _fills
from ...prescriptions import Evidence, Offer
from .._fills import ask, call_off, elsewhere, fills, shipped_today, the_fill
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

#: What a pharmacy asks and another rule tells of more exactly: PHA.OOS, RX.EXPIRED, RX.NO_REFILL.
_OTHERWISE = ("out_of_stock", "rx_expired", "no_refills")


def find(scope: Scope) -> Select[Any]:
    """What its own staff resolves is with them; else it waits for us."""
    theirs = (Fill.status == FillStatus.TRIAGE, literal(Holder.PHARMACY.value))
    code = func.coalesce(Fill.code, "unknown_problem")
    return fills(
        scope, (FillStatus.EXCEPTION, FillStatus.TRIAGE), ball=case(theirs, else_=literal(Holder.US.value)), code=code,
        asked=Fill.status_since, triage=Fill.status == FillStatus.TRIAGE,
    ).where(Fill.answer.is_(None), code.not_in(_OTHERWISE))  # fmt: skip


def says(details: Details, now: datetime) -> str:
    recipe = _fills.RECIPES.get(details["code"], _fills.RECIPES["unknown_problem"])
    who = "its own staff looks into it" if details["triage"] else "nobody has answered"
    return (
        f"{details['pharmacy_name']} holds it since {ago(details, 'asked', now)}, and {who}. {recipe.means}"
    )


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    fill = Fill.require(stuck.details["fill"])
    recipe = _fills.recipe_of(fill)
    told = [Evidence("What to do", f"{recipe.do} ({recipe.who}.)")] if recipe else []
    return [the_fill(stuck, fill.state.help), *told, shipped_today(stuck)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    fill = Fill.require(stuck.details["fill"])
    recipe = _fills.recipe_of(fill)
    if fill.status == FillStatus.TRIAGE or recipe is None or not recipe.answers:
        does = "This one is asked to stop first, and the other gets it only when it has."
        return [
            ask(stuck),
            elsewhere(stuck, "Send it to another pharmacy", does, reason="trouble"),
            call_off(stuck),
        ]
    known = {"answer": next(iter(recipe.answers))} if len(recipe.answers) == 1 else {}
    answer = Offer("fills.answer", fill.id, "Answer the pharmacy", recipe.do, known)
    return [answer, ask(stuck), call_off(stuck)]


RULE = Rule(
    code="PHA.ON_HOLD",
    title="The pharmacy waits for our answer",
    rank=Rank.EXCEPTION,
    stage=Stage.PHARMACY,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(hours=1), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Answer the pharmacy",
    offers=offers,
    recipe=(
        Look("What the pharmacy asks, and who may answer it.", "/orders/{order}"),
        Ask(
            "known",
            "Do you know the answer?",
            {"yes": "Yes", "no": "No: the pharmacy has to be called first"},
        ),
        Do("The pharmacy is told, and goes on with the fill."),
        Check("The pharmacy goes on with it."),
    ),
    cases=frozenset(set(_fills.RECIPES) | {"exception_unanswered"}),
)
