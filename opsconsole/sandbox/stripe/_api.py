"""/v1: from the request on the wire to the answer, in the order Stripe decides things.

Connection, API key and limits first; then the idempotency key; then the parameters; only then does a call
execute, and from there on its answer is kept under its key, in one transaction with its effect, its events
and its entry in the ledger.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, request

from .._faults import AnswerLost, Fault
from .._garbage import spoil
from . import (  # noqa: F401  (they register their routes)
    Stripe,
    _idempotency,
    balance,
    balance_transactions,
    charges,
    coupons,
    credit_notes,
    customers,
    invoice_items,
    invoice_lines,
    invoice_payments,
    invoice_previews,
    invoices,
    payment_methods,
    payouts,
    portal,
    prices,
    products,
    promotion_codes,
    subscription_items,
    subscription_schedules,
    subscriptions,
)
from ._errors import ApiError, Malformed, unrecognized_url
from ._expand import expand
from ._form import CONTENT_TYPE, decode, read_form
from ._idempotency import Kept
from ._routes import ROUTES, Route
from ._turn import API_VERSION, new_id

MAX_BODY = 1024 * 1024
SORRY = ApiError(
    "Sorry! There was an error while talking to one of our backends. Support has been notified.",
    status=500,
    type="api_error",
)


def blueprint(stripe: Stripe, calls: deque[dict[str, Any]]) -> Blueprint:
    """Every route under /v1; `calls` collects one entry per call, for tests."""
    api = Blueprint("stripe", __name__)
    for number, route in enumerate(ROUTES):
        api.add_url_rule(
            route.path,
            endpoint=f"{number}",
            view_func=_view(stripe, calls, route),
            methods=[route.method],
            provide_automatic_options=False,
        )
    return api


def _view(stripe: Stripe, calls: deque[dict[str, Any]], route: Route) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        return Call(stripe, route, ids, calls).answer()

    return view


def unknown_url(stripe: Stripe, calls: deque[dict[str, Any]]) -> Response:
    """The answer to a method and path that is no endpoint."""

    def refuse(turn: Any, values: Any) -> dict[str, Any]:
        raise unrecognized_url(request.method, request.path)

    return Call(stripe, Route(request.method, request.path, {}, (), refuse), {}, calls).answer()


def sorry() -> Response:
    """The answer to what the sandbox itself did wrong: nothing happened, nothing is kept."""
    return Response(json.dumps(SORRY.body), SORRY.status, content_type="application/json")


class Call:
    """One request to the API, from its first byte to its answer."""

    def __init__(
        self, stripe: Stripe, route: Route, ids: dict[str, str], calls: deque[dict[str, Any]]
    ) -> None:
        self.stripe, self.route, self.ids, self.calls = stripe, route, ids, calls
        self.request_id = new_id("req", 14)
        self.key = request.headers.get("Idempotency-Key") or None if request.method == "POST" else None
        self.replayed: Kept | None = None

    def answer(self) -> Response:
        fault = self.stripe.faults.strike("stripe", f"{request.method} {request.path}")
        status: int | None = None
        try:
            response = self._outcome(fault)
            if fault and fault.kind == "lost_answer":
                raise AnswerLost("lost_answer")
            status = response.status_code
        finally:
            self._remember(status, fault)
        return response

    def _outcome(self, fault: Fault | None) -> Response:
        try:
            self._gate(fault)
            kept = self._run(fault)
        except ApiError as error:
            return self._response(error.status, json.dumps(error.body), error.headers)
        if fault and fault.kind == "garbage":
            return spoil(fault, kept.status, kept.body)
        return self._response(kept.status, kept.body)

    def _gate(self, fault: Fault | None) -> None:
        """What is decided before the idempotency layer: nothing here is ever kept."""
        if fault and fault.kind == "refused":
            raise AnswerLost("refused")
        if fault and fault.kind in GATE_FAULTS:
            raise GATE_FAULTS[fault.kind]()
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            raise _unauthorized(
                "You did not provide an API key. You need to provide your API key in the Authorization "
                "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            )
        if not hmac.compare_digest(given.strip().encode(), self.stripe.api_key.encode()):
            raise _unauthorized(f"Invalid API Key provided: {given[:8]}****{given[-4:]}")
        if "Stripe-Account" in request.headers:
            raise Malformed(
                "The provided key does not have access to the account of the Stripe-Account header.",
                status=403,
                code="account_invalid",
            )
        version = request.headers.get("Stripe-Version", API_VERSION)
        if version != API_VERSION:
            raise Malformed(f"Invalid Stripe API version: {version}")

    def _run(self, fault: Fault | None) -> Kept:
        form = self._form()
        if self.key is None:
            return self._executed(fault, form)
        self.stripe.keys.start(self.key)
        try:
            return self._executed(fault, form)
        finally:
            self.stripe.keys.finish(self.key)

    def _form(self) -> dict[str, Any]:
        if request.method != "POST":
            return read_form(request.query_string)
        if (request.content_length or 0) > MAX_BODY:
            raise Malformed("Request body is too large.", status=413)
        body = request.get_data()
        if body and request.mimetype != CONTENT_TYPE:
            raise Malformed(
                f"Invalid request (check that your POST content type is {CONTENT_TYPE}). If you have any "
                "questions, we can help at https://support.stripe.com/."
            )
        return read_form(request.query_string, body)

    def _executed(self, fault: Fault | None, form: dict[str, Any]) -> Kept:
        with self._held_up(fault), self.stripe.store.transaction() as db:
            now = self.stripe.clock.now()
            if self.key is not None:
                self.replayed = _idempotency.kept(db, self.key, request.path, form, now)
            return self.replayed or self._first_time(db, now, form, fault)

    def _first_time(
        self, db: sqlite3.Connection, now: float, form: dict[str, Any], fault: Fault | None
    ) -> Kept:
        """Execute, and keep the answer in the transaction of its effects. Malformed keeps nothing."""
        values = decode(form, self.route.takes, self.route.needs)
        kind, side = (fault.kind, fault.side) if fault else (None, None)
        if side == "before" and kind in ("garbage", "lost_answer"):
            return self._kept(SORRY)
        kept = self._kept(SORRY)
        if (kind, side) != ("error_500", "before"):
            executed = self._execute(db, now, values)
            kept = kept if kind == "error_500" else executed
        if self.key is not None:
            _idempotency.keep(db, self.key, request.path, form, now, kept)
        return kept

    def _execute(self, db: sqlite3.Connection, now: float, values: dict[str, Any]) -> Kept:
        turn = self.stripe.turn_in(db, now, self.request_id, self.key)
        db.execute("SAVEPOINT effects")
        try:
            answer = self.route.run(turn, values, **self.ids)
            expand(turn, answer, values.get("expand", []))
            kept = Kept(200, json.dumps(answer), self.request_id)
        except Malformed:
            raise
        except ApiError as error:
            if not error.keeps_effects:
                db.execute("ROLLBACK TO effects")
            kept = self._kept(error)
        db.execute("RELEASE effects")
        return kept

    def _kept(self, error: ApiError) -> Kept:
        return Kept(error.status, json.dumps(error.body), self.request_id)

    @contextmanager
    def _held_up(self, fault: Fault | None) -> Iterator[None]:
        """Be slow before or after the work: the idempotency key is held meanwhile, the state is not."""
        slow = fault if fault and fault.kind == "slow" else None
        given_up = request.environ.get("waitress.client_disconnected", bool)
        if slow and slow.side == "before":
            self.stripe.faults.hold_up(slow.seconds, given_up)
        yield
        if slow and slow.side == "after":
            self.stripe.faults.hold_up(slow.seconds, given_up)

    def _response(self, status: int, body: str, headers: dict[str, str] | None = None) -> Response:
        response = Response(body, status, headers or {}, content_type="application/json")
        response.headers["Request-Id"] = self.request_id
        response.headers["Stripe-Version"] = API_VERSION
        if self.key is not None:
            response.headers["Idempotency-Key"] = self.key[:255]
            response.headers["Original-Request"] = (
                self.replayed.request_id if self.replayed else self.request_id
            )
        if self.replayed is not None:
            response.headers["Idempotent-Replayed"] = "true"
        if status == 500:
            response.headers["Stripe-Should-Retry"] = "false"  # it would only be replayed
        return response

    def _remember(self, status: int | None, fault: Fault | None) -> None:
        self.calls.append(
            {
                "at": self.stripe.clock.now(),
                "method": request.method,
                "path": request.path,
                "key": self.key,
                "status": status,
                "replayed": self.replayed is not None,
                "fault": fault.kind if fault else None,
                "request_id": self.request_id,
            }
        )


def _unauthorized(message: str) -> Malformed:
    return Malformed(message, status=401, headers={"WWW-Authenticate": 'Bearer realm="Stripe"'})


def _rate_limit() -> ApiError:
    return Malformed(
        "Request rate limit exceeded. Learn more about rate limits here https://docs.stripe.com/rate-limits.",
        status=429,
        code="rate_limit",
    )


def _lock_timeout() -> ApiError:
    return Malformed(
        "This object cannot be accessed right now because another API request or Stripe process is currently "
        "accessing it. If you see this error intermittently, retry the request.",
        status=429,
        code="lock_timeout",
        headers={"Stripe-Should-Retry": "true"},
    )


GATE_FAULTS: dict[str, Callable[[], ApiError]] = {
    "rate_limit": _rate_limit,
    "lock_timeout": _lock_timeout,
    "unauthorized": lambda: _unauthorized("Invalid API Key provided: sk_test_****"),
    "forbidden": lambda: Malformed(
        "The provided key does not have the required permissions for this endpoint.", status=403
    ),
    "down": lambda: Malformed("Service unavailable.", status=503, type="api_error"),
}
