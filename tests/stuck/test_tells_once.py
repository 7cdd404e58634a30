"""Of what does not go on there is one case, whoever opened it first."""

from __future__ import annotations

from datetime import timedelta

from opsconsole.db import db, now
from opsconsole.models import Case, Stuck
from opsconsole.services import stuck, transaction

from ..house import House
from .plant import Plant
from .test_rules import world


def open_cases(subject: str) -> list[str]:
    query = db.select(Case.reason).where(Case.subject_id == subject, Case.status == "open")
    return list(db.session.scalars(query))


def test_a_case_that_an_act_opens_later_is_the_one_that_stays_unless_somebody_has_ours(house: House) -> None:
    with house.app.app_context(), transaction():
        plant = Plant(now())
        first, taken = (world("PAY.PAID_NO_ORDER").firing(plant) for _ in "12")
        stuck.diagnose(stuck.Scope(plant.now))
        assert open_cases(first) == open_cases(taken) == ["PAY.PAID_NO_ORDER"]
        [owner] = db.session.execute(db.text("select id from staff limit 1")).scalars()
        db.session.execute(db.update(Case).where(Case.subject_id == taken).values(owner_id=owner))
        other = plant.case("payment_without_order", first, plant.now)
        plant.case("payment_without_order", taken, plant.now)
        db.session.flush()
        customers = db.session.scalars(
            db.select(Stuck.customer_id).where(Stuck.subject_id.in_((first, taken)))
        )
        touched = frozenset((first, taken))
        stuck.diagnose(stuck.Scope(plant.now + timedelta(minutes=1), frozenset(map(str, customers)), touched))
        assert open_cases(first) == ["payment_without_order"]
        assert sorted(open_cases(taken)) == ["PAY.PAID_NO_ORDER", "payment_without_order"]
        assert db.session.scalar(db.select(Stuck.case_id).where(Stuck.subject_id == first)) == other.id
