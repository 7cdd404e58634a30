"""What may be told to customers. Staff choose and type nothing, so no health detail can slip in.

The CRM's own texts are kept by whoever runs it; `reads` is what they say in short, for staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from string import Formatter

from ...models import Order, OrderStatus, Refund, RefundStatus, Status

_O, _R = OrderStatus, RefundStatus


@dataclass(frozen=True)
class Template:
    """`about` is the noun it needs, `so_while` the statuses of that in which what it says is so. `by_itself`: the console
    sends it, when what it says is so, and nobody chooses it. `optional`: who opted out is not sent it; everything else they
    have to be told."""

    code: str
    label: str
    reads: str
    about: str | None = None
    so_while: frozenset[Status] = field(default_factory=frozenset)
    by_itself: bool = False
    optional: bool = False

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
    # Of subscriptions: sent by the policy of services/lifecycle.
    Template(
        "renewal_soon",
        "Your subscription renews soon",
        "Your subscription renews on {date} and is charged then. Your account shows what it costs, and how to change or "
        "cancel it before.",
        by_itself=True,
    ),
    Template(
        "trial_ends",
        "Your trial ends soon",
        "Your trial ends on {date}, and your subscription is charged for the first time then. Your account shows what it "
        "costs, and how to cancel it before.",
        by_itself=True,
    ),
    Template(
        "price_changes",
        "What your subscription costs changes",
        "What your subscription costs changes on {date}. Your account shows what it will be, and how to cancel it before.",
        by_itself=True,
    ),
    Template(
        "pause_ends",
        "Your pause ends soon",
        "Your pause ends on {date}, and your subscription goes on then. Your account shows how to keep it paused.",
        by_itself=True,
    ),
    Template(
        "renewal_moved",
        "A date has moved",
        "The date that we wrote to you about has moved: it is {date} now.",
        by_itself=True,
    ),
    Template(
        "renewal_off",
        "Nothing is charged after all",
        "We wrote to you about {date}. It does not happen: nothing is charged then.",
        by_itself=True,
    ),
    Template(
        "card_declined_soft",
        "Your payment did not go through",
        "Your card was declined for your subscription. We try again on our own. Your account shows how to pay now or to "
        "save another card.",
        by_itself=True,
    ),
    Template(
        "card_declined_hard",
        "Please save another card",
        "Your card was declined for your subscription, and trying it again will not help. Please save another card in your "
        "account: nothing is sent until it is paid.",
        by_itself=True,
    ),
    Template(
        "payment_last_call",
        "Your subscription is not paid",
        "Your subscription is still not paid. Please pay it, or save another card, in your account before {date}.",
        by_itself=True,
    ),
    Template(
        "subscription_paused",
        "Your subscription is paused",
        "Your subscription was not paid and is paused. Your account shows how to pay it and go on.",
        by_itself=True,
    ),
    Template(
        "subscription_canceled",
        "Your subscription is canceled",
        "Your subscription was not paid and is canceled. Nothing more is charged or sent.",
        by_itself=True,
    ),
    # Of renewals: sent by services/renewals. Neutral: no word of what is renewed.
    Template(
        "check_in_due",
        "It is time for your check-in",
        "It is time for your yearly check-in. Answer a few questions in your account, so that your orders can go on.",
        by_itself=True,
        optional=True,
    ),
    # Of visits: sent by the policy of services/visits.
    Template(
        "answers_awaited",
        "We are waiting for you",
        "Something in your account waits for you. It takes a few minutes, and nothing can be sent before.",
        by_itself=True,
        optional=True,
    ),
    # Of visits: sent when a clinician has decided, or asks something.
    Template(
        "clinician_answered",
        "Your clinician has answered",
        "Your clinician has answered. Your account shows what they say.",
        by_itself=True,
    ),
    Template(
        "clinician_asks",
        "Your clinician has a question",
        "Your clinician has a question for you. Your account shows it; please answer it there.",
        by_itself=True,
    ),
    Template("call_us", "Please call us", "Please call us: we have a question that is best asked by phone."),
)
TEMPLATES = {template.code: template for template in _ALL}
BY_HAND = {code: one for code, one in TEMPLATES.items() if not one.by_itself}  # what staff choose from


def on_day(day: date) -> str:
    """A day as customers read it."""
    return f"{day:%B} {day.day}, {day.year}"


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
