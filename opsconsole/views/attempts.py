"""Attempts: every single call that was made to an outside system, and how it ended."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from .. import vendors
from ..models import Attempt, locate
from ..services import watch
from ._browser import at
from ._listing import found, listed
from ._masking import written
from ._who import reads

pages = Blueprint("attempts", __name__)


def told(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id, "promise": locate(attempt.promise_id), "vendor": attempt.vendor, "outcome": attempt.outcome,
        "created_at": at(attempt.created_at), "started_at": at(attempt.started_at), "ended_at": at(attempt.ended_at),
        "code": attempt.code, "words": written(attempt.words), "http_status": attempt.http_status,
        "request_id": attempt.request_id, "maybe_done": attempt.maybe_done,
    }  # fmt: skip


@pages.get("/attempts")
@reads("promises", watch.LIST)
def list() -> ResponseReturnValue:
    return listed(
        found(),
        told,
        "attempts/list.html",
        systems=vendors.SYSTEMS,
        name_of=vendors.system_of,
        within=watch.WITHIN,
    )
