"""The API at /easypost/v2, opened by Basic authentication with the key as the user's name.

Fault, then key, then the call in one transaction with its effects and its entry in the ledger.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections import deque
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from .._faults import AnswerLost, Fault
from .._garbage import spoil
from . import VENDOR, EasyPost, addresses, trackers
from ._turn import Refusal, not_found

PREFIX = "/easypost"
Run = Callable[..., dict[str, Any]]

ROUTES: list[tuple[str, str, Run]] = [
    ("POST", "/v2/trackers", trackers.create),
    ("GET", "/v2/trackers", trackers.find),
    ("GET", "/v2/trackers/<id>", lambda turn, given, id: trackers.show(turn, id)),
    ("POST", "/v2/addresses", addresses.create),
]
GATE_FAULTS = {
    "rate_limit": (429, "RATE_LIMITED", "Too many requests."),
    "lock_timeout": (429, "RATE_LIMITED", "Too many requests."),
    "unauthorized": (401, "APIKEY.INACTIVE", "This api key is no longer active."),
    "forbidden": (403, "FORBIDDEN", "This action is not allowed."),
    "down": (503, "SERVICE.UNAVAILABLE", "Service unavailable."),
}


def blueprint(easypost: EasyPost, calls: deque[dict[str, Any]]) -> Blueprint:
    """`calls` collects one entry per call, for tests."""
    api = Blueprint("easypost", __name__, url_prefix=PREFIX)
    for method, path, run in ROUTES:
        api.add_url_rule(
            path,
            endpoint=f"{method.lower()}{path.replace('/', '_').translate({60: None, 62: None})}",
            view_func=_view(easypost, calls, run),
            methods=[method],
            provide_automatic_options=False,
        )
    return api


def unknown_url() -> Response:
    return _response(404, not_found().body)


def _view(easypost: EasyPost, calls: deque[dict[str, Any]], run: Run) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        fault = easypost.faults.strike(VENDOR, f"{request.method} {request.path}")
        status: int | None = None
        try:
            response = _outcome(easypost, run, ids, fault)
            if fault and fault.kind == "lost_answer":
                raise AnswerLost("lost_answer")
            status = response.status_code
        finally:
            calls.append(
                {
                    "at": easypost.clock.now(),
                    "method": request.method,
                    "path": request.path,
                    "status": status,
                    "fault": fault.kind if fault else None,
                }
            )
        return response

    return view


def _outcome(easypost: EasyPost, run: Run, ids: dict[str, str], fault: Fault | None) -> Response:
    kind, side = (fault.kind, fault.side) if fault else (None, None)
    try:
        _gate(easypost, kind)
        given = _given()
        _hold_up(easypost, fault, "before")
        answer: dict[str, Any] = {}
        if not (side == "before" and kind in ("error_500", "lost_answer", "garbage")):
            with easypost.turn() as turn:
                answer = run(turn, given, **ids)
        _hold_up(easypost, fault, "after")
    except Refusal as refusal:
        return _response(refusal.status, refusal.body)
    if kind == "error_500":
        return _response(500, Refusal(500, "INTERNAL_SERVER_ERROR", "We had an error.").body)
    if fault and kind == "garbage":
        return spoil(fault, 200, json.dumps(answer))
    return _response(200, answer)


def _gate(easypost: EasyPost, kind: str | None) -> None:
    if kind == "refused":
        raise AnswerLost("refused")
    if kind in GATE_FAULTS:
        raise Refusal(*GATE_FAULTS[kind])
    expected = "Basic " + base64.b64encode(f"{easypost.keys.api_key}:".encode()).decode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
        raise Refusal(401, "APIKEY.INVALID", "This api key is not valid.")


def _given() -> dict[str, Any]:
    """The query of a GET, the JSON object of all others."""
    if request.method == "GET":
        return dict(request.args)
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise Refusal(400, "BAD_REQUEST", "The body must be a JSON object.")
    return given


def _hold_up(easypost: EasyPost, fault: Fault | None, side: str) -> None:
    if fault and fault.kind == "slow" and fault.side == side:
        given_up = request.environ.get("waitress.client_disconnected", bool)
        easypost.faults.hold_up(fault.seconds, given_up)


def _response(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
