"""What the healthcare system holds of the story is what the console holds of it, under the same ids."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
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
    ProviderLicence,
    Questionnaire,
    Visit,
    VisitAnswers,
)
from opsconsole.sandbox import create_sandbox
from opsconsole.sandbox.fhir import Fhir as Clinic
from opsconsole.vendors.healthcare.fhir import Fhir

from ..sandbox.wsgi import WsgiWire

UNTIL = datetime(2026, 11, 21, tzinfo=UTC)
OPENED = UNTIL - timedelta(days=900)
PEOPLE = [person(i, UNTIL) for i in (*range(100), 493)]  # and one whose prescription was renewed


@dataclass(frozen=True)
class World:
    """The sandbox's clinic with the story in it, and the console's adapter to it."""

    clinic: Clinic
    reads: Fhir


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    app = create_sandbox(None, stripe_api_key="sk_test_1", stripe_webhook_secret="whsec_1", webhook_url=None)
    lines = [*_clinic.prescribers(OPENED, UNTIL), *_clinic.form(OPENED)]
    for one in PEOPLE:
        lines += _clinic.told(care_of(one, UNTIL), UNTIL)
    assert app.sandbox.fhir.load(lines) == {"loaded": len(lines), "unchanged": 0}, "as FHIR wants it"
    keys = app.sandbox.fhir.keys
    reads = Fhir(
        base_url="http://localhost/fhir", client_id=keys.client_id, client_secret=keys.client_secret,
        webhook_secrets=[keys.webhook_secret], wire=WsgiWire(app),
    )  # fmt: skip
    yield World(app.sandbox.fhir, reads)
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


def test_reading_a_prescription_finds_what_the_console_holds(world: World) -> None:
    providers = {row["external_id"]: row["id"] for row in rows_of(Provider)}
    seen: Counter[str] = Counter()
    replaced: set[str] = set()
    for ours in rows_of(Prescription):
        theirs = world.reads.fetch_prescription(ours["external_id"])
        assert theirs
        face = theirs.face
        assert [{"system": key.system, "code": key.code} for key in face.keys] == ours["keys"].obj
        for field in ("drug", "sig", "quantity", "unit", "days_supply", "written_on"):
            assert getattr(face, field) == ours[field], field
        assert (face.refills, face.expires_on) == (ours["refills_authorised"], ours["source_expires_on"])
        assert (theirs.status, theirs.raw_status) == (ours["source_status"], ours["raw_status"])
        assert (theirs.prior, theirs.visit) == (ours["prior_external_id"], ours["visit_external_id"])
        assert theirs.prescriber == ours["prescriber_external_id"]
        assert providers[theirs.prescriber or ""] == ours["provider_id"]
        assert (theirs.version, theirs.updated_at) == (ours["source_version"], ours["source_updated_at"])
        seen[ours["status"]] += 1
        replaced |= {ours["prior_external_id"]} - {None}
        if ours["status"] == PrescriptionStatus.DEPLETED:
            assert ours["fills_used"] == ours["refills_authorised"] + 1
    old = {
        row["external_id"] for row in rows_of(Prescription) if row["status"] == PrescriptionStatus.SUPERSEDED
    }
    assert old == replaced, "what was replaced, and nothing else, is named by another one"
    assert set(seen) >= {"active", "depleted", "expired", "superseded", "draft"}


def test_every_fill_was_told_of(world: World) -> None:
    used: Counter[str | None] = Counter()
    filled = {fill.id for one in PEOPLE for order in one.orders if (fill := _fills.filled(order))}
    ours = rows_of(Dispense)
    for row in ours:
        theirs = world.reads.fetch_dispense(row["external_id"])
        assert theirs
        used[theirs.prescription] += 1
        assert theirs.ref == row["fill_id"] and {theirs.ref} - {None} <= filled
        for field in ("status", "raw_status", "quantity", "days_supply"):
            assert getattr(theirs, field) == row[field], field
        assert (theirs.pharmacy or "") == row["pharmacy"]
        assert (theirs.dispensed_at is None) == (row["dispensed_at"] is None)
        assert theirs.updated_at == row["source_updated_at"] <= row["created_at"] <= UNTIL
    for row in rows_of(Prescription):
        assert row["fills_used"] == used[row["external_id"]]
    assert world.clinic.counts()["MedicationDispense"] == len(ours)


def test_prescribers_have_their_licences(world: World) -> None:
    licences = rows_of(ProviderLicence)
    for row in rows_of(Provider):
        theirs = world.reads.fetch_practitioner(row["external_id"])
        assert theirs and (theirs.npi, theirs.name, theirs.credential) == (
            row["npi"],
            row["name"],
            row["credential"],
        )
        assert {(one.state, one.number, one.status, one.expires_on) for one in theirs.licences} == {
            (one["state"], one["number"], one["status"], one["expires_on"])
            for one in licences
            if one["provider_id"] == row["id"]
        }


def test_visits_and_answers_are_the_same_on_both_sides(world: World) -> None:
    (form,) = rows_of(Questionnaire)
    published = world.reads.fetch_questionnaire(form["external_id"])
    assert published and published.number == str(form["number"])
    visits = {row["external_id"]: row for row in rows_of(Visit)}
    for id, row in visits.items():
        theirs = world.reads.fetch_visit(id)
        assert theirs and (theirs.raw_status, theirs.kind) == (row["raw_status"], row["kind"])
        assert theirs.updated_at == row["source_updated_at"]
        assert bool(theirs.practitioner) == (row["provider_id"] is not None) == (row["status"] == "completed")
        tasks = world.clinic.find("Task", encounter=f"Encounter/{id}")
        assert bool(tasks) == (row["status"] in ("invited", "in_progress")), "who was asked can still answer"
        assert (
            row["created_at"] <= (row["submitted_at"] or row["status_since"]) <= row["status_since"] <= UNTIL
        )
    assert {row["status"] for row in visits.values()} >= {"invited", "submitted", "completed"}
    for row in rows_of(VisitAnswers):
        told = world.reads.fetch_answers(row["external_id"])
        assert told and {id: list(values) for id, values in told.answers.items()} == json.loads(row["told"])
        assert (told.status, told.raw_status, told.visit) == (
            row["status"],
            row["raw_status"],
            row["visit_external_id"],
        )
        assert f"{told.questionnaire}|{told.number}" == row["asked"]
    photo = world.reads.fetch_photo(f"Binary/{_visits.PHOTOS[0]}")
    assert photo and photo.content_type == "image/png" and photo.data.startswith(b"\x89PNG")
