"""Two people edit one line: the second is told what the first one did, and by whom it can be asked about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import AuditEntry, OrderLine

_TOLD = ("sku", "quantity", "amount")


class LineChanged(Refused):
    """Somebody edited this line since it was seen. `more`: {"line", "version", "changed": {"by", "at", "trace", "entry",
    "changes": [{"field", "from", "to"}]}}."""


def as_seen(line: OrderLine, seen: int | None, *, said_in: str) -> None:
    """Raises LineChanged when the line, whose order is locked, is not any more as it was seen."""
    if seen is None or seen > line.version:
        raise Invalid({said_in: ["Say which version of the line you saw: seen, as the order tells it."]})
    if seen == line.version and line.dropped_at is None:
        return
    changed = _since(line, seen)
    what = "; ".join(f"{one['field']} {one['from']} → {one['to']}" for one in changed["changes"])
    words = f"{changed['by']} changed {line.label} since you saw it: {what}. Keep theirs, or yours."
    raise LineChanged(
        words, field="lines", more={"line": line.id, "version": line.version, "changed": changed}
    )


def _since(line: OrderLine, seen: int) -> dict[str, Any]:
    """Who changed it last, and how it went from what was seen to what it is."""
    query = select(AuditEntry).where(AuditEntry.about.contains([line.id]), AuditEntry.act == "orders.edit")
    entries = sorted(db.session.scalars(query), key=lambda entry: (entry.created_at, entry.id))
    since = entries[-max(1, line.version - seen) :]
    fields: dict[str, dict[str, Any]] = {}
    for entry in since:
        for change in entry.changes:
            if change["on"] == line.url and change["field"] in _TOLD:
                first = fields.setdefault(change["field"], {"field": change["field"], "from": change["from"]})
                first["to"] = change["to"]
    last = since[-1]
    return {
        "by": last.by,
        "at": last.created_at.isoformat(),
        "trace": f"/traces/{last.trace_id}",
        "entry": last.url,
        "changes": [*fields.values()],
    }
