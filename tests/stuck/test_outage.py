"""What waits for a system that is down is one incident's, and each its own again afterwards."""

from __future__ import annotations

from opsconsole.db import db, now
from opsconsole.models import Incident, IncidentStatus, Stuck
from opsconsole.services import stuck, transaction

from ..house import House
from .plant import Plant
from .test_rules import world


def test_what_waits_for_a_vendor_that_is_down_stands_under_its_incident(house: House) -> None:
    with house.app.app_context(), transaction():
        plant = Plant(now())
        waits = [world("PHA.NO_ACK").firing(plant) for _ in range(3)]
        elsewhere = world("SHP.STALLED").firing(plant)
        harm = world("PAY.DISPUTE").firing(plant)
        id = plant.incident("pharmacy-truepill", plant.ago(hours=1), "breaker").id
        down = plant.incident("payments", plant.ago(hours=1), "silent").id
        stuck.diagnose()
        counted = set(db.session.scalars(db.select(Stuck.subject_id).where(stuck.counted())))
        assert counted == {id, down, elsewhere, harm}  # what must never be is told whatever is down
        assert {stuck.of(one).incident_id for one in waits} == {id}  # type: ignore[union-attr]
        assert not any(one.case_id for one in map(stuck.of, waits) if one)
        Incident.lock(id).move_to(IncidentStatus.OVER)
        stuck.diagnose()
        counted = set(db.session.scalars(db.select(Stuck.subject_id).where(stuck.counted())))
        assert counted == {*waits, down, elsewhere, harm}
