"""Why Stripe said no, where what it keeps explains it better than its own words: for who talks to the customer."""

from __future__ import annotations

from .. import Declined
from . import InvoiceFacts, InvoiceState, SubscriptionFacts, SubscriptionState

ENDED = (SubscriptionState.CANCELED, SubscriptionState.INCOMPLETE_EXPIRED)

_WHILE = {
    InvoiceState.DRAFT: "a draft",
    InvoiceState.OPEN: "open",
    InvoiceState.PAID: "paid",
    InvoiceState.UNCOLLECTIBLE: "written off",
}
_IT_IS = {
    InvoiceState.DRAFT: "still a draft",
    InvoiceState.OPEN: "no draft any more",
    InvoiceState.PAID: "paid already",
    InvoiceState.VOID: "void",
    InvoiceState.UNCOLLECTIBLE: "written off",
    InvoiceState.DELETED: "deleted",
}


def of_subscription(now: SubscriptionFacts | None, *, pausing: bool = False) -> str | None:
    """In words, or None where the subscription as it stands does not explain a no."""
    if now is None:
        return "Stripe does not have this subscription."
    if now.state in ENDED:
        return "The subscription has ended for good. Another one can be made in its place."
    if now.schedule:
        return "A schedule at Stripe changes this subscription by itself. Release the schedule first."
    if pausing and not now.flexible:
        return (
            "This subscription is of the old kind (classic billing), which Stripe cannot pause as a whole. "
            "Pause its collection instead."
        )
    if pausing and now.pause_behavior:
        return "Its collection is paused already. Resume that before you pause the whole of it."
    return None


def of_invoice(now: InvoiceFacts | None, *, wants: tuple[InvoiceState, ...]) -> str | None:
    """In words, or None where the invoice is in a state that the change `wants`."""
    if now is None:
        return "Stripe does not have this invoice. A draft may have been deleted."
    if now.state in wants or now.state not in _IT_IS:
        return None
    then = " or ".join(_WHILE[state] for state in wants)
    return f"The invoice is {_IT_IS[now.state]}. This works only while it is {then}."


def for_want_of_a_card(no: Declined) -> str | None:
    """Stripe says with the code of what it does not know, and in words for programmers, that nobody can be charged."""
    about_a_card = "payment source" in no.words or "default_payment_method" in no.words
    if no.code != "resource_missing" or not about_a_card:
        return None
    return "The customer has no card that could be charged. Ask them for one."
