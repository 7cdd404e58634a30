"""Exact ids: ours, the shop's, a vendor's. Each kind is one read of one index; no kind asks several tables at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    String,
    bindparam,
    exists,
    literal,
    select,
    union_all,
)

from ...db import db
from ...models import (
    REGISTRY,
    Attempt,
    AuditEntry,
    Collection,
    Customer,
    ExternalId,
    Fill,
    InboxEvent,
    Intercept,
    Invoice,
    Message,
    Order,
    OrderLine,
    Payment,
    Pharmacy,
    PharmacyLicence,
    Plan,
    PlanStep,
    Product,
    ProductKey,
    Promise,
    Record,
    Refund,
    Shipment,
)
from ._says import Hit

_MOST = 20  # things of one name
# Parts of a thing, looked for as that thing: which it is, and how they name it.
_PARTS: dict[type[Record], tuple[type[Record], str]] = {
    OrderLine: (Order, "order_id"),
    Attempt: (Promise, "promise_id"),
    ExternalId: (Customer, "customer_id"),
    ProductKey: (Product, "product_id"),
    PharmacyLicence: (Pharmacy, "pharmacy_id"),
    PlanStep: (Plan, "plan_id"),
    Intercept: (Shipment, "shipment_id"),
    Collection: (Order, "order_id"),
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
    code = re.sub(r"[\s-]", "", text).upper()  # as carriers print it
    names = {"text": text, "upper": text.upper(), "lower": text.lower(), "code": code}
    return records((prefix, id) for prefix, id in db.session.connection().execute(_references(), names))


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
    "inbox", "shipments", "plans", "invoices", "attachments", "replacements", "inbox/sweeps", "audit", "routing",
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
        case "in":
            return select(Invoice).where(Invoice.external_id == text)
        case "evt":
            return select(InboxEvent).where(InboxEvent.source == "stripe", InboxEvent.external_id == text)
        case "trk":
            return select(Shipment).where(Shipment.external_id == text)
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


@cache
def _references() -> Executable:
    """Names without a prefix that tells what they are: of which noun, and its id. Each is read by its own index, all in one
    statement, which is made once."""
    text, upper, lower, code = (bindparam(name, type_=String) for name in ("text", "upper", "lower", "code"))
    named: tuple[tuple[type[Record], Any, ColumnElement[bool]], ...] = (
        (Order, Order.id, Order.reference.in_((text, upper))),
        (Customer, Customer.id, Customer.reference == text),
        (Customer, ExternalId.customer_id, ExternalId.external_id == text),  # any system's
        (Customer, Customer.id, Customer.email.in_((text, lower))),
        (Product, Product.id, Product.sku.in_((text, upper))),
        (Product, ProductKey.product_id, ProductKey.key == text),
        (Message, Message.id, Message.external_id == text),
        (Fill, Fill.id, Fill.external_id == text),
        (Shipment, Shipment.id, Shipment.tracking_code == code),
        (Fill, Fill.id, Fill.tracking_number.in_((text, code)) & ~_followed()),
        (Invoice, Invoice.id, Invoice.number.in_((text, upper))),
        (Refund, Refund.id, Refund.reference_number == text),  # the bank's number, which customers quote
    )
    return union_all(
        *(select(literal(noun.PREFIX).label("noun"), id.label("id")).where(fits) for noun, id, fits in named)
    ).limit(_MOST)


def _followed() -> ColumnElement[bool]:
    """Is the parcel of the fill noted as such? Then it is the parcel that is found by its number."""
    return exists().where(Shipment.order_id == Fill.order_id, Shipment.fill_id == Fill.id)


def records(found: Iterable[tuple[str, str]]) -> list[Record]:
    """The records of (prefix, id)s, in their order: one read for each noun among them."""
    ids: dict[str, list[str]] = {}
    for prefix, id in dict.fromkeys(found):
        ids.setdefault(prefix, []).append(id)
    several = {prefix: REGISTRY[prefix].each(mine) for prefix, mine in ids.items()}
    return [several[prefix][id] for prefix, mine in ids.items() for id in mine]


def _product_known_as(key: str) -> Select[Any]:
    return select(Product).join(ProductKey).where(ProductKey.key == key)


def _read(query: Select[Any]) -> list[Record]:
    return list(db.session.scalars(query.limit(_MOST)))
