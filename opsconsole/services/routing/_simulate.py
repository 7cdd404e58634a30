"""What other rules would have meant for the orders that went to a pharmacy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, select, tuple_

from ...db import db, now
from ...lib.money import Money
from ...models import Fill, FillStatus, Measure, Order, OrderLine, Pharmacy, RoutingRules
from .. import pharmacies
from ._decide import Route, Rules, Wanted, decide
from ._route import rules_of

DAYS, MOST, PAGE = 30, 20_000, 1_000


@dataclass(frozen=True)
class Move:
    """One order that would have gone elsewhere: where to now and then, and why. `cost` is what it would cost more (less,
    when below zero), in minor units; None where a price is missing."""

    order_id: str
    reference: str
    before: str
    after: str
    why: str
    cost: int | None

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "order": f"/orders/{self.order_id}", "reference": self.reference, "from": self.before, "to": self.after,
            "why": self.why, "cost_delta": Money(self.cost, "usd").as_json if self.cost is not None else None,
        }  # fmt: skip


@dataclass
class Simulated:
    """The orders of the last 30 days, replayed in their order under the rules as they are and under others, with the
    licences, stock and prices of today.

    `chosen` are those that a person sent somewhere: no rule moves them. `stranded` are moves to nobody. `cost` is the
    difference of all in minor units, over the orders whose prices are known. `load` says for each pharmacy, by its name, how
    many orders it gets under each of the two, and how many nobody gets. `capped`: there were more than 20,000 fills, and
    those of the newest 20,000 were replayed."""

    orders: int = 0
    chosen: int = 0
    moves: list[Move] = field(default_factory=list)
    stranded: int = 0
    cost: int = 0
    load: dict[str, tuple[int, int]] = field(default_factory=dict)
    capped: bool = False

    @property
    def says(self) -> str:
        """In one breath, for a preview."""
        looked = f"the newest {self.orders:,} orders" if self.capped else f"the {self.orders:,} orders"
        if not self.orders:
            return f"No order went to a pharmacy by rules in the last {DAYS} days: nothing to compare with."
        if not self.moves:
            return f"None of {looked} of the last {DAYS} days would have gone elsewhere."
        stranded = f" For {self.stranded:,} of them there would be nobody." if self.stranded else ""
        cost = f"{Money(abs(self.cost), 'usd')} {'less' if self.cost < 0 else 'more'}"
        return f"{len(self.moves):,} of {looked} of the last {DAYS} days would have gone elsewhere, for {cost}.{stranded}"


@dataclass(frozen=True)
class _Sent:
    """An order as it went to a pharmacy. Its lines are numbered, by what they are of: orders of the same are alike."""

    id: str
    reference: str
    state: str
    on: date
    lines: tuple[Wanted, ...]


def simulate(after: RoutingRules, before: RoutingRules) -> Simulated:
    """Replay the last 30 days under both. Two statements a page of a thousand fills and six more."""
    found = Simulated()
    sent = _sent(found)
    states, skus = {one.state for one in sent}, {line.sku for one in sent for line in one.lines}
    candidates = pharmacies.everywhere(sorted(states), sorted(skus), now().date()) if sent else {}
    names = {one.id: one.name for one in db.session.scalars(select(Pharmacy))}
    old, new = _Replay(rules_of(before), candidates), _Replay(rules_of(after), candidates)
    for one in sent:
        _compare(found, one, old.route(one), new.route(one))
    both = sorted({*old.total, *new.total}, key=lambda id: names[id])
    found.load = {names[id]: (old.total[id], new.total[id]) for id in both}
    if old.nobody or new.nobody:
        found.load["Nobody"] = (old.nobody, new.nobody)
    return found


class _Replay:
    """Days as they would have gone by some rules: each order sees what went out before it on its day. What is alike is
    decided once: there are many orders, and few kinds of them."""

    def __init__(self, rules: Rules, candidates: Mapping[str, Sequence[pharmacies.Candidate]]) -> None:
        self.rules, self.candidates = rules, candidates
        self.total: Counter[str] = Counter()
        self.nobody = 0  # orders of which something finds no pharmacy
        self.of_day: dict[date, Counter[str]] = defaultdict(Counter)
        self.limited = {
            one.pharmacy.id: one.pharmacy.capacity
            for known in candidates.values()
            for one in known
            if one.pharmacy.capacity is not None
        }
        self.decided: dict[tuple[object, ...], Route] = {}

    def route(self, one: _Sent) -> Route:
        load = self.of_day[one.on]
        found = self._decide(one, load)
        self.nobody += bool(found.nowhere)
        for pharmacy_id in {choice.pharmacy.id for choice in found.choices}:
            load[pharmacy_id] += 1
            self.total[pharmacy_id] += 1
        return found

    def _decide(self, one: _Sent, load: Counter[str]) -> Route:
        exactly = Measure.CAPACITY in self.rules.ranking
        room = tuple(load[id] if exactly else load[id] >= most for id, most in self.limited.items())
        kind = (one.state, one.lines, room)
        if kind not in self.decided:
            self.decided[kind] = decide(one.lines, one.state, self.candidates[one.state], self.rules, load)
        return self.decided[kind]


def _compare(found: Simulated, one: _Sent, old: Route, new: Route) -> None:
    found.orders += 1
    cost = None if old.cost is None or new.cost is None else new.cost - old.cost
    found.cost += cost or 0
    if _places(old) == _places(new):
        return
    found.stranded += bool(new.nowhere)
    why = "; ".join(choice.why for choice in new.choices) or "Nobody may fill it"
    found.moves.append(Move(one.id, one.reference, _names(old), _names(new), why, cost))


def _places(route: Route) -> set[tuple[str, str]]:
    return {(line.id, choice.pharmacy.id) for choice in route.choices for line in choice.lines}


def _names(route: Route) -> str:
    some = list(dict.fromkeys(choice.pharmacy.name for choice in route.choices))
    return " and ".join([*some, *(["nobody"] if route.nowhere else [])])


def _sent(found: Simulated) -> list[_Sent]:
    """What went out, oldest first."""
    rows = list(_rows())
    found.capped = len(rows) > MOST
    rows = rows[:MOST]
    chosen = {row.order_id for row in rows if row.chosen}
    found.chosen = len(chosen)
    skus = _skus([item["line"] for row in rows for item in row.items])
    of_order: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in reversed(rows):
        if row.order_id not in chosen and row.state:
            of_order[row.order_id].append(row)
    return [_as_sent(id, fills, skus) for id, fills in of_order.items()]


def _as_sent(id: str, fills: Sequence[Row[Any]], skus: Mapping[str, str]) -> _Sent:
    lines = {  # a line that was filled twice is one line
        item["line"]: (skus.get(item["line"], item["sku"]), item["quantity"])
        for fill in fills
        for item in fill.items
    }
    numbered = tuple(Wanted(str(n), *line) for n, line in enumerate(sorted(lines.values())))
    return _Sent(id, fills[0].reference, fills[0].state, fills[0].created_at.date(), numbered)


def _rows() -> Iterator[Row[Any]]:
    """The fills that were made, newest first, a page at a time; one more than is looked at, if there are."""
    query = (
        select(
            Fill.id, Fill.created_at, Fill.order_id, Fill.items, Fill.chosen, Order.reference,
            Order.ship_to["state"].astext.label("state"),
        )
        .join(Order, Order.id == Fill.order_id)
        .where(Fill.created_at > now() - timedelta(days=DAYS), Fill.status != FillStatus.WITHDRAWN)
        .order_by(Fill.created_at.desc(), Fill.id.desc())
        .limit(PAGE)
    )  # fmt: skip
    read, page = 0, list(db.session.execute(query))
    while page:
        yield from page
        read += len(page)
        if read > MOST or len(page) < PAGE:
            return
        last = page[-1]
        before = tuple_(Fill.created_at, Fill.id) < tuple_(last.created_at, last.id)
        page = list(db.session.execute(query.where(before)))


def _skus(lines: Sequence[str]) -> dict[str, str]:
    """What each line is of, as orders name it: pharmacies know some products by other names."""
    found: dict[str, str] = {}
    for begin in range(0, len(lines), PAGE):
        query = select(OrderLine.id, OrderLine.sku).where(OrderLine.id.in_(lines[begin : begin + PAGE]))
        found |= {row.id: row.sku for row in db.session.execute(query)}
    return found
