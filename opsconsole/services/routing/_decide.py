"""Which pharmacy makes up what, and why: worked out from what is known alone, without reading or writing anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...lib.money import Money
from ...models import Measure, Pharmacy, Rule, Stock, Then
from ..pharmacies import Candidate

_ENDLESS = 10**9  # what a pharmacy that takes any number has left


@dataclass(frozen=True)
class Wanted:
    """A line that a pharmacy is to make up. `id` is the line's."""

    id: str
    sku: str
    quantity: int


@dataclass(frozen=True)
class Rules:
    """What decides: a version's rules and ranking, or some that are not written down yet."""

    rules: Sequence[Rule]
    ranking: Sequence[Measure]
    names: Mapping[str, str]  # of pharmacies, by id
    routing_id: str | None = None


@dataclass(frozen=True)
class Other:
    """A pharmacy that does not get it, and why not."""

    pharmacy: Pharmacy
    why_not: str

    @property
    def as_json(self) -> dict[str, str]:
        return {"pharmacy": self.pharmacy.id, "why_not": self.why_not}


@dataclass(frozen=True)
class Choice:
    """One pharmacy and the lines that it makes up. `why` is for people. `cost` is what it charges for them, in minor units;
    None where no price is known."""

    pharmacy: Pharmacy
    lines: tuple[Wanted, ...]
    why: str
    others: tuple[Other, ...]
    cost: int | None


@dataclass(frozen=True)
class Route:
    """Where an order's lines go. `nowhere` are lines that nobody can fill, with why not for each pharmacy. `routing_id` is
    the version of the rules that decided."""

    choices: tuple[Choice, ...]
    nowhere: tuple[tuple[Wanted, tuple[Other, ...]], ...]
    routing_id: str | None

    @property
    def cost(self) -> int | None:
        """Of everything, None when a price is missing."""
        known = [one.cost for one in self.choices if one.cost is not None]
        return sum(known) if known and len(known) == len(self.choices) and not self.nowhere else None


def decide(
    lines: Sequence[Wanted],
    state: str,
    candidates: Sequence[Candidate],
    rules: Rules,
    load: Mapping[str, int],
) -> Route:
    """Where lines go that ship to a state; `load` is how many fills each pharmacy has today, by its id.

    One pharmacy gets all of them where one can fill them all: two parcels cost more than any price saves. Otherwise the one
    that can fill the most, and so on with the rest.
    """
    places = [_Place(one, state, rules, load.get(one.pharmacy.id, 0)) for one in candidates]
    left = [line for line in lines if any(place.bar(line) is None for place in places)]
    nowhere = tuple(
        (line, tuple(Other(place.pharmacy, place.bar(line) or "") for place in places))
        for line in lines
        if line not in left
    )
    choices: list[Choice] = []
    while left:
        chosen = _choose(places, left)
        if len(chosen.lines) < len(left) or choices:
            chosen = replace(chosen, why=f"Nobody can fill all of it. {chosen.why}")
        choices.append(chosen)
        left = [line for line in left if line not in chosen.lines]
    return Route(tuple(choices), nowhere, rules.routing_id)


def _choose(places: Sequence[_Place], left: Sequence[Wanted]) -> Choice:
    """The best of those that can fill the most lines of what is left."""
    can = {place: tuple(line for line in left if place.bar(line) is None) for place in places}
    most = max(len(lines) for lines in can.values())
    fit = sorted((place for place in places if len(can[place]) == most), key=lambda one: one.values(can[one]))
    best, lines = fit[0], can[fit[0]]
    rivals = [place for place in fit if can[place] == lines]
    others = tuple(
        Other(place.pharmacy, place.loses_to(best, lines) if place in rivals else place.bars(lines))
        for place in places
        if place is not best
    )
    return Choice(best.pharmacy, lines, _why(rivals, lines, places), others, best.cost(lines))


@dataclass(frozen=True)
class _Point:
    """One thing by which pharmacies are compared: the lower `value` wins. `best` says what the winner is, `quality` what all
    have that are left after it, `worse` why one that loses by it loses."""

    value: Any
    best: str
    quality: str
    worse: str


_NO_POINT = _Point(0, "", "", "")


