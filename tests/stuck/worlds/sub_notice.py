"""SUB.NOTICE: its window closes tomorrow and it was not sent; and in six days."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.notice(1).subscription_id


def near_miss(plant: Plant) -> str:
    return plant.notice(6).subscription_id
