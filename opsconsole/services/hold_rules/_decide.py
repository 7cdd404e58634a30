"""Which rules hold an invoice: the same question for one that has just been drafted and for those that were sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import aliased

from ...lib.money import Money
from ...models import HoldRules, Invoice, InvoiceStatus
from .. import approvals

_S = InvoiceStatus
_COUNTS = (_S.OPEN, _S.PAID, _S.UNCOLLECTIBLE)  # what was really asked of a customer


def asked() -> Select[Any]:
    """What the rules look at, of invoices: their total, how many lines, the total of the last invoice of the same
    subscription before (None: there is none), and how many the customer had before. Narrow it down with `where`."""
    before, earlier = aliased(Invoice), aliased(Invoice)
    last = (
        select(before.total)
        .where(
            before.customer_id == Invoice.customer_id,  # which an index finds
            before.external_subscription == Invoice.external_subscription,
            before.created_at < Invoice.created_at,
            before.currency == Invoice.currency,
            before.status.in_(_COUNTS),
        )
        .order_by(before.created_at.desc(), before.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    had = (
        select(earlier.id)
        .where(
            earlier.customer_id == Invoice.customer_id,
            earlier.created_at < Invoice.created_at,
            earlier.status.in_(_COUNTS),
        )
        .exists()
    )
    return select(
        Invoice.id,
        Invoice.number,
        Invoice.status,
        Invoice.total,
        Invoice.currency,
        Invoice.customer_id,
        func.jsonb_array_length(Invoice.lines).label("lines"),
        last.label("last"),
        had.label("had"),
    )


def why(rules: HoldRules, row: Row[Any]) -> list[str]:
    """The rules that hold it, each as a sentence; none lets it go out."""
    said = []
    cents = approvals.cents(Money(row.total, row.currency))
    if rules.amount_above is not None and (cents is None or cents > rules.amount_above):
        said.append(f"its total is above {Money(rules.amount_above, 'usd')}")
    percent, last = rules.delta_percent, row.last
    if percent is not None and last is not None and abs(row.total - last) * 100 > percent * abs(last):
        said.append(f"the last one of its subscription was {Money(last, row.currency)}")
    if rules.first_invoice and row.customer_id and not row.had:
        said.append("it is the customer's first")
    if rules.lines_above is not None and row.lines > rules.lines_above:
        said.append(f"it has {row.lines} lines")
    return said
