"""Which pharmacy makes up what, and why: worked out from what is known alone, without reading or writing anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...lib.money import Money
from ...models import Measure, Pharmacy, Rule, Stock, Then
from ..pharmacies import Candidate

_LEFT_WITHOUT_END = 10**9  # what a pharmacy that takes any number has left


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


@dataclass(frozen=True)
class _Point:
    """One thing by which pharmacies are compared: the lower `value` wins. `best` says what the winner is, `quality` what all
    have that are left after it, `worse` why one that loses by it loses."""

    value: Any
    best: str
    quality: str
    worse: str


def decide(
    lines: Sequence[Wanted],
    state: str,
    candidates: Sequence[Candidate],
    rules: Rules,
    load: Mapping[str, int],
) -> Route:
    """One pharmacy for all lines where one can fill them all: two parcels cost more than any price saves. Otherwise the one
    that can fill the most, and so on with the rest."""
    able = {
        line.id: [one for one in candidates if _barred(one, line, state, rules) is None] for line in lines
    }
    left = [line for line in lines if able[line.id]]
    nowhere = tuple(
        (line, tuple(Other(one.pharmacy, _barred(one, line, state, rules) or "") for one in candidates))
        for line in lines
        if not able[line.id]
    )
    choices: list[Choice] = []
    split = False
    while left:
        most = max(sum(one in able[line.id] for line in left) for one in candidates)
        split = split or most < len(left)
        chosen = _best_covering(most, left, able, candidates, state, rules, load, split)
        choices.append(chosen)
        left = [line for line in left if line not in chosen.lines]
    return Route(tuple(choices), nowhere, rules.routing_id)


def _best_covering(
    most: int,
    left: Sequence[Wanted],
    able: Mapping[str, Sequence[Candidate]],
    candidates: Sequence[Candidate],
    state: str,
    rules: Rules,
    load: Mapping[str, int],
    split: bool,
) -> Choice:
    """The best of those that can fill `most` of the lines that are left; what each can fill may differ."""
    fills = {id(one): tuple(line for line in left if one in able[line.id]) for one in candidates}
    fit = [one for one in candidates if len(fills[id(one)]) == most]
    points = {id(one): _points(one, fills[id(one)], state, rules, load) for one in fit}
    fit.sort(key=lambda one: [point.value for point in points[id(one)]])
    best, lines = fit[0], fills[id(fit[0])]
    rivals = [one for one in fit if fills[id(one)] == lines]
    others: list[Other] = []
    for one in candidates:
        if one in rivals[1:]:
            others.append(Other(one.pharmacy, _worse(points[id(one)], points[id(best)])))
        elif one is not best:
            bars = (_barred(one, line, state, rules) for line in lines)
            others.append(Other(one.pharmacy, "; ".join(dict.fromkeys(bar for bar in bars if bar))))
    ruled_out = any(
        one not in rivals and one.licensed and not any(line.sku in one.lacking for line in lines)
        for one in candidates
    )
    why = ("Nobody can fill all of it. " if split else "") + _why(rivals, points, state, ruled_out)
    return Choice(best.pharmacy, lines, why, tuple(others), _cost(best, lines))


def _barred(one: Candidate, line: Wanted, state: str, rules: Rules) -> str | None:
    """Why a pharmacy cannot have a line at all."""
    if not one.licensed:
        return f"Not licensed in {state}"
    if why := one.lacking.get(line.sku):
        return why[0].upper() + why[1:] if not why.startswith(line.sku) else why
    for number, rule in enumerate(rules.rules, 1):
        if (
            rule.then is Then.ONLY
            and one.pharmacy.id not in rule.pharmacies
            and rule.about([line.sku], state)
        ):
            only = " or ".join(rules.names.get(id, id) for id in rule.pharmacies)
            return f"Rule {number}: only {only}"
    return None


def _points(
    one: Candidate, lines: Sequence[Wanted], state: str, rules: Rules, load: Mapping[str, int]
) -> list[_Point]:
    """What decides, the weightiest first: room today, the rules in their order, then the ranking."""
    pharmacy, skus = one.pharmacy, [line.sku for line in lines]
    taken = load.get(pharmacy.id, 0)
    full = pharmacy.capacity is not None and taken >= pharmacy.capacity
    found = [
        _Point(
            full,
            "The only one with room today",
            "have room today",
            f"Full today: {taken:,} of {pharmacy.capacity or 0:,}",
        )
    ]
    for number, rule in enumerate(rules.rules, 1):
        if rule.then is not Then.ONLY:
            found.append(_by_rule(number, rule, pharmacy, rules, applies=rule.about(skus, state)))
    found += [_by(measure, one, lines, taken) for measure in rules.ranking]
    asked = _by(Measure.RANK, one, lines, taken)
    return [*found, asked, _Point(pharmacy.name, asked.best, asked.quality, asked.worse)]


def _by_rule(number: int, rule: Rule, pharmacy: Pharmacy, rules: Rules, *, applies: bool) -> _Point:
    if not applies:
        return _Point(0, "", "", "")
    listed = pharmacy.id in rule.pharmacies
    if rule.then is Then.AVOID:
        return _Point(
            listed,
            f"The only one that rule {number} does not put last",
            f"rule {number} does not put last",
            f"Rule {number} puts it last",
        )
    place = rule.pharmacies.index(pharmacy.id) if listed else len(rule.pharmacies)
    first = " before ".join(rules.names.get(id, id) for id in rule.pharmacies)
    return _Point(
        place, f"Rule {number} prefers it", f"rule {number} prefers", f"Rule {number} prefers {first}"
    )


def _by(measure: Measure, one: Candidate, lines: Sequence[Wanted], taken: int) -> _Point:
    pharmacy = one.pharmacy
    if measure is Measure.COST:
        cost = _cost(one, lines)
        told = Money(cost, _currency(one)) if cost is not None else "Nobody knows what it costs there"
        return _Point(cost or 0, "The cheapest", "cost the same", f"Dearer: {told}")
    if measure is Measure.STOCK:
        low = [line.sku for line in lines if _low(one, line.sku)]
        told = f"Runs low on {', '.join(low)}"
        return _Point(len(low), "The one with the most in stock", "have enough of it", told)
    if measure is Measure.CAPACITY:
        left = _LEFT_WITHOUT_END if pharmacy.capacity is None else max(pharmacy.capacity - taken, 0)
        return _Point(
            -left, "The one with the most room today", "have as much room", f"Room for {left:,} more"
        )
    return _Point(pharmacy.rank, "The first", "are asked first", f"Asked as number {pharmacy.rank}")


def _low(one: Candidate, sku: str) -> bool:
    return sku in one.offers and one.offers[sku].stock == Stock.LOW


def _cost(one: Candidate, lines: Sequence[Wanted]) -> int | None:
    """What it charges for the lines of which a price is known; None when there is no such line."""
    known = [one.offers[line.sku].cost * line.quantity for line in lines if line.sku in one.offers]
    return sum(known) if known else None


def _currency(one: Candidate) -> str:
    return next((offer.currency for offer in one.offers.values()), "usd")


def _why(rivals: Sequence[Candidate], points: Mapping[int, list[_Point]], state: str, ruled_out: bool) -> str:
    """In one sentence, what makes the first of `rivals` the best of them. `ruled_out`: a rule has kept others away."""
    best = rivals[0]
    if len(rivals) == 1:
        allowed = "that the rules allow" if ruled_out else "that has it" if best.offers else ""
        return " ".join(filter(None, ("The only one licensed in", state, allowed)))
    runner_up = points[id(rivals[1])]
    at = next(i for i, point in enumerate(points[id(best)]) if point.value != runner_up[i].value)
    before = [point.value for point in points[id(best)][:at]]
    tied = [one for one in rivals if [point.value for point in points[id(one)][:at]] == before]
    dropped = {_first_difference(points[id(one)], points[id(best)]) for one in rivals if one not in tied}
    qualities = [f"licensed in {state}", *(["have it"] if best.offers else [])]
    qualities += ["the rules allow"] if ruled_out else []
    qualities += [points[id(best)][i].quality for i in sorted(dropped)]
    among = f"{len(tied)} {qualities[0]}"
    if len(qualities) > 1:
        *some, last = qualities[1:]
        among += f" that {', '.join(some)} and {last}" if some else f" that {last}"
    return f"{points[id(best)][at].best} of {among}"


def _worse(points: Sequence[_Point], best: Sequence[_Point]) -> str:
    return points[_first_difference(points, best)].worse


def _first_difference(points: Sequence[_Point], best: Sequence[_Point]) -> int:
    return next((i for i, point in enumerate(points) if point.value != best[i].value), len(points) - 1)
