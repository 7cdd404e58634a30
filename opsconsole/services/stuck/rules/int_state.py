"""INT.STATE: the patient is where nobody may be served, or too young to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, or_

from ....lib.business_time import Limit
from ....models import (
    FLAG_OPEN,
    VISIT_TO_DECIDE,
    VISIT_WITH_PATIENT,
    Holder,
    ReviewFlag,
    StateRule,
    Stuck,
    Team,
    Visit,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage
from .._scope import Scope
from ._care import close, day_of, first, note, order_first, order_of_visit

_TOO_YOUNG = "state:too_young"  # the source of the flag that the state's rule raises


def find(scope: Scope) -> Select[Any]:
    """Visits that are open in a state without a rule on the day of the answers; before there are any, without one that
    has not ended before they were asked for. Where the patient is need not be known before they have answered."""
    day = day_of(func.coalesce(Visit.submitted_at, Visit.created_at))
    served = exists().where(
        StateRule.state == Visit.patient_state,
        or_(Visit.submitted_at.is_(None), StateRule.effective_from <= day),
        or_(StateRule.effective_to.is_(None), StateRule.effective_to >= day),
    )
    unserved = and_(~served, or_(Visit.patient_state.is_not(None), Visit.status.in_(VISIT_TO_DECIDE)))
    young = exists().where(
        ReviewFlag.customer_id == Visit.customer_id, ReviewFlag.visit_id == Visit.id,
        ReviewFlag.source == _TOO_YOUNG, ReviewFlag.status.in_(FLAG_OPEN),
    )  # fmt: skip
    rows = scope.rows(
        Visit, since=func.coalesce(Visit.submitted_at, Visit.created_at), order=order_of_visit(), visit=Visit.id,
        state=func.coalesce(Visit.patient_state, ""),
        code=case((unserved, literal("not_served")), else_=literal("age_rule")),
    )  # fmt: skip
    return order_first(
        rows.where(Visit.status.in_((*VISIT_WITH_PATIENT, *VISIT_TO_DECIDE)), or_(unserved, young))
    )


def says(details: Details, now: datetime) -> str:
    if details["code"] == "age_rule":
        return f"The rule of {details['state'] or 'the state'} lets nobody of that age be seen from afar."
    if not details["state"]:
        return "Nobody knows in which state the patient is, so no rule says how care may be given."
    return f"{details['state']} is not served: no rule says how care may be given there."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    state = stuck.details["state"]
    return [
        Evidence("Visit", "cannot be approved", f"/visits/{stuck.details['visit']}"),
        Evidence("State", state or "not known", f"/state-rules?state={state}" if state else ""),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    visit = stuck.details["visit"]
    does = "Nobody is asked anything any more. Its order stays as it is."
    off = Offer("visits.cancel", visit, "Call the visit off", does, {"reason": "We cannot serve them there"})
    return first(close(stuck, "not_prescribed"), [off], note(stuck))


RULE = Rule(
    code="INT.STATE",
    title="The patient cannot be served where they are",
    rank=Rank.WAITING,
    stage=Stage.INTAKE,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=4), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Cancel and refund",
    offers=offers,
    recipe=(
        Look("What the state’s rule says, and where the order ships to.", "/state-rules"),
        Ask(
            "right",
            "Is that where the patient is?",
            {"yes": "Yes", "no": "No, the address is wrong"},
            leads={"yes": "plans.make"},
        ),
        Do("What may not be prescribed is canceled, and the money goes back."),
        Check("No visit of theirs is open where nobody is served."),
    ),
    cases=frozenset(("state_not_served",)),
)
