"""PHA.OOS: out of stock for two hours; and answered that it shall wait."""

from __future__ import annotations

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def out(plant: Plant, **more: str) -> Order:
    order = plant.sendable(OrderStatus.AT_PHARMACY, plant.ago(days=1))
    plant.fill(
        order, "exception", plant.ago(hours=2), code="out_of_stock", items=plant.items(order), external_id=plant.word(),
        **more,
    )  # fmt: skip
    return order


def firing(plant: Plant) -> str:
    return out(plant).id


def near_miss(plant: Plant) -> str:
    return out(plant, answer="wait").id
