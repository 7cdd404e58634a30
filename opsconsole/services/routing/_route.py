"""Where an order would go now, by the rules that hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ...models import Pharmacy, RoutingRules
from .. import pharmacies
from ._decide import Route, Rules, Wanted, decide


def route(lines: Sequence[Wanted], state: str, on: date) -> Route:
    """Which pharmacy makes up which line of what ships to a state, when it is asked for on that day. Reads the rules, who
    may and has what, and today's load: five statements, whatever the number of lines."""
    candidates = pharmacies.candidates(state, [line.sku for line in lines], on)
    return decide(lines, state, candidates, rules_of(RoutingRules.active()), pharmacies.load(on))


def rules_of(version: RoutingRules) -> Rules:
    """A version as it decides."""
    rules = version.in_order()
    known = Pharmacy.each(id for rule in rules for id in rule.pharmacies)
    names = {id: one.name for id, one in known.items()}
    return Rules(rules, version.measures(), names, version.id)
