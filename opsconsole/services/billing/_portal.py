"""A link by which a customer opens their own billing pages at Stripe. Whoever has it is the customer.

So it is asked for, handed on once, and kept nowhere: not in the audit, no promise, no quote, no kept answer, no log. What is
written down is that somebody made one.
"""

from __future__ import annotations

from datetime import timedelta

from ... import vendors
from ...db import now
from ...lib.refusal import Invalid, Refused
from ...models import Customer, Subscription
from ...models.subscription import LIVE
from .._act import act, say, tell_change
from .._actor import Actor
from .._transaction import transaction
from ..outbox import breaker
from ._charge import NotAtStripe
from ._sync import Waiting, sync, wait, waiting
from ._window import stripe_id

PORT, READS = "billing", "portal"
PATIENCE = timedelta(
    seconds=5
)  # for Stripe to get what was pending, and as long again for the link: somebody waits
# A session that nobody opens ends after five minutes: https://docs.stripe.com/customer-management/integrate-customer-portal
OPENS_WITHIN = timedelta(minutes=5)
# Where the link leads: code -> what people call it.
FLOWS = {
    "payment_method_update": "Changing the card",
    "subscription_cancel": "Canceling the subscription",
}


class NoLink(Refused):
    """Stripe gave no link."""


class LinkNotKept(Refused):
    """That request was answered once, with a link that is kept nowhere."""


def bring_up_to_date(customer_id: str, *, by: Actor) -> list[Waiting]:
    """Have Stripe told what it does not have yet, and wait a few seconds for it. What it still lacks of what came before."""
    asked_at = now()
    if not waiting(customer_id, until=asked_at):
        return []
    sync(customer_id, by=by)
    wait(customer_id, patience=PATIENCE)
    return waiting(customer_id, until=asked_at)


def link(customer_id: str, *, flow: str | None, subscription: str | None) -> str:
    """Ask Stripe for the link, with no transaction open. Raises NoLink, NotAtStripe, Invalid, with words for Sam."""
    known = stripe_id(customer_id)
    if known is None:
        raise NotAtStripe("No Stripe id of this customer is known: there are no billing pages for them.")
    of = _to_cancel(customer_id, subscription) if flow == "subscription_cancel" else None
    with transaction():
        admitted = breaker.admits(PORT, READS)
    if not admitted:
        raise NoLink("Stripe has not answered for a while. Try again in a few minutes; no link was made.")
    try:
        with vendors.deadline(PATIENCE.total_seconds()):
            url: str = vendors.port(PORT).portal(customer=known, return_url=None, flow=flow, subscription=of)
    except vendors.Unavailable as failure:
        with transaction():
            breaker.failed(PORT, READS, customer_id, failure.words, at_once=failure.credentials)
        raise NoLink("Stripe did not answer, so there is no link. Try again in a minute.") from None
    except vendors.Declined as no:
        raise NoLink(f"Stripe makes no link: {no.words}") from None
    with transaction():
        breaker.answered(PORT, READS)
    return url


def _to_cancel(customer_id: str, subscription: str | None) -> str:
    """Stripe's id of the subscription that the link leads to."""
    live = [one for one in Subscription.of_customer(customer_id) if one.status in LIVE]
    if subscription:
        live = [one for one in live if one.id == subscription.rsplit("/", 1)[-1]]
    if not live:
        raise Invalid({"subscription": ["This customer has no such subscription to cancel."]})
    if len(live) > 1:
        raise Invalid({"subscription": ["There are several: say which one."]})
    return live[0].external_id


@act
def portal(customer_id: str, *, flow: str | None, subscription: str | None, by: Actor) -> Customer:
    """Write down that a link to the customer's billing pages was made. The link itself is handed on and not kept."""
    customer = Customer.require(customer_id)
    if flow is not None and flow not in FLOWS:
        raise Invalid({"flow": [f"Choose one of: {', '.join(FLOWS)}."]})
    if stripe_id(customer_id) is None:
        raise NotAtStripe("No Stripe id of this customer is known: there are no billing pages for them.")
    if flow == "subscription_cancel":
        _to_cancel(customer_id, subscription)
    tell_change(customer, "link to their billing pages", "none", "made, and shown once")
    say(f"Made a link to the customer’s billing pages{f': {FLOWS[flow].lower()}' if flow else ''}")
    return customer
