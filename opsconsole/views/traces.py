"""Traces: one cause and all it led to."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..services import audit
from ._listing import shown
from ._who import reads

pages = Blueprint("traces", __name__)


@pages.get("/traces/<trace_id>")
@reads("orders")
def show(trace_id: str) -> ResponseReturnValue:
    trace = audit.trace(trace_id)
    known = {entry.id for entry in trace.entries}
    return shown(
        trace,
        lambda: trace.as_json,
        "traces/show.html",
        lambda: {
            "trace": trace,
            "entries": [
                {
                    "id": entry.id, "parent": entry.parent if entry.parent in known else None, "at": entry.at,
                    "kind": entry.kind, "name": entry.name, "by": entry.by, "says": entry.says, "status": entry.status,
                    "subject": entry.subject, "external_id": entry.external_id,
                    "took": (entry.ended_at - entry.at).total_seconds() * 1000 if entry.ended_at else None,
                }
                for entry in trace.entries
            ],
        },
    )  # fmt: skip
