"""Where the sums of a day come apart: each record that stands on one side of a step and not, or otherwise, on the other.

Each statement groups both sides of a step by what they are about and keeps the groups that differ, so their differences add
up to the step's own. What a difference is, is told by looking at all days: whether the other half exists at all.
Rows are (currency, amount, kind, record_id, external_id), `amount` what the left side has more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ...db import db
from ._rows import COLUMNS, SENT_REFUND, SOLD_INVOICE, SOLD_ORDER, bounds, statement

PATIENCE = timedelta(days=7)  # after which money that is available should have been paid out

_CHARGES = "('charge', 'payment')"
_REFUNDS = "('refund', 'payment_refund', 'refund_failure', 'payment_failure_refund')"
_FEES = "('stripe_fee', 'stripe_fx_fee', 'tax_fee', 'network_cost', 'application_fee')"

# What was sold against what was charged, by order, invoice, or payment that belongs to neither.
_SOLD = f"""
with sides as (
    select record_id, currency, amount sold, 0 charged from ({COLUMNS["sold"].rows}) sold
    union all
    select coalesce(p.order_id, i.id, p.id), charged.currency, 0, charged.amount
    from ({COLUMNS["charged"].rows}) charged join payments p on p.id = charged.record_id
    left join lateral (select i.id from invoices i where p.order_id is null
        and i.payments @> to_jsonb(p.external_id) order by i.created_at limit 1) i on true
), apart as (
    select record_id, currency, sum(sold) - sum(charged) amount from sides
    group by record_id, currency having sum(sold) <> sum(charged)
)
select a.currency, cast(a.amount as bigint), case
        when o.id is null and i.id is null then 'charge_without_order'
        when coalesce(o.currency, i.currency) <> a.currency or ever.others then 'currency_differs'
        when ever.charged is null then 'order_without_charge'
        when ever.charged = coalesce(o.total, i.paid) then 'timing'
        else 'amount_differs' end kind,
    a.record_id, coalesce(o.reference, i.external_id, p.external_id)
from apart a
left join lateral (select o.id, o.reference, o.currency, case when {SOLD_ORDER} then o.total else 0 end total
    from orders o where o.id = a.record_id) o on true
left join lateral (select i.id, i.external_id, i.currency, i.payments, case when {SOLD_INVOICE} then i.paid else 0 end paid
    from invoices i where i.id = a.record_id) i on true
left join payments p on p.id = a.record_id
left join lateral (
    select sum(m.captured) filter (where m.currency = a.currency) charged, bool_or(m.currency <> a.currency) others from (
        select currency, captured from payments where order_id = o.id and captured > 0
        union all
        select currency, captured from payments where captured > 0 and order_id is null
            and external_id in (select jsonb_array_elements_text(i.payments))) m) ever on true"""

# What we charged and refunded against what the processor booked, by payment, refund, or entry of another kind.
_BOOKED = f"""
with entries as (
    select e.*, case when e.kind in {_CHARGES} then 'charge' when e.kind in {_REFUNDS} then 'refund' else 'other' end sort
    from balance_entries e where e.created_at >= :since and e.created_at < :until and e.kind <> all(:of_payouts)
), sides as (
    select 'charge' sort, p.name as key, p.currency, p.amount ours, 0 theirs from ({COLUMNS["charged"].rows}) p
    union all
    select 'refund', r.name, r.currency, -r.amount, 0 from ({COLUMNS["refunded"].rows}) r
    union all
    select e.sort, case e.sort
            when 'charge' then coalesce(e.payment_key,
                (select p.external_id from payments p where p.charge_id = e.source limit 1), e.external_id)
            when 'refund' then coalesce(e.source, e.external_id)
            else e.external_id end, e.currency, 0, e.amount
    from entries e
), apart as (
    select sort, key, currency, sum(ours) - sum(theirs) amount from sides
    group by sort, key, currency having sum(ours) <> sum(theirs)
)
select a.currency, cast(a.amount as bigint), case
        when a.sort = 'charge' and p.id is null or a.sort = 'refund' and r.id is null then 'entry_elsewhere'
        when a.sort <> 'other' and (ever.others or coalesce(p.currency, r.currency) <> a.currency) then 'currency_differs'
        when a.sort = 'charge' and ever.booked is null then 'charge_pending'
        when a.sort = 'charge' and ever.booked = p.captured then 'timing'
        when a.sort = 'refund' and ever.booked is null then 'refund_without_entry'
        when a.sort = 'refund' and ever.booked = -r.sent then 'timing'
        when a.sort = 'refund' and r.sent = 0 then 'refund_failed'
        when a.sort <> 'other' then 'amount_differs'
        when e.kind in {_FEES} then 'stripe_fee'
        when e.kind = 'adjustment' and e.source like any (array['du\\_%', 'dp\\_%'])
            then case when e.amount < 0 then 'dispute_withdrawn' else 'dispute_returned' end
        when e.kind = 'adjustment' then 'adjustment'
        else 'other_movement' end kind,
    coalesce(p.id, r.id, of_dispute.id), a.key
