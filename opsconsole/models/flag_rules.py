"""When something that a patient answered is flagged for a clinician: versions of the rules, of which one holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from ._classes import public
from ._record import Status
from ._versioned import Versioned, version_moves, version_table
from .review_flag import FlagEffect, FlagKind, FlagSeverity


class FlagRulesStatus(Status):
    DRAFT = "draft", "Written down. Visits are flagged by it only once a second person agreed."
    ACTIVE = "active", "Visits are flagged by these rules."
    SUPERSEDED = "superseded", "Visits were flagged by these rules until a newer version took their place."
    WITHDRAWN = "withdrawn", "Taken back before any visit was flagged by it."


@dataclass(frozen=True)
class FlagRule:
    """One rule. `when` are conditions [{"about", "question"?, "is", "value"}], of which one has to hold, or all with
    `when_all`. `about` is answer, changed (since the patient's last visit; question "*" is any), age (years), product (sku),
    ingredient, not_in_pregnancy, photos (how many) or visit (its kind). `says` is what a clinician reads."""

    code: str
    kind: FlagKind
    severity: FlagSeverity
    effect: FlagEffect
    says: str
    when: tuple[Mapping[str, Any], ...]
    when_all: bool = False

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        return cls(
            kept["code"], FlagKind(kept["kind"]), FlagSeverity(kept["severity"]), FlagEffect(kept["effect"]),
            kept["says"], tuple(kept["when"]), bool(kept.get("when_all")),
        )  # fmt: skip

    @property
    def source(self) -> str:
        """What a flag that it raises names as its source."""
        return f"rule:{self.code}"


class FlagRules(Versioned):
    """One version; `rules` are as FlagRule has them. Exactly one version is active, and `number` counts them from 1."""

    __tablename__ = "flag_rules"
    __table_args__ = version_table("flag_rules", FlagRulesStatus)
    PREFIX, PLURAL = "frl", "flag-rules"
    TOLD = ("status", "rules", "why")
    STATUS = FlagRulesStatus
    MOVES = version_moves(FlagRulesStatus)

    rules: Mapped[list[dict[str, Any]]] = public(JSONB)

    def in_order(self) -> list[FlagRule]:
        return [FlagRule.read(kept) for kept in self.rules]

    def tell(self, field: str, value: Any) -> Any:
        if field == "rules" and value is not None:
            return ", ".join(f"{one['code']}: {one['says']}" for one in value) or "none"
        return super().tell(field, value)
