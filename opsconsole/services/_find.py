"""A page of any noun, newest first, by keyset."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import Select, tuple_

from ..db import db
from ..lib.paging import PAGE, Page, cursor, read_cursor
from ..models import Record

R = TypeVar("R", bound=Record)


def newest(
    query: Select[tuple[R]], noun: type[R], after: str | None, *, by: str = "created_at", size: int = PAGE
) -> Page[R]:
    """The next `size` rows by (`by`, id) descending. Raises BadCursor."""
    order = getattr(noun, by)
    if after:
        query = query.where(tuple_(order, noun.id) < read_cursor(after))
    rows = list(db.session.scalars(query.order_by(order.desc(), noun.id.desc()).limit(size + 1)))
    more = len(rows) > size
    last = rows[size - 1] if more else None
    return Page(rows[:size], cursor(getattr(last, by), last.id) if last else None)
