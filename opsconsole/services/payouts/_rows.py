"""What each number of a tie-out is the sum of: one statement per column, for its sum and for the page of its rows.

Each reads a day through an index: `:since` and `:until` are instants, `:currency` one currency or none for all. Rows are
(currency, amount, at, id, record_id, name), amounts in minor units, `record_id` of our record that has a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.sql.elements import TextClause

from ...db import db
from ...lib.paging import PAGE, Page, cursor, read_cursor
from ...models.balance_entry import OF_PAYOUTS
from ...models.payout import UNDER_WAY_OR_THERE
from ...models.tie_out import TieOut, midnight

# An order counts as sold once money came in for it or it went past the gate where money is asked for.
SOLD_ORDER = """o.total > 0 and (o.payment_status <> 'unpaid' or o.status in
    ('ready', 'submitted', 'at_pharmacy', 'shipped', 'delivered', 'closed', 'returned'))"""
# Of a renewal that became an order, the order counts and not the invoice.
SOLD_INVOICE = """i.paid > 0 and not i.out_of_band and not exists (select from payments p where p.order_id is not null
    and p.external_id in (select jsonb_array_elements_text(i.payments)))"""
# Money of a refund leaves our balance when the processor takes it in.
SENT_REFUND = "r.external_id is not null and r.status in ('pending', 'succeeded')"
_HERE = "(cast(:currency as text) is null or {0}.currency = :currency)"
_DAY = "{0} >= :since and {0} < :until"

_SOLD = f"""
    select o.currency, o.total amount, o.placed_at at, o.id, o.id record_id, o.reference as name from orders o
    where {_DAY.format("o.placed_at")} and {SOLD_ORDER} and {_HERE.format("o")}
    union all
    select i.currency, i.paid, i.paid_at, i.id, i.id, coalesce(i.number, i.external_id) from invoices i
    where {_DAY.format("i.paid_at")} and {SOLD_INVOICE} and {_HERE.format("i")}"""
_CHARGED = f"""
    select p.currency, p.captured amount, p.created_at at, p.id, p.id record_id, p.external_id as name from payments p
    where {_DAY.format("p.created_at")} and p.captured > 0 and {_HERE.format("p")}"""
_REFUNDED = f"""
    select r.currency, r.amount, r.created_at at, r.id, r.id record_id, r.external_id as name from refunds r
    where {_DAY.format("r.created_at")} and {SENT_REFUND} and {_HERE.format("r")}"""
_ENTRIES = f"""from balance_entries e
    where {_DAY.format("e.created_at")} and e.kind <> all(:of_payouts) and {_HERE.format("e")}"""
_ENTRY = "select e.currency, e.{0} amount, e.created_at at, e.id, cast(null as text) record_id, e.external_id as name"
_PAID_OUT = f"""{_ENTRY.format("net")} {_ENTRIES}
    and exists (select from payouts t where t.external_id = e.payout_key and t.status = any(:going))"""
_PAYOUTS = (
    f"from payouts t where {_DAY.format('t.created_at')} and t.status = any(:going) and {_HERE.format('t')}"
)
_SENT = (
    f"select t.currency, t.amount, t.created_at at, t.id, t.id record_id, t.external_id as name {_PAYOUTS}"
)
_SENT_ENTRIES = f"""
    select e.currency, e.net amount, e.created_at at, e.id, t.id record_id, e.external_id as name
    from (select t.* {_PAYOUTS}) t join balance_entries e on e.payout_key = t.external_id
    where e.kind <> all(:of_payouts) and e.currency = t.currency"""


@dataclass(frozen=True)
class Column:
    """`words` heads it, `of` says what its rows are."""

    words: str
    of: str
    rows: str


COLUMNS: Mapping[str, Column] = {
    "sold": Column("Sold", "orders and invoices", _SOLD),
    "charged": Column("Charged", "payments", _CHARGED),
    "refunded": Column("Refunded", "refunds", _REFUNDED),
    "gross": Column("Booked", "entries of our balance at Stripe", f"{_ENTRY.format('amount')} {_ENTRIES}"),
    "fees": Column("Fees", "entries with a fee", f"{_ENTRY.format('fee')} {_ENTRIES} and e.fee <> 0"),
    "net": Column("Net", "entries of our balance at Stripe", f"{_ENTRY.format('net')} {_ENTRIES}"),
    "paid_out": Column("Paid out", "entries that a payout took along", _PAID_OUT),
    "sent": Column("Payouts", "payouts made that day", _SENT),
    "sent_entries": Column("Made of", "entries of the day's payouts", _SENT_ENTRIES),
}  # fmt: skip


def bounds(day: date) -> dict[str, Any]:
    """What the statements are told of a day (UTC)."""
    since = midnight(day)
    return {
        "since": since,
        "until": since + timedelta(days=1),
        "currency": None,
        "of_payouts": [*OF_PAYOUTS],
        "going": [status.value for status in UNDER_WAY_OR_THERE],
    }


def statement(sql: str, told: Mapping[str, Any]) -> TextClause:
    """The statement with what it needs of `told`."""
    named = {name: value for name, value in told.items() if f":{name}" in sql}
    return text(sql).bindparams(**named)


def sums(day: date) -> dict[str, dict[str, int]]:
    """currency -> column -> its sum, of every currency in which anything happened that day."""
    found: dict[str, dict[str, int]] = {}
    every = " union all ".join(
        f"select '{name}' as column_, rows.currency, cast(sum(rows.amount) as bigint) from ({column.rows}) rows group by 2"
        for name, column in COLUMNS.items()
    )
    for name, currency, total in db.session.execute(statement(every, bounds(day))):
        found.setdefault(currency, dict.fromkeys(COLUMNS, 0))[name] = total
    return found


@dataclass(frozen=True)
class Row:
    """One of those that a number is the sum of; `record_id` is ours, where there is a page of it."""

    amount: int
    at: datetime
    id: str
    record_id: str | None
    name: str


def rows_of(tied: TieOut, column: str, *, after: str | None = None) -> Page[Row]:
    """A page of exactly what that column of a tie-out is the sum of, newest first. Raises BadCursor."""
    place, told = "", bounds(tied.day) | {"currency": tied.currency, "limit": PAGE + 1}
    if after:
        at, id = read_cursor(after, "-at", datetime)
        place, told = "where (rows.at, rows.id) < (:at, :id)", told | {"at": at, "id": id}
    sql = (
        f"select rows.amount, rows.at, rows.id, rows.record_id, rows.name from ({COLUMNS[column].rows}) rows {place}"
        " order by rows.at desc, rows.id desc limit :limit"
    )
    found = [Row(*row) for row in db.session.execute(statement(sql, told))]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(found[:PAGE], cursor("-at", last.at, last.id) if last else None)
