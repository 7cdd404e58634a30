"""May some pharmacy ship it there, and has it what is asked for?"""

from __future__ import annotations

from collections.abc import Sequence

from ... import vendors
from ...models import AddressVerdict, Order
from .. import pharmacies
from ..orders import Holder
from ._asked import Asked
from ._blocker import Blocker, Fix


def shippable(asked: Asked) -> list[Blocker]:
    """What is wrong with the address, the licences of pharmacies, and their stock. Two statements at most."""
    if asked.ship_to is None:
        words = "Nobody told where it ships to."
        return [Blocker("bad_address", "address", words, Holder.US, _readdress(asked))]
    order = asked.order
    checked = _address(order) if order and asked.ship_to == order.ships_to else []
    return [*checked, *_pharmacies(asked)]


def _readdress(asked: Asked) -> Fix:
    """Of an order, its own address; of what has no order yet, the customer's."""
    if asked.order:
        return Fix("orders.readdress", f"{asked.order.url}/readdress", "Change the address")
    return Fix("customers.readdress", f"/customers/{asked.customer_id}/readdress", "Change the address")


def _address(order: Order) -> list[Blocker]:
    """Somebody must vouch for it: the vendor who checks addresses, or who has accepted it. Where nobody checks them, having
    one is enough."""
    verdict = order.address
    if verdict.vouched_for or (verdict == AddressVerdict.UNCHECKED and not vendors.connected("tracking")):
        return []
    if verdict == AddressVerdict.UNCHECKED:
        fix = Fix("orders.check_address", f"{order.url}/check_address", "Have it checked")
        return [Blocker("address_unchecked", "address", verdict.help, Holder.US, fix)]
    fix = Fix("orders.accept_address", f"{order.url}/accept_address", "Change or accept it")
    return [Blocker("bad_address", "address", verdict.help, Holder.US, fix)]


def _pharmacies(asked: Asked) -> list[Blocker]:
    assert asked.ship_to
    state = asked.ship_to.state
    candidates = pharmacies.candidates(state, asked.skus, asked.on)
    licensed = [one for one in candidates if one.licensed]
    if not licensed:
        words = f"No pharmacy that we work with may ship to {state}."
        fix = Fix("", "/pharmacies", "See who may ship where")
        return [Blocker("pharmacy_not_licensed", "licence", words, Holder.US, fix)]
    if all(any(sku not in one.lacking for one in licensed) for sku in asked.skus):
        return []  # somebody has each of them: not always the same one
    return [Blocker("out_of_stock", "stock", _lacking(licensed), Holder.PHARMACY, _stock(licensed))]


def _lacking(licensed: Sequence[pharmacies.Candidate]) -> str:
    told = "; ".join(f"{one.pharmacy.name}: {', '.join(one.lacking.values())}" for one in licensed)
    return f"Nobody who may ship there has it. {told}."


def _stock(licensed: Sequence[pharmacies.Candidate]) -> Fix:
    return Fix("", licensed[0].pharmacy.url, "See what they have")
