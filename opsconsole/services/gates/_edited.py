"""An order is edited: which prescription what is new would be filled from, or why it would wait."""

from __future__ import annotations

from collections.abc import Sequence

from ...models import Order, OrderLine
from .. import orders
from .._act import performing, tell_change, warn
from ._asked import Asked
from ._check import check


@orders.when_edited
def tell_prescriptions(order: Order, edited: Sequence[OrderLine]) -> None:
    """Nothing is refused: what lacks something waits at its gate."""
    left = [line for line in edited if line.dropped_at is None]
    checked = check(Asked.of(order, performing().now, left))
    for line in left:
        if rx := checked.prescriptions.get(line.sku):
            tell_change(line, "filled from", "", f"prescription {rx.external_id}")
    for blocker in checked.blockers:
        warn(f"It will wait: {blocker.says}")
    if unknown := list(dict.fromkeys(checked.unknown)):
        warn(
            f"{', '.join(unknown)} is not in the registry: whether it needs a prescription, only the pharmacy says."
        )
