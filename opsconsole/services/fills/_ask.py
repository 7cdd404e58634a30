"""Having an order filled, step two: a worker asks the pharmacy, and what it answers is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...lib.refusal import Refused
from ...models import Customer, Fill, FillStatus, Order
from ...vendors.pharmacy import FillFacts
from .._act import act, say
from .._actor import Actor
from ..outbox import Reopened, keeper
from ._follow import could_not, follow, mirror_order, name_problem
from ._when_answered import answered


@act(robots=("worker",))
def sent(fill_id: str, *, facts: FillFacts, fetched_at: datetime, by: Actor) -> Fill:
    """The pharmacy took the fill in. What becomes of it is told later."""
    order, fill = locked(fill_id)
    if fill.external_id is None:
        fill.external_id = facts.id
    follow(order, fill, facts, fetched_at=fetched_at)
    say(f"{fill.pharmacy.name} took the fill in: {facts.raw_status}")
    return fill


@act(robots=("worker",))
def declined(fill_id: str, *, code: str, words: str, by: Actor) -> Fill:
    """The pharmacy said no at once, and nothing is made up. The outbox opens the case."""
    order, fill = locked(fill_id)
    fill.code = code
    could_not(order, fill)
    say(f"{fill.pharmacy.name} declined the fill: {words}")
    return fill


@act(robots=("worker",))
def heard(fill_id: str, *, facts: FillFacts | None, fetched_at: datetime, by: Actor) -> Fill:
    """The pharmacy answered a question, a wish to stop, or an answer of ours: take in how the fill stands now."""
    order, fill = locked(fill_id)
    if facts is None:
        say(f"{fill.pharmacy.name} knows nothing of this fill")
        return fill
    follow(order, fill, facts, fetched_at=fetched_at)
    say(f"{fill.pharmacy.name} tells of the fill: {facts.raw_status}")
    return fill


@act(robots=("worker",))
def found(fill_id: str, *, facts: FillFacts | None, fetched_at: datetime, by: Actor) -> Fill:
    """The order that was there first, after a second copy was refused: ours, or somebody else's."""
    order, fill = locked(fill_id)
    if facts is None or facts.tags.get("opsconsole_subject") != fill.id:
        fill.code = "duplicate_order"
        could_not(order, fill)
        name_problem(order, fill)
        say(f"{fill.pharmacy.name} has the order already, and not from this fill")
        return fill
    follow(order, fill, facts, fetched_at=fetched_at)
    say(f"Our first try had reached {fill.pharmacy.name}: {facts.raw_status}")
    return fill


@act(robots=("worker",))
def refused(fill_id: str, *, code: str, words: str, by: Actor) -> Fill:
    """The pharmacy did not take our wish to stop, or our answer. The outbox opens the case."""
    order, fill = locked(fill_id)
    if fill.status == FillStatus.CANCEL_REQUESTED:
        fill.move_to(FillStatus.CANCEL_DENIED)
        answered(order, fill)
    else:
        fill.answer = None  # it can be given again
    say(f"{fill.pharmacy.name} declined: {words}")
    return fill


def asks(fill: Fill) -> Reopened:
    """What the pharmacy is asked, and how people read it. No product is named: the sku is what it goes by."""
    order, pharmacy = Order.require(fill.order_id), fill.pharmacy
    address = order.ships_to
    arguments: dict[str, Any] = {
        "order": order.reference,
        "patient": fill.customer_id,
        "prescription": fill.prescription_id,
        "fill_number": fill.number,
        "items": [{"sku": item["sku"], "quantity": item["quantity"]} for item in fill.items],
        "ship_to": order.ship_to,
    }
    if fill.replaces_fill_id:
        arguments["replaces"] = Fill.require(fill.replaces_fill_id).external_id
    state = address.state if address else "nowhere"
    return Reopened(f"{pharmacy.name} fills order {order.reference} and ships it to {state}", arguments)


def _reopened(fill_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened | None:
    """A person tries a declined fill again."""
    _, fill = locked(fill_id)
    if fill.status in (FillStatus.CANCELED, FillStatus.WITHDRAWN):
        words = "This fill was called off: nothing is sent any more. Dismiss the case."
        raise Refused(words, code="called_off")
    if fill.status != FillStatus.ERROR:
        return None  # the outcome is unknown: the same request goes out again, unchanged
    fill.code = None
    fill.move_to(FillStatus.QUEUED)
    return asks(fill)


def _done_outside(fill_id: str, *, external_id: str, by: Actor) -> None:
    """Somebody ordered it at the pharmacy by hand, and says under which number."""
    order, fill = locked(fill_id)
    fill.external_id = external_id
    fill.raw_status = "done outside"
    fill.code = None
    if FillStatus.ACKNOWLEDGED in fill.MOVES[fill.state]:
        fill.move_to(FillStatus.ACKNOWLEDGED)
        mirror_order(order, fill)


def _dropped(fill_id: str) -> None:
    """Somebody found out that it did not get there, and that it need not as it is."""
    order, fill = locked(fill_id)
    if fill.status in (FillStatus.QUEUED, FillStatus.SENT):
        could_not(order, fill)


def locked(fill_id: str) -> tuple[Order, Fill]:
    """Customer, order, fill: the order in which every act here takes its locks."""
    known = Fill.require(fill_id)
    Customer.lock(known.customer_id)
    return Order.lock(known.order_id), Fill.lock(fill_id)


def _locked(fill_id: str) -> Fill:
    return locked(fill_id)[1]


ask = keeper(
    "fills.submit",
    call="pharmacy.submit_fill",
    then=sent,
    declined=declined,
    locks=_locked,
    reopened=_reopened,
    done_outside=_done_outside,
    dropped=_dropped,
    steps=("queued", "sent"),
    expects=("fill.acknowledged", "fill.filling"),
)
stop = keeper("fills.cancel", call="pharmacy.cancel_fill", then=heard, declined=refused)
reply = keeper("fills.answer", call="pharmacy.answer_exception", then=heard, declined=refused)
look = keeper("fills.look", call="pharmacy.fetch_fill", then=found, changes=False)
