"""Webhooks: checked, recorded, answered. Nothing else is done in the request."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from .. import vendors
from ..services import inbox
from ._who import address, public

pages = Blueprint("webhooks", __name__)
MOST = 1024 * 1024  # bytes
# Who tells us something, and which port reads it.
PORTS = {
    "stripe": "payments",
    "customerio": "crm",
    "easypost": "tracking",
    "healthcare": "healthcare",
    "pharmacy-truepill": "pharmacy-truepill",
    "pharmacy-honeybee": "pharmacy-honeybee",
}


@pages.post("/webhooks/<source>")
@public
def record(source: str) -> ResponseReturnValue:
    """200 once recorded, also when seen before; 400 not authentic or not parseable; 413; 503. Never 500."""
    if source not in PORTS or not vendors.connected(PORTS[source]):
        return _no("not_found", "Nothing is expected from there."), 404
    if (request.content_length or 0) > MOST:
        return _too_large()
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:  # it came in chunks and did not say how long it was
        return _too_large()
    try:
        delivery = vendors.port(PORTS[source]).read(
            body, request.headers, now=datetime.fromtimestamp(time.time(), UTC)
        )
        new = inbox.record(source, delivery)
    except vendors.NotAuthentic as error:
        return _refuse(source, "not_authentic", str(error), body)
    except vendors.NotParseable as error:
        return _refuse(source, "not_parseable", str(error), body)
    except (SQLAlchemyError, OSError):
        return _no("database_unavailable", "Send it again."), 503
    return jsonify({"recorded": True, "new": new})


def _too_large() -> ResponseReturnValue:
    return _no("too_large", f"At most {MOST} bytes."), 413


def _refuse(source: str, why: str, detail: str, body: bytes) -> ResponseReturnValue:
    with suppress(SQLAlchemyError):  # counting forgeries is not worth an error
        inbox.reject(source, why, detail, body=body, address=address())
    return _no(why, detail), 400


def _no(code: str, message: str) -> Response:
    return jsonify({"refused": {"code": code, "message": message, "field": None}})
