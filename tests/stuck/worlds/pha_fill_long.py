"""PHA.FILL_LONG: two days where almost all take one; and two days where many take three."""

from __future__ import annotations

from datetime import timedelta

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def filling(plant: Plant, usual: float) -> Order:
    """Being made up for two days, at a pharmacy whose fills take `usual` hours."""
    pharmacy = plant.pharmacy()
    plant.history(pharmacy, 20, timedelta(hours=usual))
    order = plant.order(OrderStatus.AT_PHARMACY, plant.ago(hours=47))
    fill = plant.fill(order, "filling", plant.ago(hours=20), pharmacy=pharmacy, created_at=plant.ago(days=9))
    plant.moved(fill, "queued", "sent", plant.ago(days=8))
    plant.moved(fill, "queued", "sent", plant.ago(days=2))  # it failed first, and was sent again
    return order


def firing(plant: Plant) -> str:
    return filling(plant, usual=30).id


def near_miss(plant: Plant) -> str:
    return filling(plant, usual=72).id
