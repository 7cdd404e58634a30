"""An invoice was paid by other means: by transfer or by cheque."""

from __future__ import annotations

from datetime import date

from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Change, ChangeStatus, Invoice, InvoiceStatus, OutsidePayment
from .. import cases, changes
from .._act import act, performing, say, tell_change
from .._actor import Actor
from ._settle import changed
from ._stands import ready_for

LONGEST_REFERENCE = 80
TWICE = "reference_used_twice"  # the reason of the case


class ReferenceUsed(Refused):
    """A payment with this reference was recorded already."""


class NotAllOfIt(Refused):
    """It is not what remains of the invoice."""


def _ended(change: Change) -> None:
    """A payment frees its reference when Stripe would not take it, or when it was undone."""
    made = OutsidePayment.of_change(change.id)
    if made is None:
        return
    if change.status != ChangeStatus.DONE:
        made.called_off_at = made.called_off_at or performing().now
    elif made.called_off_at:  # it was refused, and asked for again
        if other := OutsidePayment.by_reference(made.reference):
            cases.open_case(
                TWICE,
                made.invoice_id,
                says=f"The payment {made.reference} was recorded for two invoices. Find out which it paid.",
                about={made.invoice_id, other.invoice_id},
            )
        else:
            made.called_off_at = None


asks_record = changes.keeps("billing.record_payment", "billing.record_payment", then=changed)
changes.when_ended("billing.record_payment", _ended)


@act(undo=60, private=("note",))
def record_payment(
    invoice_id: str, *, reference: str, amount: int, received_on: date, note: str = "", by: Actor
) -> Change:
    """Tell Stripe that what remains was paid by other means. `amount` in minor units must be just that; `reference` is what
    finance knows the payment by, and stands for one payment. Raises NotOwed, NotAllOfIt, ReferenceUsed, Invalid.
    """
    known_as = " ".join(reference.split()).upper()
    if not known_as or len(known_as) > LONGEST_REFERENCE:
        raise Invalid(
            {"reference": [f"Write what finance knows it by, at most {LONGEST_REFERENCE} characters."]}
        )
    if received_on > performing().now.date():
        raise Invalid({"received_on": ["That day is still to come."]})
    invoice = ready_for("record_payment", invoice_id)
    if amount != invoice.remaining:
        left, paid = invoice.money("remaining"), Money(amount, invoice.currency)
        raise NotAllOfIt(
            f"{left} remains, and {paid} was paid: Stripe takes all of it or nothing.", field="amount"
        )
    if other := OutsidePayment.by_reference(known_as):
        of = Invoice.require(other.invoice_id)
        words = f"{other.by} recorded it for {of.called_as} on {other.created_at:%-d %b %Y}."
        raise ReferenceUsed(
            f"This payment was recorded already: {words}", field="reference", more={"invoice": of.url}
        )
    tell_change(invoice, "status", invoice.status, InvoiceStatus.PAID.value)
    tell_change(invoice, "remaining", str(invoice.money("remaining")), "nothing")
    change = changes.plan(
        asks_record,
        invoice=invoice,
        says=f"Stripe marks {invoice.called_as} of {invoice.money('remaining')} as paid by other means",
        arguments={"invoice": invoice.external_id, "reference": known_as},
        note=note,
        details={"reference": known_as},
    )
    OutsidePayment(
        invoice_id=invoice.id, change_id=change.id, reference=known_as, currency=invoice.currency, amount=amount,
        received_on=received_on, note=note, by=by.label, by_id=by.id, created_at=performing().now,
    ).add()  # fmt: skip
    say(f"Paid by other means: {invoice.called_as}, {known_as}")
    return change