class _Place:
    """A pharmacy that lines could go to. `taken` is how many fills it has today."""

    def __init__(self, known: Candidate, state: str, rules: Rules, taken: int) -> None:
        self.known, self.pharmacy = known, known.pharmacy
        self.state, self.rules, self.taken = state, rules, taken

    def bar(self, line: Wanted) -> str | None:
        """Why it cannot have a line at all."""
        if not self.known.licensed:
            return f"Not licensed in {self.state}"
        if why := self.known.lacking.get(line.sku):
            return why if why.startswith(line.sku) else why[0].upper() + why[1:]
        for number, rule in enumerate(self.rules.rules, 1):
            elsewhere = rule.then is Then.ONLY and self.pharmacy.id not in rule.pharmacies
            if elsewhere and rule.about([line.sku], self.state):
                return f"Rule {number}: only {self._names(rule, ' or ')}"
        return None

    def bars(self, lines: Sequence[Wanted]) -> str:
        return "; ".join(dict.fromkeys(bar for line in lines if (bar := self.bar(line))))

    def has(self, lines: Sequence[Wanted]) -> bool:
        """May it fill all of them, were there no rules?"""
        return self.known.licensed and not any(line.sku in self.known.lacking for line in lines)

    def cost(self, lines: Sequence[Wanted]) -> int | None:
        """What it charges for the lines of which a price is known; None when there is no such line."""
        offers = self.known.offers
        known = [offers[line.sku].cost * line.quantity for line in lines if line.sku in offers]
        return sum(known) if known else None

    def values(self, lines: Sequence[Wanted]) -> list[Any]:
        return [point.value for point in self.points(lines)]

    def points(self, lines: Sequence[Wanted]) -> list[_Point]:
        """What decides, the weightiest first: room today, the rules in their order, then the ranking."""
        ruled = [
            self._by_rule(number, rule) if rule.about([line.sku for line in lines], self.state) else _NO_POINT
            for number, rule in enumerate(self.rules.rules, 1)
        ]
        asked = self._by_rank()
        name = _Point(self.pharmacy.name, asked.best, asked.quality, asked.worse)
        return [self._by_room(), *ruled, *(self._by(one, lines) for one in self.rules.ranking), asked, name]

    def loses_to(self, best: _Place, lines: Sequence[Wanted]) -> str:
        mine = self.points(lines)
        return mine[_first_difference(mine, best.points(lines))].worse

    def _by_room(self) -> _Point:
        most = self.pharmacy.capacity
        full = most is not None and self.taken >= most
        words = f"Full today: {self.taken:,} of {most or 0:,}"
        return _Point(full, "The only one with room today", "have room today", words)

    def _by_rule(self, number: int, rule: Rule) -> _Point:
        if rule.then is Then.ONLY:
            return _NO_POINT
        listed = self.pharmacy.id in rule.pharmacies
        if rule.then is Then.AVOID:
            quality = f"rule {number} does not put last"
            return _Point(listed, f"The only one that {quality}", quality, f"Rule {number} puts it last")
        place = rule.pharmacies.index(self.pharmacy.id) if listed else len(rule.pharmacies)
        first = self._names(rule, " before ")
        return _Point(
            place, f"Rule {number} prefers it,", f"rule {number} prefers", f"Rule {number} prefers {first}"
        )

    def _by(self, measure: Measure, lines: Sequence[Wanted]) -> _Point:
        if measure is Measure.COST:
            cost = self.cost(lines)
            told = (
                f"Dearer: {Money(cost, self._currency)}" if cost is not None else "Nobody knows what it costs"
            )
            return _Point(cost or 0, "The cheapest", "cost the same", told)
        if measure is Measure.STOCK:
            low = [line.sku for line in lines if self._low(line.sku)]
            told = f"Runs low on {', '.join(low)}"
            return _Point(len(low), "The one with the most in stock", "have enough of it", told)
        if measure is Measure.CAPACITY:
            most = self.pharmacy.capacity
            left = _ENDLESS if most is None else max(most - self.taken, 0)
            return _Point(
                -left, "The one with the most room today", "have as much room", f"Room for {left:,} more"
            )
        return self._by_rank()

    def _by_rank(self) -> _Point:
        rank = self.pharmacy.rank
        return _Point(rank, "The first", "are asked first", f"Asked as number {rank}")

    def _low(self, sku: str) -> bool:
        return sku in self.known.offers and self.known.offers[sku].stock == Stock.LOW

    @property
    def _currency(self) -> str:
        return next((offer.currency for offer in self.known.offers.values()), "usd")

    def _names(self, rule: Rule, between: str) -> str:
        return between.join(self.rules.names.get(id, id) for id in rule.pharmacies)


def _why(rivals: Sequence[_Place], lines: Sequence[Wanted], places: Sequence[_Place]) -> str:
    """In one sentence, what makes the first of `rivals` the best of them."""
    best = rivals[0]
    ruled_out = any(place.has(lines) for place in places if place not in rivals)
    known = any(line.sku in best.known.offers for line in lines)
    if len(rivals) == 1:
        allowed = "that the rules allow" if ruled_out else "that has it" if known else ""
        return f"The only one licensed in {best.state} {allowed}".rstrip()
    points = {place: place.points(lines) for place in rivals}
    at = _first_difference(points[best], points[rivals[1]])
    differ = {place: _first_difference(points[place], points[best]) for place in rivals[1:]}
    tied = 1 + sum(index >= at for index in differ.values())
    dropped = sorted({index for index in differ.values() if index < at})
    qualities = ["have it"] * known + ["the rules allow"] * ruled_out
    qualities += [points[best][index].quality for index in dropped]
    *some, last = qualities or [""]
    that = f" that {', '.join(some)} and {last}" if some else f" that {last}" if last else ""
    return f"{points[best][at].best} of {tied} licensed in {best.state}{that}"


def _first_difference(points: Sequence[_Point], others: Sequence[_Point]) -> int:
    return next((i for i, point in enumerate(points) if point.value != others[i].value), len(points) - 1)
