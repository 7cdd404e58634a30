"""Giving some of an invoice back, or asking for less of it, by a credit note; and calling one off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Change, CreditNote, CreditNoteStatus, Invoice, InvoiceStatus, Payment
from .. import changes, refunds
from .._act import act, performing, say, tell_change, warn
from .._actor import Actor
from ._credit_notes import credited
from ._given import weigh
from ._stands import locked, ready_for

# Stripe's reasons, with the words that people choose by:
# https://docs.stripe.com/api/credit_notes/create#create_credit_note-reason
REASONS = {
    "order_change": "The order was changed or called off",
    "product_unsatisfactory": "Something was wrong with what was delivered",
    "duplicate": "It bills something twice",
    "fraudulent": "It was fraud",
}
asks_credit = changes.keeps("billing.credit", "billing.credit", then=credited)
asks_void = changes.keeps("billing.void_credit", "billing.void_credit", then=credited)


class TooMuch(Refused):
    """More than was paid, or than is due, or than the card can get back."""


class NobodyKnown(Refused):
    """We do not know whose invoice it is."""


class NotVoidable(Refused):
    """Stripe voids a credit note only while its invoice is open."""


@dataclass(frozen=True)
class Creditable:
    """How much of an invoice can still be credited, in minor units: `due` while it is open, `paid` once it is paid, of
    which `to_card` can go back to the card."""

    currency: str
    due: int
    paid: int
    to_card: int

    def money(self, field: str) -> Money:
        return Money(getattr(self, field), self.currency)


def creditable(invoice: Invoice) -> Creditable:
    """What is left of it after its credit notes, also those that the invoice has not told of yet."""
    notes = [one for one in CreditNote.of_invoice(invoice.id) if one.status == CreditNoteStatus.ISSUED]
    unheard = max(0, sum(one.taken_off for one in notes) - invoice.credited_before)
    back = max(invoice.credited_after, sum(one.given_back for one in notes))
    is_open = invoice.status == InvoiceStatus.OPEN
    due = max(0, invoice.remaining - unheard) if is_open else 0
    paid = max(0, invoice.paid - back) if invoice.status == InvoiceStatus.PAID else 0
    payments = Payment.by_externals(invoice.payments) if paid else []
    to_card = sum(one.remainder().refundable for one in payments)
    return Creditable(invoice.currency, due, paid, min(paid, to_card))


@act(undo=60, private=("note",))
def credit(
    invoice_id: str,
    *,
    amount: int | None,
    to_card: int | None,
    to_balance: int | None,
    out_of_band: int | None,
    reason: str,
    note: str = "",
    by: Actor,
) -> Change:
    """Have Stripe make a credit note, in minor units. Of an open invoice `amount` less is due. What was paid goes back
    `to_card`, `to_balance` (the customer's next invoice eats it) or `out_of_band` (finance pays it by other means).

    Never more than is due, or was paid. It is weighed like a refund. Raises NotOwed, TooMuch, NobodyKnown, OverLimit,
    Invalid."""
    if reason not in REASONS:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    invoice = ready_for("credit", invoice_id)
    if invoice.customer_id is None:
        raise NobodyKnown("We do not know whose invoice it is, so nobody can be credited.")
    back = {"to_card": to_card or 0, "to_balance": to_balance or 0, "out_of_band": out_of_band or 0}
    paid = invoice.status == InvoiceStatus.PAID
    total = _of_paid(invoice, amount, back) if paid else _of_open(invoice, amount, back)
    kept = weigh(
        asks_credit.name, total, invoice.customer_id, by=by, to_card=back["to_card"],
        field=next((name for name, part in back.items() if part), "amount"),
    )  # fmt: skip
    says = f"Credit {total} of {invoice.called_as}: {_parts(back, invoice.currency)}"
    say(f"{says}, {REASONS[reason].lower()}")
    return changes.plan(
        asks_credit,
        invoice=invoice,
        says=f"Stripe credits {total} of {invoice.called_as}: {_parts(back, invoice.currency)}",
        arguments={
            "invoice": invoice.external_id,
            "amount": total.minor,
            "reason": reason,
            "refund": back["to_card"],
            "credit": back["to_balance"],
            "out_of_band": back["out_of_band"],
        },
        reason=reason,
        note=note,
        details=kept,
    )


def _of_open(invoice: Invoice, amount: int | None, back: Mapping[str, int]) -> Money:
    """So much less is due."""
    _each_positive({"amount": amount or 0})
    if wrong := [name for name, part in back.items() if part]:
        raise Invalid({name: ["Nothing was paid yet: write how much less is due."] for name in wrong})
    if not amount:
        raise Invalid({"amount": ["Write how much less is due."]})
    left = creditable(invoice)
    if amount > left.due:
        raise TooMuch(f"Only {left.money('due')} is due.", field="amount")
    after = Money(left.due - amount, invoice.currency)
    tell_change(invoice, "due", str(left.money("due")), str(after))
    if not after.minor:
        warn("Nothing is due any more then: Stripe marks it as paid.")
    return Money(amount, invoice.currency)


def _of_paid(invoice: Invoice, amount: int | None, back: Mapping[str, int]) -> Money:
    """So much goes back of what was paid, to the cent as it is said."""
    _each_positive(back)
    total = Money(sum(back.values()), invoice.currency)
    if not total.minor:
        raise Invalid(
            {"to_card": ["It is paid: write how it goes back, to the card, as credit or otherwise."]}
        )
    if amount is not None and amount != total.minor:
        raise Invalid({"amount": [f"The three come to {total}."]})
    for paid in Payment.by_externals(invoice.payments):
        Payment.lock(paid.id)
    left = creditable(invoice)
    if total.minor > left.paid:
        already = " Some of it was given back already." if left.paid < invoice.paid else ""
        field = next(name for name, part in back.items() if part)
        raise TooMuch(f"Only {left.money('paid')} of what was paid is left.{already}", field=field)
    if back["to_card"] > left.to_card:
        words = (
            f"{left.money('to_card')} can go back to the card"
            if left.to_card
            else "Nothing can go back to a card"
        )
        raise TooMuch(f"{words}: give the rest as credit, or by other means.", field="to_card")
    for name, words in (("to_card", "back to the card"), ("to_balance", "to the customer's credit"),
                        ("out_of_band", "by other means")):  # fmt: skip
        tell_change(invoice, words, "", str(Money(back[name], invoice.currency)) if back[name] else "nothing")
    tell_change(
        invoice, "left of what was paid", str(left.money("paid")),
        str(Money(left.paid - total.minor, invoice.currency)),
    )  # fmt: skip
    if back["to_card"]:
        _warn_of_card(invoice)
    if back["out_of_band"]:
        warn("Stripe moves no money for what goes back by other means: finance has to pay it.")
    return total


def _warn_of_card(invoice: Invoice) -> None:
    for paid in Payment.by_externals(invoice.payments):
        for words in refunds.about_the_card(paid, performing().now):
            warn(words)


def _each_positive(amounts: Mapping[str, int]) -> None:
    if wrong := [name for name, minor in amounts.items() if minor < 0]:
        raise Invalid({name: ["Write an amount above nothing."] for name in wrong})


def _parts(back: Mapping[str, int], currency: str) -> str:
    words = {
        "to_card": "to the card",
        "to_balance": "to the customer's credit",
        "out_of_band": "by other means",
    }
    told = [f"{Money(minor, currency)} {words[name]}" for name, minor in back.items() if minor]
    return ", ".join(told) or "so much less is due"


@act(undo=60, private=("note",))
def void_credit(credit_note_id: str, *, note: str = "", by: Actor) -> Change:
    """Call a credit note off while its invoice is open: as much is due as before. Raises NotVoidable."""
    known = CreditNote.require(credit_note_id)
    invoice = locked(known.invoice_id) if known.invoice_id else None
    made = CreditNote.lock(credit_note_id)
    no = why_not_void(made, invoice)
    if no or invoice is None:
        raise NotVoidable(no or "")
    due = creditable(invoice).due
    tell_change(made, "status", made.status, CreditNoteStatus.VOID.value)
    tell_change(
        invoice, "due", str(Money(due, invoice.currency)), str(Money(due + made.taken_off, invoice.currency))
    )
    says = f"{made.called_as} of {made.money('amount')} on {invoice.called_as}"
    say(f"Void {says}")
    return changes.plan(
        asks_void,
        invoice=invoice,
        says=f"Stripe voids {says}",
        arguments={"credit_note": made.external_id},
        note=note,
    )


def why_not_void(made: CreditNote, invoice: Invoice | None) -> str | None:
    """Why a credit note cannot be called off; None while it can."""
    if made.status == CreditNoteStatus.VOID:
        return "It was voided already."
    if invoice is None:
        return "We do not know its invoice yet."
    if invoice.status != InvoiceStatus.OPEN or made.given_back:
        return "Stripe voids a credit note only while its invoice is open and nothing was given back."
    return None
