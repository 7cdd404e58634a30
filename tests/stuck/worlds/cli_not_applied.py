"""CLI.NOT_APPLIED: signed an hour ago and not closed; and signed three minutes ago, when it can hardly have gone out."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.visit("approved", plant.ago(hours=1), decided_at=plant.ago(hours=1)).id


def near_miss(plant: Plant) -> str:
    return plant.visit("approved", plant.ago(minutes=3), decided_at=plant.ago(minutes=3)).id
