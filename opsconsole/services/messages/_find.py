"""Reading messages."""

from __future__ import annotations

from sqlalchemy import select

from ...lib.paging import Page
from ...models import Message
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[Message]:
    """Newest first; filters: status, template, customer, order, refund, external_id."""
    query = select(Message)
    for name, column in (
        ("status", Message.status), ("template", Message.template), ("customer", Message.customer_id),
        ("order", Message.order_id), ("refund", Message.refund_id), ("external_id", Message.external_id),
    ):  # fmt: skip
        if value := filters.get(name):
            query = query.where(column == value.rsplit("/", 1)[-1])
    return newest(query, Message, after)
