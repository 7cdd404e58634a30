"""Every view of health data is written down: who, whose, which field, for what, when. It is bookkeeping, not an act.

What one request shows is written in one statement before its answer leaves. If that fails, so does the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, tuple_

from ...db import AT_ONCE, db
from ...lib import ids
from ...lib.cause import current
from ...lib.paging import PAGE, Page, cursor, read_cursor
from ...models import Customer, InboxEvent, Note, Order, OrderLine, PhiView
from .._actor import Actor

ON_THE_PAGE = "on_the_page"  # shown without being asked for, to who has the right
BREAK_GLASS = "break_glass"  # shown without the right, in an emergency

_shown: ContextVar[list[dict[str, Any]] | None] = ContextVar("shown", default=None)
_kept: ContextVar[dict[str, Any] | None] = ContextVar("kept", default=None)


def begin() -> None:
    """A request begins: what it shows is gathered until `write_down`."""
    _shown.set([])
    _kept.set({})


def per_request() -> dict[str, Any] | None:
    """What this request has asked the database already, by the reader's id; None outside of a request."""
    return _kept.get()


def seen(
    record_id: str, field: str, *, by: Actor, purpose: str = ON_THE_PAGE, customer_id: str | None = None
) -> None:
    """That field of that record is shown to `by`. Without a `customer_id` it is looked up."""
    cause = current()
    row = {
        "id": ids.new("vie"), "customer_id": customer_id, "subject_id": record_id, "field": field, "purpose": purpose,
        "by": by.label, "by_id": by.id, "trace_id": cause.trace if cause else None,
    }  # fmt: skip
    gathered = _shown.get()
    if gathered is None:
        _write([row])
    elif (record_id, field) not in {(one["subject_id"], one["field"]) for one in gathered}:
        gathered.append(row)  # a text that stands twice on a page is seen once


def write_down() -> None:
    """Write what was gathered, durable when this returns."""
    rows, _, _ = _shown.get(), _shown.set(None), _kept.set(None)
    if rows:
        _write(rows)


def _write(rows: list[dict[str, Any]]) -> None:
    with db.engines[AT_ONCE].connect() as connection:
        whose = dict(_patients(connection, [row["subject_id"] for row in rows if not row["customer_id"]]))
        for row in rows:
            row["customer_id"] = row["customer_id"] or whose.get(row["subject_id"])
        connection.execute(insert(PhiView), rows)


def _patients(connection: Any, record_ids: list[str]) -> Iterable[tuple[str, str]]:
    """Whose records these are: each id with a customer's, as far as it is known."""
    by_noun: dict[str, list[str]] = {}
    for id in record_ids:
        by_noun.setdefault(id.partition("_")[0], []).append(id)
    for noun in (Note, InboxEvent):
        if wanted := by_noun.get(noun.PREFIX):
            for id, about in connection.execute(select(noun.id, noun.about).where(noun.id.in_(wanted))):
                customers = [one for one in about if one.startswith(f"{Customer.PREFIX}_")]
                yield from [(id, customers[0])] if customers else []
    if wanted := by_noun.get(OrderLine.PREFIX):
        of_order = select(OrderLine.id, Order.customer_id).join(Order, Order.id == OrderLine.order_id)
        yield from connection.execute(of_order.where(OrderLine.id.in_(wanted))).tuples()


def views_of(customer_id: str, *, after: str | None = None) -> Page[PhiView]:
    """Who saw what of a customer's health, newest first. Raises BadCursor."""
    query = select(PhiView).where(PhiView.customer_id == customer_id)
    if after:
        query = query.where(tuple_(PhiView.at, PhiView.id) < read_cursor(after, "-at", datetime))
    found = list(db.session.scalars(query.order_by(PhiView.at.desc(), PhiView.id.desc()).limit(PAGE + 1)))
    more = len(found) > PAGE
    return Page(found[:PAGE], cursor("-at", found[PAGE - 1].at, found[PAGE - 1].id) if more else None)
