"""By which rules an order goes to which pharmacy: versions, of which one holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from ._classes import public
from ._record import Status
from ._versioned import Versioned, version_moves, version_table
from .pharmacy import Pharmacy


class Then(StrEnum):
    """What a rule makes of its pharmacies."""

    PREFER = "prefer"  # before all others
    ONLY = "only"  # nobody else
    AVOID = "avoid"  # when nobody else can


class Measure(StrEnum):
    """By what pharmacies that may fill something are put into order."""

    COST = "cost"  # what it charges for the lines: the cheapest first
    STOCK = "stock"  # who has plenty before who is running low
    CAPACITY = "capacity"  # who can take the most fills today first
    RANK = "rank"  # the order in which the pharmacies are asked


@dataclass(frozen=True)
class Rule:
    """One rule. It is about lines of `skus` that ship to `states`; an empty list means any. `pharmacies` are our ids, in
    the order in which they are preferred."""

    then: Then
    pharmacies: tuple[str, ...]
    skus: frozenset[str] = field(default_factory=frozenset)
    states: frozenset[str] = field(default_factory=frozenset)

    def about(self, skus: Collection[str], state: str) -> bool:
        return (not self.states or state in self.states) and (not self.skus or not self.skus.isdisjoint(skus))

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Rule:
        return cls(
            Then(kept["then"]), tuple(kept["pharmacies"]), frozenset(kept["skus"]), frozenset(kept["states"])
        )

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "skus": sorted(self.skus), "states": sorted(self.states), "then": self.then.value,
            "pharmacies": list(self.pharmacies),
        }  # fmt: skip

    def says(self, names: Mapping[str, str]) -> str:
        """The rule as people read it: "NC60 to NV, CA: only Honeybee". `names` are the pharmacies', by id."""
        who = [names.get(id, id) for id in self.pharmacies]
        what = ", ".join(sorted(self.skus)) or "Everything"
        where = f" to {', '.join(sorted(self.states))}" if self.states else ""
        then = {
            Then.PREFER: f"{', then '.join(who)} first",
            Then.ONLY: f"only {' or '.join(who)}",
            Then.AVOID: f"{' and '.join(who)} last",
        }[self.then]
        return f"{what}{where}: {then}"


class RoutingStatus(Status):
    DRAFT = "draft", "Written down. Orders go by it only once a second person agreed."
    ACTIVE = "active", "Orders go by these rules."
    SUPERSEDED = "superseded", "Orders went by these rules until a newer version took their place."
    WITHDRAWN = "withdrawn", "Taken back before orders went by it."


class RoutingRules(Versioned):
    """One version. `number` counts them from 1. `rules` are Rule.as_json, the first weighs the most; `ranking` are
    measures, the first decides. Exactly one version is active."""

    __tablename__ = "routing"
    __table_args__ = version_table("routing", RoutingStatus)
    PREFIX, PLURAL = "rtg", "routing"
    TOLD = ("status", "rules", "ranking", "why")
    STATUS = RoutingStatus
    MOVES = version_moves(RoutingStatus)

    rules: Mapped[list[dict[str, Any]]] = public(JSONB)
    ranking: Mapped[list[str]] = public(JSONB)

    def in_order(self) -> list[Rule]:
        return [Rule.read(kept) for kept in self.rules]

    def measures(self) -> list[Measure]:
        return [Measure(name) for name in self.ranking]

    def tell(self, field: str, value: Any) -> Any:
        if field == "rules" and value is not None:
            return "; ".join(sentences([Rule.read(kept) for kept in value])) or "none"
        if field == "ranking" and value is not None:
            return ", then ".join(value)
        return super().tell(field, value)


def sentences(rules: Sequence[Rule]) -> list[str]:
    """Each rule as people read it: one statement."""
    known = Pharmacy.each(id for rule in rules for id in rule.pharmacies)
    return [rule.says({id: one.name for id, one in known.items()}) for rule in rules]
