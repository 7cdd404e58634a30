"""A customer's balance at Stripe, entry by entry: what was granted and credited, and which invoice ate it.

It is read from our mirrors alone. Stripe tells of no single entry, but of everything that makes one: our own answers, credit
notes, invoices with their balance before and after, and the sum with the customer. What the sum has and the entries have
not was made at Stripe by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from ...db import db
from ...lib.money import Money
from ...models import BalanceMove, CreditNote, CreditNoteStatus, Invoice, InvoiceStatus, Profile

MOST = 500  # of each kind: nobody has as many


@dataclass
class Entry:
    """One move: negative is credit, in minor units. Of credit, `left` is what nothing has eaten yet, `eaten_by` how much
    each invoice took. `waits`: Stripe has not made it yet."""

    at: datetime
    amount: int
    currency: str
    words: str
    move: BalanceMove | None = None
    invoice: Invoice | None = None
    note: CreditNote | None = None
    waits: bool = False
    left: int = 0
    eaten_by: list[tuple[Invoice | None, int]] = field(default_factory=list)

    @property
    def money(self) -> Money:
        return Money(abs(self.amount), self.currency)

    @property
    def left_money(self) -> Money:
        return Money(self.left, self.currency)


@dataclass(frozen=True)
class Ledger:
    """A customer's entries, the oldest first. `balance` in minor units is their sum: negative is credit."""

    currency: str
    balance: int
    entries: list[Entry]

    @property
    def credit(self) -> Money:
        """What their next invoices are less by."""
        return Money(max(0, -self.balance), self.currency)

    @property
    def owed(self) -> Money:
        return Money(max(0, self.balance), self.currency)

    def of_move(self, id: str) -> Entry | None:
        return next((one for one in self.entries if one.move and one.move.id == id), None)


def ledger(customer_id: str) -> Ledger | None:
    """The balance of a customer and how it came to be; None where there never was one. Five statements."""
    entries = sorted(
        [*_moves(customer_id), *_credited(customer_id), *_invoiced(customer_id)], key=lambda one: one.at
    )
    profile = Profile.of(customer_id).get("stripe")
    told = profile.facts.get("balance") if profile else None
    known = Money.parse(told["amount"], told["currency"]) if told else None
    if not entries and (known is None or not known.minor):
        return None
    currency = known.currency if known else entries[-1].currency
    entries = [one for one in entries if one.currency == currency]
    settled = [one for one in entries if not one.waits]
    balance = sum(one.amount for one in settled)
    # A sum that was read before the latest entry does not have it.
    if known and profile and all(one.at <= profile.fetched_at for one in settled) and known.minor != balance:
        by_hand = Entry(profile.fetched_at, known.minor - balance, currency, "Made at Stripe by hand")
        first = settled[0].at if settled else profile.fetched_at
        by_hand.at = min(by_hand.at, first)  # when is not known: what was there before is eaten first
        entries, balance = [by_hand, *entries], known.minor
    _eat(entries)
    return Ledger(currency, balance, entries)


def _moves(customer_id: str) -> Iterable[Entry]:
    for move in BalanceMove.of_customer(customer_id, MOST):
        if move.called_off_at is None:
            words = "Taken back" if move.reverses_id else "Granted"
            at = move.settled_at or move.created_at
            yield Entry(at, move.amount, move.currency, words, move=move, waits=move.settled_at is None)


def _credited(customer_id: str) -> Iterable[Entry]:
    query = select(CreditNote).where(
        CreditNote.customer_id == customer_id,
        CreditNote.credited > 0,
        CreditNote.status == CreditNoteStatus.ISSUED,
    )
    for note in db.session.scalars(query.limit(MOST)):
        yield Entry(note.created_at, -note.credited, note.currency, "Credited by a credit note", note=note)


def _invoiced(customer_id: str) -> Iterable[Entry]:
    query = select(Invoice).where(
        Invoice.customer_id == customer_id,
        Invoice.ending_balance.is_not(None),
        Invoice.ending_balance != Invoice.starting_balance,
        Invoice.finalized_at.is_not(None),
    )
    for one in db.session.scalars(query.order_by(Invoice.created_at.desc()).limit(MOST)):
        moved = (one.ending_balance or 0) - one.starting_balance
        words = "Used for an invoice" if moved > 0 else "Left over from an invoice"
        yield Entry(one.finalized_at or one.created_at, moved, one.currency, words, invoice=one)
        if one.status == InvoiceStatus.VOID:
            at = one.voided_at or one.fetched_at
            yield Entry(at, -moved, one.currency, "Back, because its invoice was voided", invoice=one)


def _eat(entries: list[Entry]) -> None:
    """Say of each credit what ate it: the oldest is eaten first, and what is taken back is taken of its own grant."""
    credits: list[Entry] = []
    for one in entries:
        if one.amount < 0:
            one.left = -one.amount
            credits.append(one)
            continue
        reversed_id = one.move.reverses_id if one.move else None
        own = [credit for credit in credits if credit.move and credit.move.id == reversed_id]
        wanted = one.amount
        for credit in own or credits:
            took = min(wanted, credit.left)
            credit.left -= took
            wanted -= took
            if took and not own:
                credit.eaten_by.append((one.invoice, took))
