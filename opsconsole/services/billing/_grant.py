"""Granting a customer credit for their next invoices, and taking back what is left of a grant."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import BalanceMove, Change, ChangeStatus, Customer
from ...vendors.billing import CreditFacts
from .. import changes
from .._act import act, concerns, performing, say, tell_change, warn
from .._actor import Actor
from ._balance import ledger
from ._charge import LARGEST, NotAtStripe
from ._given import weigh
from ._window import stripe_id

# Why, with the words that people choose by, and what the customer reads: no word of health.
GRANT_REASONS = {
    "goodwill": ("Goodwill", "Goodwill credit"),
    "missed_delivery": ("A delivery came late or not at all", "Credit for a missed delivery"),
    "price_agreed": ("A price that was promised", "Price as agreed"),
    "instead_of_refund": ("Instead of money back", "Goodwill credit"),
    "other": ("Something else (say what in the note)", "Goodwill credit"),
}
TAKE_BACK_REASONS = {
    "mistake": "It was granted by mistake",
    "expired": "It has expired",
    "misused": "It was misused",
    "other": "Something else (say what in the note)",
}
TAKEN_BACK = "Correction of an earlier charge"


class OtherCurrency(Refused):
    """A customer's balance is in one currency."""


class TakenBackAlready(Refused):
    """It was taken back, or is being."""


class NothingLeft(Refused):
    """Invoices have eaten all of it."""


class NotThereYet(Refused):
    """Stripe has not made it."""


def _ended(change: Change) -> None:
    """What Stripe would not do, or was undone, moved nothing; asked for again and done, it did after all."""
    if move := BalanceMove.of_change(change.id):
        done = change.status == ChangeStatus.DONE
        move.called_off_at = None if done else performing().now


@act(robots=("worker",))
def balance_moved(change_id: str, *, facts: CreditFacts, fetched_at: datetime, by: Actor) -> Change:
    """Stripe has made the entry that a change asks for."""
    change = changes.done(change_id, external_id=facts.id)
    if move := BalanceMove.of_change(change_id):
        move.external_id, move.balance, move.settled_at = facts.id, facts.balance, fetched_at
    say(f"Done: {change.says}")
    return change


asks_grant = changes.keeps("billing.grant", "billing.move_balance", then=balance_moved)
asks_take_back = changes.keeps("billing.take_back", "billing.move_balance", then=balance_moved)
for verb in (asks_grant.name, asks_take_back.name):
    changes.when_ended(verb, _ended)


@act(undo=60, private=("note",))
def grant(
    customer_id: str,
    *,
    amount: int,
    currency: str,
    reason: str,
    note: str = "",
    order: str | None = None,
    by: Actor,
) -> Change:
    """Grant credit, in minor units: the customer's next invoices are less by it. `order` is the one it is about, if any.

    It is weighed like a refund. Raises NotAtStripe, OtherCurrency, OverLimit, Invalid."""
    _checked(reason, note, GRANT_REASONS)
    if not 0 < amount <= LARGEST:
        most = Money(LARGEST, currency)
        raise Invalid({"amount": [f"Write an amount above nothing and at most {most}."]})
    customer = Customer.lock(customer_id)
    known_as = stripe_id(customer_id)
    if known_as is None:
        raise NotAtStripe("No Stripe id of this customer is known, so nobody could credit them.")
    money, now = Money(amount, currency), ledger(customer_id)
    if now and now.currency != currency and now.entries:
        words = f"The customer's balance is in {now.currency.upper()}, and Stripe keeps one currency."
        raise OtherCurrency(words, field="amount")
    kept = weigh(asks_grant.name, money, customer_id, by=by, field="amount")
    balance = now.balance if now else 0
    tell_change(customer, "balance", _told(balance, currency), _told(balance - amount, currency))
    label, description = GRANT_REASONS[reason]
    change = changes.plan(
        asks_grant,
        customer_id=customer_id,
        lane=f"stripe:{known_as}",
        says=f"Stripe gives the customer {money} of credit",
        arguments={"customer": known_as, "amount": -amount, "currency": currency, "description": description},
        reason=reason,
        note=note,
        details=kept,
    )
    BalanceMove(
        customer_id=customer_id, change_id=change.id, order_id=order, currency=currency, amount=-amount,
        reason=reason, note=note, by=by.label, by_id=by.id, created_at=performing().now,
    ).add()  # fmt: skip
    concerns(order)
    say(f"Grant {money} of credit: {label.lower()}")
    return change


@act(undo=60, private=("note",))
def take_back(balance_move_id: str, *, reason: str, note: str = "", by: Actor) -> Change:
    """Take back what is left of a grant, by an entry that names it; once, and never more than is left.

    Raises TakenBackAlready, NothingLeft, NotThereYet, Invalid."""
    _checked(reason, note, TAKE_BACK_REASONS)
    known = BalanceMove.require(balance_move_id)
    customer = Customer.lock(known.customer_id)
    move = BalanceMove.lock(balance_move_id)
    if no := _refusal(move):
        raise no
    now = ledger(customer.id)
    entry = now.of_move(move.id) if now else None
    if now is None or entry is None:
        raise NothingLeft("Nothing of it is there.")
    left = min(entry.left, now.credit.minor)
    if not left:
        raise NothingLeft("Invoices have used all of it.")
    known_as = stripe_id(customer.id)
    if known_as is None:
        raise NotAtStripe("No Stripe id of this customer is known any more.")
    money = Money(left, move.currency)
    tell_change(
        customer, "balance", _told(now.balance, now.currency), _told(now.balance + left, now.currency)
    )
    if left < -move.amount:
        warn(f"{move.money} was granted, of which {money} is left: only that is taken back.")
    change = changes.plan(
        asks_take_back,
        customer_id=customer.id,
        lane=f"stripe:{known_as}",
        says=f"Stripe takes {money} of the customer's credit back",
        arguments={
            "customer": known_as,
            "amount": left,
            "currency": move.currency,
            "description": TAKEN_BACK,
        },
        reason=reason,
        note=note,
    )
    BalanceMove(
        customer_id=customer.id, change_id=change.id, reverses_id=move.id, currency=move.currency, amount=left,
        reason=reason, note=note, by=by.label, by_id=by.id, created_at=performing().now,
    ).add()  # fmt: skip
    say(f"Take {money} of credit back: {TAKE_BACK_REASONS[reason].lower()}")
    return change


def why_not_take_back(entry_move: BalanceMove, left: int) -> str | None:
    """Why what is left of a grant cannot be taken back; None while it can."""
    no = _refusal(entry_move)
    return no.message if no else None if left else "Invoices have used all of it."


def _refusal(move: BalanceMove) -> Refused | None:
    if move.reverses_id:
        return TakenBackAlready("It takes back another one: grant credit anew instead.")
    if other := BalanceMove.reversing(move.id):
        at = f"{other.created_at:%-d %b %Y}"
        return TakenBackAlready(f"{other.by} took it back already, on {at}.")
    if move.called_off_at or move.settled_at is None:
        return NotThereYet("Stripe has not given it: undo the grant instead.")
    return None


def _checked(reason: str, note: str, choices: Collection[str]) -> None:
    if reason not in choices:
        raise Invalid({"reason": [f"Choose one of: {', '.join(choices)}."]})
    if reason == "other" and not note.strip():
        raise Invalid({"note": ["Say why in the note."]})


def _told(balance: int, currency: str) -> str:
    """As people say it: negative is credit."""
    money = Money(abs(balance), currency)
    return f"{money} of credit" if balance < 0 else f"{money} owed" if balance else "nothing"
