"""The door of a vendor that speaks JSON: fault, then key, then the call in one transaction with its effects."""

from __future__ import annotations

import hmac
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from flask import Blueprint, Response, request

from ._clock import Clock
from ._faults import AnswerLost, Fault, Faults
from ._garbage import spoil

BODY_LIMIT = 64 * 1024
#: (turn, what was given, the request's idempotency key, ids of the URL) -> status, answer
Run = Callable[..., tuple[int, dict[str, Any]]]


class Refusal(Exception):
    """A refusal with the body this vendor would send."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


def plain(run: Callable[..., dict[str, Any]]) -> Run:
    """A call that knows no keys and is answered with 200."""
    return lambda turn, given, key, **ids: (200, run(turn, given, **ids))


class Door:
    """`refuse(status, code)` makes a body of this vendor's; `authorization` is the header that opens it.

    `name` tells doors of one vendor apart. `unknown_key` is the code of a key that never was one, where the vendor tells
    it from one that was taken away.
    """

    def __init__(
        self,
        vendor: str,
        prefix: str,
        *,
        authorization: str = "",
        clock: Clock,
        faults: Faults,
        turn: Callable[[], AbstractContextManager[Any]],
        refuse: Callable[[int, str], Refusal],
        routes: Sequence[tuple[str, str, Run]],
        name: str = "",
        body_limit: int | None = BODY_LIMIT,
        unknown_key: str = "unauthorized",
    ) -> None:
        self.vendor, self.prefix = vendor, prefix
        self._name = name or vendor
        self._body_limit = body_limit
        self._unknown_key = unknown_key
        self._authorization = authorization.encode()
        self._clock, self._faults = clock, faults
        self._turn = turn
        self._routes = routes
        self.refuse = refuse

    def blueprint(self, calls: deque[dict[str, Any]]) -> Blueprint:
        """`calls` collects one entry per call, for tests."""
        api = Blueprint(self._name, __name__, url_prefix=self.prefix)
        for number, (method, path, run) in enumerate(self._routes):
            api.add_url_rule(
                path,
                endpoint=f"call_{number}",
                view_func=self._view(run, calls),
                methods=[method],
                provide_automatic_options=False,
            )
        return api

    def unknown_url(self) -> Response:
        return self._answer(404, self.refuse(404, "not_found").body)

    def _view(self, run: Run, calls: deque[dict[str, Any]]) -> Callable[..., Response]:
        def view(**ids: str) -> Response:
            fault = self._faults.strike(self.vendor, f"{request.method} {request.path}")
            status: int | None = None
            try:
                response = self._outcome(run, ids, fault)
                if fault and fault.kind == "lost_answer":
                    raise AnswerLost("lost_answer")
                status = response.status_code
            finally:
                calls.append(
                    {
                        "at": self._clock.now(), "method": request.method, "path": request.path, "status": status,
                        "fault": fault.kind if fault else None,
                    }
                )  # fmt: skip
            return response

        return view

    def _outcome(self, run: Run, ids: dict[str, str], fault: Fault | None) -> Response:
        kind, side = (fault.kind, fault.side) if fault else (None, None)
        try:
            self._gate(kind)
            given = self._given()
            self._hold_up(fault, "before")
            status = 200
            answer: dict[str, Any] = {}
            if not (side == "before" and kind in ("error_500", "lost_answer", "garbage")):
                with self._turn() as turn:
                    status, answer = run(turn, given, request.headers.get("Idempotency-Key"), **ids)
            self._hold_up(fault, "after")
        except Refusal as refusal:
            return self._answer(refusal.status, refusal.body)
        if kind == "error_500":
            return self._answer(500, self.refuse(500, "server_error").body)
        if fault and kind == "garbage":
            return spoil(fault, status, json.dumps(answer))
        return self._answer(status, answer)

    def _gate(self, kind: str | None) -> None:
        if kind == "refused":
            raise AnswerLost("refused")
        if kind in GATE_FAULTS:
            raise self.refuse(*GATE_FAULTS[kind])
        if not self._opens(request.headers.get("Authorization", "")):
            raise self.refuse(401, self._unknown_key)

    def _opens(self, authorization: str) -> bool:
        """Does this header open the door?"""
        return hmac.compare_digest(authorization.encode(), self._authorization)

    def _given(self) -> dict[str, Any]:
        """The query of a GET, the JSON object of all others."""
        if request.method == "GET":
            return dict(request.args)
        small = self._body_limit is None or len(request.get_data()) <= self._body_limit
        given = request.get_json(silent=True) if small else None
        if not isinstance(given, dict):
            raise self.refuse(400, "invalid_request")
        return given

    def _answer(self, status: int, body: Mapping[str, Any]) -> Response:
        return Response(json.dumps(body), status, content_type="application/json")

    def _hold_up(self, fault: Fault | None, side: str) -> None:
        if fault and fault.kind == "slow" and fault.side == side:
            given_up = request.environ.get("waitress.client_disconnected", bool)
            self._faults.hold_up(fault.seconds, given_up)


GATE_FAULTS = {
    "rate_limit": (429, "rate_limit"),
    "lock_timeout": (429, "rate_limit"),
    "unauthorized": (401, "unauthorized"),
    "forbidden": (403, "forbidden"),
    "down": (503, "unavailable"),
}


class NotGiven(ValueError):
    """A request lacks something, or has it in a shape that the vendor does not take."""


def need(given: Mapping[str, Any], name: str, kind: type) -> Any:
    """What must be there. Raises NotGiven."""
    value = given.get(name)
    if type(value) is not kind or value in ("", [], {}):
        raise NotGiven(f"{name} is missing or odd")
    return value


def only(given: Mapping[str, Any], *names: str) -> None:
    """Raises NotGiven for what the vendor does not know: it refuses what it cannot use."""
    if strange := sorted(set(given) - set(names)):
        raise NotGiven(f"unknown: {', '.join(strange)}")
