"""Finding one thing by any of its ids: ours, the shop's, a vendor's, or an e-mail address."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from ...db import db
from ...models import REGISTRY, Customer, InboxEvent, Message, Order, Payment, Record, Refund
from .._actor import Actor

# Which right each noun needs; sub-records lead to their noun.
_RIGHTS = {
    "customers": "customers.read", "orders": "orders.read", "payments": "payments.read", "refunds": "refunds.read",
    "messages": "messages.read", "cases": "cases.read", "inbox": "inbox.read", "promises": "promises.read",
    "audit": "audit.read",
}  # fmt: skip


def search(text: str, by: Actor) -> list[tuple[str, str]]:
    """(url, words) of everything that `text` names exactly and `by` may see."""
    if not text:
        return []
    if text.startswith("trc_") and by.may("orders.read"):
        return [(f"/traces/{text}", f"Trace {text}")]
    found = {record.id: record for record in _named(text)}
    return [
        (record.url, f"{record.noun().title()} {getattr(record, 'reference', record.id)}")
        for record in found.values()
        if by.may(_RIGHTS.get(record.PLURAL, "nobody"))
    ]


def _named(text: str) -> Iterator[Record]:
    noun = REGISTRY.get(text.partition("_")[0])
    if noun and (ours := noun.get(text)):
        yield ours
    for conditions in (
        select(Customer).where((Customer.reference == text) | (Customer.email == text.lower())),
        select(Order).where(Order.reference == text.removeprefix("#")),
        select(Payment).where((Payment.external_id == text) | (Payment.charge_id == text)),
        select(Refund).where(Refund.external_id == text),
        select(Message).where(Message.external_id == text),
        select(InboxEvent).where(InboxEvent.external_id == text),
    ):
        yield from db.session.scalars(conditions.limit(20))
    for system in ("stripe",):
        if customer := Customer.by_external(system, text):
            yield customer
