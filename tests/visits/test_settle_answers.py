"""What the clinic tells of visits and answers comes to one end, in any order and twice; complete, a clinician is next."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text

from opsconsole import vendors
from opsconsole.db import db
from opsconsole.lib.refusal import Denied
from opsconsole.models import VisitAnswers
from opsconsole.services import Actor, robot, visits

from ..gates.scenes import change
from ..house import House
from ..scenes import cases_of
from .form_scenes import ANSWERS, answer, flags, form, invited, order, patient, served, submitted


def test_what_is_answered_goes_before_a_clinician(house: House) -> None:
    asked = form(house)
    served(house)
    url = patient(house)
    waits = order(house)
    visit = invited(house, url, order=waits["url"])
    assert (visit["status"], visit["order"]) == ("invited", waits["url"])
    begun = answer(house, visit, photos={}, status="in-progress", pregnant=None)
    assert begun["status"] == "in_progress"
    done = answer(house, visit)
    assert (done["status"], done["patient_state"], done["barriers"]) == ("submitted", "NV", [])
    due, at = (datetime.fromisoformat(done[name]) for name in ("due_at", "submitted_at"))
    assert due - at == timedelta(hours=24)
    assert house.api().get(waits["url"])["status"] == "in_review"
    [kept] = house.rows("select questionnaire_id, status, told from visit_answers")
    assert (kept.questionnaire_id, kept.status) == (asked, "completed")
    assert b"pregnant" not in bytes(kept.told)
    # the photos were fetched, sealed and named in the answer
    files = house.rows("select id, kind from attachments where subject_id = :id", id=visit["id"])
    with house.app.app_context():
        told = VisitAnswers.of_visit(visit["id"]).answers  # type: ignore[union-attr]
        named = {value["attachment"] for id in ("photo_front", "photo_side") for value in told[id]}
    assert {one.id for one in files} == named and len(named) == 2
    assert [one.kind for one in flags(house, visit)] == []
    for table in ("audit_entries", "promises", "attempts", "cases", "messages", "status_moves"):
        rows = house.rows(f"select row_to_json(t)::text as row from {table} t")
        told = " ".join(one.row for one in rows if "questionnaires." not in one.row)
        assert rows or table in ("cases", "messages")
        assert not any(word in told for word in ("breastfeeding", "acne", "isotretinoin", "Binary/")), table


def test_any_order_and_duplicates_come_to_one_end(house: House) -> None:
    form(house)
    served(house)
    url = patient(house)
    visit = invited(house, url)
    house.sandbox.fault(kind="drop", method="webhook *", vendor="fhir")
    external = visit["external_id"]
    fhir = house.sandbox.fhir
    told: list[tuple[str, Any]] = []
    with house.app.app_context():
        port = vendors.port("healthcare")
        fhir.set_status(f"Encounter/{external}", "in-progress")
        told.append(("visit", port.fetch_visit(external)))
        house.advance(60)
        fhir.answer(external, {"concern": ["acne"]}, status="in-progress")
        [said] = fhir.find("QuestionnaireResponse", encounter=f"Encounter/{external}")
        told.append(("answers", port.fetch_answers(said["id"])))
        house.advance(60)
        fhir.answer(external, ANSWERS, photos={"photo_front": 1, "photo_side": 1})
        told.append(("answers", port.fetch_answers(said["id"])))
        [now] = house.rows("select instant() as at")
        ends = set()
        for n, turn in enumerate(permutations(told)):
            if n:
                _forget(house, visit["id"])
            for kind, facts in (*turn, turn[0], turn[1]):
                act = visits.settle if kind == "visit" else visits.settle_answers
                act(facts.id, facts=facts, fetched_at=now.at, by=robot("healthcare"))
            ends.add(_end(house, visit["id"]))
    assert len(ends) == 1
    assert next(iter(ends))[:2] == ("submitted", "completed")


def _end(house: House, visit_id: str) -> tuple[Any, ...]:
    [row] = house.rows(
        "select v.status, a.status as answers, v.submitted_at, v.due_at, v.patient_state, v.source_version,"
        " a.source_version, (select count(*) from review_flags) as flags, (select count(*) from visit_answers) as kept,"
        " (select count(*) from reminders where status = 'planned') as planned"
        " from visits v join visit_answers a on a.visit_id = v.id where v.id = :id",
        id=visit_id,
    )
    return tuple(row)


def _forget(house: House, visit_id: str) -> None:
    """As if nobody had told us anything of the visit yet."""
    for statement in (
        "delete from promises where subject_id like 'aph_%' or subject_id like 'vis_%' and method <> 'open_visit'",
        "delete from answer_photos", "delete from review_flags", "delete from reminders", "delete from visit_answers",
        "update visits set status = 'invited', submitted_at = null, due_at = null, fetched_at = null,"
        " source_updated_at = null",
    ):  # fmt: skip
        db.session.execute(text(statement))
    db.session.commit()


def test_answers_before_their_visit_wait_for_it(house: House) -> None:
    """A visit that the clinic opened itself: its answers may be told of first."""
    form(house)
    served(house)
    patient(house)
    waits = order(house)
    house.sandbox.fault(kind="drop", method="webhook Encounter*", vendor="fhir")
    line = {
        "resourceType": "Encounter", "id": "enc-1", "status": "in-progress", "class": {"code": "VR"},
        "subject": {"reference": "Patient/pat-1"},
    }  # fmt: skip
    house.sandbox.fhir.load([line])
    canonical = "https://forms.opsconsole.example/skin-intake|1"
    house.sandbox.fhir.answer(
        "enc-1", ANSWERS, photos={"photo_front": 1, "photo_side": 1}, questionnaire=canonical
    )
    house.drain()
    assert house.rows("select id from visits") == []
    house.sandbox.clear_faults()
    with house.app.app_context():
        facts = vendors.port("healthcare").fetch_visit("enc-1")
        [now] = house.rows("select instant() as at")
        visits.settle("enc-1", facts=facts, fetched_at=now.at, by=robot("healthcare"))
    house.drain()
    [visit] = house.api().get("/visits")["items"]
    assert (visit["status"], visit["order"], visit["kind"]) == ("submitted", waits["url"], "initial")


def test_what_is_missing_or_not_ours_is_a_case(house: House) -> None:
    form(house)
    served(house)
    visit = invited(house, patient(house))
    less = answer(house, visit, photos={"photo_front": 1})
    assert less["status"] == "in_progress"
    [case] = cases_of(house, visit["url"])
    assert case["reason"] == "answers_incomplete" and "1 required answer is missing" in case["says"]
    whole = answer(house, visit)
    assert whole["status"] == "submitted" and cases_of(house, visit["url"]) == []
    other = invited(house, patient(house, id="pat-2"))
    house.sandbox.fhir.answer(
        other["external_id"], {"x": True}, questionnaire="https://elsewhere.example/q|7"
    )
    house.drain()
    assert [one["reason"] for one in cases_of(house, other["url"])] == ["form_unknown"]
    [kept] = house.rows("select asked, questionnaire_id from visit_answers where questionnaire_id is null")
    assert kept.asked == "https://elsewhere.example/q|7"


def test_a_patient_nobody_knows_is_a_case_that_can_be_taken_in_again(house: House) -> None:
    form(house)
    house.sandbox.fhir.load([{"resourceType": "Patient", "id": "pat-9"}])
    house.sandbox.fhir.load([{
        "resourceType": "Encounter", "id": "enc-9", "status": "planned", "class": {"code": "VR"},
        "subject": {"reference": "Patient/pat-9"},
    }])  # fmt: skip
    house.sandbox.fhir.set_status("Encounter/enc-9", "in-progress")
    house.drain()
    [event] = house.rows(
        "select id, words from inbox_events where object_id = 'enc-9' and status = 'manual_intervention'"
    )
    assert "nobody here knows" in event.words
    patient(house, id="pat-9")
    house.sandbox.fhir.set_status("Encounter/enc-9", "planned")  # any later word of it takes it in
    house.drain()
    [visit] = house.api().get("/visits")["items"]
    assert visit["external_id"] == "enc-9"
    assert house.rows("select 1 from cases where reason = 'poison_payload' and status = 'open'") == []


def test_answered_after_it_was_abandoned_reopens_it(house: House) -> None:
    form(house)
    served(house)
    visit = invited(house, patient(house))
    _status(house, visit["id"], "abandoned")
    assert answer(house, visit)["status"] == "submitted"


def test_what_a_clinician_asked_goes_back_to_them(house: House) -> None:
    form(house)
    served(house)
    visit = submitted(house)
    due = datetime.fromisoformat(visit["due_at"])
    _status(house, visit["id"], "needs_info", "waiting_since = instant()")
    house.later(7200)
    house.sandbox.fhir.set_status(f"Encounter/{visit['external_id']}", "in-progress")
    house.drain()
    assert house.api().get(visit["url"])["status"] == "needs_info"  # nothing was answered since
    [said] = house.sandbox.fhir.find("QuestionnaireResponse", encounter=f"Encounter/{visit['external_id']}")
    house.sandbox.fhir.set_status(f"QuestionnaireResponse/{said['id']}", "amended")
    house.drain()
    back = house.api().get(visit["url"])
    assert back["status"] == "submitted"
    assert datetime.fromisoformat(back["due_at"]) - due >= timedelta(seconds=7200)


def _status(house: House, visit_id: str, status: str, more: str = "status_since = instant()") -> None:
    change(house, f"update visits set status = '{status}', {more} where id = '{visit_id}'")


def test_a_visit_that_was_closed_there_is_a_case_until_somebody_decides(house: House) -> None:
    form(house)
    served(house)
    visit = submitted(house)
    house.sandbox.fhir.set_status(f"Encounter/{visit['external_id']}", "finished")
    house.drain()
    assert [one["reason"] for one in cases_of(house, visit["url"])] == ["visit_closed_elsewhere"]
    house.sandbox.fhir.set_status(f"Encounter/{visit['external_id']}", "cancelled")
    house.drain()
    assert house.api().get(visit["url"])["status"] == "cancelled"


def test_nobody_settles_by_hand(house: House) -> None:
    somebody = Actor("stf_1", "Sam", "person", frozenset({"visits.settle", "visits.settle_answers"}))
    with house.app.app_context():
        for act in (visits.settle, visits.settle_answers):
            with pytest.raises(Denied):
                act("enc-1", facts=None, fetched_at=datetime.now(), by=somebody)
