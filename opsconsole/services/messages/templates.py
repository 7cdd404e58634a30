"""What may be told to customers. Staff choose and type nothing, so no health detail can slip in.

The CRM's own texts are kept by whoever runs it; `reads` is what they say in short, for staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter

from ...models import Order, OrderStatus, Refund, RefundStatus, Status

_O, _R = OrderStatus, RefundStatus


@dataclass(frozen=True)
class Template:
    """`about` is the noun it needs, `so_while` the statuses of that in which what it says is so."""

    code: str
    label: str
    reads: str
    about: str | None = None
    so_while: frozenset[Status] = field(default_factory=frozenset)

    @property
    def fields(self) -> frozenset[str]:
        """The values it carries: those that its sentence names."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.reads) if name)


_ALL = (
    Template(
        "refund_issued",
        "Your refund is on its way",
        "Your refund of {amount} for order {order_number} is on its way; banks show it after 5 to 10 days.",
        "refund",
        frozenset({_R.PENDING, _R.SUCCEEDED}),
    ),
    Template(
        "order_delayed",
        "Your order is delayed",
        "Your order {order_number} takes longer than we promised. We are on it.",
        "order",
        frozenset(_O) - {_O.DRAFT, _O.DELIVERED, _O.CLOSED, _O.CANCELED, _O.RETURNED, _O.REJECTED},
    ),
    Template(
        "card_needed",
        "Your card was not charged",
        "We could not charge your card for order {order_number}. Your account shows how to pay it or to save another card.",
        "order",
        frozenset({_O.AWAITING_PAYMENT}),
    ),
    Template(
        "tracking_changed",
        "Your tracking number has changed",
        "Your order {order_number} travels by another tracking number than we told you. Your account shows the new one.",
        "order",
        frozenset({_O.SUBMITTED, _O.AT_PHARMACY, _O.SHIPPED, _O.MANUAL_INTERVENTION}),
    ),
    Template(
        "save_card",
        "Please save a card",
        "We have no card of yours that we can charge. Please save one in your account.",
    ),
    Template(
        "order_canceled",
        "Your order is canceled",
        "Your order {order_number} is canceled: nothing of it will be sent.",
        "order",
        frozenset({_O.CANCELED}),
    ),
    Template("call_us", "Please call us", "Please call us: we have a question that is best asked by phone."),
)
TEMPLATES = {template.code: template for template in _ALL}


def values(template: Template, order: Order | None, refund: Refund | None) -> dict[str, str]:
    """The template's values, taken from what it is about."""
    known = {
        "order_number": order.reference if order else "",
        "amount": str(refund.money) if refund else "",
    }
    return {name: known[name] for name in sorted(template.fields)}


def text(code: str, data: Mapping[str, str]) -> str:
    """What the customer is told, in short."""
    return TEMPLATES[code].reads.format_map(data)
