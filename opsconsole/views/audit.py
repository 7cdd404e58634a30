"""The audit: every act, who did it, who agreed, and what it changed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from ..models import AuditEntry, locate
from ..services import audit
from ._listing import common, found, listed, shown
from ._masking import masked_changes, masked_inside, written
from ._who import reads

pages = Blueprint("audit", __name__)


def told(entry: AuditEntry, approved: AuditEntry | None) -> dict[str, Any]:
    inputs = masked_inside(entry.inputs, entry.act)
    return common(entry) | {
        "act": entry.act,
        "by": entry.by,
        "address": entry.address,
        "subject": locate(entry.subject) if entry.subject else None,
        "says": written(entry.says, entry.act),
        "reason": _reason(inputs) or None,
        "approved_by": approved.by if approved else None,
        "approval": locate(approved.subject) if approved and approved.subject else None,
        "inputs": inputs,
        "changes": masked_changes(entry.changes),
        "promises": [f"/promises/{id}" for id in entry.promises],
        "within": f"/audit/{entry.within}" if entry.within else None,
        "trace": entry.trace_id,
    }


@pages.get("/audit")
@reads("audit", audit.LIST)
def list() -> ResponseReturnValue:
    page = found()
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
            "reason": _reason(masked_inside(entry.inputs, entry.act)),
            "seal": entry.sealed_as(),
            "subject_url": _page_of(entry.subject) if entry.subject else None,
        },
    )


def _reason(inputs: dict[str, Any]) -> str:
    """Why it was done, by the code and in the words that were given; empty for acts that ask for none."""
    return ": ".join(str(inputs[name]) for name in ("reason", "note") if inputs.get(name))


def _page_of(id: str) -> str | None:
    """Where a record is shown; None for what has no page of its own, like somebody's second factor."""
    url = locate(id)
    try:
        current_app.url_map.bind("").match(url, "GET")
    except HTTPException:
        return None
    return url
