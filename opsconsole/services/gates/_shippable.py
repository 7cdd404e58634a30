"""May some pharmacy ship it there, and has it what is asked for?"""

from __future__ import annotations

from collections.abc import Sequence

from .. import pharmacies
from ..orders import Holder
from ._asked import Asked
from ._blocker import Blocker, Fix


def shippable(asked: Asked) -> list[Blocker]:
    """What is wrong with the address, the licences of pharmacies, and their stock. Two statements at most."""
    order = asked.order
    readdress = Fix("orders.readdress", f"{order.url}/readdress", "Change the address")
    if asked.ship_to is None:
        words = "Nobody told where it ships to."
        return [Blocker("bad_address", "address", words, Holder.US, readdress)]
    state = asked.ship_to.state
    candidates = pharmacies.candidates(state, asked.skus, asked.on)
    licensed = [one for one in candidates if one.licensed]
    if not licensed:
        words = f"No pharmacy that we work with may ship to {state}."
        fix = Fix("", "/pharmacies", "See who may ship where")
        return [Blocker("pharmacy_not_licensed", "licence", words, Holder.US, fix)]
    if any(not one.lacking for one in licensed):
        return []
    return [Blocker("out_of_stock", "stock", _lacking(licensed), Holder.PHARMACY, _stock(licensed))]


def _lacking(licensed: Sequence[pharmacies.Candidate]) -> str:
    told = "; ".join(f"{one.pharmacy.name}: {', '.join(one.lacking.values())}" for one in licensed)
    return f"Nobody who may ship there has it. {told}."


def _stock(licensed: Sequence[pharmacies.Candidate]) -> Fix:
    return Fix("", licensed[0].pharmacy.url, "See what they have")
