"""What a pharmacy waits for too long: a case for an ops lead, which ends when somebody has dealt with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select

from ...db import db, instant
from ...lib.calendar import MAJOR, working_days_later
from ...models import EXCEPTIONAL, Case, CaseStatus, Fill, FillStatus, Order
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ._ask import locked
from ._follow import UNANSWERED, suggestion
from ._recipes import recipe_of


@dataclass(frozen=True)
class Patience:
    """So many days, be they any or working days."""

    days: int
    working: bool = False

    def after(self, at: datetime) -> datetime:
        if self.working:
            return working_days_later(at, self.days, saturdays=False, holidays=MAJOR)
        return at + timedelta(days=self.days)


# How long what is wrong with a fill may stand. In triage it is the pharmacy's staff who resolves it: they rest at weekends.
WITHIN = {status: Patience(1) for status in EXCEPTIONAL} | {FillStatus.TRIAGE: Patience(2, working=True)}


def answer_by(fill: Fill) -> datetime | None:
    """Until when somebody is to deal with what is wrong; None when nothing is, or it was answered."""
    patience = WITHIN.get(FillStatus(fill.status))
    return patience.after(fill.status_since) if patience and not fill.answer else None


def unanswered(limit: int = 200) -> list[str]:
    """Fills that stand too long and of which no ops lead was told; and those of which one still is, without need."""
    told = exists().where(
        Case.subject_id == Fill.id,
        Case.reason == UNANSWERED,
        or_(
            Case.status == CaseStatus.OPEN,
            and_(Case.outcome == "dismissed", Case.created_at >= Fill.status_since),
        ),
    )
    waiting = select(Fill).where(_waits(), ~told, Fill.status_since <= instant() - timedelta(days=1))
    standing = select(Fill.id).join(Case, Case.subject_id == Fill.id)
    solved = standing.where(Case.reason == UNANSWERED, Case.status == CaseStatus.OPEN, ~_waits())
    now = db.session.scalar(select(instant()))
    late = [
        fill.id
        for fill in db.session.scalars(waiting.order_by(Fill.status_since))
        if (until := answer_by(fill)) and now and until <= now
    ]
    found = [*db.session.scalars(solved.limit(limit)), *late[:limit]]
    db.session.rollback()
    return found


def _waits() -> ColumnElement[bool]:
    """SQL: does it stand for somebody to deal with? Whoever has dismissed its case has."""
    asks = (
        exists()
        .where(Case.subject_id == Fill.id, Case.status == CaseStatus.OPEN, Case.reason != UNANSWERED)
        .correlate(Fill)
    )
    return and_(Fill.status.in_(EXCEPTIONAL), Fill.answer.is_(None), asks)


@act(robots=("clock",))
def escalate(fill_id: str, *, by: Actor) -> Fill:
    """One case for an ops lead about what stands too long; none once somebody has dealt with it."""
    order, fill = locked(fill_id)
    until = answer_by(fill)
    waits = db.session.scalar(select(_waits()).where(Fill.id == fill.id))
    if not waits or until is None:
        cases.close_when_solved(UNANSWERED, fill.id, "somebody has dealt with it")
        say(f"The fill of order {order.reference} waits for nobody any more")
    elif until <= performing().now:
        _tell(order, fill)
        say(f"Nobody has dealt with the fill of order {order.reference} in time")
    return fill


def _tell(order: Order, fill: Fill) -> None:
    recipe = recipe_of(fill)
    what = f" {recipe.means} {recipe.do}" if recipe else f" {fill.state.help}"
    since = f"{fill.status_since:%-d %b %Y, %H:%M} UTC"
    words = (
        f"For an ops lead: {fill.pharmacy.name}, order {order.reference}, is unanswered since {since}.{what}"
    )
    cases.open_case(UNANSWERED, fill.id, says=words, suggests=suggestion(fill), about=fill.related())
