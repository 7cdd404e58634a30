"""The vendor health board: how each outside system is doing. Live; one reading a process serves everybody who looks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from ..services import incidents
from ..services.incidents import Health
from ..services.watch import Calls
from ._browser import at
from ._live import BOARD, live
from ._reading import wants_json
from ._who import polled, reads

pages = Blueprint("vendor_health", __name__)


def told(one: Health) -> dict[str, Any]:
    return {
        "port": one.system.port,
        "name": one.system.name,
        "calls": {"1h": _calls(one.hour), "24h": _calls(one.day)},
        "last_event_at": at(one.heard.last_event_at) if one.heard else None,
        "longest_pause": one.heard.pause.total_seconds() if one.heard and one.heard.pause else None,
        "silent_since": at(one.silence.since) if one.silence else None,
        "breakers": [
            {"method": breaker.method, "open_since": at(breaker.opened_at), "failures": breaker.failures}
            for breaker in one.breakers
        ],
        "pace_used": one.pace,
        "waiting": {
            "calls": one.waiting.calls, "oldest": at(one.waiting.oldest), "customers": one.waiting.customers,
        },
        "incident": one.incident.url if one.incident else None,
    }  # fmt: skip


def _calls(calls: Calls) -> dict[str, Any]:
    return {
        "ended": calls.ended,
        "failed": calls.failed,
        "success_ratio": calls.ratio,
        "p95_seconds": calls.p95,
    }


@pages.get("/vendors")
@reads("incidents")
def list() -> ResponseReturnValue:
    board = incidents.health(at_most_old=3 if polled() else 0)

    def answer() -> ResponseReturnValue:
        if wants_json():
            return jsonify({"items": [told(one) for one in board], "next": None})
        return render_template("vendor_health/list.html", board=board)

    return live([one.looks for one in board], answer, every=BOARD)
