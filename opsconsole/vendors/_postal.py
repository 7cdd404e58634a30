"""An address in the mail, as every port that deals with one writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class PostalAddress:
    """An address without its addressee."""

    line1: str
    city: str
    state: str
    zip: str
    line2: str = ""
    country: str = "US"

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """From what a promise carries or an order holds; the addressee is left out."""
        return cls(**{name: told[name] for name in cls.__dataclass_fields__ if name in told})

    @property
    def as_json(self) -> dict[str, str]:
        return dict(vars(self))
