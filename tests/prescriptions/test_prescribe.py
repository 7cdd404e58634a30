"""A new prescription, as a clinician's decision asks for it: written once, and the one whose place it takes is canceled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from opsconsole.lib.refusal import Refused
from opsconsole.models import Customer, Prescription, PrescriptionRequest, Provider
from opsconsole.services import CONSOLE, prescriptions, transaction
from opsconsole.services._act import ACTS, Act, run
from opsconsole.vendors.healthcare import DrugKey

from ..house import House
from ..scenes import only_case
from .orders import FACE
from .scenes import MINUTES, SKU, asked, clinic, doctor, look, prescribed, sent

KEYS = (DrugKey("compound", "tret-025"),)
DIRECTIONS = "A canary of directions at night"


def decide(house: House, prior: str | None = None, **other: Any) -> str:
    """What a clinician's act does. The request's id."""

    def visits_decide(*, by: object) -> PrescriptionRequest:
        """Decide."""
        [row] = house.rows("select id from customers where reference = 'cust-1'")
        return prescriptions.prescribe(
            customer=Customer.lock(row.id),
            provider=Provider.require(doctor(house)),
            face=replace(FACE, keys=KEYS, sig=DIRECTIONS, written_on=None, expires_on=None, **other),
            sku=SKU,
            prior=Prescription.require(prior) if prior else None,
            visit_id=None,
            says="A new prescription is written as the clinician decided",
        )

    visits_decide.__module__ = "opsconsole.services.visits._decide"
    act = Act(visits_decide, robots=("console",))
    try:
        with house.app.app_context(), transaction():
            return str(run(act, None, {}, by=CONSOLE).result.id)
    finally:
        del ACTS[act.name]


def request(house: House, id: str) -> dict[str, Any]:
    return dict(house.api().get(f"/prescription-requests/{id}"))


def known_doctor(house: House) -> None:
    house.sandbox.fhir.licence("ada", "NV")
    house.drain()


def test_it_is_written_and_takes_the_place_of_the_old_one(house: House) -> None:
    clinic(house)
    known_doctor(house)
    old = sent(house)
    id = decide(house, old["id"])
    house.later(1)
    told = request(house, id)
    assert told["status"] == "confirmed" and told["made"]
    new = house.api().get(told["made"])
    assert (new["status"], new["prior"], new["sku"], new["refills_authorised"]) == ("active", "rx", SKU, 2)
    assert asked(house, old)[0] == ("cancel", "requested")
    for _ in range(5):
        house.later(2 * MINUTES)
    assert look(house, old)["status"] == "superseded" and look(house, old)["place_taken_by"] == [new["url"]]
    assert look(house, new)["takes_place_of"] == old["url"]
    assert len(house.api().get("/prescriptions?status=active")["items"]) == 1
    assert house.api().get(f"/cases?subject={old['url']}&status=open")["items"] == []


def test_what_stands_on_it_is_in_no_promise(house: House) -> None:
    clinic(house)
    known_doctor(house)
    id = decide(house)
    house.later(1)
    assert request(house, id)["status"] == "confirmed"
    [made] = house.sandbox.fhir.find("MedicationRequest", subject="Patient/pat")
    assert made["dosageInstruction"][0]["text"] == DIRECTIONS
    for table in ("promises", "attempts", "audit_entries", "prescription_requests", "cases"):
        assert house.rows(f"select 1 from {table} t where t::text like '%canary%'") == [], table


def test_a_lost_answer_writes_one(house: House) -> None:
    clinic(house)
    known_doctor(house)
    house.sandbox.fault(vendor="fhir", kind="lost_answer", method="POST */MedicationRequest", times=2)
    id = decide(house)
    for _ in range(6):
        house.later(30)
    assert request(house, id)["status"] == "confirmed"
    assert len(house.sandbox.fhir.find("MedicationRequest", subject="Patient/pat")) == 1
    assert len(house.api().get("/prescriptions")["items"]) == 1


def test_never_two_live_ones(house: House) -> None:
    clinic(house)
    known_doctor(house)
    prescribed(house)
    with pytest.raises(Refused) as no:
        decide(house)
    assert no.value.code == "already_prescribed"
    [old] = house.api().get("/prescriptions")["items"]
    decide(house, old["id"])
    with pytest.raises(Refused):
        decide(house, old["id"])
    assert house.rows("select count(*) from prescription_requests where kind = 'prescribe'")[0][0] == 1


def test_the_vendors_no_becomes_a_case(house: House) -> None:
    clinic(house)
    known_doctor(house)
    house.sandbox.fhir.forget("Practitioner/ada")
    id = decide(house)
    house.later(1)
    told = request(house, id)
    assert told["status"] == "declined" and only_case(house, told["url"])["reason"] == "vendor_rejected"
