"""Where parcels go: an order's as the customer wrote it at the till, a customer's as the healthcare system keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..keyring import ring

# States, the district, territories, and the three that stand for the armed forces abroad: USPS Publication 28, B.
STATES = frozenset((
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY",
    "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH",
    "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP",
    "PR", "VI", "FM", "MH", "PW", "AA", "AE", "AP",
))  # fmt: skip


@dataclass(frozen=True)
class ShipTo:
    """`state` is one of STATES, `zip` has 5 digits or 5-4, `country` is US: nobody else's is served yet."""

    name: str
    line1: str
    city: str
    state: str
    zip: str
    line2: str = ""
    country: str = "US"

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """What the order's column holds."""
        return cls(**stored) if stored else None

    @property
    def as_json(self) -> dict[str, str]:
        return dict(vars(self))

    @property
    def rows(self) -> list[str]:
        """As it stands on the label."""
        street = [self.name, self.line1, self.line2]
        return [row for row in street if row] + [f"{self.city}, {self.state} {self.zip}"]


def told_apart(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[tuple[str, Any, Any]]:
    """Of an address that changes, the parts that differ, by digests: who reads the audit need not know where somebody
    lives. A state is told as it is, for licences hang on it."""
    for part in after if before and after else ():
        told = str if part == "state" else _hidden
        yield f"ship to: {part}", told((before or {})[part]), told((after or {})[part])


def _hidden(part: str) -> str:
    return f"hidden, {ring().digest(part.encode())}" if part else "none"
