"""A draft that the rules hold is held as soon as we hear of it, until a person releases it."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...models import Change, HoldRules, Invoice, InvoiceHold, InvoiceHoldReason, InvoiceStatus
from .. import billing
from .._actor import CONSOLE
from ._decide import asked, why


@billing.when_moved
def hold_by_rule(invoice: Invoice) -> None:
    """Once for each invoice: what a person has released is not held again. While Stripe is asked for something else, it is
    looked at with what that brings."""
    if invoice.status != InvoiceStatus.DRAFT or not invoice.auto_advance:
        return
    rules = HoldRules.active()
    if not rules.sentences or Change.now_of(invoice_id=invoice.id):
        return
    db.session.flush()
    found = why(rules, db.session.execute(asked().where(Invoice.id == invoice.id)).one())
    if not found or _was_held(invoice):
        return
    note = f"{rules.name} of the rules: {', '.join(found)}."
    billing.place(invoice, InvoiceHoldReason.RULE.value, None, note=note, by=CONSOLE)


def _was_held(invoice: Invoice) -> bool:
    """By a rule before, or by anybody now."""
    by_rule = InvoiceHold.reason == InvoiceHoldReason.RULE.value
    query = select(InvoiceHold.id).where(
        InvoiceHold.invoice_id == invoice.id, by_rule | InvoiceHold.released_at.is_(None)
    )
    return db.session.scalar(query.limit(1)) is not None
