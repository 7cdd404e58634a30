"""The lines of an invoice, each with where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...lib.money import Money
from ...models import Change, Invoice


@dataclass(frozen=True)
class Line:
    """`source` says where it comes from; `change` is ours by which it was added, where it was. `by_hand`: it was added to
    the invoice, and can wait for the next one instead."""

    id: str
    money: Money
    description: str
    quantity: int | None
    source: str
    change: Change | None
    by_hand: bool
    period_start: datetime | None
    period_end: datetime | None


def lines(invoice: Invoice) -> list[Line]:
    """Those of one invoice."""
    return lines_of([invoice])[invoice.id]


def lines_of(invoices: Sequence[Invoice]) -> dict[str, list[Line]]:
    """By the invoice's id: one statement at most, however many lines there are."""
    by_id = Change.each(line.get("change") for invoice in invoices for line in invoice.lines)
    return {
        invoice.id: [_line(invoice, line, by_id.get(line.get("change") or "")) for line in invoice.lines]
        for invoice in invoices
    }


def _line(invoice: Invoice, line: dict[str, Any], change: Change | None) -> Line:
    start, end = line["period_start"], line["period_end"]
    return Line(
        id=line["id"],
        money=Money(line["amount"], invoice.currency),
        description=line["description"] or "",
        quantity=line["quantity"],
        source=_source(line, change),
        change=change,
        by_hand=line["item"] is not None,
        period_start=datetime.fromisoformat(start) if start else None,
        period_end=datetime.fromisoformat(end) if end else None,
    )


def _source(line: dict[str, Any], change: Change | None) -> str:
    if line["proration"]:
        return "Change within the period"
    if line["subscription_item"]:
        return "Renewal"
    if change:
        return f"Added by {change.by}"
    return "Added at Stripe"
