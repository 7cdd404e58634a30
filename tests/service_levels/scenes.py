"""Codes and limits that the stories of service levels begin with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from opsconsole.lib.business_time import Limit
from opsconsole.services import service_levels
from opsconsole.services.service_levels import Declared, _declare

from ..house import House

MINUTES = Limit(timedelta(minutes=30), timedelta(hours=4))
OFFICE_HOURS = Limit(timedelta(hours=2), timedelta(hours=8), business=True)
CODES = (
    Declared("TST.SLOW", "A pharmacy does not answer", "ops", MINUTES),
    Declared("TST.IDLE", "Nobody took a review", "clinic", OFFICE_HOURS),
    Declared("TST.ASKED", "Somebody waits for an answer", "support", OFFICE_HOURS),
)


@pytest.fixture(autouse=True)
def codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three codes of our own, whatever rules there are."""
    for one in CODES:
        monkeypatch.setitem(_declare._DECLARED, one.code, one)


def a_code() -> str:
    """A code that is known: one of the rules', or one of ours."""
    one = CODES[0]
    return (
        next(iter(service_levels.codes()), None)
        or _declare.declare(one.code, one.title, one.team, one.limit).code
    )


def asked(**changes: Any) -> dict[str, Any]:
    """What somebody asks of service_levels.set_limit."""
    return {
        "code": "TST.SLOW", "warn_after": "2 h", "late_after": "6 h", "calendar": "company",
        "why": "They are slow in winter",
    } | changes  # fmt: skip


def week(**changes: Any) -> dict[str, Any]:
    """What somebody asks of service_levels.set_calendar."""
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "8:00-12:00, 13:00-17:30")
    return {
        "name": "company", "zone": "America/Chicago", "hours": days, "holidays": "major", "days_off": ["2026-12-24"],
        "reason": "The office moved",
    } | changes  # fmt: skip


def pharmacy_ids(house: House) -> dict[str, str]:
    """Each pharmacy's id, by its adapter."""
    return {row.adapter: row.id for row in house.rows("select id, adapter from pharmacies order by rank")}
