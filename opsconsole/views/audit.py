"""The audit: every act, who did it and what it changed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import AuditEntry, locate
from ..services import audit
from ._listing import common, found, listed, shown
from ._masking import masked_changes, masked_inside, written
from ._who import reads

pages = Blueprint("audit", __name__)


def told(entry: AuditEntry) -> dict[str, Any]:
    return common(entry) | {
        "act": entry.act,
        "by": entry.by,
        "address": entry.address,
        "subject": locate(entry.subject) if entry.subject else None,
        "says": written(entry.says, entry.act),
        "inputs": masked_inside(entry.inputs, entry.act),
        "changes": masked_changes(entry.changes),
        "promises": [f"/promises/{id}" for id in entry.promises],
        "within": f"/audit/{entry.within}" if entry.within else None,
        "trace": entry.trace_id,
    }


@pages.get("/audit")
@reads("audit", audit.LIST)
def list() -> ResponseReturnValue:
    return listed(found(), told, "audit/list.html")


@pages.get("/audit/<entry_id>")
@reads("audit")
def show(entry_id: str) -> ResponseReturnValue:
    entry = AuditEntry.require(entry_id)
    return shown(
        entry,
        lambda: told(entry) | {"seal": entry.sealed_as()},
        "audit/show.html",
        lambda: {
            "entry": entry,
            "seal": entry.sealed_as(),
            "subject_url": locate(entry.subject) if entry.subject else None,
        },
    )
