"""Which of the latest invoices a version would have held."""

from __future__ import annotations

from dataclasses import dataclass

from ...db import db
from ...lib.money import Money
from ...models import HoldRules, Invoice, InvoiceStatus
from ._decide import asked, why

MOST = 1_000


@dataclass(frozen=True)
class Held:
    """An invoice that would have been held, and why."""

    invoice_id: str
    called: str
    money: Money
    why: str


@dataclass(frozen=True)
class Simulated:
    """Of the newest `looked_at` invoices, those that the version holds."""

    looked_at: int
    held: tuple[Held, ...]

    @property
    def says(self) -> str:
        if not self.looked_at:
            return "There is no invoice yet to compare with."
        return f"It would have held {len(self.held):,} of the last {self.looked_at:,} invoices."


def simulate(rules: HoldRules) -> Simulated:
    """Look at the last 1,000 invoices as they are now, each with what came before it: one statement."""
    query = asked().where(Invoice.status != InvoiceStatus.DELETED)
    rows = db.session.execute(query.order_by(Invoice.created_at.desc(), Invoice.id.desc()).limit(MOST)).all()
    held = [
        Held(row.id, row.number or "Draft invoice", Money(row.total, row.currency), ", ".join(found))
        for row in rows
        if (found := why(rules, row))
    ]
    return Simulated(len(rows), tuple(held))
