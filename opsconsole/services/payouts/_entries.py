"""Copying the processor's entries: each once, whoever brings it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, func, literal_column
from sqlalchemy.dialects.postgresql import insert

from ...db import db
from ...lib import ids
from ...models import BalanceEntry
from ...vendors.billing import EntryFacts


def take_in(entries: Iterable[EntryFacts]) -> int:
    """Copy these entries; one that is here already only learns which payout took it along. Returns how many were new."""
    rows = {
        one.id: {
            "id": ids.new(BalanceEntry.PREFIX), "created_at": one.created_at, "external_id": one.id, "kind": one.kind[:60],
            "source": one.source, "payment_key": one.payment, "payout_key": one.payout, "currency": one.currency,
            "amount": one.amount, "fee": one.fee, "net": one.net, "available_on": one.available_on,
        }
        for one in entries
    }  # fmt: skip
    if not rows:
        return 0
    new = insert(BalanceEntry).values([rows[id] for id in sorted(rows)])
    upsert = new.on_conflict_do_update(
        index_elements=["external_id"],
        set_={
            "payout_key": func.coalesce(new.excluded.payout_key, BalanceEntry.payout_key),
            "payment_key": func.coalesce(new.excluded.payment_key, BalanceEntry.payment_key),
            "available_on": new.excluded.available_on,
        },
    )
    inserted: ColumnElement[bool] = literal_column(
        "xmax = 0"
    )  # PostgreSQL's own: the row has no older version
    return sum(db.session.scalars(upsert.returning(inserted)))
