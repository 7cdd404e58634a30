"""Each rule in the world that it finds and in the one that it just does not: all worlds stand side by side in one
database, and one look is taken."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

from opsconsole.db import db, now
from opsconsole.models import Stuck
from opsconsole.services import ACTS, stuck, transaction

from ..house import House
from .plant import Plant


def world(code: str) -> Any:
    return import_module(f"tests.stuck.worlds.{code.lower().replace('.', '_')}")


def planted(house: House) -> dict[str, tuple[str, str]]:
    """The subjects of each rule's two worlds, after one look at everything."""
    with house.app.app_context(), transaction():
        plant = Plant(now())
        found = {code: (world(code).firing(plant), world(code).near_miss(plant)) for code in stuck.RULES}
        stuck.diagnose(stuck.Scope(plant.now))
    return found


def test_each_rule_fires_in_its_world_and_not_in_the_one_beside_it(house: House) -> None:
    subjects = planted(house)
    with house.app.app_context():
        at = now()
        causes = {one.subject_id: one for one in db.session.scalars(db.select(Stuck))}
        wrong = {}
        for code, (firing, near_miss) in subjects.items():
            fired = causes[firing].code if firing in causes else None
            missed = causes[near_miss].code if near_miss in causes else None
            if fired != code or missed == code:
                wrong[code] = (fired, missed)
        assert not wrong, wrong
        for code, (firing, _) in subjects.items():
            one, rule = causes[firing], stuck.RULES[code]
            said = rule.says(one.details, at)
            assert said.endswith(".") and "None" not in said and "{" not in said, (code, said)
            assert one.since <= one.warn_at <= one.breach_at, code
            assert rule.suggests and rule.recipe, code
            offered = rule.offers(one)
            assert 1 <= len(offered) <= 3, (code, offered)
            assert {name for offer in offered for name in offer.acts} <= ACTS.keys(), code
            assert all(each.label and each.value for each in rule.evidence(one)), code
    with house.app.app_context(), transaction():
        looked = stuck.diagnose()  # a second look changes nothing
        assert (looked.began, looked.ended) == (0, 0) and looked.stay


def test_time_alone_brings_a_cause_and_never_takes_it_away(house: House) -> None:
    with house.app.app_context(), transaction():
        plant = Plant(now())
        near = world("PHA.NO_ACK").near_miss(plant)
        stuck.diagnose(stuck.Scope(plant.now))
        assert stuck.of(near) is None
        stuck.diagnose(stuck.Scope(plant.now + timedelta(minutes=25)))
        later = stuck.of(near)
        assert later is not None and later.code == "PHA.NO_ACK"
        stuck.diagnose(stuck.Scope(plant.now + timedelta(days=40)))
        much_later = stuck.of(near)
        assert much_later is not None and much_later.code == "PHA.NO_ACK"
