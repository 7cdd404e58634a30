"""Reading one masked field, for a purpose: it is shown to whoever asked, and masked again after a minute.

Health data and what tells who somebody is alike; the right to ask differs by the class of the column.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ...db import now
from ...lib.refusal import Denied, Invalid, Refused
from ...models import (
    PHI,
    Customer,
    InboxEvent,
    Message,
    Order,
    OrderLine,
    Prescription,
    Record,
    Reveal,
    data_class,
)
from .._act import act, performing, say
from .._actor import Actor
from ..sight import seen

SHOWN_FOR = timedelta(seconds=60)
PURPOSES = {
    "customer": "The customer asks about it",
    "order": "To refund, replace or correct the order",
    "pharmacy": "To sort it out with the pharmacy",
    "fault": "To find out why something went wrong",
}


@dataclass(frozen=True)
class Masked:
    """A field that can be revealed: of which noun, what people call it, and the right to read the record itself."""

    noun: type[Record]
    label: str
    needs: str
    column: str

    @property
    def clinical(self) -> bool:
        return data_class(self.noun.__table__.c[self.column]) == PHI

    @property
    def asks(self) -> str:
        """The right to ask for fields of this class."""
        return "phi.reveal_clinical" if self.clinical else "phi.reveal_contacts"


def _masked(noun: type[Record], column: str, label: str, needs: str) -> tuple[tuple[str, str], Masked]:
    return (noun.PREFIX, column), Masked(noun, label, needs, column)


REVEALABLE = dict((
    _masked(OrderLine, "name", "product of the line", "orders.read"),
    _masked(InboxEvent, "body", "body of the event", "inbox.read"),
    _masked(Customer, "birth_date", "birth date", "customers.read"),
    _masked(Customer, "name", "name", "customers.read"),
    _masked(Customer, "email", "e-mail address", "customers.read"),
    _masked(Customer, "phone", "phone number", "customers.read"),
    _masked(Customer, "ship_to", "address", "customers.read"),
    _masked(Order, "ship_to", "address", "orders.read"),
    _masked(Message, "to_address", "address of the message", "messages.read"),
    _masked(Prescription, "drug", "what was prescribed", "prescriptions.read"),
    _masked(Prescription, "sig", "directions", "prescriptions.read"),
))  # fmt: skip


class CannotReveal(Refused):
    """No such field is masked."""


@act
def reveal(record_id: str, *, field: str, purpose: str, by: Actor) -> Reveal:
    """Let `by` read a masked field of a record for a minute. The audit keeps which and why, and no value.

    Raises CannotReveal, NotFound, Denied without the right to read the record, Invalid for a purpose that is none.
    """
    masked = REVEALABLE.get((record_id.partition("_")[0], field))
    if masked is None:
        raise CannotReveal("This field is not masked, or there is no such field.")
    for right in (masked.needs, masked.asks):
        if not by.may(right):
            raise Denied(right, by.label)
    if purpose not in PURPOSES:
        raise Invalid({"purpose": ["Choose what you need it for."]})
    record = masked.noun.require(record_id)
    shown = Reveal(
        created_at=performing().now,
        subject_id=record.id,
        field=field,
        purpose=purpose,
        customer_id=_patient(record),
        by=by.label,
        by_id=by.id,
        expires_at=performing().now + SHOWN_FOR,
        trace_id=performing().trace,
    ).add()
    say(f"Looked at the {masked.label}: {PURPOSES[purpose].lower()}")
    return shown


def may_reveal(record: Record, field: str, *, by: Actor) -> bool:
    """May `by` ask for this field?"""
    masked = REVEALABLE.get((record.PREFIX, field))
    return masked is not None and all(by.may(one) for one in ("phi.reveal", masked.needs, masked.asks))


def revealed(shown: Reveal, *, to: Actor) -> str | None:
    """The value, as long as it is shown and to whoever asked for it; else None. Each time it is read is written down."""
    if shown.by_id != to.id or now() >= shown.expires_at:
        return None
    masked = REVEALABLE[shown.subject_id.partition("_")[0], shown.field]
    value: Any = getattr(masked.noun.require(shown.subject_id), shown.field)
    seen(shown.subject_id, shown.field, by=to, purpose=shown.purpose, customer_id=shown.customer_id)
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values() if part)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "Not known")


def _patient(record: Record) -> str | None:
    if isinstance(record, Customer):
        return record.id
    if isinstance(record, Order | Message):
        return record.customer_id
    if isinstance(record, OrderLine):
        return Order.require(record.order_id).customer_id
    about = getattr(record, "about", [])
    return next((id for id in about if id.startswith(f"{Customer.PREFIX}_")), None)
