"""Which pharmacies fill an order: whom a person named, else whom the routing rules say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...lib.refusal import Refused
from ...models import Order, Pharmacy, Product, ProductKey, ProductKind, ShipTo
from .. import pharmacies, routing
from .._act import performing
from ..routing import Other, Route, Wanted

NO_PHARMACY = "no_pharmacy"  # the reason of the case


class NoShipTo(Refused):
    """Nobody told where the order ships to."""


class NoPharmacy(Refused):
    """No pharmacy that we work with may ship there and has it, or the chosen one does not."""


@dataclass(frozen=True)
class Lines:
    """The lines of an order that pharmacies ship, and under which sku pharmacies know each, by the line's id."""

    all: Sequence[Wanted]
    theirs: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.all)


@dataclass(frozen=True)
class Place:
    """A pharmacy and the lines that it makes up. `chosen`: a person named it; else `routing_id` is the version of the rules
    that did. `others` do not get it."""

    pharmacy: Pharmacy
    lines: Sequence[Wanted]
    theirs: Mapping[str, str]
    why: str
    chosen: bool = False
    others: Sequence[Other] = ()
    routing_id: str | None = None


def lines_of(order: Order) -> Lines:
    """What a pharmacy ships of an order: three statements."""
    lines = order.lines()
    products = Product.each(line.product_id for line in lines)
    keys = ProductKey.of([*products])
    wanted, skus = [], {}
    for line in lines:
        product = products.get(line.product_id or "")
        if product and product.kind == ProductKind.SERVICE:
            continue
        theirs = [key.key for key in keys[product.id] if key.system == "pharmacy"] if product else []
        wanted.append(Wanted(line.id, line.sku, line.quantity))
        skus[line.id] = theirs[0] if theirs else line.sku
    return Lines(wanted, skus)


def shippable(order: Order, wanted: str | None) -> None:
    """Raises NoShipTo, and NoPharmacy where nobody is licensed: before anything else that may keep an order back."""
    address = _address(order)
    if not (wanted or order.pharmacy_id or pharmacies.licensed(address.state, performing().now.date())):
        raise NoPharmacy(_unlicensed(address.state), field="pharmacy")


def places(order: Order, lines: Lines, wanted: str | None) -> list[Place]:
    """Where each line goes. `wanted` is the id or URL of the pharmacy that somebody named just now. Raises NoShipTo,
    NoPharmacy."""
    address = _address(order)
    if wanted or order.pharmacy_id:
        where, why = named(order, lines.all, wanted or str(order.pharmacy_id))
        if not wanted and order.pharmacy_why:
            why = f"{why}. {order.pharmacy_why}"
        return [Place(where, lines.all, lines.theirs, why, chosen=True)]
    route = routing.route(lines.all, address.state, performing().now.date())
    if route.nowhere:
        raise NoPharmacy(_nobody(route, address.state), field="pharmacy")
    return [
        Place(one.pharmacy, one.lines, lines.theirs, one.why, False, one.others, route.routing_id)
        for one in route.choices
    ]


def named(order: Order, lines: Sequence[Wanted], wanted: str) -> tuple[Pharmacy, str]:
    """The pharmacy that a person named by its id or URL, for these lines, and the words for it. Licence and stock hold for
    everybody; rules and capacity do not bind who decides. Raises NoShipTo, NoPharmacy."""
    address = _address(order)
    on = performing().now.date()
    candidates = pharmacies.candidates(address.state, [line.sku for line in lines], on)
    known = Pharmacy.get(wanted.rsplit("/", 1)[-1])
    if known is None:
        raise NoPharmacy("There is no such pharmacy.", field="pharmacy")
    one = next((one for one in candidates if one.pharmacy.id == known.id), None)
    if one is None or not one.licensed:
        may = ", ".join(one.pharmacy.name for one in candidates if one.licensed) or "none"
        raise NoPharmacy(f"{known.name} may not ship to {address.state}. Who may: {may}.", field="pharmacy")
    if one.lacking:
        raise NoPharmacy(f"{known.name}: {', '.join(one.lacking.values())}.", field="pharmacy")
    return known, f"Chosen; licensed in {address.state}"


def would_go(order: Order, on: date) -> Route | None:
    """Where an order would go by the rules, were it sent on that day; None when nobody told where it ships to, or when it
    holds nothing to ship."""
    address = order.ships_to
    lines = lines_of(order) if address else None
    return routing.route(lines.all, address.state, on) if address and lines else None


def _address(order: Order) -> ShipTo:
    address = order.ships_to
    if address is None:
        raise NoShipTo("Nobody told where this order ships to: record it again with its address.")
    return address


def _unlicensed(state: str) -> str:
    return f"No pharmacy that we work with may ship to {state}."


def _nobody(route: Route, state: str) -> str:
    """Why nobody can fill it, of the first line for which that is so."""
    line, others = route.nowhere[0]
    told = "; ".join(f"{other.pharmacy.name}: {other.why_not}" for other in others)
    return f"Nobody can fill {line.sku} for {state}. {told}."
