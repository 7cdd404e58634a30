"""Who had the ball of an order, and for how long: a part of its page, a page of its own, or JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ..lib.business_time import NEVER
from ..lib.duration import long_words
from ..models import Order
from ..services import clocks, service_levels
from ..services.orders import Lanes
from ._clocks import NAMES, draw, tone_of
from ._listing import shown
from ._page import now
from ._who import reads

pages = Blueprint("clocks", __name__)


@pages.get("/orders/<order_id>/clocks")
@reads("orders")
def show(order_id: str) -> ResponseReturnValue:
    order = Order.require(order_id)
    found, held = clocks.of(order), service_levels.levels()
    skus = {line.sku for line in order.lines()}
    due = clocks.due(found, held, skus.pop() if len(skus) == 1 else None)
    parts = clocks.shares(found, held)
    alone = not request.htmx  # type: ignore[attr-defined]
    return shown(
        order,
        lambda: told(order, found, parts, due),
        "clocks/show.html" if alone else "clocks/_panel.html",
        lambda: {
            "order": order,
            "found": found,
            "parts": parts,
            "due": due,
            "breach_at": due.breach_at if due and due.breach_at and due.breach_at < NEVER else None,
            "late": bool(due and due.breach_at and due.breach_at <= now()),
            "papers": draw(found, parts),
            "names": NAMES,
            "tone_of": tone_of,
            "lasted": lambda span: long_words(span.total_seconds()),
        },
    )


def told(
    order: Order, found: clocks.Attribution, parts: list[clocks.Clocks], due: clocks.Due | None
) -> dict[str, Any]:
    """Times are in seconds. Over the parties `ball_seconds` sums to `elapsed_seconds`."""
    running = found.running
    return {
        "order": order.url,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "open": found.open,
        "elapsed_seconds": found.elapsed.total_seconds(),
        "running": {
            "who": running.holder.value,
            "says": running.why,
            "since": due.since.isoformat(),
            "code": due.code,
            "warn_at": due.warn_at.isoformat() if due.warn_at else None,
            "breach_at": due.breach_at.isoformat() if due.breach_at else None,
            "stands": due.stands,
        }
        if running and due
        else None,
        "parties": [
            {
                "who": one.holder.value,
                "ball_seconds": one.ball.total_seconds(),
                "working_seconds": one.ball_at_work.total_seconds(),
                "clock_seconds": one.clock.total_seconds(),
                "running": one.running,
            }
            for one in parts
        ],
        "spans": [_told_span(one) for one in found.spans],
        "clocks": [_told_span(one) for one in found.clocks],
    }


def _told_span(one: clocks.Held) -> dict[str, Any]:
    return {
        "who": one.holder.value,
        "says": one.why,
        "since": one.since.isoformat(),
        "until": one.until.isoformat(),
        "seconds": one.lasted.total_seconds(),
        "outage": one.port if one.down else None,
    }


def told_short(order: Order, lanes: Lanes) -> dict[str, Any]:
    """In the order's own JSON: each party's time, and where all of it stands. One statement."""
    found = clocks.of(order, lanes)
    return {
        "url": f"{order.url}/clocks",
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "open": found.open,
        "parties": [
            {"who": one.holder.value, "ball_seconds": one.ball.total_seconds(), "running": one.running}
            for one in found.shares()
        ],
    }
