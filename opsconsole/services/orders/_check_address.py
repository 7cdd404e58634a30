"""Does mail reach where an order ships? check_address -> check -> address_checked, and a case when nobody finds it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from ... import vendors
from ...db import db
from ...lib.refusal import Refused
from ...models import AddressVerdict, Order, OrderStatus, Promise, PromiseStatus
from ...vendors.tracking import AddressFacts, PostalAddress
from .. import cases, outbox
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import keeper, promise
from ._gone import locked

NOT_FOUND = "address_unverifiable"  # the reason of the case
HOLDS = timedelta(days=90)  # how long what was found of an address serves for the customer's next orders
GOOD = (AddressVerdict.VERIFIED, AddressVerdict.CORRECTED, AddressVerdict.OVERRIDDEN)


class NoAddress(Refused):
    """Nobody told where it ships."""


class NoChecker(Refused):
    """This installation asks nobody about addresses."""


class BeingChecked(Refused):
    """The vendor is asked already."""


@act
def check_address(order_id: str, *, by: Actor) -> Order:
    """Have it checked whether mail reaches the address of an order. Raises NoAddress, NoChecker, BeingChecked."""
    order = locked(order_id)
    if order.ship_to is None:
        raise NoAddress("Nobody told where this order ships.")
    if why_not := why_not_check(order):
        raise (BeingChecked if vendors.connected("tracking") else NoChecker)(why_not)
    _ask(order)
    say(f"Has the address of order {order.reference} checked")
    return order


@act(robots=("clock",))
def check_first(order_id: str, *, by: Actor) -> Order:
    """An order is ready, and nobody has checked its address: before it goes to a pharmacy by itself that is done."""
    order = locked(order_id)
    if order.address_verdict == AddressVerdict.UNCHECKED and why_not_check(order) is None:
        _ask(order)
    say(f"Has the address of order {order.reference} checked before it goes out")
    return order


def unchecked(limit: int = 100) -> list[str]:
    """Orders that are ready, and whose address nobody has checked or was asked to. None where nobody checks them."""
    asked = exists().where(
        Promise.subject_id == Order.id, Promise.kind == check.name, Promise.status != PromiseStatus.KEPT
    )
    query = select(Order.id).where(
        Order.status == OrderStatus.READY, Order.address_verdict == AddressVerdict.UNCHECKED,
        Order.ship_to.is_not(None), ~asked,
    )  # fmt: skip
    found = vendors.connected("tracking") and db.session.scalars(query.order_by(Order.placed_at).limit(limit))
    ids = list(found or ())
    db.session.rollback()
    return ids


def why_not_check(order: Order) -> str | None:
    """Why its address cannot be checked now; None when it can."""
    if not vendors.connected("tracking"):
        return "Nobody is connected who checks addresses: set EASYPOST_API_KEY."
    return "It is being checked already, or its case is open." if being_checked(order) else None


def being_checked(order: Order) -> Promise | None:
    """The check that is on its way, or waits for a person."""
    over = (PromiseStatus.KEPT, PromiseStatus.WITHDRAWN, PromiseStatus.DISMISSED)
    waiting = [one for one in outbox.of(order.id) if one.kind == check.name and one.status not in over]
    return waiting[-1] if waiting else None


def have_checked(order: Order) -> None:
    """Within the act that gave an order its address: what is known of it serves, all else is asked, where there is
    somebody to ask."""
    if order.address_verdict not in (None, AddressVerdict.UNCHECKED):
        _write(order, AddressVerdict.UNCHECKED)
        cases.close_when_solved(NOT_FOUND, order.id, "it ships elsewhere")
    if known := _known(order):
        _write(
            order, AddressVerdict(known.address_verdict), found=known.address_found,
            says=known.address_says or "", by=known.address_by, at=known.address_at,
        )  # fmt: skip
    elif order.ship_to and vendors.connected("tracking"):
        _ask(order)


def _known(order: Order) -> Order | None:
    """Another order of the customer's to the same address, for which somebody vouched not long ago."""
    query = select(Order).where(
        Order.customer_id == order.customer_id,
        Order.id != order.id,
        Order.ship_to == order.ship_to,
        Order.address_verdict.in_(GOOD),
        Order.address_at > performing().now - HOLDS,
    )
    return db.session.scalar(query.order_by(Order.address_at.desc()).limit(1)) if order.ship_to else None


def _ask(order: Order) -> None:
    promise(
        check,
        order,
        lane=f"tracking:{order.id}",
        says=f"EasyPost checks the address of order {order.reference}",
        arguments={"address": PostalAddress.of(order.ship_to or {}).as_json},
        due_in=timedelta(0),
    )


@act(robots=("worker",))
def address_checked(order_id: str, *, facts: AddressFacts, fetched_at: datetime, by: Actor) -> Order:
    """What became of the check. An address that was given up meanwhile is another one, and who has accepted one has
    decided."""
    order = locked(order_id)
    if order.ship_to is None or PostalAddress.of(order.ship_to) != facts.asked:
        say(f"Order {order.reference} ships elsewhere by now")
        return order
    if order.address_verdict == AddressVerdict.OVERRIDDEN:
        say(f"The address of order {order.reference} was accepted meanwhile")
        return order
    verdict = AddressVerdict(facts.verdict.value)
    found = facts.normalised.as_json if facts.normalised else None
    _write(order, verdict, found=found, says=facts.words, by="EasyPost", at=fetched_at)
    if verdict == AddressVerdict.UNVERIFIABLE:
        _open_case(order)
    else:
        cases.close_when_solved(NOT_FOUND, order.id, "it was found")
    say(f"The address of order {order.reference}: {verdict.value}")
    return order


def _open_case(order: Order) -> None:
    cases.open_case(
        NOT_FOUND,
        order.id,
        says=f"Nobody finds where order {order.reference} ships; its page says why. Ask the customer, then change the "
        "address, or accept it as it is.",
        suggests={"act": "orders.readdress", "url": f"{order.url}/readdress", "label": "Change the address"},
        about=order.related(),
    )


def _write(
    order: Order, verdict: AddressVerdict, *, found: dict[str, str] | None = None, says: str = "",
    by: str | None = None, at: datetime | None = None,
) -> None:  # fmt: skip
    order.address_verdict = verdict.value
    order.address_found, order.address_says = found, says or None
    order.address_by, order.address_at = by, at


check = keeper("orders.check_address", call="tracking.verify", then=address_checked, changes=False)
