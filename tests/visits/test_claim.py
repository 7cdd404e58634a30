"""Whose a visit is: one clinician at a time, and never one who is not licensed where the patient is."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from opsconsole import models
from opsconsole.db import db, now
from opsconsole.lib.refusal import Refused
from opsconsole.lib.zones import today_in
from opsconsole.models import Decision, Provider, ProviderLicence, Visit
from opsconsole.services import CLOCK, Actor, tokens, transaction, visits

from ..house import TOKENS, House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import answered, clinic, clock, colleague, to_review


def test_two_never_hold_one_and_who_turns_away_loses_it(house: House) -> None:
    clinic(house)
    osei = colleague(house, "Dr. Osei", "1245319599", ("NV",))
    visit, api, ada = to_review(house), house.api(), house.page("clinician")
    ada.get("/visits")
    assert "Jo Field" in ada.html and f"{visit}/claim" in ada.html
    ada.submit(f"{visit}/claim", {})
    assert "It is yours." in ada.html and api.get(visit)["status"] == "in_review"
    refused(house, api, f"{visit}/claim", {"provider": osei}, "taken")
    refused(house, api, f"{visit}/approve", {"provider": osei}, "taken")
    house.advance(21 * 60)
    ada.get(visit)  # she looks at it: that counts
    clock(house)
    assert api.get(visit)["status"] == "in_review"
    house.advance(21 * 60)
    clock(house)
    assert (api.get(visit)["status"], api.get(visit)["provider"]) == ("submitted", None)
    api.post(f"{visit}/claim", {"provider": osei}, key="twice")
    with nothing_written(house):
        api.post(f"{visit}/claim", {"provider": osei}, key="twice")
    ada.get("/visits")
    assert "Jo Field" not in ada.html


def test_a_lead_assigns_a_clinician_hands_over_and_the_load_is_shown(house: House) -> None:
    ada = clinic(house)
    osei = colleague(house, "Dr. Osei", "1245319599", ("NV",))
    far = colleague(house, "Dr. Raman", "1982637013", ("PA",))
    visit, api, lee = to_review(house), house.api(), house.api("ops_lead")
    page = house.page("ops_lead").get(f"{visit}/assign")
    assert "Dr. Osei, MD: 0 to decide on" in page and "Raman" not in page
    refused(house, lee, f"{visit}/assign", {"provider": far}, "not_licensed")
    invalid(house, lee, f"{visit}/assign", {"provider": "prv_none"}, "provider")
    lee.post(f"{visit}/assign", {"provider": osei})
    assert (api.get(visit)["status"], api.get(visit)["provider"]) == ("assigned", f"/providers/{osei}")
    refused(house, lee, f"{visit}/assign", {"provider": osei}, "same_clinician", "provider")
    lee.post(f"{visit}/assign", {"provider": ada})
    refused(house, api, f"{visit}/hand_over", {"to": far, "note": "Seen"}, "not_licensed")
    invalid(house, api, f"{visit}/hand_over", {"to": osei}, "note")
    api.post(f"{visit}/hand_over", {"to": osei, "note": "The left cheek, please"})
    assert api.get(visit)["provider"] == f"/providers/{osei}"
    assert "left cheek" not in str(house.rows("select inputs::text, says, changes::text from audit_entries"))
    api.post(f"{visit}/hand_over", {"note": "Anybody, please"})
    assert api.get(visit)["status"] == "submitted"
    refused(house, api, f"{visit}/release", {}, "not_yours")
    for role in ("support", "auditor", "shop"):
        denied(house, role, f"{visit}/assign", {"provider": ada})
        denied(house, role, f"{visit}/release", {})


def test_a_licence_that_ends_gives_back_what_is_there_the_same_day(house: House) -> None:
    ada = clinic(house)
    nevada, california = to_review(house), to_review(house, customer="c-2", state="CA")
    api = house.api()
    for visit in (nevada, california):
        api.post(f"{visit}/claim", {"provider": ada})
    with house.app.app_context(), transaction():
        mine = select(ProviderLicence).where(ProviderLicence.state == "NV")
        db.session.scalars(mine).one().expires_on = today_in("NV", now()) - timedelta(days=1)
    refused(house, api, f"{nevada}/approve", {}, "not_licensed")
    clock(house)
    assert [api.get(one)["status"] for one in (nevada, california)] == ["submitted", "in_review"]
    page = house.page("clinician").get("/visits")
    assert california in page and nevada not in page
    said = house.rows("select says from audit_entries where act = 'visits.reassign'")
    assert said[0].says == "Back to the queue: Dr. Ada Lindqvist is not licensed in NV today."


STATES = sorted(models.STATES - {"AA", "AE", "AP", "AS", "DC", "FM", "GU", "MH", "MP", "PR", "PW", "VI"})


def test_fifty_states_twenty_clinicians_and_nobody_ever_where_they_may_not(house: House) -> None:
    """Random acts at random clinicians: whoever holds or signs anything may, at that moment."""
    _fuzz(house, steps=60, seed=5)


@pytest.mark.soak
def test_the_same_for_a_long_time(house: House) -> None:
    _fuzz(house, steps=4000, seed=11)


def _fuzz(house: House, *, steps: int, seed: int) -> None:
    chance = random.Random(seed)
    clinic(house, states=("CA",))
    with house.app.app_context():
        by, doctors, patients = _cast(house, chance)
        illegal: list[str] = []
        for step in range(steps):
            _act(chance, chance.choice(patients), chance.choice(doctors), by)
            if step % 20 == 10:
                with transaction():
                    licences = db.session.scalars(select(ProviderLicence).order_by(ProviderLicence.id)).all()
                    chance.choice(licences).status = chance.choice(("suspended", "active", "expired"))
                for id in visits.held_without_licence():
                    visits.reassign(id, by=CLOCK)
            illegal += _illegal() if step % 5 == 0 else []
            db.session.rollback()
        assert illegal == [] and db.session.scalar(select(func.count()).select_from(Decision))
        for id in doctors:
            who, at = Provider.require(id), now()
            seen = {one.visit.patient_state for one in visits.queue(who, "to_decide", at).items}
            assert seen <= set(visits.states_of(who, at))


def _cast(house: House, chance: random.Random) -> tuple[Actor, list[str], list[str]]:
    by = tokens.actor_of(TOKENS["demo"], address=None)
    assert by
    doctors, patients = [], []
    with transaction():
        for number in range(20):
            npi = f"{1300000000 + number}"
            made = Provider(
                name=f"Dr. {number}", npi=npi, credential="MD", active=number != 7, external_id=f"p-{number}"
            ).add()
            for state in chance.sample(STATES, 8):
                ProviderLicence(
                    provider_id=made.id, state=state, number=f"{state}-{number}",
                    status=chance.choice(("active", "active", "active", "pending", "suspended")),
                    expires_on=chance.choice((None, now().date() + timedelta(days=chance.randint(-3, 3)))),
                ).add()  # fmt: skip
            doctors.append(made.id)
    shop = house.api("shop")
    shop.post("/customers", {"reference": "fuzz", "name": "Jo Field", "email": "fuzz@example.test"})
    [customer] = house.rows("select id from customers where reference = 'fuzz'")
    with transaction():
        patients = [answered(customer.id, state, kind="follow_up").id for state in STATES]
    return by, doctors, patients


def _act(chance: random.Random, visit: str, doctor: str, by: Actor) -> None:
    acts: list[Any] = [
        (visits.claim, {"provider": doctor}),
        (visits.assign, {"provider": doctor}),
        (visits.approve, {"provider": doctor}),
        (visits.deny, {"provider": doctor, "reason": "age"}),
        (visits.ask, {"provider": doctor, "template": "photos"}),
        (visits.hand_over, {"to": doctor, "note": "Please"}),
        (visits.ask_opinion, {"provider": doctor, "would": "deny", "words": "Not sure"}),
        (visits.release, {}),
    ]
    act, inputs = chance.choices(acts, (6, 4, 2, 1, 1, 3, 1, 1))[0]
    try:
        act(visit, by=by, **inputs)
    except Refused:
        db.session.rollback()


def _illegal() -> list[str]:
    """Who holds a visit, or signed one just now, without a licence there."""
    wrong, at = [], now()
    may: dict[str, list[str]] = {}
    for one in db.session.scalars(select(Visit).where(Visit.status.in_(("assigned", "in_review")))):
        who = one.provider_id or ""
        may[who] = may.get(who) or visits.states_of(Provider.require(who), at)
        wrong += [] if one.patient_state in may[who] else [f"{who} holds one in {one.patient_state}"]
    return wrong
