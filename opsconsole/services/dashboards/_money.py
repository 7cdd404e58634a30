"""What became of the money: what went back and why, what is on its way, what is disputed, what was recovered.

What was given back each day is counted as tie-outs count it, so that both are the same sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, text

from ...db import db, now
from ..payouts import SENT_REFUND

DAYS = 30
_SENT = f"from refunds r where r.created_at >= cast(:since as timestamptz) and {SENT_REFUND}"
_REFUNDS = text(
    f"""
    select 'reason' as by, r.reason as name, r.currency, count(*) as number, sum(r.amount)::bigint as amount
    {_SENT} group by 2, 3
    union all
    select 'person', r.by, r.currency, count(*), sum(r.amount)::bigint {_SENT} group by 2, 3
    union all
    select 'sku', l.sku, r.currency, count(distinct r.id), sum(p.amount)::bigint
    from refunds r join refund_lines p on p.refund_id = r.id join order_lines l on l.id = p.line_id
    where r.created_at >= cast(:since as timestamptz) and {SENT_REFUND} group by 2, 3
    union all
    select 'pending', coalesce(r.pending_reason, ''), r.currency, count(*), sum(r.amount)::bigint
    from refunds r where r.status = 'pending' group by 2, 3
    order by 4 desc, 2
    """
)
_DAYS = text(
    f"""
    select coalesce(o.day, t.day) as day, coalesce(o.currency, t.currency) as currency, coalesce(o.number, 0) as number,
           coalesce(o.amount, 0) as amount, t.refunded as tied, t.id as tie_id
    from (select (r.created_at at time zone 'UTC')::date as day, r.currency, count(*) as number,
                 sum(r.amount)::bigint as amount {_SENT} group by 1, 2) o
    full join (select (starts_at at time zone 'UTC')::date as day, currency, refunded, id from tie_outs
               where starts_at >= cast(:since as timestamptz)) t on t.day = o.day and t.currency = o.currency
    order by 1 desc, 2
    """
)
_CHARGED = text(
    "select currency, sum(captured)::bigint as amount from payments"
    " where created_at >= cast(:since as timestamptz) and captured > 0 group by 1"
)
_DISPUTES = text(
    "select (dispute_due_at at time zone 'UTC')::date as due, count(*) as number, currency, sum(disputed)::bigint as amount"
    " from payments where disputed > 0 and dispute_due_at is not null"
    " and dispute in ('needs_response', 'warning_needs_response') group by 1, 3 order by 1"
)
_DUNNINGS = text(
    "select status, count(*) as number from dunnings where created_at >= cast(:since as timestamptz) group by 1"
)


@dataclass(frozen=True)
class Money:
    """`refunds` by what ("reason", "person", "sku", "pending"): rows of name, currency, number, amount in minor units.
    `days` beside the tie-out of each. `charged` by currency. `disputes` that want an answer, by the day on which it is due.
    `dunnings` that began since then, by status."""

    since: date
    refunds: Mapping[str, Sequence[Row[Any]]]
    days: Sequence[Row[Any]]
    charged: Mapping[str, int]
    disputes: Sequence[Row[Any]]
    dunnings: Mapping[str, int]

    @property
    def recovered(self) -> float | None:
        """Which share of the unpaid invoices that came to an end were paid."""
        over = sum(self.dunnings.get(status, 0) for status in ("recovered", "stopped", "ended"))
        return self.dunnings.get("recovered", 0) / over if over else None

    def share(self, row: Row[Any]) -> float | None:
        """What went back, as a share of what was charged in that currency."""
        charged = self.charged.get(row.currency)
        return row.amount / charged if charged else None


def money(days: int = DAYS) -> Money:
    """The last `days` days, from a day's beginning (UTC). Five statements."""
    since = now().date() - timedelta(days=days - 1)
    told = {"since": since}
    refunds: dict[str, list[Row[Any]]] = {"reason": [], "person": [], "sku": [], "pending": []}
    for row in db.session.execute(_REFUNDS, told):
        refunds[row.by].append(row)
    return Money(
        since,
        refunds,
        db.session.execute(_DAYS, told).all(),
        {row.currency: row.amount for row in db.session.execute(_CHARGED, told)},
        db.session.execute(_DISPUTES).all(),
        {row.status: row.number for row in db.session.execute(_DUNNINGS, told)},
    )
