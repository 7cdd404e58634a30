"""Traces: one cause and all it led to."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..services import audit
from ._listing import shown
from ._who import actor, reads

pages = Blueprint("traces", __name__)


@pages.get("/traces/<trace_id>")
@reads("orders")
def show(trace_id: str) -> ResponseReturnValue:
    trace = audit.trace(trace_id, by=actor())
    return shown(
        trace, lambda: trace.as_json, "traces/show.html", lambda: {"trace": trace, "tree": trace.tree()}
    )
