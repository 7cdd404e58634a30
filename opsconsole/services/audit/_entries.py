"""Reading the audit: by words, and by who, what, about what, when, who agreed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from ...db import db
from ...models import AuditEntry
from .._find import Filter, Listing, day, exactly

APPROVE = "approvals.approve"
_NARROWS = re.compile(r"[^\W_]{3}")  # what a trigram index can narrow down


def _about(value: str) -> ColumnElement[bool]:
    return AuditEntry.about.contains([value.rsplit("/", 1)[-1]])


def _words(value: str) -> ColumnElement[bool]:
    """Every word somewhere in who, what, about what, the sentence and the reason; %, _ and \\ mean themselves."""
    words = value.lower().split()
    if not any(_NARROWS.search(word) for word in words) or len(words) > 20:
        raise ValueError("Write three letters or more, and at most 20 words.")
    return and_(*(AuditEntry.search.contains(word, autoescape=True) for word in words))


def _agreed_by(value: str) -> ColumnElement[bool]:
    """What was done because that person approved it: it stands within their act of approving."""
    approving = aliased(AuditEntry)
    return AuditEntry.within.in_(select(approving.id).where(approving.act == APPROVE, approving.by == value))


LIST = Listing(
    AuditEntry,
    {
        "q": Filter(_words, "Words in who did it, what, about what, the sentence and the reason.", few=True),
        "act": exactly(AuditEntry.act, "The act, refunds.issue."),
        "by": exactly(AuditEntry.by, "Who did it, by the whole name."),
        "approver": Filter(_agreed_by, "Who approved it, by the whole name.", few=True),
        "subject": Filter(_about, "What it touched; an id or its URL.", few=True),
        "from": day(AuditEntry.created_at, "Done on this day or later, 2026-11-21, UTC."),
        "until": day(AuditEntry.created_at, "Done on this day or earlier.", until=True),
        "trace": exactly(AuditEntry.trace_id, "What one cause led to.", few=True),
    },
    shown=(
        AuditEntry.id,
        AuditEntry.says,
        AuditEntry.act,
        AuditEntry.by,
        AuditEntry.within,
        func.jsonb_array_length(AuditEntry.changes).label("changes"),
        AuditEntry.created_at,
    ),
)
find = LIST.find


def approvals_of(entries: Sequence[Any]) -> dict[str, AuditEntry]:
    """For each of these entries, or rows of the list, that was approved, by its id: the entry of the approving, which tells
    who agreed, when, and to which request."""
    around = {entry.within for entry in entries if entry.within}
    if not around:
        return {}
    query = select(AuditEntry).where(AuditEntry.id.in_(around), AuditEntry.act == APPROVE)
    found = {approving.id: approving for approving in db.session.scalars(query)}
    return {entry.id: found[entry.within] for entry in entries if entry.within in found}
