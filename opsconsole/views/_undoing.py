"""Undo, as the pages of what is planned and then sent offer it."""

from __future__ import annotations

from typing import Any

from ..models import Stateful
from ..services import outbox
from ._listing import act_on


def undo(record: Stateful, act: str, too_late: str) -> dict[str, Any]:
    """The act that takes `record` back. `too_late` says why not, once its promise may have been kept."""
    may = getattr(record, "waits_for", None) or outbox.may_withdraw(outbox.of(record.id))
    why_not = None if may else "It was undone." if record.status == "withdrawn" else too_late
    return act_on(record, act, f"{record.url}/withdraw", "Undo", why_not=why_not)


def sending(record: Stateful) -> dict[str, Any]:
    """What the status of such a page shows: what is owed, and until when it can be undone."""
    owed = outbox.of(record.id)
    return {"promises": owed, "undo_until": owed[0].due_at if outbox.may_withdraw(owed) else None}
