"""Reading the audit."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func

from ...models import AuditEntry
from .._find import Filter, Listing, exactly


def _about(value: str) -> ColumnElement[bool]:
    return AuditEntry.about.contains([value.rsplit("/", 1)[-1]])


LIST = Listing(
    AuditEntry,
    {
        "act": exactly(AuditEntry.act, "The act, refunds.issue."),
        "by": exactly(AuditEntry.by, "Who did it, by the whole name."),
        "trace": exactly(AuditEntry.trace_id, "What one cause led to.", few=True),
        "subject": Filter(_about, "What it touched; an id or its URL.", few=True),
    },
    shown=(
        AuditEntry.id,
        AuditEntry.says,
        AuditEntry.act,
        AuditEntry.by,
        func.jsonb_array_length(AuditEntry.changes).label("changes"),
        AuditEntry.created_at,
    ),
)
find = LIST.find
