"""SYS.SIGNATURE: messages that are signed wrongly; and a vendor that is silent for a few minutes."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.incident(f"x-{plant.word()}", plant.ago(minutes=20), "signature").id


def near_miss(plant: Plant) -> str:
    return plant.incident(f"x-{plant.word()}", plant.ago(minutes=10), "silent").id
