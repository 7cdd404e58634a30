"""Promises: what we owe the outside, and every attempt to keep it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import Attempt, Promise, PromiseStatus, locate
from ..services import audit, cases, outbox
from ._browser import at
from ._listing import common, found, listed, shown
from ._live import live
from ._masking import written
from ._who import reads

pages = Blueprint("promises", __name__)


def told(promise: Promise) -> dict[str, Any]:
    return common(promise) | {
        "kind": promise.kind,
        "to": promise.port,
        "method": promise.method,
        "says": promise.says,
        "subject": locate(promise.subject_id),
        "lane": promise.lane,
        "ref": promise.ref,
        "round": promise.round,
        "attempts": promise.attempts,
        "maybe_done": promise.maybe_done,
        "due_at": at(promise.due_at),
        "last_words": written(promise.last_words),
        "trace": promise.trace_id,
    }


def attempted(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id, "round": attempt.round, "started_at": at(attempt.started_at), "ended_at": at(attempt.ended_at),
        "outcome": attempt.outcome, "code": attempt.code, "words": written(attempt.words),
        "http_status": attempt.http_status, "request_id": attempt.request_id, "worker": attempt.worker,
        "maybe_done": attempt.maybe_done,
    }  # fmt: skip


@pages.get("/promises")
@reads("promises", outbox.LIST)
def list() -> ResponseReturnValue:
    return listed(found(), told, "promises/list.html", statuses=PromiseStatus, breakers=outbox.health())


@pages.get("/promises/<promise_id>")
@reads("promises")
def show(promise_id: str) -> ResponseReturnValue:
    promise = Promise.require(promise_id)
    looks = [promise.status, promise.fence, promise.last_words, audit.movement(promise.subject_id)]
    return live(
        looks,
        lambda: shown(
            promise,
            lambda: told(promise) | {"tries": [attempted(one) for one in promise.tries()]},
            "promises/show.html",
            lambda: _page(promise),
        ),
        final=promise.final,
    )


def _page(promise: Promise) -> dict[str, Any]:
    calls = (promise.port, promise.method)
    return {
        "promise": promise,
        "tries": promise.tries(),
        "subject_url": locate(promise.subject_id),
        "cases": cases.of(promise.subject_id),
        "breakers": [one for one in outbox.health() if one.opened_at and (one.port, one.method) == calls],
    }
