"""The clinician's day: what they may decide on, harm first. Nobody sees one of a state without a licence there today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, or_, select, tuple_

from ...db import db
from ...lib.paging import Page, cursor, read_cursor
from ...lib.refusal import Invalid
from ...lib.worded import Worded
from ...models import FLAG_OPEN, FlagEffect, FlagSeverity, Provider, ReviewFlag, Visit, VisitStatus
from ._licences import states_of

SIZE = 40
MOST = 100  # what a tab counts up to
_S = VisitStatus


class Tab(Worded):
    TO_DECIDE = "to_decide", "To decide"
    MINE = "mine", "Mine"
    FREE = "free", "Free"
    WAITING = "waiting", "With the patient"
    OPINIONS = "opinions", "Second opinions"


_harmful = exists().where(
    ReviewFlag.customer_id == Visit.customer_id,
    ReviewFlag.status.in_(FLAG_OPEN),
    or_(ReviewFlag.effect == FlagEffect.BLOCK, ReviewFlag.severity == FlagSeverity.HIGH),
)
_rank = case((or_(Visit.escalated_at.is_not(None), _harmful), 0), else_=1)
_due = func.coalesce(Visit.due_at, Visit.created_at)


@dataclass(frozen=True)
class Waiting:
    """A visit in the queue. `harm`: it goes before others."""

    visit: Visit
    harm: bool


def queue(provider: Provider, tab: str, at: datetime, *, after: str | None = None) -> Page[Waiting]:
    """A page of a clinician's queue: what may do harm first, then what is due soonest. Raises Invalid, BadCursor."""
    query = _of(provider, _tab(tab), at).add_columns(_rank.label("rank"), _due.label("due"))
    query = query.order_by(_rank, _due, Visit.id).limit(SIZE + 1)
    if after:
        key, id = read_cursor(after, "harm", str)
        rank, _, due = str(key).partition(" ")
        place = tuple_(_rank, _due, Visit.id) > tuple_(
            literal(int(rank == "1")), literal(_instant(due)), literal(id)
        )
        query = query.where(place)
    rows = list(db.session.execute(query))
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    following = cursor("harm", f"{last.rank} {last.due.isoformat()}", last.Visit.id) if last else None
    return Page([Waiting(row.Visit, row.rank == 0) for row in rows[:SIZE]], following)


def _tab(code: str) -> Tab:
    found = next((one for one in Tab if one.value == code), None)
    if found is None:
        raise Invalid({"tab": [f"Choose one of: {', '.join(Tab)}."]})
    return found


def counts(provider: Provider, at: datetime) -> dict[str, int]:
    """How many wait under each tab, up to a hundred."""
    found = {}
    for tab in Tab:
        ids = _of(provider, tab, at).with_only_columns(Visit.id).limit(MOST).subquery()
        found[tab.value] = db.session.scalar(select(func.count()).select_from(ids)) or 0
    return found


def next_after(provider: Provider, besides: str, at: datetime) -> Visit | None:
    """What a clinician decides on next, once that one is done."""
    query = _of(provider, Tab.TO_DECIDE, at).where(Visit.id != besides)
    return db.session.scalar(query.order_by(_rank, _due, Visit.id).limit(1))


def _of(provider: Provider, tab: Tab, at: datetime) -> Select[tuple[Visit]]:
    states = states_of(provider, at)
    return select(Visit).where(Visit.patient_state.in_(states), *_where(provider, tab))


def _where(provider: Provider, tab: Tab) -> Sequence[ColumnElement[bool]]:
    mine = (Visit.provider_id == provider.id) & Visit.status.in_((_S.ASSIGNED, _S.IN_REVIEW))
    free = Visit.status == _S.SUBMITTED
    if tab is Tab.TO_DECIDE:
        return [or_(mine, free)]
    if tab is Tab.WAITING:
        return [
            Visit.status == _S.NEEDS_INFO,
            or_(Visit.provider_id == provider.id, Visit.provider_id.is_(None)),
        ]
    if tab is Tab.OPINIONS:
        asked = or_(Visit.opinion_of_id == provider.id, Visit.opinion_of_id.is_(None))
        return [Visit.opinion_asked_at.is_not(None), Visit.opinion_for_id != provider.id, asked]
    return [mine if tab is Tab.MINE else free]


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Invalid({"after": ["Start again from the first page."]}) from None


def flags_in_queue(visits: Sequence[Visit]) -> dict[str, list[ReviewFlag]]:
    """What is open about the patients of a page, by customer: one statement."""
    wanted = {one.customer_id for one in visits}
    found: dict[str, list[ReviewFlag]] = {id: [] for id in wanted}
    query = select(ReviewFlag).where(ReviewFlag.customer_id.in_(wanted), ReviewFlag.status.in_(FLAG_OPEN))
    for flag in db.session.scalars(query.order_by(ReviewFlag.created_at)) if wanted else ():
        found[flag.customer_id].append(flag)
    return found
