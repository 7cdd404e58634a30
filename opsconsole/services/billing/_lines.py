"""The lines of an invoice, each with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...lib.money import Money
from ...models import AdjustmentBatch, Change, Invoice


@dataclass(frozen=True)
class Line:
    """`source` says where it comes from; `change` is ours by which it was added, where it was, `batch` the charges and
    credits that it is the sum of. `by_hand`: it was added to the invoice, and can wait for the next one instead."""

    id: str
    money: Money
    description: str
    quantity: int | None
    source: str
    change: Change | None
    batch: AdjustmentBatch | None
    by_hand: bool
    period_start: datetime | None
    period_end: datetime | None


def lines(invoice: Invoice) -> list[Line]:
    """Those of one invoice."""
    return lines_of([invoice])[invoice.id]


def lines_of(invoices: Sequence[Invoice]) -> dict[str, list[Line]]:
    """By the invoice's id: two statements at most, however many lines there are."""
    named = {line.get("change") or "" for invoice in invoices for line in invoice.lines}
    changes = Change.each(id for id in named if id.startswith(f"{Change.PREFIX}_"))
    batches = AdjustmentBatch.each(id for id in named if id.startswith(f"{AdjustmentBatch.PREFIX}_"))
    return {
        invoice.id: [_line(invoice, line, changes, batches) for line in invoice.lines] for invoice in invoices
    }


def _line(
    invoice: Invoice,
    line: dict[str, Any],
    changes: Mapping[str, Change],
    batches: Mapping[str, AdjustmentBatch],
) -> Line:
    named = line.get("change") or ""
    change, batch = changes.get(named), batches.get(named)
    start, end = line["period_start"], line["period_end"]
    return Line(
        id=line["id"],
        money=Money(line["amount"], invoice.currency),
        description=line["description"] or "",
        quantity=line["quantity"],
        source=_source(line, change, batch),
        change=change,
        batch=batch,
        by_hand=line["item"] is not None,
        period_start=datetime.fromisoformat(start) if start else None,
        period_end=datetime.fromisoformat(end) if end else None,
    )


def _source(line: dict[str, Any], change: Change | None, batch: AdjustmentBatch | None) -> str:
    if line["proration"]:
        return "Change within the period"
    if line["subscription_item"]:
        return "Renewal"
    if change:
        return f"Added by {change.by}"
    if batch:
        return f"{batch.count} charges and credits"
    return "Added at Stripe"
