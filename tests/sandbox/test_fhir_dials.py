"""What happens at the clinic and its pharmacy by itself, and what their people do."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from .clinic import FORM, REF, TASK_CODE, Clinic, sound
from .conftest import World


@pytest.fixture
def clinic(world: World) -> Clinic:
    return Clinic(world).with_everything()


def prescribed(clinic: Clinic, **other: Any) -> str:
    """A prescription that the client has made."""
    answer = clinic.post(sound("MedicationRequest", id=None, **other))
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def tasks(clinic: Clinic, prescription: str) -> list[tuple[str, str, str]]:
    """status, business status and reason of all Tasks about a prescription."""
    found = clinic.fhir.find("Task", focus=f"MedicationRequest/{prescription}")
    told = ((one["status"], one.get("businessStatus", {}), one.get("statusReason", {})) for one in found)
    return [(status, *(c["coding"][0]["code"] if c else "" for c in concepts)) for status, *concepts in told]


def status(clinic: Clinic, what: str) -> str:
    return str(clinic.fhir.show(what)["status"])


def ask(clinic: Clinic, prescription: str, code: str) -> None:
    coded = {"coding": [{"system": TASK_CODE, "code": code}]}
    focus = {"reference": f"MedicationRequest/{prescription}"}
    answer = clinic.post(sound("Task", id=None, focus=focus, code=coded))
    assert answer.status_code == 201, answer.text


def test_a_new_prescription_is_transmitted_and_verified(clinic: Clinic) -> None:
    rx = prescribed(clinic)
    for minutes, expected in (
        (0.6, ("requested", "", "")),
        (1, ("received", "eRxSent", "")),
        (5, ("accepted", "PharmacyVerified", "")),
        (5, ("completed", "PharmacyVerified", "")),
    ):
        clinic.later(minutes)
        assert tasks(clinic, rx) == [expected]
    assert [hook.split()[2] for hook in clinic.hooks() if hook.startswith("Task")] == [
        "requested", "received", "accepted", "completed",
    ]  # fmt: skip


def test_who_asked_for_it_is_not_helped_and_drafts_wait_for_their_signature(clinic: Clinic) -> None:
    asked, draft = prescribed(clinic), prescribed(clinic, status="draft")
    ask(clinic, asked, "fulfill")
    clinic.later(1)
    assert (len(tasks(clinic, asked)), tasks(clinic, draft)) == (1, [])
    clinic.fhir.sign(draft)
    clinic.fhir.set("transmit", "no")
    by_hand = prescribed(clinic)
    clinic.later(1)
    assert tasks(clinic, draft) == tasks(clinic, by_hand) == []
    clinic.fhir.set("transmit", "yes")
    clinic.fhir.set_status(draft, "on-hold", "clarif")
    clinic.fhir.set_status(draft, "active")
    clinic.later(1)
    assert len(tasks(clinic, draft)) == 1


def test_a_pharmacy_may_fail_or_say_nothing(clinic: Clinic) -> None:
    for answer, expected in (
        ("rejected_601", ("rejected", "Error", "601")),
        ("rejected_900", ("rejected", "Error", "900")),
        ("error_600", ("failed", "Error", "600")),
        ("error_602", ("failed", "Error", "602")),
        ("silent", ("requested", "", "")),
    ):
        clinic.fhir.set("transmit_answer", answer)
        rx = prescribed(clinic)
        clinic.later(10)
        assert tasks(clinic, rx) == [expected]


def test_a_cancel_is_confirmed_denied_or_left_open(clinic: Clinic) -> None:
    for answer, minutes, expected, becomes in (
        ("confirm", 10, ("completed", "Cancelled", ""), "cancelled"),
        ("deny", 10, ("rejected", "CancelDenied", "dispensed"), "active"),
        ("silent", 600, ("requested", "", ""), "active"),
    ):
        clinic.fhir.set("cancel_answer", answer)
        rx = prescribed(clinic)
        clinic.later(2)
        ask(clinic, rx, "abort")
        clinic.later(minutes)
        sent, cancel = tasks(clinic, rx)
        assert (cancel, status(clinic, f"MedicationRequest/{rx}")) == (expected, becomes)
        assert (sent[0] == "cancelled") == (answer == "confirm"), "what was on its way is called back"


def test_what_is_sent_twice_reaches_the_pharmacy_twice(clinic: Clinic) -> None:
    """The answer to a new prescription is lost, and somebody sends it again: nothing there stands in the way. Who asks by
    their own reference first finds the one that is there."""
    clinic.world.sandbox.fault(
        vendor="fhir", kind="lost_answer", method="POST /fhir/MedicationRequest", times=1
    )
    mine = sound("MedicationRequest", id=None, identifier=[{"system": REF, "value": "prm_7"}])
    with pytest.raises(ConnectionError):
        clinic.post(mine)
    assert clinic.post(mine).status_code == 201
    both = clinic.ids(f"MedicationRequest?identifier={REF}|prm_7&status=active")
    clinic.later(10)
    assert [tasks(clinic, rx)[0][1] for rx in both] == ["PharmacyVerified"] * 2
    assert clinic.post(mine, If_None_Exist=f"identifier={REF}|prm_7").status_code == 412
    other = sound("MedicationRequest", id=None, identifier=[{"system": REF, "value": "prm_8"}])
    first, second = (clinic.post(other, If_None_Exist=f"identifier={REF}|prm_8") for _ in "12")
    assert (first.status_code, second.status_code, first.json) == (201, 200, second.json)


def test_what_was_deleted_meanwhile_stops_nobody_else(clinic: Clinic) -> None:
    clinic.fhir.load([sound("Patient", id="other")])
    first, second = prescribed(clinic), prescribed(clinic, subject={"reference": "Patient/other"})
    clinic.fhir.forget("Patient/pat")
    clinic.later(2)
    assert (tasks(clinic, first), len(tasks(clinic, second))) == ([], 1)


def test_fills_end_with_the_last_one(clinic: Clinic) -> None:
    first = clinic.fhir.dispense("rx", ref="fil_1", days=30)
    assert first["authorizingPrescription"] == [{"reference": "MedicationRequest/rx"}]
    assert (first["daysSupply"]["value"], first["quantity"]) == (30, {"value": 30, "unit": "g"})
    assert clinic.ids(f"MedicationDispense?identifier={REF}|fil_1") == [first["id"]]
    clinic.fhir.set_status(f"MedicationDispense/{first['id']}", "cancelled")
    clinic.fhir.dispense("rx")
    assert status(clinic, "MedicationRequest/rx") == "active", "one was loaded, one cancelled"
    clinic.fhir.dispense("rx")
    assert status(clinic, "MedicationRequest/rx") == "completed"
    for again in ("rx", "nobody"):
        with pytest.raises(ValueError):
            clinic.fhir.dispense(again)
    clinic.fhir.set_status("rx", "active")
    with pytest.raises(ValueError, match="no fill is left"):
        clinic.fhir.dispense("rx")


def test_a_patient_answers_with_photos_or_leaves_half_way(clinic: Clinic) -> None:
    half = clinic.fhir.answer("visit", {"pregnant": False}, questionnaire=f"{FORM}|3", status="in-progress")
    assert half["item"] == [
        {"linkId": "about", "text": "About you",
         "item": [{"linkId": "pregnant", "text": "Are you pregnant?", "answer": [{"valueBoolean": False}]}]},
    ]  # fmt: skip
    done = clinic.fhir.answer("visit", {"skin": "oily", "since": "2025-03-01"}, photos={"face": 2})
    assert (done["id"], done["status"]) == (half["id"], "completed")
    group, since, face = done["item"]
    assert [one["linkId"] for one in group["item"]] == ["pregnant", "skin"]
    assert group["item"][1]["answer"] == [{"valueCoding": {"code": "oily", "display": "Oily"}}]
    assert since["answer"] == [{"valueDate": "2025-03-01"}]
    where = [one["valueAttachment"]["url"] for one in face["answer"]]
    kept = [clinic.call("GET", url).json for url in where]
    assert [one["contentType"] for one in kept] == ["image/png"] * 2 and kept[0]["data"] != kept[1]["data"]
    seen = clinic.call("GET", where[0], Accept="image/*")
    assert (seen.mimetype, seen.data) == ("image/png", base64.b64decode(kept[0]["data"]))
    with pytest.raises(ValueError, match="asks no allergies"):
        clinic.fhir.answer("visit", {"allergies": "none"}, questionnaire=f"{FORM}|3")
    with pytest.raises(ValueError, match="nobody asked"):
        clinic.fhir.answer("visit", {"skin": "oily"})
    assert "Binary" not in " ".join(clinic.hooks())


def test_who_was_asked_to_complete_a_questionnaire_completes_it(clinic: Clinic) -> None:
    sdc = "http://hl7.org/fhir/uv/sdc/CodeSystem/temp"
    asked = sound(
        "Task", focus=None, encounter={"reference": "Encounter/visit"}, owner={"reference": "Patient/pat"},
        code={"coding": [{"system": sdc, "code": "complete-questionnaire"}]},
        input=[{"type": {"coding": [{"system": sdc, "code": "questionnaire"}]}, "valueCanonical": f"{FORM}|3"}],
    )  # fmt: skip
    task = clinic.post(asked).json["id"]
    half = clinic.fhir.answer("visit", {"pregnant": True}, status="in-progress")
    assert (half["questionnaire"], status(clinic, f"Task/{task}")) == (f"{FORM}|3", "in-progress")
    assert clinic.fhir.answer("visit", {"skin": "oily"})["id"] == half["id"]
    assert status(clinic, f"Task/{task}") == "completed"


def test_statuses_that_nobody_knows_flags_and_licences(clinic: Clinic) -> None:
    assert clinic.fhir.set_status("rx", "NewStatusX", "salg")["statusReason"]["coding"][0]["code"] == "salg"
    assert clinic.ids("MedicationRequest?status=NewStatusX") == ["rx"]
    flag = clinic.fhir.flag("pat", "allergy", encounter="visit")
    assert clinic.fhir.set_status(f"Flag/{flag['id']}", "inactive")["meta"]["versionId"] == "2"
    changed = clinic.fhir.licence("ada", "CA", "inactive", expires="2026-02-01")["qualification"]
    assert changed[0]["period"] == {"end": "2026-02-01"} and changed[0]["identifier"] == [{"value": "CA-1"}]
    assert clinic.fhir.licence("ada", "NV", number="NV-9")["qualification"][1]["extension"][0]["url"]
    clinic.fhir.forget("Flag/flag")
    for wrong in (
        lambda: clinic.fhir.show("Flag/flag"),
        lambda: clinic.fhir.licence("ada", "CA", "lapsed"),
        lambda: clinic.fhir.set_status("Patient/pat", "active"),
        lambda: clinic.fhir.flag("nobody", "allergy"),
        lambda: clinic.fhir.set("cancel_answer", "maybe"),
        lambda: clinic.fhir.set("colour", "blue"),
    ):
        with pytest.raises(ValueError):
            wrong()
    assert clinic.hooks() == [
        "MedicationRequest rx NewStatusX", f"Flag {flag['id']} active", f"Flag {flag['id']} inactive", "Practitioner ada",
        "Practitioner ada",
    ]  # fmt: skip


def test_the_dials_are_on_the_page_and_over_http(clinic: Clinic) -> None:
    page = clinic.world.app.test_client()
    for act, form in {
        "set": {"dial": "cancel_answer", "value": "deny"},
        "dispense": {"prescription": "rx", "quantity": "15.5", "days": "45"},
        "answer": {
            "encounter": "visit",
            "answers": '{"skin": "Oily"}',
            "photos": '{"face": 1}',
            "questionnaire": FORM,
        },
        "set_status": {"what": "rx", "status": "stopped"},
        "flag": {"patient": "pat", "code": "pregnancy"},
        "licence": {"practitioner": "ada", "state": "TX", "status": "pending", "expires": "2027-12-31"},
    }.items():
        assert page.post(f"/_sandbox/fhir/{act}", data=form).status_code == 303, act
        assert f'action="/_sandbox/fhir/{act}"' in page.get("/").text
    assert clinic.fhir.dials()["cancel_answer"] == "deny"
    assert clinic.fhir.find("MedicationDispense", prescription="rx")[-1]["quantity"]["value"] == 15.5
    for act, wrong in (
        ("dispense", {}),
        ("dispense", {"prescription": "rx", "colour": "blue"}),
        ("sign", {"prescription": "x"}),
    ):
        assert clinic.world.control("POST", f"fhir/{act}", wrong).status_code == 400
    assert clinic.world.control("POST", "fhir/load", sound("Patient", id="p2")).json == {
        "loaded": 1,
        "unchanged": 0,
    }