from apart a
left join payments p on a.sort = 'charge' and p.external_id = a.key
left join lateral (select r.id, r.currency, case when {SENT_REFUND} then r.amount else 0 end sent from refunds r
    where a.sort = 'refund' and r.external_id = a.key) r on true
left join balance_entries e on a.sort = 'other' and e.external_id = a.key
left join payments of_dispute on of_dispute.external_id = e.payment_key
left join lateral (
    select sum(m.amount) filter (where m.currency = a.currency) booked, bool_or(m.currency <> a.currency) others from (
        select x.currency, x.amount from balance_entries x where a.sort = 'charge' and x.kind in {_CHARGES}
            and (x.payment_key = a.key or x.source = p.charge_id)
        union all
        select x.currency, x.amount from balance_entries x where a.sort = 'refund' and x.kind in {_REFUNDS}
            and x.source = a.key) m) ever on true"""

_NET = """
select e.currency, e.amount - e.fee - e.net, 'fee_unexplained' kind, cast(null as text), e.external_id
from balance_entries e where e.created_at >= :since and e.created_at < :until and e.kind <> all(:of_payouts)
    and e.amount - e.fee <> e.net"""

_PAID_OUT = """
select e.currency, e.net, case
        when t.status in ('failed', 'canceled') then 'payout_failed'
        when e.payout_key is not null then 'payout_unknown'
        when e.available_on < :overdue then 'not_paid_out'
        else 'awaiting_payout' end kind, t.id, e.external_id
from balance_entries e left join payouts t on t.external_id = e.payout_key
where e.created_at >= :since and e.created_at < :until and e.kind <> all(:of_payouts) and e.net <> 0
    and (t.id is null or t.status <> all(:going))"""

_SENT = """
select t.currency, cast(t.amount - made_of.net as bigint), case
        when not t.automatic then 'payout_by_hand' when t.read_at is null then 'payout_not_read'
        else 'payout_differs' end kind, t.id, t.external_id
from payouts t left join lateral (
    select coalesce(sum(e.net), 0) net from balance_entries e
    where e.payout_key = t.external_id and e.kind <> all(:of_payouts) and e.currency = t.currency) made_of on true
where t.created_at >= :since and t.created_at < :until and t.status = any(:going) and t.amount <> made_of.net"""

_STEPS: Mapping[str, str] = {
    "sold": _SOLD, "booked": _BOOKED, "net": _NET, "paid_out": _PAID_OUT, "sent": _SENT,
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """What the left side of a step has more than its right, in minor units, and its class (KINDS)."""

    step: str
    currency: str
    amount: int
    kind: str
    record_id: str | None
    external_id: str | None


def differences(day: date, today: date) -> Iterator[Difference]:
    """All of a day's, in every currency."""
    told = bounds(day) | {"overdue": today - PATIENCE}
    for step, sql in _STEPS.items():
        for row in db.session.execute(statement(sql, told)):
            yield Difference(step, *row)
