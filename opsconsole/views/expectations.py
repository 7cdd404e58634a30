"""Expectations: what should come back from outside, by when, and what was done about what did not."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import Expectation, ExpectationStatus, locate
from ..services import expectations
from ._browser import at
from ._listing import common, found, listed, shown
from ._live import live
from ._masking import written
from ._who import reads

pages = Blueprint("expectations", __name__)
CHOICES = [
    ("", "Anything"),
    *((name, name.replace(".", " ").capitalize()) for name in sorted(expectations.KINDS)),
]


def told(one: Expectation) -> dict[str, Any]:
    return common(one) | {
        "kind": one.kind,
        "says": expectations.said(one),
        "subject": locate(one.subject_id),
        "customer": locate(one.customer_id) if one.customer_id else None,
        "order": locate(one.order_id) if one.order_id else None,
        "promise": locate(one.promise_id) if one.promise_id else None,
        "port": one.port,
        "source": one.source,
        "event": one.event,
        "object_id": one.object_id,
        "due_at": at(one.due_at),
        "missed_from": at(one.missed_from),
        "looks_at": at(one.look_at),
        "looks": one.looks,
        "asked_at": at(one.asked_at),
        "ended_at": at(one.ended_at),
        "trace": one.trace_id,
        "words": written(one.words),
    }


@pages.get("/expectations")
@reads("expectations", expectations.LIST)
def list() -> ResponseReturnValue:
    return listed(
        found(),
        told,
        "expectations/list.html",
        statuses=ExpectationStatus,
        kinds=expectations.KINDS,
        choices=CHOICES,
        silent=expectations.silent,
    )


@pages.get("/expectations/<expectation_id>")
@reads("expectations")
def show(expectation_id: str) -> ResponseReturnValue:
    one = Expectation.require(expectation_id)
    return live(
        [one.status, one.looks, one.words],
        lambda: shown(one, lambda: told(one), "expectations/show.html", lambda: _page(one)),
        final=one.final,
    )


def _page(one: Expectation) -> dict[str, Any]:
    return {
        "one": one,
        "kind": expectations.KINDS.get(one.kind),
        "subject_url": locate(one.subject_id),
        "promise_url": locate(one.promise_id) if one.promise_id else None,
    }
