"""Flags that the clinic raises and lowers, in any order, beside what a clinician does here."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import text

from opsconsole import vendors
from opsconsole.db import db
from opsconsole.lib.refusal import Denied
from opsconsole.services import Actor, review_flags, robot

from ..house import House
from ..visits.form_scenes import patient


def test_the_clinic_raises_and_lowers(house: House) -> None:
    patient(house)
    made = house.sandbox.fhir.flag("pat-1", "adverse_event")
    house.drain()
    [flag] = house.rows("select kind, severity, effect, status, due_at, created_at from review_flags")
    assert (flag.kind, flag.severity, flag.effect, flag.status) == ("adverse_event", "high", "block", "open")
    assert flag.due_at - flag.created_at == timedelta(hours=4)
    house.sandbox.fhir.set_status(f"Flag/{made['id']}", "inactive")
    house.drain()
    assert [one.status for one in house.rows("select status from review_flags")] == ["resolved"]
    house.later(60)
    house.sandbox.fhir.set_status(f"Flag/{made['id']}", "active")
    house.drain()
    assert [one.status for one in house.rows("select status from review_flags")] == ["open"]
    house.sandbox.fhir.flag("pat-1", "something_new")
    house.drain()
    [other] = house.rows("select kind, effect from review_flags where kind = 'other'")
    assert other.effect == "review"


def test_what_was_dealt_with_here_stays_until_it_is_raised_anew(house: House) -> None:
    patient(house)
    made = house.sandbox.fhir.flag("pat-1", "pregnancy")
    house.drain()
    [flag] = house.rows("select id from review_flags")
    api = house.api("clinician")
    api.post(f"/review-flags/{flag.id}/resolve", {"outcome": "patient_contacted", "reason": "She is not"})
    with house.app.app_context():
        facts = vendors.port("healthcare").fetch_flag(made["id"])
        review_flags.settle(
            made["id"], facts=facts, fetched_at=datetime.now().astimezone(), by=robot("healthcare")
        )
    assert api.get(f"/review-flags/{flag.id}")["status"] == "resolved"
    house.later(60)
    house.sandbox.fhir.set_status(f"Flag/{made['id']}", "inactive")
    house.sandbox.fhir.set_status(f"Flag/{made['id']}", "active")
    house.drain()
    assert api.get(f"/review-flags/{flag.id}")["status"] == "open"


def test_any_order_comes_to_one_end(house: House) -> None:
    patient(house)
    house.sandbox.fault(kind="drop", method="webhook *", vendor="fhir")
    made = house.sandbox.fhir.flag("pat-1", "allergy")
    ends = set()
    with house.app.app_context():
        port = vendors.port("healthcare")
        told = [port.fetch_flag(made["id"])]
        for status in ("inactive", "active"):
            house.advance(60)
            house.sandbox.fhir.set_status(f"Flag/{made['id']}", status)
            told.append(port.fetch_flag(made["id"]))
        for turn in permutations(told):
            db.session.execute(text("delete from review_flags"))
            db.session.commit()
            for facts in (*turn, turn[0]):
                review_flags.settle(
                    made["id"], facts=facts, fetched_at=facts.updated_at, by=robot("healthcare")
                )
            ends.add(tuple(house.rows("select status, source_updated_at from review_flags")[0]))
        assert len(ends) == 1 and next(iter(ends))[0] == "open"
        somebody = Actor("stf_1", "Sam", "person", frozenset({"review_flags.settle"}))
        with pytest.raises(Denied):
            review_flags.settle("x", facts=None, fetched_at=datetime.now(), by=somebody)
