"""Keeping a draft from going out: hold -> release, and letting go of what was forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...db import db
from ...lib.refusal import Invalid
from ...models import Change, Invoice, InvoiceHold, InvoiceHoldReason, Staff
from .. import cases, changes
from .._act import act, concerns, performing, say, tell_change, warn
from .._actor import Actor
from ._settle import changed
from ._standing_holds import FORGOTTEN, follow_hold_asked
from ._stands import ready_for

USUAL, LONGEST = timedelta(hours=24), timedelta(hours=72)
# What people choose from; the others are the console's own.
REASONS = tuple(
    one for one in InvoiceHoldReason if one not in (InvoiceHoldReason.RULE, InvoiceHoldReason.REISSUED)
)
asks_hold = changes.keeps("billing.hold", "billing.hold", then=changed)
asks_release = changes.keeps("billing.release", "billing.release", then=changed)
changes.when_ended("billing.hold", follow_hold_asked)


@act(private=("note",))
def hold(invoice_id: str, *, reason: str, until: datetime | None, note: str = "", by: Actor) -> Change:
    """Keep a draft from going out until `until`: 72 hours at most, 24 unless said. Then the clock lets it go.

    Stripe is asked at once, for a draft may be about to go out; its undo is `release`. Raises NotADraft, HeldAlready.
    """
    if reason not in [one.value for one in REASONS]:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    now = performing().now
    if until is not None and not now < until <= now + LONGEST:
        raise Invalid({"until": ["Choose a time within the next 72 hours."]})
    invoice = ready_for("hold", invoice_id)
    if invoice.finalizes_at and invoice.finalizes_at <= now:
        warn("It was due to go out already: Stripe may be faster. Then its page says so.")
    words = InvoiceHoldReason.words_of(reason)
    change = place(invoice, reason, until or now + USUAL, note=note, by=by)
    stands_until = f"until {until:%-d %b %Y, %H:%M} UTC" if until else "for 24 hours"
    tell_change(invoice, "goes out", "by itself", f"held {stands_until}, unless it is released before")
    say(f"Held {invoice.called_as} until {until or now + USUAL:%-d %b %Y, %H:%M} UTC: {words.lower()}")
    return change


def place(invoice: Invoice, reason: str, until: datetime | None, *, note: str = "", by: Actor) -> Change:
    """In an act: a hold on a locked draft, and the question to Stripe."""
    change = changes.plan(
        asks_hold,
        invoice=invoice,
        says=f"Stripe does not send {invoice.called_as} of {invoice.money('total')} by itself",
        arguments={"invoice": invoice.external_id},
        reason=reason,
        note=note,
    )
    stands(invoice, reason, until, note=note, by=by.label, by_id=by.id, change_id=change.id)
    return change


def stands(
    invoice: Invoice,
    reason: str,
    until: datetime | None,
    *,
    by: str,
    by_id: str,
    note: str = "",
    change_id: str | None = None,
) -> InvoiceHold:
    """Write the hold down."""
    return InvoiceHold(
        invoice_id=invoice.id, reason=reason, note=note, by=by, by_id=by_id, until=until, change_id=change_id,
        created_at=performing().now,
    ).add()  # fmt: skip


@act(undo=60)
def release(invoice_id: str, *, by: Actor) -> Change:
    """Let a draft go out by itself again. Raises NotADraft, NotHeld."""
    invoice = ready_for("release", invoice_id)
    tell_change(invoice, "goes out", "not before it is released", "by itself, within an hour or so")
    if invoice.due:
        warn(f"Then the customer's card is charged {invoice.money('due')}.")
    say(f"Released {invoice.called_as}")
    return let_it_go(invoice)


def let_it_go(invoice: Invoice) -> Change:
    """In an act: have Stripe send a held draft by itself again."""
    return changes.plan(
        asks_release,
        invoice=invoice,
        says=f"Stripe sends {invoice.called_as} of {invoice.money('total')} by itself again",
        arguments={"invoice": invoice.external_id},
    )


@act(robots=("clock",))
def let_go(hold_id: str, *, by: Actor) -> Change | None:
    """The time of a hold is up and nobody has released it: it is released, and whoever held it is told. What was issued
    again goes out only when somebody has looked at it."""
    invoice = Invoice.lock(InvoiceHold.require(hold_id).invoice_id)
    standing = InvoiceHold.lock(hold_id)
    concerns(*invoice.related())
    if standing.released_at or Change.now_of(invoice_id=invoice.id):
        say("It is being dealt with")
        return None
    waits = standing.reason == InvoiceHoldReason.REISSUED
    standing.until = None  # told once; if Stripe will not, its case says so
    _tell(invoice, standing, waits=waits)
    say(f"Nobody has released {invoice.called_as}, which {standing.by} holds: {standing.words.lower()}")
    return None if waits or not invoice.held else let_it_go(invoice)


def _tell(invoice: Invoice, standing: InvoiceHold, *, waits: bool) -> None:
    since = f"{standing.by} holds {invoice.called_as} of {invoice.money('total')} since {standing.created_at:%-d %b %Y}"
    became = (
        "It waits until somebody releases it" if waits else "Its time is up, so it goes out by itself now"
    )
    case = cases.open_case(
        FORGOTTEN,
        invoice.id,
        says=f"{since}: {standing.words.lower()}. {became}.",
        suggests={"act": "billing.release", "url": f"{invoice.url}/release", "label": "Release it"}
        if waits
        else {"act": "cases.dismiss", "label": "Dismiss it once you have looked"},
        about=invoice.related(),
    )
    if case.owner_id is None and Staff.get(standing.by_id):
        case.owner_id = standing.by_id


def forgotten(limit: int = 100) -> list[str]:
    """Holds whose time is up."""
    found = InvoiceHold.overdue(limit)
    db.session.rollback()
    return found
