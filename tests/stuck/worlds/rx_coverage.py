"""RX.COVERAGE: the pharmacy asked for a coverage five hours ago; and an hour ago."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.trouble("prior_auth", plant.ago(hours=5), status="triage")[0].id


def near_miss(plant: Plant) -> str:
    return plant.trouble("prior_auth", plant.ago(hours=1), status="triage")[0].id
