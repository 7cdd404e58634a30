"""SUB.DUN_END: every try is over and the invoice is still open; and it was written off."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    ended = plant.dunning("ended", plant.ago(days=1))
    return str(ended.subscription_id)


def near_miss(plant: Plant) -> str:
    ended = plant.dunning("ended", plant.ago(days=1), invoice=plant.invoice("uncollectible"))
    return str(ended.subscription_id)
