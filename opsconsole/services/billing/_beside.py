"""What stands beside invoices: their holds, what is under way, and what takes their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ...db import db
from ...models import Change, Invoice, InvoiceHold
from ...models.change import UNDER_WAY


@dataclass(frozen=True)
class Beside:
    """Of one invoice: the hold that stands, the change that is under way, and the invoices that it replaces and is
    replaced by."""

    hold: InvoiceHold | None
    doing: Change | None
    replaces: Invoice | None
    replaced_by: Invoice | None


def beside(invoices: Sequence[Invoice]) -> dict[str, Beside]:
    """By the invoice's id: four statements, however many there are."""
    ids = [one.id for one in invoices]
    holds = db.session.scalars(
        select(InvoiceHold).where(InvoiceHold.invoice_id.in_(ids), InvoiceHold.released_at.is_(None))
    )
    doing = db.session.scalars(select(Change).where(Change.invoice_id.in_(ids), Change.status.in_(UNDER_WAY)))
    by = db.session.scalars(select(Invoice).where(Invoice.replaces_id.in_(ids)))
    held = {one.invoice_id: one for one in holds}
    under_way = {one.invoice_id: one for one in doing}
    replaced = {one.replaces_id: one for one in by}
    old = Invoice.each(one.replaces_id for one in invoices)
    return {
        one.id: Beside(
            held.get(one.id), under_way.get(one.id), old.get(one.replaces_id or ""), replaced.get(one.id)
        )
        for one in invoices
    }
