"""The card that a customer saved: read before the act that charges it, with no transaction open."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from ...db import db, instant
from ...lib.refusal import Refused
from ...models import Customer, Quote, card_words
from ...vendors.payments import CardFacts
from .._transaction import transaction
from ..outbox import breaker, read

SOURCE = "card"
PORT, READS = "payments", "saved_card"
EVERY = timedelta(seconds=10)  # asked sooner, the last answer is shown again
HOLDS = timedelta(minutes=10)  # how long what was read may be charged
PATIENCE = 2.5  # seconds: somebody is looking at the page


class NoCard(Refused):
    """No card of the customer's can be charged."""


class CardUnknown(Refused):
    """The processor did not tell which card is saved."""


@dataclass(frozen=True)
class SavedCard:
    """As the port's CardFacts; `id` is what is charged."""

    id: str
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None

    @property
    def words(self) -> str:
        return card_words(self.brand, self.last4)

    def expired(self, on: date) -> bool:
        """A card can be used until the end of its month."""
        if not (self.exp_month and self.exp_year):
            return False
        return (self.exp_year, self.exp_month) < (on.year, on.month)


def processor_id(customer: Customer) -> str | None:
    """Under which id the processor knows a customer."""
    return next((one.external_id for one in customer.external_ids() if one.system == "stripe"), None)


def ask_card(customer_id: str) -> str | None:
    """Ask the processor for the customer's card. Returns its id, for the act that charges it; None without one.

    At most one read in ten seconds, none while the vendor's breaker is open. What went wrong stands in the quote, and
    `saved` tells it.
    """
    quote, due = _claim(customer_id)
    if quote is None:
        return None
    if due:
        quote_id, external_id = quote.id, quote.external_id
        db.session.rollback()
        quote = read(
            quote_id, PORT, READS, lambda port: _card(port.saved_card(external_id)), patience=PATIENCE
        )
    return quote.facts["id"] if quote.facts else None


def saved(customer_id: str, card: str | None, *, now: datetime) -> SavedCard:
    """The card that was read as `card` lately. Raises NoCard and CardUnknown, with words for Sam."""
    if processor_id(Customer.require(customer_id)) is None:
        raise NoCard("Stripe does not know this customer: no card of theirs is saved.")
    quote = Quote.newest(customer_id, SOURCE).get(SOURCE)
    if quote is None or quote.outcome is None or quote.expires_at < now:
        raise CardUnknown("Nobody asked Stripe lately which card is saved: look again.")
    if quote.outcome == Quote.FAILED:
        raise CardUnknown(f"Which card is saved is not known now. {quote.words} Try again in a minute.")
    if quote.facts is None:
        raise NoCard("The customer has saved no card.")
    found = SavedCard(**quote.facts)
    if found.id != card:
        raise CardUnknown("The customer has saved another card just now: look again.")
    if found.expired(now.date()):
        raise NoCard(f"The saved card, {found.words}, expired {found.exp_month:02}/{found.exp_year}.")
    return found


def _claim(customer_id: str) -> tuple[Quote | None, bool]:
    """The quote to fill, and whether it is ours to fill; the last one when it is too soon for another."""
    with transaction(lock_timeout="500ms"):
        lock = func.hashtextextended(f"quote {customer_id} {SOURCE}", 0)
        db.session.execute(select(func.pg_advisory_xact_lock(lock)))
        now: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
        last = Quote.newest(customer_id, SOURCE).get(SOURCE)
        if last and now - last.fetched_at < EVERY:
            return last, False
        external_id = processor_id(Customer.require(customer_id))
        if external_id is None:
            return None, False
        quote = Quote(
            subject_id=customer_id, source=SOURCE, external_id=external_id, fetched_at=now, expires_at=now + HOLDS
        ).add()  # fmt: skip
        admitted = breaker.admits(PORT, READS)
        if not admitted:
            quote.outcome, quote.words = Quote.FAILED, "Stripe has not answered for a while."
    return quote, admitted


def _card(found: CardFacts | None) -> dict[str, Any] | None:
    return asdict(found) if found else None
