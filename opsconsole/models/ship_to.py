"""Where an order ships: as the customer wrote it at the till, kept with the order and never changed there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

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
