"""What a comparison says before anything is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...models import Fill, FillStatus, Order, Shipment
from ._kinds import KINDS, Kind, Repair

#: Fills that nobody makes up, as far as we know.
OVER = (FillStatus.ERROR, FillStatus.REJECTED, FillStatus.CANCELED, FillStatus.WITHDRAWN)


@dataclass(frozen=True)
class Held:
    """A fill with its order and the order's parcels, as we hold them."""

    fill: Fill
    order: Order
    parcels: tuple[Shipment, ...] = ()


@dataclass(frozen=True)
class Finding:
    """`subject` is as in `Drift.subject`. `can` is False where its kind's repair is not possible now; `instead` is the act
    that is suggested in its stead."""

    kind: str
    subject: str
    port: str
    ours: str
    theirs: str
    external_id: str | None = None
    order: Order | None = None
    fill: Fill | None = None
    shipment: Shipment | None = None
    can: bool = True
    instead: Mapping[str, str] | None = None

    @property
    def of(self) -> Kind:
        return KINDS[self.kind]

    @property
    def key(self) -> tuple[str, str]:
        return (self.kind, self.subject)

    @property
    def repair(self) -> Repair | None:
        return self.of.repair if self.can and self.instead is None else None

    @property
    def automatic(self) -> bool:
        """Can it be put right without a person?"""
        return self.of.automatic and self.repair is not None


def words(code: str) -> str:
    return str(code).replace("_", " ")
