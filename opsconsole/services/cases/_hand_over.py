"""Giving a case to a colleague or to another team, with what they have to know."""

from __future__ import annotations

from sqlalchemy import or_, select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Case, Grant, Role, Staff, Team
from .. import notes
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._claim import _TEAMS_OF, put_back, theirs_or_lead
from ._close import _locked
from ._open import come_back


class HasItAlready(Refused):
    """It is theirs already."""


@act(private=("note",))
def hand_over(case_id: str, *, to: str, note: str, by: Actor) -> Case:
    """Give a case to a colleague (their id or e-mail) or to a team (its code). The note stands on the timeline and tells
    them. Raises NotYours when a third one has it, HasItAlready, Invalid."""
    case = _locked(case_id)
    theirs_or_lead(case, by)
    if not note.strip():
        raise Invalid({"note": ["Say what they have to know."]})
    if team := next((team for team in Team if team.value == to), None):
        told, name = _to_team(case, team, by)
    else:
        told, name = _to_colleague(case, to, by)
    come_back(case)
    if case.owner_id:
        case.seen_at = None  # they have not looked yet
    written = notes.write(case, text=note, phi=False, by=by, about=case.about, to=told)
    concerns(*case.about, written.id)
    say(f"Handed the case over to {name}")
    return case


def _to_team(case: Case, team: Team, by: Actor) -> tuple[list[str], str]:
    """All of the team are told."""
    if case.team == team and case.owner_id is None:
        raise HasItAlready(f"It is {team.words}’s already, and nobody’s.", field="to")
    put_back(case, by)
    case.team = team.value
    roles = [role for role, teams in _TEAMS_OF.items() if teams[0] is team]
    query = select(Staff.id).join(Role, Role.id == Staff.role_id)
    members = db.session.scalars(query.where(Role.name.in_(roles), Staff.disabled_at.is_(None)))
    return [id for id in members if id != by.id], team.words


def _to_colleague(case: Case, to: str, by: Actor) -> tuple[list[str], str]:
    other = db.session.scalar(select(Staff).where(or_(Staff.id == to, Staff.email == to.lower())))
    may = other and db.session.scalar(
        select(Grant.permission).where(Grant.role_id == other.role_id, Grant.permission == "cases.claim")
    )
    if other is None or other.disabled_at or not may:
        raise Invalid({"to": ["Choose a team, or a colleague who takes cases."]})
    if case.owner_id == other.id:
        raise HasItAlready(f"{other.name} has it already.", field="to")
    put_back(case, by)
    case.owner_id, case.claimed_at = other.id, performing().now
    return ([other.id] if other.id != by.id else []), other.name


def receivers() -> list[tuple[str, str]]:
    """To whom a case can be given: teams, then who takes cases, each with the name."""
    takes = select(Grant.role_id).where(Grant.permission == "cases.claim")
    people = select(Staff.id, Staff.name).where(Staff.disabled_at.is_(None), Staff.role_id.in_(takes))
    teams = [(team.value, team.words) for team in Team]
    return [*teams, *((id, name) for id, name in db.session.execute(people.order_by(Staff.name)))]
