"""SYS.OUTAGE: a vendor that does not answer for an hour; and one that began to go out again."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.incident(f"x-{plant.word()}", plant.ago(hours=1), "breaker").id


def near_miss(plant: Plant) -> str:
    return plant.incident(f"x-{plant.word()}", plant.ago(hours=1), "breaker", status="draining").id
