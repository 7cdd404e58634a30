"""Webhooks: checked, recorded, answered. Nothing else is done in the request."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from .. import vendors
from ..services import inbox
from ._who import address, public

pages = Blueprint("webhooks", __name__)
MOST = 1024 * 1024  # bytes


@pages.post("/webhooks/stripe")
@public
def stripe() -> ResponseReturnValue:
    """200 once recorded, also when seen before; 400 not authentic or not parseable; 413; 503. Never 500."""
    if (request.content_length or 0) > MOST:
        raise RequestEntityTooLarge
    body = request.get_data(cache=False)
    try:
        delivery = vendors.port("payments").read(
            body, request.headers, now=datetime.fromtimestamp(time.time(), UTC)
        )
        new = inbox.record("stripe", delivery)
    except vendors.NotAuthentic as error:
        return _refuse("not_authentic", str(error), body)
    except vendors.NotParseable as error:
        return _refuse("not_parseable", str(error), body)
    except (SQLAlchemyError, OSError):
        again = {"code": "database_unavailable", "message": "Send it again.", "field": None}
        return jsonify({"refused": again}), 503
    return jsonify({"recorded": True, "new": new})


def _refuse(why: str, detail: str, body: bytes) -> ResponseReturnValue:
    with suppress(SQLAlchemyError):  # counting forgeries is not worth an error
        inbox.reject("stripe", why, detail, body=body, address=address())
    return jsonify({"refused": {"code": why, "message": detail, "field": None}}), 400
