"""For machines that watch: is it alive, is it ready, how much is waiting."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from ..db import db
from ..migrate import behind
from ..services import watch
from ..worker import redis_of
from ._who import NotSignedIn, public

pages = Blueprint("watch", __name__)


@pages.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify({"status": "alive"})


@pages.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """503 with the reason while the database or its migrations are not there. Redis is only told."""
    try:
        with db.engine.connect() as connection:
            why_not = behind(connection)
    except SQLAlchemyError:
        why_not = "The database does not answer."
    body = {"ready": why_not is None, "database": why_not or "ok", "redis": _redis(), "vendors": {}}
    if why_not is None:
        body["vendors"] = watch.vendors_at_rest()
    return jsonify(body), 503 if why_not else 200


def _redis() -> str:
    try:
        redis_of(current_app.config["SETTINGS"]).ping()
    except Exception:  # whatever is wrong with it: the console goes on without, work waits
        return "does not answer: promises wait, nothing is lost"
    return "ok"


@pages.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Prometheus' text, computed from Postgres. For programs with a token, and for this machine."""
    local_or_token()
    registry = CollectorRegistry()
    for name, help, labels, rows in watch.measured():
        gauge = Gauge(f"opsconsole_{name}", help, labels, registry=registry)
        for values, number in rows:
            (gauge.labels(*values) if labels else gauge).set(number)
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


def local_or_token() -> None:
    """Raises NotSignedIn for who is neither on this machine nor known."""
    if not current_user.is_authenticated and request.remote_addr not in ("127.0.0.1", "::1"):
        raise NotSignedIn
