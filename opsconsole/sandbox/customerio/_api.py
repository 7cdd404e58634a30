"""Both APIs on one port: /customerio/track (Basic) and /customerio/app (Bearer).

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
from . import VENDOR, CustomerIO, messages, people
from ._turn import Refusal, Turn, refused_by_app, refused_by_track

PREFIX = "/customerio"
BODY_LIMIT = 32 * 1024  # documented for single requests of the Track API v2
Run = Callable[..., dict[str, Any]]


def blueprint(customerio: CustomerIO, calls: deque[dict[str, Any]]) -> Blueprint:
    """`calls` collects one entry per call, for tests."""
    api = Blueprint("customerio", __name__, url_prefix=PREFIX)
    for method, path, run in ROUTES:
        api.add_url_rule(
            path,
            endpoint=f"{method.lower()}{path.replace('.', '_').replace('/', '_')}",
            view_func=_view(customerio, calls, run, of_track=path.startswith("/track")),
            methods=[method],
            provide_automatic_options=False,
        )
    return api


def unknown_url() -> Response:
    return _response(404, {"errors": [{"detail": "not found", "status": "404"}]})


def _view(
    customerio: CustomerIO, calls: deque[dict[str, Any]], run: Run, *, of_track: bool
) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        fault = customerio.faults.strike(VENDOR, f"{request.method} {request.path}")
        status: int | None = None
        try:
            response = _outcome(customerio, run, ids, fault, of_track)
            if fault and fault.kind == "lost_answer":
                raise AnswerLost("lost_answer")
            status = response.status_code
        finally:
            calls.append(
                {
                    "at": customerio.clock.now(),
                    "method": request.method,
                    "path": request.path,
                    "status": status,
                    "fault": fault.kind if fault else None,
                }
            )
        return response

    return view


def _outcome(
    customerio: CustomerIO, run: Run, ids: dict[str, str], fault: Fault | None, of_track: bool
) -> Response:
    kind, side = (fault.kind, fault.side) if fault else (None, None)
    try:
        _gate(customerio, kind, of_track)
        given = _given(of_track)
        _hold_up(customerio, fault, "before")
        answer: dict[str, Any] = {}
        if not (side == "before" and kind in ("error_500", "lost_answer", "garbage")):
            with customerio.turn() as turn:
                answer = run(turn, given, **ids)
        _hold_up(customerio, fault, "after")
    except Refusal as refusal:
        return _response(refusal.status, refusal.body)
    if kind == "error_500":
        return _response(500, {"meta": {"error": "internal server error"}})
    if fault and kind == "garbage":
        return spoil(fault, 200, json.dumps(answer))
    return _response(200, answer)


def _gate(customerio: CustomerIO, kind: str | None, of_track: bool) -> None:
    if kind == "refused":
        raise AnswerLost("refused")
    if kind in GATE_FAULTS:
        status, words = GATE_FAULTS[kind]
        raise Refusal(status, {"meta": {"error": words}})
    keys = customerio.keys
    basic = base64.b64encode(f"{keys.site_id}:{keys.track_key}".encode()).decode()
    expected = f"Basic {basic}" if of_track else f"Bearer {keys.app_key}"
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
        raise Refusal(401, {"meta": {"error": "Unauthorized request"}})


GATE_FAULTS = {
    "rate_limit": (429, "too many requests"),
    "lock_timeout": (429, "too many requests"),
    "unauthorized": (401, "Unauthorized request"),
    "forbidden": (403, "Account is not authorized for this."),
    "down": (503, "service unavailable"),
}


def _given(of_track: bool) -> dict[str, Any]:
    """The query of a GET, the JSON object of all others."""
    if request.method == "GET":
        return dict(request.args)
    body = request.get_data()
    given = request.get_json(silent=True) if len(body) <= BODY_LIMIT else None
    if not isinstance(given, dict):
        words = f"must be a JSON object of at most {BODY_LIMIT} bytes"
        raise refused_by_track("body", words) if of_track else refused_by_app(400, f"the body {words}")
    return given


def _hold_up(customerio: CustomerIO, fault: Fault | None, side: str) -> None:
    if fault and fault.kind == "slow" and fault.side == side:
        given_up = request.environ.get("waitress.client_disconnected", bool)
        customerio.faults.hold_up(fault.seconds, given_up)


def _response(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def _region(turn: Turn, given: dict[str, Any]) -> dict[str, Any]:
    return {"url": "track.customer.io", "data_center": "us", "environment_id": 1}


ROUTES: list[tuple[str, str, Run]] = [
    ("GET", "/track/api/v1/accounts/region", _region),
    ("PUT", "/track/api/v1/customers/<id>", lambda turn, given, id: people.identify(turn, id, given)),
    ("POST", "/track/api/v1/customers/<id>/events", lambda turn, given, id: messages.track(turn, id, given)),
    ("GET", "/app/v1/customers", people.find_by_email),
    ("GET", "/app/v1/customers/<id>/attributes", lambda t, given, id: people.show_attributes(t, id, given)),
    ("GET", "/app/v1/customers/<id>/messages", lambda t, given, id: messages.find_of_person(t, id, given)),
    ("GET", "/app/v1/messages", messages.find),
    ("GET", "/app/v1/messages/<id>", lambda turn, given, id: messages.retrieve(turn, id)),
    ("POST", "/app/v1/send/email", messages.send_email),
]
