"""Taking in a fill as the pharmacy holds it, and what that means for its order. Both are locked before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ...models import Fill, FillStatus, Order, OrderStatus, Pharmacy
from ...vendors.pharmacy import CancelState, FillFacts, FillState
from .. import cases
from ._recipes import RECIPES, recipe_of
from ._when_answered import answered, freed
from ._when_shipped import shipped

_F, _O = FillStatus, OrderStatus
_STATUS = {
    FillState.ACKNOWLEDGED: _F.ACKNOWLEDGED,
    FillState.TRIAGE: _F.TRIAGE,
    FillState.EXCEPTION: _F.EXCEPTION,
    FillState.FILLING: _F.FILLING,
    FillState.DISPENSED: _F.DISPENSED,
    FillState.PARTIAL: _F.PARTIAL,
    FillState.SHIPPED: _F.SHIPPED,
    FillState.DELIVERED: _F.SHIPPED,
}
_ASKED_TO_STOP = (_F.CANCEL_REQUESTED, _F.CANCEL_DENIED)
_PROBLEMS = (_F.TRIAGE, _F.EXCEPTION, _F.ERROR, _F.REJECTED)
UNANSWERED = "exception_unanswered"  # the reason of the case that an ops lead gets
ASKED = {"cancel_denied", "vendor_status_unknown", "our_fault", UNANSWERED, *RECIPES}


def follow(order: Order, fill: Fill, facts: FillFacts, *, fetched_at: datetime) -> None:
    """Bring fill and order up to what the pharmacy says. An older fetch never overwrites a newer one.

    A no to our wish to stop counts whenever it comes: some pharmacies say it in their answer and nowhere else. What is
    told again as it was opens no case again.
    """
    if fill.fetched_at and fetched_at < fill.fetched_at:
        if facts.cancel is CancelState.DENIED and fill.status == _F.CANCEL_REQUESTED:
            fill.move_to(_F.CANCEL_DENIED)
            _would_not_stop(order, fill)
            answered(order, fill)
        return
    fresh, before = facts.raw_status != fill.raw_status, _left(fill)
    fill.fetched_at, fill.raw_status = fetched_at, facts.raw_status
    fill.carrier = facts.carrier or fill.carrier
    fill.tracking_number = facts.tracking_number or fill.tracking_number
    if facts.state is FillState.UNKNOWN:
        words = f"{fill.pharmacy.name} says “{facts.raw_status}” of this fill, which we do not know. Ask them what it means."
        if fresh:
            _case(order, fill, "vendor_status_unknown", words, "Dismiss it once you know")
        return
    if fill.status == _F.WITHDRAWN:
        words = f"This fill was undone here, yet {fill.pharmacy.name} has it. Tell engineering."
        _case(order, fill, "our_fault", words, "Dismiss it once it is stopped there")
        return
    if facts.state is FillState.CANCELED and fill.moves_to_id and fill.status in _ASKED_TO_STOP:
        cases.close_when_solved(ASKED, fill.id, "the pharmacy stopped it")
        fill.move_to(_F.REJECTED)
        freed(order, fill)
        return
    status, asked = stands(fill, facts), fill.status == _F.CANCEL_REQUESTED
    moved = bool(status and status in fill.MOVES[fill.state] and fill.move_to(status))
    _problem(order, fill, facts, moved)
    if facts.state is not FillState.ACCEPTED or fill.status == _F.SENT:
        mirror_order(order, fill)
    if (now := _left(fill)) and now != before:
        shipped(order, fill)
    if moved and asked and fill.status == _F.SHIPPED:
        _had_left(order, fill)
    if moved:
        answered(order, fill)


def _left(fill: Fill) -> tuple[str | None, str | None] | None:
    """With which carrier and number it has left; None before."""
    return (fill.carrier, fill.tracking_number) if fill.status == _F.SHIPPED else None


def stands(fill: Fill, facts: FillFacts) -> FillStatus | None:
    """Our status for theirs. What ended while we asked for it is canceled, else the pharmacy will not fill it."""
    if facts.state is FillState.CANCELED:
        ours = (_F.CANCEL_REQUESTED, _F.CANCEL_DENIED, _F.CANCELED)
        return _F.CANCELED if fill.status in ours else _F.REJECTED
    if facts.state is FillState.ERROR:
        return _F.ERROR if fill.status in (_F.QUEUED, _F.SENT, _F.ERROR) else _F.REJECTED
    if fill.status == _F.CANCEL_REQUESTED and facts.state not in (FillState.SHIPPED, FillState.DELIVERED):
        return _F.CANCEL_DENIED if facts.cancel is CancelState.DENIED else None
    return _STATUS.get(facts.state)


def _problem(order: Order, fill: Fill, facts: FillFacts, moved: bool) -> None:
    """Keep what is wrong, with a case of our code; close what is not wrong any more."""
    returned = fill.status == _F.SHIPPED and facts.code is not None
    if fill.status in _PROBLEMS or returned:
        code = facts.code or ("pharmacy_declined" if fill.status == _F.REJECTED else "unknown_problem")
        fresh = moved or code != fill.code
        if code != fill.code:
            cases.close_when_solved(ASKED - {code}, fill.id, "the pharmacy says something else now")
            fill.answer = None
        fill.code, fill.vendor_code, fill.due_on = code, facts.vendor_code, facts.due_on
        if fresh:
            name_problem(order, fill)
        return
    fill.code = fill.vendor_code = fill.due_on = fill.answer = None
    if fill.status == _F.CANCEL_DENIED and moved:
        _would_not_stop(order, fill)
    elif fill.status == _F.CANCELED:
        cases.close_when_solved(ASKED, fill.id, "the pharmacy stopped it")
    elif fill.status != _F.CANCEL_REQUESTED:
        cases.close_when_solved(ASKED - {"cancel_denied"}, fill.id, "the pharmacy goes on with it")


def _would_not_stop(order: Order, fill: Fill) -> None:
    stays = _stays(fill)
    words = f"{fill.pharmacy.name} would not stop this fill: it will ship.{stays} Call them if it must not."
    _case(order, fill, "cancel_denied", words, "Dismiss it once that is settled")


def _stays(fill: Fill) -> str:
    """It goes nowhere else while a copy of it lives here. Returns that in words, where it was to go elsewhere."""
    if fill.moves_to_id is None:
        return ""
    there = Pharmacy.require(fill.moves_to_id).name
    fill.moves_to_id = None
    return f" It does not go to {there}: there would be two of it."


def _had_left(order: Order, fill: Fill) -> None:
    words = (
        f"{fill.pharmacy.name} was asked to stop order {order.reference}, and its parcel had left.{_stays(fill)} "
        "Have the carrier stop the parcel, or let it go and tell the customer."
    )
    _case(order, fill, "shipped_after_cancel", words, "Dismiss it once the customer knows")


def name_problem(order: Order, fill: Fill) -> None:
    """The case of what is wrong with a fill, with its recipe."""
    recipe = recipe_of(fill)
    assert recipe and fill.code
    due = f" It may be filled from {fill.due_on:%d %b %Y}." if fill.due_on else ""
    wait = " The pharmacy's staff resolves it: send nothing again." if fill.status == _F.TRIAGE else ""
    words = f"{fill.pharmacy.name}, order {order.reference}: {recipe.means}{due}{wait} {recipe.do} ({recipe.who}.)"
    reason = fill.code if fill.code in RECIPES else "unknown_problem"
    cases.open_case(reason, fill.id, says=words, suggests=suggestion(fill), about=fill.related())


def suggestion(fill: Fill) -> dict[str, str]:
    """What is to be done next about what is wrong with a fill."""
    recipe = recipe_of(fill)
    if fill.status in (_F.ERROR, _F.REJECTED) and not (recipe and recipe.clinical):
        return {"act": "fills.resend", "url": f"{fill.url}/resend", "label": "Resend it"}
    if fill.status in (_F.TRIAGE, _F.EXCEPTION) and recipe and recipe.answers and not fill.answer:
        return {"act": "fills.answer", "url": f"{fill.url}/answer", "label": "Answer the pharmacy"}
    return {"act": "cases.dismiss", "label": "Dismiss it once it is settled"}


def _case(order: Order, fill: Fill, reason: str, says: str, label: str) -> None:
    cases.open_case(
        reason, fill.id, says=says, suggests={"act": "cases.dismiss", "label": label}, about=fill.related()
    )


# ---------------------------------------------------------------- the order

_FAILED, _CALLED_OFF = (_F.ERROR, _F.REJECTED), (_F.CANCELED, _F.WITHDRAWN)
_WAY = (_O.READY, _O.SUBMITTED, _O.AT_PHARMACY, _O.SHIPPED)
_MEANS = {
    _F.SENT: _O.SUBMITTED, _F.ACKNOWLEDGED: _O.AT_PHARMACY, _F.FILLING: _O.AT_PHARMACY, _F.DISPENSED: _O.AT_PHARMACY,
    _F.PARTIAL: _O.AT_PHARMACY, _F.EXCEPTION: _O.AT_PHARMACY, _F.SHIPPED: _O.SHIPPED,
}  # fmt: skip


def mirror_order(order: Order, fill: Fill) -> None:
    """Where its fills stand moves the order on; triage and a wish to stop leave it where it is.

    With several fills it is submitted once the first is, has shipped once all have, and is canceled once all are. As long as
    one of them cannot go on by itself, neither does the order.
    """
    others = [one for one in Fill.of_order(order.id) if one.id != fill.id and one.status not in _CALLED_OFF]
    if fill.status in _FAILED:
        could_not(order, fill)
    elif fill.status == _F.CANCELED:
        _go_without(order, others)
    elif fill.status == _F.SHIPPED and order.status == _O.CANCELED:
        words = f"Order {order.reference} was canceled, and its parcel has left {fill.pharmacy.name} all the same."
        _case(order, fill, "shipped_after_cancel", words, "Dismiss it once the customer knows")
    elif FillStatus(fill.status) in _MEANS:
        _advance(order, _together([fill, *others]), others)


def _go_without(order: Order, others: Sequence[Fill]) -> None:
    """A fill was called off. The order is canceled with the last one; otherwise it goes on with the rest."""
    if others and order.status != _O.CANCELED:
        _advance(order, _together(others), others)
    elif not others and _O.CANCELED in order.MOVES[order.state]:
        order.move_to(_O.CANCELED)


def _together(fills: Sequence[Fill]) -> OrderStatus:
    """Where fills bring their order: as far as the furthest, and shipped with the last."""
    each = [_MEANS.get(FillStatus(one.status), _O.READY) for one in fills]
    furthest = max(each, key=_WAY.index)
    return _O.AT_PHARMACY if furthest is _O.SHIPPED and set(each) != {_O.SHIPPED} else furthest


def could_not(order: Order, fill: Fill) -> None:
    """It does not go on by itself."""
    if fill.status in (_F.QUEUED, _F.SENT):
        fill.move_to(_F.ERROR)
    if order.status in (_O.READY, _O.SUBMITTED, _O.AT_PHARMACY):
        order.move_to(_O.MANUAL_INTERVENTION)


def _advance(order: Order, target: OrderStatus, others: Sequence[Fill]) -> None:
    if order.status == _O.MANUAL_INTERVENTION:
        if target is not _O.READY and not any(one.status in _FAILED for one in others):
            order.move_to(target)
        return
    if order.status == _O.ON_HOLD and target is _O.SHIPPED:  # it was held too late
        order.move_to(_O.AT_PHARMACY)
    if order.status in _WAY:
        here = _WAY.index(OrderStatus(order.status))
        for step in _WAY[here + 1 : _WAY.index(target) + 1]:
            order.move_to(step)
