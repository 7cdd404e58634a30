"""Reading one masked field, for a purpose: it is shown to whoever asked, and masked again after a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ...db import now
from ...lib.refusal import Denied, Invalid, Refused
from ...models import Customer, InboxEvent, Order, OrderLine, Record, Reveal
from .._act import act, performing, say
from .._actor import Actor
from ._views import seen

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


REVEALABLE = {
    (OrderLine.PREFIX, "name"): Masked(OrderLine, "product of the line", "orders.read"),
    (InboxEvent.PREFIX, "body"): Masked(InboxEvent, "body of the event", "inbox.read"),
}


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
    if not by.may(masked.needs):
        raise Denied(masked.needs, by.label)
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


def revealed(shown: Reveal, *, to: Actor) -> str | None:
    """The value, as long as it is shown and to whoever asked for it; else None. Each time it is read is written down."""
    if shown.by_id != to.id or now() >= shown.expires_at:
        return None
    masked = REVEALABLE[shown.subject_id.partition("_")[0], shown.field]
    value: Any = getattr(masked.noun.require(shown.subject_id), shown.field)
    seen(shown.subject_id, shown.field, by=to, purpose=shown.purpose, customer_id=shown.customer_id)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _patient(record: Record) -> str | None:
    if isinstance(record, OrderLine):
        return Order.require(record.order_id).customer_id
    about = getattr(record, "about", [])
    return next((id for id in about if id.startswith(f"{Customer.PREFIX}_")), None)
