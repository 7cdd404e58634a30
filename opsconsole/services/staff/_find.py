"""Reading staff."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...models import Staff


def colleagues(of: str) -> Sequence[Staff]:
    """Everybody who can sign in but the one with that id, by name."""
    query = select(Staff).where(Staff.disabled_at.is_(None), Staff.id != of).order_by(Staff.name)
    return db.session.scalars(query).all()


def by_email(email: str) -> Staff | None:
    """Whose account that is."""
    return db.session.scalar(select(Staff).where(Staff.email == email.lower()))
