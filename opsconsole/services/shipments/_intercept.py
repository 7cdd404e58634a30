"""Having a carrier stop a parcel: intercept -> a person asks the carrier -> its answer, and the scans' last word."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...lib.refusal import Refused
from ...models import (
    MOVING,
    Customer,
    Intercept,
    InterceptStatus,
    Order,
    OrderStatus,
    Shipment,
    ShipmentStatus,
)
from .. import cases
from .._act import act, concerns, performing, say
from .._actor import Actor
from .carriers import how_to_stop

_S, _I = ShipmentStatus, InterceptStatus
WANTED = "intercept"  # the reason of the case
REFUSED = "refused"  # what a person writes instead of a confirmation number when the carrier would not
WhenEnded = Callable[[Intercept], None]
_done: list[WhenEnded] = []
_BY_SCANS = {_S.RETURNING: _I.STOPPED, _S.RETURNED: _I.STOPPED, _S.DELIVERED: _I.DELIVERED}


class NotInterceptable(Refused):
    """No carrier has it, it arrived or goes back, or the carrier was asked already."""


def when_ended(do: WhenEnded) -> WhenEnded:
    """Mark what is done, in the same commit, when it is known how a wish to stop a parcel ended. It refuses nothing."""
    _done.append(do)
    return do


@act
def intercept(shipment_id: str, *, reason: str, by: Actor) -> Shipment:
    """Have a parcel stopped that is under way. A person asks the carrier: the case says where, and what to say.

    The case is settled with the carrier's confirmation number, or with "refused". A scan ends it too: stopped when the
    parcel comes back, delivered when it arrives all the same. Raises NotInterceptable.
    """
    known = Shipment.require(shipment_id)
    Customer.lock(known.customer_id)
    order = Order.lock(known.order_id)
    shipment = Shipment.lock(shipment_id)
    if why_not := why_not_intercept(order, shipment, Intercept.of(shipment.id)):
        raise NotInterceptable(why_not)
    made = Intercept(
        status=_I.ASKED, shipment_id=shipment.id, order_id=order.id, customer_id=order.customer_id, reason=reason,
        carrier=shipment.carrier, by=by.label, by_id=by.id, trace_id=performing().trace, created_at=performing().now,
    ).add()  # fmt: skip
    cases.open_case(
        WANTED,
        shipment.id,
        says=f"{shipment.carrier} has to stop parcel {shipment.tracking_code} of order {order.reference}. "
        f"{how_to_stop(shipment.carrier)} Then write their confirmation number here, or “{REFUSED}”.",
        behind_id=made.id,
        suggests={"act": "cases.settle", "label": "Write down the carrier's answer"},
        about=made.related(),
    )
    concerns(made.id)
    say(f"Wants {shipment.carrier} to stop parcel {shipment.tracking_code}: {reason}")
    return shipment


def why_not_intercept(order: Order, shipment: Shipment, before: Sequence[Intercept]) -> str | None:
    """Why a parcel cannot be intercepted now; None when it can. `before` are its intercepts."""
    if any(one.open for one in before):
        return "The carrier is being asked already: see its case."
    if shipment.state in _BY_SCANS:
        return f"This parcel is {shipment.status}: there is nothing to stop."
    if shipment.state == _S.VOIDED:
        return "Its label was called off."
    if shipment.state not in MOVING and order.status != OrderStatus.SHIPPED:
        return "The carrier does not have it yet: ask the pharmacy to stop, by canceling the order."
    return None


def by_scans(shipment: Shipment) -> None:
    """What the scans say of a parcel that was to be stopped. Order and parcel are locked."""
    ends = _BY_SCANS.get(_S(shipment.status))
    if ends is None:
        return
    for one in Intercept.of(shipment.id):
        if ends in one.MOVES[one.state]:
            _end(one.id, ends)


def take_back(intercept_id: str) -> None:
    """Within the undo of what asked for it."""
    if Intercept.require(intercept_id).status != _I.ASKED:
        raise NotInterceptable("The carrier has answered already.")
    _end(intercept_id, _I.WITHDRAWN)


_OUTCOMES = {
    _I.STOPPED: "done: the parcel comes back",
    _I.DELIVERED: "delivered all the same",
    _I.WITHDRAWN: "undone",
}


def _end(intercept_id: str, status: InterceptStatus) -> None:
    one = Intercept.lock(intercept_id)
    one.move_to(status)
    if status is not _I.CONFIRMED:
        one.ended_at = performing().now
    if status in _OUTCOMES:
        cases.close_when_solved(WANTED, one.shipment_id, _OUTCOMES[status])
    concerns(*one.related())
    if status is not _I.CONFIRMED:
        for do in _done:
            do(one)


# ------------------------------------------------------------------ what a person heard from the carrier


def _settle(intercept_id: str, *, external_id: str, reason: str, by: Actor) -> None:
    one = Intercept.lock(intercept_id)
    if external_id.strip().lower() == REFUSED:
        _end(one.id, _I.REFUSED)
        return
    one.external_id = external_id.strip()
    _end(one.id, _I.CONFIRMED)


def _dismiss(intercept_id: str, *, reason: str, by: Actor) -> None:
    _end(intercept_id, _I.WITHDRAWN)


cases.remedy(
    Intercept.PREFIX,
    cases.Remedy(retry=None, settle=_settle, dismiss=_dismiss, fixable=lambda _: ()),
)
