"""Reading staff, and who has which right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from ...db import db, instant
from ...models import Approval, AuditEntry, Grant, Role, SignIn, Staff, Token


@dataclass(frozen=True)
class At:
    """What a person is at: sessions that last, the newest acts, requests they asked for and decided on."""

    sessions: int
    acts: Sequence[AuditEntry]
    asked: Sequence[Approval]
    decided: Sequence[Approval]


def colleagues(of: str) -> Sequence[Staff]:
    """Everybody who can sign in but the one with that id, by name."""
    query = select(Staff).where(Staff.disabled_at.is_(None), Staff.id != of).order_by(Staff.name)
    return db.session.scalars(query).all()


def about(person: Staff, *, many: int = 10) -> At:
    """The newest `many` of each."""
    sessions = select(func.count()).where(
        SignIn.staff_id == person.id, SignIn.ended_at.is_(None), SignIn.expires_at > instant()
    )
    acts = select(AuditEntry).where(AuditEntry.by == person.name, AuditEntry.by_id == person.id)
    acts = acts.order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc()).limit(many)
    requests = select(Approval).order_by(Approval.created_at.desc(), Approval.id.desc()).limit(many)
    return At(
        db.session.scalar(sessions) or 0,
        db.session.scalars(acts).all(),
        db.session.scalars(requests.where(Approval.asked_by_id == person.id)).all(),
        db.session.scalars(requests.where(Approval.decided_by_id == person.id)).all(),
    )


def holders(role: Role) -> list[str]:
    """Who has the role now, by name: people who can come in, and tokens that are not revoked."""
    people = select(Staff.name).where(Staff.role_id == role.id, Staff.disabled_at.is_(None))
    programs = select(Token.name).where(Token.role_id == role.id, Token.revoked_at.is_(None))
    names = [*db.session.scalars(people.order_by(Staff.name))]
    return names + [f"token {name}" for name in db.session.scalars(programs.order_by(Token.name))]


def roles_with(permission: str) -> Sequence[Role]:
    """The roles that have a right, by name."""
    query = select(Role).join(Grant, Grant.role_id == Role.id).where(Grant.permission == permission)
    return db.session.scalars(query.order_by(Role.name)).all()


def roles() -> Sequence[Role]:
    """Every role, by name."""
    return db.session.scalars(select(Role).order_by(Role.name)).all()


def changes_of(role: Role, *, many: int = 20) -> Sequence[AuditEntry]:
    """Who changed the role's rights and limits, newest first."""
    query = select(AuditEntry).where(
        AuditEntry.about.contains([role.id]), AuditEntry.act.in_(("roles.change", "limits.change"))
    )
    newest = query.order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc()).limit(many)
    return db.session.scalars(newest).all()


def people_with(*permissions: str, but: str = "", many: int = 12) -> list[str]:
    """The names of those who can come in and have all these rights, without one of them, at most so many."""
    query = select(Staff.name).where(Staff.disabled_at.is_(None), Staff.id != but)
    for permission in permissions:
        query = query.where(Staff.role_id.in_(select(Grant.role_id).where(Grant.permission == permission)))
    return [*db.session.scalars(query.order_by(Staff.name).limit(many))]


def by_email(email: str) -> Staff | None:
    """Whose account that is."""
    return db.session.scalar(select(Staff).where(Staff.email == email.lower()))
