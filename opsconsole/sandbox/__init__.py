"""The outside world on one machine: every vendor as a strict HTTP server with state, time and fault dials.

It knows nothing of the console; the console reaches it only over HTTP, as it reaches the real vendors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from . import _control
from ._faults import AnswerLost, BadDial
from ._sandbox import Sandbox
from ._webhooks import Deliver
from .customerio import Keys as CustomerIOKeys
from .easypost import Keys as EasyPostKeys
from .fhir import Keys as HealthcareKeys
from .pharmacies import PharmacyKeys
from .stripe import BadLine, _api


class SandboxApp(Flask):
    """A WSGI application; `sandbox` is the world behind it. Lets AnswerLost through to the server."""

    sandbox: Sandbox

    def handle_exception(self, e: Exception) -> Any:
        if isinstance(e, AnswerLost):
            raise e
        answer = super().handle_exception(e)
        return _api.sorry() if request.path.startswith("/v1/") else answer


def create_sandbox(
    state: Path | None,
    *,
    stripe_api_key: str,
    stripe_webhook_secret: str,
    webhook_url: str | None,
    deliver: Deliver | None = None,
    customerio_keys: CustomerIOKeys | None = None,
    easypost_keys: EasyPostKeys | None = None,
    pharmacy_keys: PharmacyKeys | None = None,
    healthcare_keys: HealthcareKeys | None = None,
) -> SandboxApp:
    """The sandbox as a WSGI application.

    `state`: its SQLite file, None to keep everything in memory. `webhook_url`: the console's base; events go
    to `<webhook_url>/webhooks/<vendor>`, None sends none. With `deliver(url, headers, body) -> status`
    nothing happens by itself: `app.sandbox.flush()` delivers; without it a thread delivers over HTTP.
    """
    app = SandboxApp(__name__, static_url_path="/_sandbox/static")
    app.sandbox = Sandbox(
        state,
        stripe_api_key=stripe_api_key,
        stripe_webhook_secret=stripe_webhook_secret,
        webhook_url=webhook_url,
        deliver=deliver,
        customerio_keys=customerio_keys or CustomerIOKeys(),
        easypost_keys=easypost_keys or EasyPostKeys(),
        pharmacy_keys=pharmacy_keys or PharmacyKeys(),
        healthcare_keys=healthcare_keys or HealthcareKeys(),
    )
    app.register_blueprint(_api.blueprint(app.sandbox.stripe, app.sandbox.calls))
    for door in app.sandbox.doors:
        app.register_blueprint(door.blueprint(app.sandbox.calls))
    app.register_blueprint(_control.blueprint(app.sandbox))

    @app.before_request
    def count() -> None:
        if vendor := _vendor_of(app.sandbox, request.path):
            app.sandbox.traffic.came(
                vendor, request.method, request.url_rule.rule if request.url_rule else "unknown"
            )

    def unknown(error: HTTPException) -> Response | HTTPException:
        if request.path.startswith("/v1/"):
            return _api.unknown_url(app.sandbox.stripe, app.sandbox.calls)
        door = next((one for one in app.sandbox.doors if request.path.startswith(one.prefix + "/")), None)
        return door.unknown_url() if door else error

    app.register_error_handler(NotFound, unknown)
    app.register_error_handler(MethodNotAllowed, unknown)
    return app


def _vendor_of(sandbox: Sandbox, path: str) -> str | None:
    if path.startswith("/v1/"):
        return "stripe"
    return next((door.vendor for door in sandbox.doors if path.startswith(f"{door.prefix}/")), None)


__all__ = [
    "AnswerLost",
    "BadDial",
    "BadLine",
    "CustomerIOKeys",
    "EasyPostKeys",
    "HealthcareKeys",
    "PharmacyKeys",
    "Sandbox",
    "SandboxApp",
    "create_sandbox",
]
