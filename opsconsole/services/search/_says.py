"""What was found, in words: where it is, what it is, and the right that one needs to see it."""

from __future__ import annotations

from dataclasses import dataclass

from ...lib.money import Money
from ...models import (
    Attachment,
    AuditEntry,
    Case,
    Customer,
    Fill,
    InboxEvent,
    Invoice,
    Message,
    Order,
    Payment,
    Plan,
    Product,
    Promise,
    Record,
    Refund,
    RoutingRules,
    Shipment,
)  # fmt: skip
from .. import sight
from .._actor import Actor


@dataclass(frozen=True)
class Hit:
    """One thing that was found. `noun` is the plural that stands in its URL; a trace has no record."""

    noun: str
    url: str
    says: str
    record: Record | None


def hit(record: Record, to: Actor) -> Hit:
    """What was found, as its reader may see it."""
    return Hit(record.PLURAL.partition("/")[0], record.url, _words(record, to), record)


def right(noun: str) -> str:
    """The permission to see a noun's pages. A trace is read by whoever reads orders."""
    return "orders.read" if noun == "traces" else f"{noun}.read"


def _words(record: Record, to: Actor) -> str:
    match record:
        case Customer():
            name, email = (sight.words(record, field, to=to) for field in ("name", "email"))
            return f"Customer {name}" + (f", {email}" if email else "")
        case Product():
            return f"Product {record.name}, {record.sku}"
        case Order():
            return f"Order {record.reference}"
        case Payment():
            return f"Payment of {Money(record.amount, record.currency)}, {record.card}"
        case Attachment():
            return record.label
        case Plan():
            return "Plan for an order"
        case Shipment():
            return f"Parcel {record.parcel}"
        case Invoice():
            return f"{record.titled} of {record.money('total')}, {record.status}"
        case Refund():
            return f"Refund of {record.money}"
        case Case() | Promise() | AuditEntry():
            says = (
                record.says
                if sight.of_colleagues(getattr(record, "act", ""))
                else sight.written(record.says, to=to)
            )
            return f"{type(record).__name__.removesuffix('Entry')}: {says}"
        case Fill():
            return f"Fill {record.external_id or record.id}, {record.status.replace('_', ' ')}"
        case RoutingRules():
            return f"{record.name} of the routing rules"
        case Message():
            return f"Message to {sight.words(record, 'to_address', to=to)}"
        case InboxEvent():
            return f"Event {record.kind} of {record.source}"
        case _:
            return f"{record.noun().title()} {record.id}"
