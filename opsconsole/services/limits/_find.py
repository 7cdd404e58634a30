"""Reading limits, and what each was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...db import db
from ...models import AuditEntry, Limit, Role
from .. import staff
from .._find import Listing

LIST = Listing(Limit)
find = LIST.find


@dataclass(frozen=True)
class Version:
    """What a limit was from `at` on, in cents, and by whom. `entry_id` is its audit entry; none for what the table
    that a console starts with says."""

    alone: int
    at_most: int | None
    at: datetime
    by: str
    reason: str
    entry_id: str | None = None


def of_role(role: Role) -> Sequence[Limit]:
    query = select(Limit).where(Limit.role_id == role.id).order_by(Limit.act, Limit.measure)
    return db.session.scalars(query).all()


def versions(limit: Limit) -> list[Version]:
    """Every amount that the limit had, newest first, from the audit: changing back is changing to one of these."""
    query = select(AuditEntry).where(AuditEntry.act == "limits.change", AuditEntry.about.contains([limit.id]))
    entries = db.session.scalars(query.order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc()))
    found = [
        Version(
            one.inputs["alone"], one.inputs["at_most"], one.created_at, one.by, one.inputs["reason"], one.id
        )
        for one in entries
        if one.subject == limit.id
    ]
    role = Role.require(limit.role_id)
    begun = staff.LIMITS.get(limit.act, {}).get(role.name, {}).get(limit.measure, staff.Alone(0, None))
    return [
        *found,
        Version(begun.alone, begun.at_most, limit.created_at, "the console", "As it was installed"),
    ]
