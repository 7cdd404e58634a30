"""Stopping a fill: before it is asked for by undo, afterwards by asking the pharmacy, who decides."""

from __future__ import annotations

from datetime import timedelta

from ...lib.refusal import Invalid, Refused
from ...models import Fill, FillStatus
from .. import cases
from .._act import act, say
from .._actor import Actor
from ..outbox import promise
from ._ask import locked, stop
from ._follow import ASKED, UNANSWERED, mirror_order
from ._when_answered import answered
from ._why_not import why_not_cancel

# Nothing is typed, so no health detail can slip in.
REASONS = {
    "customer_asked": "the customer asked for it",
    "wrong_order": "it is not what was meant",
    "duplicate": "it is there twice",
    "clinician_asked": "a clinician asked for it",
    "other": "for another reason",
}


class NotCancelable(Refused):
    """It has shipped, has ended, or nobody knows yet whether the pharmacy has it."""


@act
def cancel(fill_id: str, *, reason: str, by: Actor) -> Fill:
    """Ask the pharmacy to stop. When it does, the order is canceled; when it would not, that is a case.

    What the pharmacy never took is canceled at once. `reason` is a code of REASONS. Raises NotCancelable, Invalid.
    """
    if reason not in REASONS:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    order, fill = locked(fill_id)
    if why_not := why_not_cancel(fill):
        raise NotCancelable(why_not)
    if fill.status in (FillStatus.ERROR, FillStatus.REJECTED):
        fill.move_to(FillStatus.CANCELED)
        mirror_order(order, fill)
        answered(order, fill)
        cases.close_when_solved(ASKED, fill.id, "nothing will be made up")
        say(f"Canceled the fill of order {order.reference}: {REASONS[reason]}")
        return fill
    fill.move_to(FillStatus.CANCEL_REQUESTED)
    cases.close_when_solved(UNANSWERED, fill.id, "the pharmacy was asked to stop")
    promise(
        stop,
        fill,
        lane=fill.lane,
        says=f"{fill.pharmacy.name} is asked to stop the fill of order {order.reference}",
        arguments={"id": fill.external_id},
        due_in=timedelta(0),
        port=fill.pharmacy.port,
    )
    say(f"Asked {fill.pharmacy.name} to stop the fill of order {order.reference}: {REASONS[reason]}")
    return fill
