"""What the healthcare system holds of the story is what the console holds of it, under the same ids."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opsconsole.demo import _clinic, _dispenses, _fills, _prescriptions, _visits
from opsconsole.demo._care import care_of
from opsconsole.demo._story import person
from opsconsole.models import (
    Dispense,
    Prescription,
    PrescriptionStatus,
    Provider,
    Questionnaire,
    Visit,
    VisitAnswers,
)
from opsconsole.sandbox import create_sandbox
from opsconsole.sandbox.fhir import Fhir

UNTIL = datetime(2026, 11, 21, tzinfo=UTC)
OPENED = UNTIL - timedelta(days=900)
PEOPLE = [person(i, UNTIL) for i in (*range(120), 493)]  # and one whose prescription was renewed


@pytest.fixture(scope="module")
def clinic() -> Iterator[Fhir]:
    app = create_sandbox(None, stripe_api_key="sk_test_1", stripe_webhook_secret="whsec_1", webhook_url=None)
    lines = [*_clinic.prescribers(OPENED, UNTIL), *_clinic.form(OPENED)]
    for one in PEOPLE:
        lines += _clinic.told(care_of(one, UNTIL), UNTIL)
    assert app.sandbox.fhir.load(lines) == {"loaded": len(lines), "unchanged": 0}, "as FHIR wants it"
    yield app.sandbox.fhir
    app.sandbox.close()


def rows_of(model: type[Any]) -> list[dict[str, Any]]:
    providers = _prescriptions.providers(OPENED)
    made = [
        *_prescriptions.registry(OPENED, UNTIL, {"Dr. Ada Lindqvist": "stf_ada"}),
        _visits.questionnaire(OPENED),
    ]
    for one in PEOPLE:
        care = care_of(one, UNTIL)
        made += _prescriptions.rows(care.prescribed, providers, UNTIL)
        made += _dispenses.rows(care.dispensed, UNTIL)
        made += _visits.rows(care.visits, OPENED, providers, UNTIL)
    return [row for of, row in made if of is model]


def test_prescriptions_are_the_same_on_both_sides(clinic: Fhir) -> None:
    providers = {row["id"]: row["external_id"] for row in rows_of(Provider)}
    seen: Counter[str] = Counter()
    replaced: set[str] = set()
    for ours in rows_of(Prescription):
        theirs = clinic.show(f"MedicationRequest/{ours['external_id']}")
        terms = theirs["dispenseRequest"]
        assert theirs["status"] == ours["raw_status"]
        assert theirs["requester"]["reference"] == f"Practitioner/{providers[ours['provider_id']]}"
        assert (theirs["authoredOn"], terms["validityPeriod"]["end"]) == (
            str(ours["written_on"]),
            str(ours["expires_on"]),
        )
        assert terms["numberOfRepeatsAllowed"] == ours["refills_authorised"]
        assert terms["expectedSupplyDuration"]["value"] == ours["days_supply"]
        assert (theirs["medicationCodeableConcept"]["text"], theirs["dosageInstruction"][0]["text"]) == (
            ours["drug"], ours["sig"],
        )  # fmt: skip
        prior = theirs.get("priorPrescription", {}).get("reference", "").removeprefix("MedicationRequest/")
        assert (prior or None) == ours["prior_external_id"]
        visit = theirs.get("encounter", {}).get("reference", "").removeprefix("Encounter/")
        assert (visit or None) == ours["visit_external_id"]
        assert datetime.fromisoformat(theirs["meta"]["lastUpdated"]) == ours["source_updated_at"]
        seen[ours["status"]] += 1
        replaced |= {ours["prior_external_id"]} - {None}
        if ours["status"] == PrescriptionStatus.DEPLETED:
            assert ours["fills_used"] == ours["refills_authorised"] + 1
    old = {
        row["external_id"] for row in rows_of(Prescription) if row["status"] == PrescriptionStatus.SUPERSEDED
    }
    assert old == replaced, "what was replaced, and nothing else, is named by another one"
    assert set(seen) >= {"active", "depleted", "expired", "superseded", "draft"}


def test_every_fill_was_told_of(clinic: Fhir) -> None:
    used: Counter[str] = Counter()
    filled = {fill.id for one in PEOPLE for order in one.orders if (fill := _fills.filled(order))}
    ours = {row["external_id"]: row for row in rows_of(Dispense)}
    for id, row in ours.items():
        theirs = clinic.show(f"MedicationDispense/{id}")
        used[theirs["authorizingPrescription"][0]["reference"].removeprefix("MedicationRequest/")] += 1
        assert (
            theirs["status"] == row["raw_status"] == ("completed" if row["dispensed_at"] else "preparation")
        )
        told = [one["value"] for one in theirs.get("identifier", [])]
        assert told == ([row["fill_id"]] if row["fill_id"] else []) and set(told) <= filled
        assert row["created_at"] <= UNTIL
    for row in rows_of(Prescription):
        assert row["fills_used"] == used[row["external_id"]]
    assert clinic.counts()["MedicationDispense"] == len(ours)


def test_prescribers_have_their_licences(clinic: Fhir) -> None:
    theirs = clinic.find("Practitioner")
    assert {one["id"] for one in theirs} == {row["external_id"] for row in rows_of(Provider)}
    for one in theirs:
        valid = [
            part["extension"][0]["extension"][1]["valueCodeableConcept"] for part in one["qualification"]
        ]
        _, _, _, states = next(
            told for told in _prescriptions.PROVIDERS if told[1] == one["identifier"][0]["value"]
        )
        assert tuple(place["coding"][0]["code"] for place in valid) == states


def test_visits_and_answers_are_the_same_on_both_sides(clinic: Fhir) -> None:
    (form,) = rows_of(Questionnaire)
    theirs = clinic.show(f"Questionnaire/{form['external_id']}")
    assert [one["linkId"] for one in theirs["item"]] == [one["id"] for one in form["items"].obj]
    visits = {row["external_id"]: row for row in rows_of(Visit)}
    for id, row in visits.items():
        theirs = clinic.show(f"Encounter/{id}")
        assert (theirs["status"], theirs["type"][0]["coding"][0]["code"]) == (row["raw_status"], row["kind"])
        assert ("participant" in theirs) == (row["provider_id"] is not None) == (row["status"] == "completed")
        tasks = clinic.find("Task", encounter=f"Encounter/{id}")
        assert bool(tasks) == (row["status"] in ("invited", "in_progress")), "who was asked can still answer"
        assert (
            row["created_at"] <= (row["submitted_at"] or row["status_since"]) <= row["status_since"] <= UNTIL
        )
    assert {row["status"] for row in visits.values()} >= {"invited", "submitted", "completed"}
    assert len(visits) == clinic.counts()["Encounter"]
    for row in rows_of(VisitAnswers):
        theirs = clinic.show(f"QuestionnaireResponse/{row['external_id']}")
        told = json.loads(row["told"])
        assert {one["linkId"]: len(one["answer"]) for one in theirs["item"]} == {
            id: len(values) for id, values in told.items()
        }
        assert theirs["status"] == row["raw_status"] and row["visit_external_id"] in visits
        for photo in told.get("photos", ()):
            assert clinic.show(photo["photo"])["contentType"] == photo["content_type"]
    assert len(rows_of(VisitAnswers)) == clinic.counts()["QuestionnaireResponse"]
