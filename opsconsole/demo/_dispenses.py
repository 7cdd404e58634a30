"""The fills of the story's prescriptions, as pharmacies reported them to the healthcare system and we heard of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..models import Dispense, DispenseStatus, OrderStatus
from . import _fills, _moves
from ._calls import Row
from ._chance import id_alone
from ._prescriptions import Written, told_at
from ._products import BY_SKU
from ._story import Bought

_O = OrderStatus
_SHIPPED = {_O.SHIPPED, _O.DELIVERED, _O.CLOSED, _O.RETURNED}
_LOOKS_AT_IT = timedelta(minutes=5)  # from an order to the pharmacy's word that it makes it up


@dataclass(frozen=True)
class Dispensed:
    """One fill. `word` is FHIR's for where it stands, `since` when that came to be, `fill` ours where it is on its way."""

    of: Written
    order: Bought
    word: str
    since: datetime
    fill: str | None

    @property
    def external_id(self) -> str:
        return f"md-{self.order.reference}"

    @property
    def pharmacy(self) -> str:
        adapter = _fills.adapter_of(self.order)
        return _fills.PHARMACIES[adapter][0] if adapter else ""

    @property
    def dispensed_at(self) -> datetime | None:
        return self.since if self.word == "completed" else None


def of(prescribed: Sequence[Written], until: datetime) -> Iterator[Dispensed]:
    for one in prescribed:
        for order in one.rx.filled:
            fill = _fills.filled(order)
            word = "completed" if order.status in _SHIPPED else "preparation"
            after = _O.SHIPPED if word == "completed" else _O.SUBMITTED
            since = next((move.at for move in _moves.of_order(order) if move.after is after), order.since)
            yield Dispensed(
                one, order, word, max(since, one.signed) + _LOOKS_AT_IT, fill.id if fill else None
            )


def rows(dispensed: Sequence[Dispensed], until: datetime) -> Iterator[Row]:
    for one in dispensed:
        product = BY_SKU[one.of.rx.line.sku]
        status = DispenseStatus.DISPENSED if one.dispensed_at else DispenseStatus.PREPARING
        yield Dispense, {
            "id": id_alone("dispense", one.order.reference, "dsp", one.since), "created_at": one.since,
            "status": status.value, "status_since": one.since, "external_id": one.external_id,
            "prescription_external_id": one.of.rx.external_id, "prescription_id": one.of.id,
            "customer_id": one.of.rx.person.id, "fill_id": one.fill, "quantity": product.grams, "days_supply": product.days,
            "dispensed_at": one.dispensed_at, "pharmacy": one.pharmacy, "raw_status": one.word, "source_version": "1",
            "source_updated_at": told_at(one.since, until), "fetched_at": one.since,
        }  # fmt: skip
