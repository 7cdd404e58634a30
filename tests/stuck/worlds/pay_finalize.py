"""PAY.FINALIZE: Stripe does not know where to tax it, for an hour; and for five minutes."""

from __future__ import annotations

from ..plant import Plant


def _untaxed(plant: Plant, **ago: float) -> str:
    code = "customer_tax_location_invalid"
    return plant.invoice("draft", error_code=code, status_since=plant.ago(**ago)).id


def firing(plant: Plant) -> str:
    return _untaxed(plant, hours=1)


def near_miss(plant: Plant) -> str:
    return _untaxed(plant, minutes=5)
