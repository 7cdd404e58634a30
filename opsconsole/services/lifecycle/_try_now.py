"""Trying the card now, because a person says so. The days of the policy, and Stripe's own, stay what they are."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Change, Invoice, InvoiceStatus
from ...vendors.payments.declines import meaning
from .. import billing, changes
from .._act import act, concerns, warn
from .._actor import Actor
from ._why import locked


class NotOwed(Refused):
    """Nothing is owed on the invoice any more."""


@act(undo=60)
def try_now(dunning_id: str, *, by: Actor) -> Change:
    """Have Stripe try the customer's card once, now. Raises NotOwed and UnderWay."""
    dunning, invoice = locked(dunning_id)
    if why := why_not_try(invoice):
        raise NotOwed(why)
    if dunning.hard:
        warn(f"{meaning(dunning.decline_code)} Trying helps only if they have saved another since.")
    concerns(*dunning.related())
    return changes.plan(
        now, invoice=invoice, says=f"Try the card for {invoice.called_as} now: {invoice.money('remaining')}",
        arguments={"invoice": invoice.external_id}, details={"dunning": dunning.id},
    )  # fmt: skip


def why_not_try(invoice: Invoice) -> str | None:
    """Why there is nothing to collect; None while there is."""
    if invoice.status == InvoiceStatus.OPEN and invoice.remaining > 0:
        return None
    return f"The invoice is {invoice.status}: nothing is owed on it."


now = changes.keeps("lifecycle.try_now", "billing.collect", then=billing.changed)
