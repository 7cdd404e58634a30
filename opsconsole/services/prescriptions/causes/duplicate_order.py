"""The pharmacy has the order already: the first one counts, and nothing is sent again."""

from __future__ import annotations

from ....vendors.pharmacy.codes import Fixer
from ._finding import Found, Offer
from ._offers import answer, of_fill, of_order, waits_for
from ._seen import Seen

TITLE = "The pharmacy has this order already"


def find(seen: Seen) -> Found | None:
    fill = seen.troubled("duplicate_order")
    if fill is None:
        return None
    keep = answer(
        fill, "keep_first", "Keep the first one", "The pharmacy drops this one and goes on with the first."
    )
    compare = Offer(
        "reconciliation.reconcile", fill.order_id, "Compare it with the pharmacy",
        "What the pharmacy has under this number is read and taken in. Nothing is sent.",
    )  # fmt: skip
    says = "The pharmacy got it twice: the first one goes on, and nothing is sent again."
    return Found(says, Fixer.OPS, [*of_fill(fill), *of_order(seen.order)], [*keep, compare], waits_for(fill))
