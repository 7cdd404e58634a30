"""Why a fill cannot be acted upon now, in words: what pages grey out is what the acts refuse."""

from __future__ import annotations

from ...models import Fill, FillStatus, Order, OrderStatus
from ._recipes import recipe_of

_F = FillStatus


def why_not_submit(order: Order, fills: list[Fill]) -> str | None:
    if any(fill.status not in (_F.WITHDRAWN, _F.CANCELED) for fill in fills):
        return "There is a fill already: go on from that one."
    if order.status != OrderStatus.READY:
        return "Only an order that is ready goes to a pharmacy."
    return None if order.ship_to else "Nobody told where this order ships to."


def why_not_resend(fill: Fill) -> str | None:
    if fill.status in (_F.ERROR, _F.REJECTED):
        return None
    if fill.status == _F.TRIAGE:
        return "The pharmacy's staff resolves it: a second copy could be made up."
    if fill.status in (_F.CANCELED, _F.WITHDRAWN):
        return "It was called off."
    return "The pharmacy has it, or may have it: a second copy could be made up."


def why_not_cancel(fill: Fill) -> str | None:
    if fill.status == _F.QUEUED:
        return "The pharmacy was not asked yet: undo it instead."
    if fill.status == _F.SHIPPED:
        return "It has left the pharmacy: nobody there can stop it."
    if fill.status in (_F.CANCELED, _F.WITHDRAWN):
        return "It was called off already."
    if fill.status == _F.CANCEL_REQUESTED:
        return "The pharmacy was asked to stop already."
    if not fill.external_id and fill.status not in (_F.ERROR, _F.REJECTED):
        return "The pharmacy has not answered yet, so nobody knows what to stop. Try again in a minute."
    return None


def why_not_answer(fill: Fill) -> str | None:
    recipe = recipe_of(fill)
    if fill.status not in (_F.EXCEPTION, _F.TRIAGE) or recipe is None:
        return "The pharmacy asks nothing."
    if fill.answer:
        return "It was answered. The pharmacy goes on from there."
    return (
        None if recipe.answers else "There is nothing that the pharmacy could be told from here: call them."
    )
