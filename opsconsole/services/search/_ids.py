"""Exact ids: ours, the shop's, a vendor's. Each kind is one read of one index; no kind asks several tables at once."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Select, select, union_all

from ...db import db
from ...models import (
    REGISTRY,
    Attempt,
    AuditEntry,
    Customer,
    ExternalId,
    Fill,
    InboxEvent,
    Message,
    Order,
    OrderLine,
    Payment,
    Pharmacy,
    PharmacyLicence,
    Product,
    ProductKey,
    Promise,
    Record,
    Refund,
)
from ._says import Hit

# Parts of a thing have no page of their own: the thing they belong to, and how they name it.
_PARTS: dict[type[Record], tuple[type[Record], str]] = {
    OrderLine: (Order, "order_id"),
    Attempt: (Promise, "promise_id"),
    ExternalId: (Customer, "customer_id"),
    ProductKey: (Product, "product_id"),
    PharmacyLicence: (Pharmacy, "pharmacy_id"),
}


def cleaned(text: str) -> str:
    """What was typed or pasted, as the thing it names: without odd spaces, without the address around an id
    (https://dashboard.stripe.com/payments/pi_1), without the round of a vendor's key (prm_1:2)."""
    text = " ".join(text.replace("\x00", " ").split())
    if re.match(r"https?://\S+/", text):
        text = re.split(r"[?#]", text, maxsplit=1)[0].rstrip("/").rsplit("/", 1)[-1]
    if re.fullmatch(r"prm_\w+:\d+", text):
        text = text.partition(":")[0]
    return text.removeprefix("#")


def named(text: str) -> list[Record]:
    """Everything whose id is exactly `text`. Mostly one thing; an e-mail address may be shared."""
    prefix = text.partition("_")[0] if "_" in text else ""
    if (noun := REGISTRY.get(prefix)) and (ours := noun.get(text)):
        return _whole(ours)
    if (query := _of_vendor(prefix, text)) is not None and (theirs := _read(query)):
        return theirs
    return [record for query in _references(text) for record in _read(query)]


def trace(text: str) -> Hit | None:
    """The trace of that id, when anything is known of it."""
    for column in (AuditEntry.trace_id, InboxEvent.trace_id):
        if db.session.scalar(select(column).where(column == text).limit(1)):
            return Hit("traces", f"/traces/{text}", f"Trace {text}", None)
    return None


def _whole(record: Record) -> list[Record]:
    """The record itself, or what it is a part of; nothing for what has no page (sessions, tokens)."""
    if part := _PARTS.get(type(record)):
        noun, name = part
        return [noun.require(getattr(record, name))]
    return [record] if record.PLURAL in _WITH_PAGES else []


_WITH_PAGES = {
    "customers", "products", "orders", "payments", "refunds", "fills", "pharmacies", "messages", "cases", "promises",
    "inbox", "inbox/sweeps", "audit",
}  # fmt: skip


def _of_vendor(prefix: str, text: str) -> Select[Any] | None:
    """Stripe's ids say by their prefix what they are: https://docs.stripe.com/api"""
    match prefix:
        case "pi":
            return select(Payment).where(Payment.external_id == text)
        case "ch" | "py":
            return select(Payment).where(Payment.charge_id == text)
        case "cus":
            return (
                select(Customer)
                .join(ExternalId)
                .where(ExternalId.system == "stripe", ExternalId.external_id == text)
            )
        case "re" | "pyr":
            return select(Refund).where(Refund.external_id == text)
        case "evt":
            return select(InboxEvent).where(InboxEvent.source == "stripe", InboxEvent.external_id == text)
        case "price" | "prod":
            return _product_known_as(text)
        case "req":
            return (
                select(Promise)
                .join(Attempt, Attempt.promise_id == Promise.id)
                .where(Attempt.request_id == text)
            )
        case _:
            return None


def _references(text: str) -> list[Select[Any]]:
    """Names without a prefix that tells what they are; each is read by its own index."""
    queries: list[Select[Any]] = [
        select(Order).where(Order.reference.in_({text, text.upper()})),
        select(Customer).where(Customer.reference == text),
        select(Customer).join(ExternalId).where(ExternalId.external_id == text),  # any system's
        _products(text),
        select(Message).where(Message.external_id == text),
        select(Refund).where(Refund.reference_number == text),  # the bank's number, which customers quote
    ]
    if _OF_A_PHARMACY.fullmatch(text):
        queries.append(select(Fill).where(Fill.external_id == text))
    if _OF_A_CARRIER.fullmatch(text.replace(" ", "").upper()):
        queries.append(select(Fill).where(Fill.tracking_number == text.replace(" ", "").upper()))
    if "@" in text:
        queries.append(select(Customer).where(Customer.email.in_({text, text.lower()})))
    return queries


# How pharmacies number their orders, and carriers their parcels (UPS; FedEx; USPS): nothing else looks like it.
_OF_A_PHARMACY = re.compile(r"(TP|hb)-[0-9]+")
_OF_A_CARRIER = re.compile(r"1Z[0-9A-Z]{16}|[0-9]{12}|[0-9]{20,22}")


def _products(text: str) -> Select[Any]:
    """By our own sku, or by any system's key, which may look alike: one statement."""
    either = union_all(
        select(Product.id).where(Product.sku.in_({text, text.upper()})),
        select(ProductKey.product_id).where(ProductKey.key == text),
    )
    return select(Product).where(Product.id.in_(either))


def _product_known_as(key: str) -> Select[Any]:
    return select(Product).join(ProductKey).where(ProductKey.key == key)


def _read(query: Select[Any]) -> list[Record]:
    return list(db.session.scalars(query.limit(20)))
