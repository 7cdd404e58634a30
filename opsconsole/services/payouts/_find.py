"""Reading payouts, what they are made of, and how days tie out."""

from __future__ import annotations

from sqlalchemy import func, select

from ...db import db
from ...models import BalanceEntry, Payout, PayoutStatus, TieOut, TieOutGap, TieOutStatus
from ...models.balance_entry import OF_PAYOUTS
from .._find import Filter, Listing, among, exactly, one_of_ours
from ._kinds import KINDS, STEPS

LIST = Listing(
    Payout,
    {
        "status": among(Payout.status, PayoutStatus, "How far it is on its way."),
        "external_id": exactly(Payout.external_id, "Stripe's id, po_….", few=True),
    },
)
find = LIST.find
ENTRIES = Listing(BalanceEntry)
TIE_OUTS = Listing(
    TieOut,
    {"status": among(TieOut.status, TieOutStatus, "Whether it ties, or what differs.")},
    sorts=("starts_at",),
    size=30,
)
GAPS = Listing(
    TieOutGap,
    {
        "tie_out": one_of_ours(TieOutGap.tie_out_id, "Of which tie-out; an id or its URL."),
        "kind": Filter(
            lambda value: TieOutGap.kind == value, "What it is, as a code.", choices=tuple(KINDS), only_with="tie_out"
        ),
        "step": Filter(
            lambda value: TieOutGap.step == value, "Between which two sums.", choices=tuple(STEPS), only_with="tie_out"
        ),
    },
)  # fmt: skip


def by_kind(tie_out_id: str) -> list[tuple[str, str, int, int]]:
    """(step, kind, how many, their sum in minor units) of a tie-out's differences."""
    query = select(TieOutGap.step, TieOutGap.kind, func.count(), func.sum(TieOutGap.amount))
    rows = db.session.execute(
        query.where(TieOutGap.tie_out_id == tie_out_id).group_by(TieOutGap.step, TieOutGap.kind)
    )
    order = {code: place for place, code in enumerate(STEPS)}
    found = [(step, kind, count, int(total)) for step, kind, count, total in rows]
    return sorted(found, key=lambda row: (order[row[0]], row[1]))


def made_of(payout: Payout) -> int:
    """What its entries come to, in minor units."""
    query = select(func.coalesce(func.sum(BalanceEntry.net), 0)).where(
        BalanceEntry.payout_key == payout.external_id, BalanceEntry.kind.not_in(OF_PAYOUTS)
    )
    return int(db.session.scalar(query) or 0)
