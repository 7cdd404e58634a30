"""What a change will bill, as the processor computes it: read before the act, with no transaction open, and pinned.

The quote's instant goes into the change itself (the proration date), so what was shown is what is billed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from ...db import db, instant
from ...lib import canonical
from ...lib.money import Money
from ...lib.refusal import Refused
from ...models import Quote, Subscription
from ...vendors.billing import PreviewFacts
from .._transaction import transaction
from ..outbox import breaker, read

PORT, READS = "billing", "preview"
HOLDS = timedelta(minutes=10)  # how long what was read may be agreed to
PATIENCE = 5.0  # seconds: somebody is looking at the page


class NoQuote(Refused):
    """The processor did not say what the change will bill."""


@dataclass(frozen=True)
class Bill:
    """What the next invoice would be: `lines` are (description, minor units), `as_of` the pinned instant."""

    quote_id: str
    currency: str
    subtotal: int
    tax: int
    total: int
    due: int
    lines: tuple[tuple[str, int], ...]
    as_of: datetime
    next_charge_at: datetime | None

    @property
    def money(self) -> Money:
        return Money(self.due, self.currency)


def ask_bill(subscription_id: str, method: str | None, arguments: Mapping[str, Any]) -> str | None:
    """Ask what the subscription's next invoice would be after that change of the billing port, or without one.

    Returns the quote's id, for the act. The same question within ten minutes gets the same quote, so a preview and what is
    done after it speak of the same; None when the processor did not say, and `bill_of` tells why.
    """
    quote, ours = _claim(subscription_id, _source(method, arguments))
    if ours:
        quote_id, external_id, at = quote.id, quote.external_id, quote.fetched_at.replace(microsecond=0)
        db.session.rollback()
        asked = {"subscription": external_id, "change": method, "arguments": dict(arguments), "as_of": at}
        quote = read(quote_id, PORT, READS, lambda port: _plain(port.preview(**asked)), patience=PATIENCE)
    return quote.id if quote.outcome == Quote.FOUND else None


def bill_of(quote_id: str | None, subscription: Subscription, *, now: datetime) -> Bill:
    """What was read as that quote. Raises NoQuote, with words for Sam."""
    quote = Quote.get(quote_id) if quote_id else None
    if quote is None or quote.outcome != Quote.FOUND or not quote.facts:
        raise NoQuote("Stripe did not say what this will cost. Try again in a minute.")
    if quote.subject_id != subscription.id or quote.expires_at < now:
        raise NoQuote("What this costs was asked too long ago: look again.")
    facts = quote.facts
    return Bill(
        quote_id=quote.id,
        currency=facts["currency"],
        subtotal=facts["subtotal"],
        tax=facts["tax"],
        total=facts["total"],
        due=facts["due"],
        lines=tuple((line["description"], line["amount"]) for line in facts["lines"]),
        as_of=datetime.fromisoformat(facts["as_of"]),
        next_charge_at=datetime.fromisoformat(facts["next_charge_at"]) if facts["next_charge_at"] else None,
    )


def _source(method: str | None, arguments: Mapping[str, Any]) -> str:
    return f"bill {canonical.digest({'method': method, 'arguments': dict(arguments)})[:30]}"


def _claim(subscription_id: str, source: str) -> tuple[Quote, bool]:
    """The quote to fill, and whether it is ours to fill."""
    with transaction(lock_timeout="500ms"):
        lock = func.hashtextextended(f"quote {subscription_id} {source}", 0)
        db.session.execute(select(func.pg_advisory_xact_lock(lock)))
        now: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
        last = Quote.newest(subscription_id, source).get(source)
        changed = Subscription.require(subscription_id)
        fresh = last and last.expires_at > now and last.fetched_at >= changed.fetched_at
        if last and fresh and last.outcome == Quote.FOUND:
            return last, False
        quote = Quote(
            subject_id=subscription_id, source=source, external_id=changed.external_id,
            fetched_at=now, expires_at=now + HOLDS,
        ).add()  # fmt: skip
        admitted = breaker.admits(PORT, READS)
        if not admitted:
            quote.outcome, quote.words = Quote.FAILED, "Stripe has not answered for a while."
    return quote, admitted


def _plain(found: PreviewFacts) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "subtotal": found.subtotal,
        "tax": found.tax,
        "total": found.total,
        "due": found.due,
        "lines": [{"description": line.description or "", "amount": line.amount} for line in found.lines],
        "as_of": found.as_of.isoformat(),
        "next_charge_at": found.next_charge_at.isoformat() if found.next_charge_at else None,
    }
