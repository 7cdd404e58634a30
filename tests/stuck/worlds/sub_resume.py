"""SUB.RESUME: it resumes in two days and no prescription covers it; and in nine."""

from __future__ import annotations

from opsconsole.models import Effective

from ..plant import Plant


def _paused(plant: Plant, days: int) -> str:
    one = plant.subscription("paused", Effective.PAUSED)
    plant.resuming(one, plant.ahead(days=days))
    return one.id


def firing(plant: Plant) -> str:
    return _paused(plant, 2)


def near_miss(plant: Plant) -> str:
    return _paused(plant, 9)
