"""The audit: every act, who did it, who agreed, and what it changed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from ..models import AuditEntry, locate
from ..services import audit
from ._listing import asked, common, listed, shown
from ._who import reads

pages = Blueprint("audit", __name__)


def told(entry: AuditEntry, approved: AuditEntry | None) -> dict[str, Any]:
    return common(entry) | {
        "act": entry.act,
        "by": entry.by,
        "address": entry.address,
        "subject": locate(entry.subject) if entry.subject else None,
        "says": entry.says,
        "reason": entry.reason or None,
        "approved_by": approved.by if approved else None,
        "approval": locate(approved.subject) if approved and approved.subject else None,
        "inputs": entry.inputs,
        "changes": entry.changes,
        "promises": [f"/promises/{id}" for id in entry.promises],
        "within": f"/audit/{entry.within}" if entry.within else None,
        "trace": entry.trace_id,
    }


@pages.get("/audit")
@reads("audit", audit.LIST)
def list() -> ResponseReturnValue:
    page = audit.find(**asked())
    approved = audit.approvals_of(page.items)
    return listed(
        page, lambda entry: told(entry, approved.get(entry.id)), "audit/list.html", approved=approved
    )


@pages.get("/audit/<entry_id>")
@reads("audit")
def show(entry_id: str) -> ResponseReturnValue:
    entry = AuditEntry.require(entry_id)
    approved = audit.approvals_of([entry]).get(entry.id)
    return shown(
        entry,
        lambda: told(entry, approved) | {"seal": entry.sealed_as()},
        "audit/show.html",
        lambda: {
            "entry": entry,
            "approved": approved,
            "seal": entry.sealed_as(),
            "subject_url": _page_of(entry.subject) if entry.subject else None,
        },
    )


def _page_of(id: str) -> str | None:
    """Where a record is shown; None for what has no page of its own, like somebody's second factor."""
    url = locate(id)
    try:
        current_app.url_map.bind("").match(url, "GET")
    except HTTPException:
        return None
    return url
