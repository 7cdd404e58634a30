"""Reading tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from ...db import db
from ...models import AuditEntry, Token
from .._find import Listing

LIST = Listing(Token)
find = LIST.find


def last_act(token: Token) -> datetime | None:
    """When the token last did something, by the audit. Reading leaves no trace there."""
    query = select(func.max(AuditEntry.created_at))
    return db.session.scalar(
        query.where(AuditEntry.by == f"token {token.name}", AuditEntry.by_id == token.id)
    )
