"""REF.FAILED: the card was lost, and nobody has done anything; and a cheque was sent."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    refund = plant.refund("failed", plant.ago(days=4), failure_reason="lost_or_stolen_card")
    plant.case("refund_failed", refund.id, plant.ago(days=4))
    return refund.id


def near_miss(plant: Plant) -> str:
    refund = plant.refund("failed", plant.ago(days=4), failure_reason="lost_or_stolen_card")
    plant.case("refund_failed", refund.id, plant.ago(days=4), status="resolved", outcome="settled")
    return refund.id
