"""Why an order cannot be replaced, or a replacement not be called off, in words: what pages grey out is what acts refuse."""

from __future__ import annotations

from collections.abc import Sequence

from ...models import Fill, FillStatus, Order, Replacement, ReplacementStatus
from ._gone import why_not_sent, why_refunded

_S = ReplacementStatus


def why_not_issue(order: Order, fills: Sequence[Fill] = ()) -> str | None:
    """As far as the order and its fills tell."""
    return why_not_sent(order, sent=any(one.status == FillStatus.SHIPPED for one in fills)) or why_refunded(
        order
    )


def why_not_withdraw(replacement: Replacement, made: Order) -> str | None:
    if not replacement.stands:
        return "It is off already."
    return _too_late(replacement, made)


def why_not_convert(replacement: Replacement, made: Order) -> str | None:
    if replacement.status == _S.CONVERTED_TO_REFUND:
        return "A refund was chosen already."
    return None if replacement.status == _S.CANCELED else _too_late(replacement, made)


def _too_late(replacement: Replacement, made: Order) -> str | None:
    if replacement.status in (_S.SHIPPED, _S.COMPLETED):
        return "The new parcel has left."
    if made.status in ("submitted", "at_pharmacy", "manual_intervention"):
        return "The pharmacy has it: ask it to stop on its fill first."
    return None
