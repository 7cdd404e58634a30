"""What the FHIR adapter makes of what servers send, as they are in the world: tables of odd and of usual things."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from opsconsole.vendors import Declined, Unavailable
from opsconsole.vendors._asking import WrongShape
from opsconsole.vendors._wire import Answer, NoAnswer
from opsconsole.vendors.healthcare import DrugKey, LicenceFacts, PrescriptionFacts, _fhir_changes
from opsconsole.vendors.healthcare._fhir_answers import answers
from opsconsole.vendors.healthcare._fhir_dispenses import dispense
from opsconsole.vendors.healthcare._fhir_drugs import ndc
from opsconsole.vendors.healthcare._fhir_elements import Record, day, instant
from opsconsole.vendors.healthcare._fhir_flags import flag
from opsconsole.vendors.healthcare._fhir_patients import patient
from opsconsole.vendors.healthcare._fhir_practitioners import practitioner
from opsconsole.vendors.healthcare._fhir_prescriptions import prescription as read_prescription
from opsconsole.vendors.healthcare._fhir_tasks import task
from opsconsole.vendors.healthcare._fhir_told import KINDS
from opsconsole.vendors.healthcare._fhir_visits import visit

from .fhir_server import ELSEWHERE, OtherServer

RXNORM, NDC = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://hl7.org/fhir/sid/ndc"
REF = {"system": "urn:opsconsole:ref", "value": "prm_1"}
#: Elements of others, which may stand everywhere.
FOREIGN: dict[str, Any] = {
    "meta": {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/x"], "tag": [{"code": "x"}]},
    "text": {"status": "generated", "div": "<div>Melanoma</div>"},
    "extension": [{"url": "http://e.test/x", "valueDecimal": 1.50}],
    "contained": [{"resourceType": "Medication", "id": "m1", "code": {"text": "Tretinoin 0.05 % cream"}}],
    "_status": {"extension": [{"url": "http://e.test/y", "valueCode": "z"}]},
    "unheardOf": {"ü": [1, None]},
}
REQUEST: dict[str, Any] = FOREIGN | {
    "resourceType": "MedicationRequest",
    "identifier": [{"system": "urn:oid:1.2.3", "value": "77"}, {"use": "old", **REF, "value": "prm_0"}, REF],
    "status": "active",
    "intent": "order",
    "medicationCodeableConcept": {
        "text": "Tretinoin 0.05 % cream",
        "coding": [
            {"system": RXNORM, "code": "313453", "display": "tretinoin"}, {"system": NDC, "code": "68788-7039-2"},
            {"system": NDC, "code": "68788703902"}, {"system": "urn:opsconsole:compound", "code": "T-050"},
            {"system": "urn:acme:drugs", "code": "t5"}, {"display": "no code"},
        ],
    },
    "subject": {"reference": f"{ELSEWHERE}/Patient/p1/_history/4", "display": "Jo Featherstonehaugh"},
    "requester": {"reference": "Practitioner/dr1"},
    "encounter": {"reference": "Encounter/v1/_history/2"},
    "priorPrescription": {"reference": "MedicationRequest/rx0"},
    "authoredOn": "2026-11-21T23:30:00-08:00",
    "statusReason": {"coding": [{"system": "http://e.test", "code": "preg"}]},
    "dosageInstruction": [
        {"sequence": 2, "text": "Sunscreen by day."}, {"sequence": 1, "text": "At night."}, {"timing": {}},
    ],
    "dispenseRequest": {
        "numberOfRepeatsAllowed": 2,
        "quantity": {"value": 28.35, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"},
        "expectedSupplyDuration": {"value": 60, "unit": "days", "code": "d"},
        "validityPeriod": {"start": "2026-11-21", "end": "2027-11-20"},
    },
}  # fmt: skip


def read(fetch: str, resource: dict[str, Any], *beside: dict[str, Any]) -> Any:
    server = OtherServer()
    for one in beside:
        server.keep(one)
    id = server.keep(resource)
    found = getattr(server.adapter(), f"fetch_{fetch}")(id)
    assert found.id == id and found.version and found.updated_at
    for secret in ("Melanoma", "Featherstonehaugh", "retinoin", "preg", "At night"):
        assert secret not in repr(found), "what tells of somebody's health is shown to nobody"
    return found


def prescription(*beside: dict[str, Any], without: tuple[str, ...] = (), **more: Any) -> PrescriptionFacts:
    told = {name: value for name, value in (REQUEST | more).items() if name not in without}
    found = read("prescription", told, *beside)
    assert isinstance(found, PrescriptionFacts)
    return found


def test_a_prescription_is_told_in_our_words() -> None:
    found = prescription()
    assert (found.status, found.raw_status, found.status_reason, found.ref) == (
        "active",
        "active",
        "preg",
        "prm_1",
    )
    assert (found.patient, found.prescriber, found.visit, found.prior) == ("p1", "dr1", "v1", "rx0")
    face = found.face
    assert face.drug == "Tretinoin 0.05 % cream" and face.sig == "At night.\nSunscreen by day."
    assert face.keys == (
        DrugKey("rxnorm", "313453"), DrugKey("ndc", "68788-7039-02"), DrugKey("compound", "T-050"),
        DrugKey("urn:acme:drugs", "t5"),
    )  # fmt: skip
    assert (face.quantity, face.unit, face.days_supply) == (Decimal("28.35"), "g", 60)
    assert (face.written_on, face.expires_on) == (date(2026, 11, 21), date(2027, 11, 20))


def test_refills_are_not_fills() -> None:
    """numberOfRepeatsAllowed leaves the first dispense out: 2 are 3 fills in all, and none are told where there is one."""
    assert prescription().face.refills == 2
    assert prescription(dispenseRequest={"numberOfRepeatsAllowed": 0}).face.refills == 0
    assert prescription(dispenseRequest={}).face.refills == 0
    assert prescription(without=("dispenseRequest",)).face.refills == 0


STATUSES: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "prescription": ("MedicationRequest", {"subject": {"reference": "Patient/p1"}, "intent": "order"}, {
        "draft": "draft", "active": "active", "on-hold": "on_hold", "completed": "depleted", "stopped": "discontinued",
        "cancelled": "cancelled", "entered-in-error": "entered_in_error", "unknown": "unknown"}),
    "dispense": ("MedicationDispense", {}, {
        "preparation": "preparing", "in-progress": "preparing", "on-hold": "on_hold", "completed": "dispensed",
        "cancelled": "canceled", "declined": "canceled", "stopped": "canceled", "entered-in-error": "entered_in_error",
        "unknown": "unknown"}),
    "task": ("Task", {"intent": "order"}, {
        "draft": "requested", "requested": "requested", "received": "received", "accepted": "accepted",
        "rejected": "rejected", "ready": "accepted", "cancelled": "cancelled", "in-progress": "in_progress",
        "on-hold": "on_hold", "failed": "failed", "completed": "completed", "entered-in-error": "entered_in_error"}),
    "visit": ("Encounter", {}, {
        "planned": "planned", "arrived": "in_progress", "triaged": "in_progress", "in-progress": "in_progress",
        "onleave": "in_progress", "finished": "finished", "cancelled": "cancelled",
        "entered-in-error": "entered_in_error", "unknown": "unknown"}),
    "answers": ("QuestionnaireResponse", {}, {
        "in-progress": "in_progress", "completed": "completed", "amended": "amended",
        "entered-in-error": "entered_in_error", "stopped": "stopped"}),
    "questionnaire": ("Questionnaire", {}, {
        "draft": "draft", "active": "active", "retired": "retired", "unknown": "unknown"}),
    "flag": ("Flag", {}, {"active": "active", "inactive": "inactive", "entered-in-error": "entered_in_error"}),
}  # fmt: skip


@pytest.mark.parametrize("fetch", STATUSES)
def test_every_status_that_fhir_lists_is_one_of_ours_and_any_other_is_unknown(fetch: str) -> None:
    kind, bare, known = STATUSES[fetch]
    for raw, ours in [*known.items(), ("NewStatusX", "unknown"), (None, "unknown"), ("Active", "unknown")]:
        told = {"resourceType": kind, **bare, **({"status": raw} if raw else {})}
        found = read(fetch, told)
        assert (found.status, found.raw_status) == (ours, raw or "")


def test_what_is_no_order_yet_is_a_draft() -> None:
    for intent in ("proposal", "plan", "option"):
        found = {
            raw: prescription(intent=intent, status=raw).status for raw in ("active", "on-hold", "cancelled")
        }
        assert found == {"active": "draft", "on-hold": "draft", "cancelled": "cancelled"}
        assert prescription(intent=intent, status="NewStatusX").status == "unknown"
    for intent in ("order", "original-order", "reflex-order", "filler-order", "instance-order", "new-intent"):
        assert prescription(intent=intent).status == "active"


MEDICATION = {
    "resourceType": "Medication", "id": "m9", "form": {"text": "cream"},
    "code": {"coding": [{"system": RXNORM, "code": "313453", "display": "tretinoin 0.05 %"}]},
}  # fmt: skip
COMPOUND = {
    "resourceType": "Medication", "id": "m9",
    "ingredient": [
        {"itemCodeableConcept": {"text": "tretinoin"},
         "strength": {"numerator": {"value": 0.05, "unit": "g"}, "denominator": {"value": 100, "unit": "g"}}},
        {"itemReference": {"display": "niacinamide"}, "strength": {"numerator": {"value": 4, "code": "%"}}},
        {"itemCodeableConcept": {"coding": [{"code": "azelaic acid"}]}},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "beside", "drug", "codes"),
    [
        ({"reference": "Medication/m9"}, MEDICATION, "tretinoin 0.05 %, cream", ["313453"]),
        ({"reference": f"{ELSEWHERE}/Medication/m9/_history/1"}, MEDICATION, "tretinoin 0.05 %, cream", ["313453"]),
        ({"reference": "#m1"}, MEDICATION, "Tretinoin 0.05 % cream", []),
        ({"reference": "#nothing", "display": "Retin-A"}, MEDICATION, "Retin-A", []),
        ({"reference": "Medication/gone", "display": "Retin-A"}, MEDICATION, "Retin-A", []),
        ({"display": "Retin-A"}, MEDICATION, "Retin-A", []),
        ({"reference": "Medication/m9"}, COMPOUND, "tretinoin 0.05 g/100 g, niacinamide 4 %, azelaic acid", []),
        ({"identifier": {"system": "urn:x", "value": "1"}}, MEDICATION | {"identifier": [{"system": "urn:x", "value": "1"}]},
         "tretinoin 0.05 %, cream", ["313453"]),
    ],
)  # fmt: skip
def test_a_drug_may_be_a_record_of_its_own(
    reference: dict[str, Any], beside: dict[str, Any], drug: str, codes: list[str]
) -> None:
    found = prescription(beside, without=("medicationCodeableConcept",), medicationReference=reference).face
    assert found.drug == drug and [key.code for key in found.keys] == codes


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("42192-151-01", "42192-0151-01"), ("68788-7039-2", "68788-7039-02"), ("0002-8215-01", "00002-8215-01"),
        ("42192-0151-01", "42192-0151-01"), ("42192015101", "42192-0151-01"), ("4219215101", "4219215101"),
        ("1-2-3", "1-2-3"), ("", ""),
    ],
)  # fmt: skip
def test_an_ndc_has_eleven_digits(told: str, known: str) -> None:
    assert ndc(told) == known


NPI = "http://hl7.org/fhir/sid/us-npi"
DR = {"resourceType": "Practitioner", "id": "dr9", "identifier": [{"system": NPI, "value": "1234567893"}]}
ROLE = {"resourceType": "PractitionerRole", "id": "r1", "practitioner": {"reference": "Practitioner/dr9"}}


@pytest.mark.parametrize(
    ("reference", "id"),
    [
        ({"reference": "Practitioner/dr1"}, "dr1"),
        ({"reference": "https://ehr.example.test/r4/Practitioner/dr1"}, "dr1"),
        ({"reference": "https://ehr.example.test/r4/Practitioner/dr1/_history/7"}, "dr1"),
        ({"reference": "PractitionerRole/r1"}, "dr9"),
        ({"reference": "PractitionerRole/gone"}, None),
        ({"type": "Practitioner", "identifier": {"system": NPI, "value": "1234567893"}}, "dr9"),
        ({"identifier": {"system": NPI, "value": "1234567893"}, "display": "Dr Who"}, "dr9"),
        ({"identifier": {"system": NPI, "value": "9999999999"}}, None),
        ({"identifier": {"value": "1234567893"}}, None),
        ({"type": "Organization", "identifier": {"system": NPI, "value": "1234567893"}}, None),
        ({"reference": "#dr"}, "dr9"),
        ({"reference": "#nobody"}, None),
        ({"reference": "Organization/o1"}, None),
        ({"reference": "urn:uuid:0b1f6b9e-2b5f-4a7e-9f43-1f8f8d8f8d8f"}, None),
        ({"reference": "Practitioner/../x"}, None),
        ({"display": "Dr Who"}, None),
        (None, None),
    ],
)
def test_references_come_in_all_shapes(reference: dict[str, Any] | None, id: str | None) -> None:
    within = {"resourceType": "Practitioner", "id": "dr", "identifier": DR["identifier"]}
    assert prescription(DR, ROLE, requester=reference, contained=[within]).prescriber == id


def test_who_may_be_two_people_is_nobody() -> None:
    by = {"identifier": {"system": NPI, "value": "1234567893"}}
    assert prescription(DR, DR | {"id": "dr8"}, requester=by).prescriber is None


def test_what_stands_beside_and_may_not_be_read_is_left_out() -> None:
    server = OtherServer()
    id = server.keep(REQUEST | {"requester": {"reference": "PractitionerRole/r1"}})
    get = server._get

    def refuse(path: str, *told: Any) -> Answer:
        return Answer(403, {}, b"") if "Role" in path else get(path, *told)

    server._get = refuse  # type: ignore[method-assign]
    found = server.adapter().fetch_prescription(id)
    assert found is not None and found.prescriber is None

    def silent(path: str, *told: Any) -> Answer:
        if "Role" in path:
            raise NoAnswer("", sent=True)
        return get(path, *told)

    server._get = silent  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        server.adapter().fetch_prescription(id)


@pytest.mark.parametrize(
    ("told", "first", "last"),
    [
        ("2026-11-21", date(2026, 11, 21), date(2026, 11, 21)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-11-21T00:30:00+09:00", date(2026, 11, 21), date(2026, 11, 21)),
        ("2026-11-21T23:59:59.999Z", date(2026, 11, 21), date(2026, 11, 21)),
        (None, None, None),
    ],
)
def test_a_date_is_the_day_that_is_written(told: str | None, first: date | None, last: date | None) -> None:
    assert (day(told), day(told, last=True)) == (first, last)


def test_an_instant_may_be_less_exact() -> None:
    assert instant("2026-11-21T10:00:00-08:00") == datetime(2026, 11, 21, 18, tzinfo=UTC)
    assert instant("2026-11") == datetime(2026, 11, 1, tzinfo=UTC)
    assert instant("2026-11-21T10:00:00.1234567Z") == datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("duration", "days"),
    [
        ({"value": 60, "code": "d"}, 60), ({"value": 60, "unit": "Days"}, 60), ({"value": 12, "code": "wk"}, 84),
        ({"value": 3, "code": "mo"}, 90), ({"value": 1, "code": "a"}, 365), ({"value": 48, "code": "h"}, 2),
        ({"value": 30.0}, 30), ({"value": 30, "unit": "applications"}, None), ({"code": "d"}, None), (None, None),
    ],
)  # fmt: skip
def test_a_supply_is_in_days(duration: dict[str, Any] | None, days: int | None) -> None:
    assert prescription(dispenseRequest={"expectedSupplyDuration": duration}).face.days_supply == days


@pytest.mark.parametrize(
    "spoilt",
    [
        {"subject": "Patient/p1"}, {"dispenseRequest": [5]}, {"dispenseRequest": {"numberOfRepeatsAllowed": "2"}},
        {"dispenseRequest": {"numberOfRepeatsAllowed": 1.5}}, {"dispenseRequest": {"numberOfRepeatsAllowed": True}},
        {"dispenseRequest": {"quantity": {"value": 1e300}}}, {"dispenseRequest": {"validityPeriod": {"end": "soon"}}},
        {"dispenseRequest": {"validityPeriod": {"end": "2026-13"}}}, {"authoredOn": 5}, {"authoredOn": "2026-02-30"},
        {"status": ["active"]}, {"identifier": {}}, {"dosageInstruction": {"text": "x"}},
        {"medicationCodeableConcept": {"coding": {"code": "x"}}}, {"meta": {"versionId": 5}},
        {"meta": {"versionId": "1", "lastUpdated": "now"}}, {"id": 5}, {"resourceType": "Task"},
    ],
)  # fmt: skip
def test_a_prescription_of_another_shape_is_no_answer(spoilt: dict[str, Any]) -> None:
    server = OtherServer()
    server.kept["MedicationRequest", "rx1"] = [REQUEST | {"id": "rx1", "meta": {"versionId": "1"}} | spoilt]
    body = json.dumps(server.kept["MedicationRequest", "rx1"][-1]).encode()
    server._get = lambda *_: Answer(200, {}, body)  # type: ignore[method-assign]
    with pytest.raises(Unavailable) as caught:
        server.adapter().fetch_prescription("rx1")
    assert (caught.value.code, caught.value.maybe_done) == ("nonsense", False)
    assert "Tretinoin" not in str(caught.value) and "p1" not in str(caught.value)


# practitioners

PLAN_NET = "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification"
DEGREE = "http://terminology.hl7.org/CodeSystem/v2-0360|2.7"


def qualification(status: str | None = "active", *states: str, **more: Any) -> dict[str, Any]:
    """As a US directory has it."""
    extended: list[dict[str, Any]] = [{"url": "status", "valueCode": status}] if status else []
    extended += [
        {
            "url": "whereValid",
            "valueCodeableConcept": {"coding": [{"system": "https://www.usps.com/", "code": one}]},
        }
        for one in states
    ]
    return {
        "extension": [{"url": PLAN_NET, "extension": extended}, {"url": "urn:other", "valueString": "TX"}],
        "identifier": [{"system": "urn:oid:2.16.840.1.113883.4.3.6", "value": "A 12345"}],
        "code": {"coding": [{"system": DEGREE, "code": "MD"}], "text": "Doctor of Medicine"},
        "period": {"start": "2020-01-01", "end": "2999-12"},
    } | more


def licences(*qualifications: dict[str, Any]) -> tuple[LicenceFacts, ...]:
    found: tuple[LicenceFacts, ...] = read("practitioner", DR | {"qualification": [*qualifications]}).licences
    return found


def test_a_practitioner_is_told_with_their_licences() -> None:
    found = read("practitioner", DR | {
        "active": True,
        "name": [{"use": "old", "text": "Ada Byron"}, {"use": "official", "family": "Lovelace", "given": ["Ada", "K"]}],
        "qualification": [qualification("active", "CA", "NV")],
    })  # fmt: skip
    assert (found.npi, found.name, found.credential, found.active) == (
        "1234567893",
        "Ada K Lovelace",
        "MD",
        True,
    )
    ends = date(2999, 12, 31)
    assert found.licences == (
        LicenceFacts("CA", "A 12345", "active", date(2020, 1, 1), ends),
        LicenceFacts("NV", "A 12345", "active", date(2020, 1, 1), ends),
    )
    bare = read("practitioner", {"resourceType": "Practitioner", "active": False,
                                 "identifier": [{"system": NPI, "value": "12"}, {"value": "x"}]})  # fmt: skip
    assert (bare.npi, bare.name, bare.credential, bare.active, bare.licences) == (None, "", "", False, ())


@pytest.mark.parametrize(
    ("told", "period", "status"),
    [
        ("active", {}, "active"), ("pending", {}, "pending"), ("inactive", {}, "expired"), ("expired", {}, "expired"),
        ("suspended", {}, "suspended"), ("revoked", {}, "suspended"), ("surrendered", {}, "surrendered"),
        ("issued-in-error", {}, "unknown"), ("unknown", {}, "unknown"), ("NewStatusX", {}, "unknown"),
        ("active", {"start": "2999"}, "pending"), ("active", {"end": "2020"}, "expired"),
        ("revoked", {"end": "2020"}, "suspended"),
        (None, {}, "active"), (None, {"end": "2020-01-31"}, "expired"), (None, {"start": "2999"}, "pending"),
    ],
)  # fmt: skip
def test_a_licence_is_active_only_where_that_is_said_and_true(
    told: str | None, period: dict[str, str], status: str
) -> None:
    (found,) = licences(qualification(told, "CA", period=period))
    assert found.status == status


@pytest.mark.parametrize(
    ("told", "states"),
    [
        ({"issuer": {"display": "Medical Board of California"}}, ["CA"]),
        ({"issuer": {"display": "State of Illinois"}}, ["IL"]),
        ({"issuer": {"display": "State of WA"}}, ["WA"]),
        ({"issuer": {"display": "West Virginia Board of Medicine"}}, ["WV"]),
        ({"issuer": {"display": "Arkansas State Medical Board"}}, ["AR"]),
        ({"issuer": {"display": "American Board of Dermatology"}}, []),
        ({"issuer": {"display": "Boards of Ohio and Texas"}}, []),
        ({"issuer": {"reference": "Organization/o1"}}, []),
        ({"identifier": [{"system": "http://acme.test/licenses/ca", "value": "1"}]}, ["CA"]),
        ({"identifier": [{"system": "http://acme.me", "value": "1"}]}, []),
        ({"identifier": [{"value": "NV-12345"}]}, ["NV"]),
        ({"identifier": [{"value": "MD-12345"}]}, []),
        ({"identifier": [{"value": "PA 12345"}]}, []),
        ({"identifier": [{"value": "ZZ-12345"}]}, []),
        ({"identifier": [{"value": "1", "assigner": {"display": "Texas Medical Board"}}]}, ["TX"]),
        ({"issuer": {"display": "California"},
          "code": {"coding": [{"system": "http://nucc.org/provider-taxonomy", "code": "207N00000X"}]}}, []),
    ],
)  # fmt: skip
def test_where_a_licence_holds_is_read_off_it_where_there_is_no_doubt(
    told: dict[str, Any], states: list[str]
) -> None:
    assert [one.state for one in licences({"code": {"text": "Licence"}} | told)] == states


def test_what_lets_them_prescribe() -> None:
    def credential(qualifications: list[dict[str, Any]], **more: Any) -> str:
        found = read("practitioner", DR | {"qualification": qualifications} | more)
        return str(found.credential)

    for code, ours in (("MD", "MD"), ("DO", "DO"), ("NP", "NP"), ("FPNP", "NP"), ("PA", "PA"), ("RN", "")):
        assert credential([{"code": {"coding": [{"system": DEGREE, "code": code}]}}]) == ours
    assert credential([{"code": {"text": "M.D."}}]) == "MD"
    assert credential([{"code": {"text": "Licence"}}], name=[{"family": "Who", "suffix": ["NP"]}]) == "NP"


# fills, tasks, visits, flags


def test_a_fill_is_told() -> None:
    dispensed = FOREIGN | {
        "resourceType": "MedicationDispense", "status": "completed", "identifier": [REF],
        "authorizingPrescription": [{"display": "paper"}, {"reference": "MedicationRequest/rx1"}],
        "subject": {"reference": "Patient/p1"}, "quantity": {"value": 30}, "daysSupply": {"value": 2, "code": "mo"},
        "whenPrepared": "2026-11-20T10:00:00Z", "whenHandedOver": "2026-11-21T10:00:00Z",
        "performer": [{"actor": {"reference": "Practitioner/ph"}}, {"actor": {"reference": "Organization/acme"}}],
    }  # fmt: skip
    found = read("dispense", dispensed)
    assert (found.prescription, found.patient, found.pharmacy, found.ref) == ("rx1", "p1", "acme", "prm_1")
    assert (found.quantity, found.days_supply) == (Decimal(30), 60)
    assert found.dispensed_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
    prepared = {
        name: value for name, value in dispensed.items() if name not in ("whenHandedOver", "performer")
    }
    found = read("dispense", prepared | {"location": {"display": "Acme, 5th Street"}})
    assert (
        found.dispensed_at == datetime(2026, 11, 20, 10, tzinfo=UTC) and found.pharmacy == "Acme, 5th Street"
    )
    assert read("dispense", prepared | {"status": "in-progress"}).dispensed_at is None


TASKS = "http://hl7.org/fhir/CodeSystem/task-code"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ({"coding": [{"system": TASKS, "code": "fulfill"}]}, "transmit"),
        ({"coding": [{"system": TASKS, "code": "abort"}]}, "cancel"),
        ({"coding": [{"system": TASKS, "code": "change"}]}, "change"),
        ({"coding": [{"system": TASKS, "code": "replace"}]}, "change"),
        ({"coding": [{"system": TASKS, "code": "approve"}]}, "other"),
        ({"coding": [{"system": TASKS, "code": "NewCodeX"}]}, "other"),
        ({"coding": [{"code": "x"}, {"code": "refill"}]}, "renew"),
        ({"coding": [{"system": "urn:ncpdp", "code": "RxRenewalRequest"}]}, "renew"),
        ({"text": "Please renew"}, "renew"), ({"text": "Refill request"}, "renew"), ({"text": "CancelRx"}, "cancel"),
        ({"text": "Call the patient"}, "other"), (None, "other"),
    ],
)  # fmt: skip
def test_what_a_task_asks(code: dict[str, Any] | None, kind: str) -> None:
    told = {
        "resourceType": "Task",
        "status": "requested",
        "code": code,
        "focus": {"reference": "MedicationRequest/rx1"},
    }
    found = read("task", told)
    assert (found.kind, found.prescription) == (kind, "rx1")
    coded = [one["code"] for one in (code or {}).get("coding", [])]
    assert found.raw_code == (coded or [""])[0], "what is written instead of a code may name the drug"
    assert read("task", told | {"focus": {"reference": "ServiceRequest/s1"}}).kind == "other"


def test_a_task_is_told_with_the_vendors_own_words() -> None:
    found = read("task", FOREIGN | {
        "resourceType": "Task", "status": "rejected", "identifier": [REF], "code": {"coding": [{"code": "abort"}]},
        "for": {"reference": "Patient/p1"}, "owner": {"reference": "Organization/acme"},
        "businessStatus": {"text": "eRxSent"}, "authoredOn": "2026-11-21",
        "statusReason": {"coding": [{"code": "DeniedTooSoon"}], "text": "Too soon"},
        "reasonCode": {"coding": [{"code": "wrong_sig"}]}, "note": [{"text": "At night\nonly"}], "description": "Why",
    })  # fmt: skip
    assert (found.patient, found.owner, found.business_status, found.reason, found.ref) == (
        "p1", "acme", "eRxSent", "DeniedTooSoon", "prm_1",
    )  # fmt: skip
    assert found.words == "Why\nToo soon\nAt night\nonly" and found.asked_at == datetime(
        2026, 11, 21, tzinfo=UTC
    )
    bare = read("task", {"resourceType": "Task", "businessStatus": {"coding": [{"code": "sent"}]}})
    assert (bare.business_status, bare.reason, bare.words) == ("sent", None, "")


def test_a_visit_is_told() -> None:
    told = FOREIGN | {
        "resourceType": "Encounter", "status": "triaged", "subject": {"reference": "Patient/p1"}, "identifier": [REF],
        "class": {"code": "AMB"}, "period": {"start": "2026-11-21T10:00:00Z", "end": "2026-11-21T10:20:00Z"},
        "type": [{"coding": [{"code": "initial"}]},
                 {"coding": [{"system": "urn:opsconsole:visit-kind", "code": "renewal"}]}],
        "participant": [
            {"individual": {"reference": "RelatedPerson/mum"}}, {"individual": {"reference": "Practitioner/nurse"}},
            {"type": [{"coding": [{"code": "PPRF"}]}], "individual": {"reference": "Practitioner/dr1"}},
            {"individual": {"reference": "Practitioner/scribe"}},
        ],
    }  # fmt: skip
    found = read("visit", told)
    assert (found.kind, found.patient, found.practitioner, found.ref) == ("renewal", "p1", "dr1", "prm_1")
    assert (found.ends_at - found.starts_at).seconds == 1200
    kinds = ["initial", "renewal", "follow_up", "rx_request", "NewKindX"]
    for kind in kinds:
        coded = [{"coding": [{"system": "urn:opsconsole:visit-kind", "code": kind}]}]
        assert read("visit", told | {"type": coded}).kind == (kind if kind != "NewKindX" else "unknown")
    assert read("visit", told | {"type": []}).kind == "unknown"


def test_a_flag_is_of_one_of_our_kinds() -> None:
    snomed = "http://snomed.info/sct"
    for coding, kind in (
        ({"system": snomed, "code": "77386006"}, "pregnancy"), ({"system": snomed, "code": "416098002"}, "allergy"),
        ({"system": snomed, "code": "79899007"}, "interaction"), ({"system": snomed, "code": "281647001"}, "adverse_event"),
        ({"system": snomed, "code": "1234567"}, "other"),
        ({"system": "urn:opsconsole:flag", "code": "photo_quality"}, "photo_quality"),
        ({"system": "urn:opsconsole:flag", "code": "NewKindX"}, "other"), ({"code": "77386006"}, "other"),
    ):  # fmt: skip
        found = read("flag", {
            "resourceType": "Flag", "status": "active", "code": {"coding": [coding]},
            "subject": {"reference": "Patient/p1"}, "encounter": {"reference": "Encounter/v1"},
        })  # fmt: skip
        assert (found.kind, found.raw_code, found.patient, found.visit) == (kind, coding["code"], "p1", "v1")
        assert coding["code"] not in repr(found)


# answers

RESPONSE: dict[str, Any] = FOREIGN | {
    "resourceType": "QuestionnaireResponse", "id": "qr1", "status": "completed",
    "questionnaire": "https://console.example.test/q/skin|3", "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/v1"}, "authored": "2026-11-21T10:00:00Z",
    "item": [
        {"linkId": "skin", "item": [
            {"linkId": "kind", "answer": [{"valueCoding": {"system": "urn:x", "code": "oily", "display": "Oily"}}]},
            {"linkId": "where", "answer": [{"valueCoding": {"code": "face"}}, {"valueCoding": {"code": "back"}}]},
            {"linkId": "photo", "answer": [
                {"valueAttachment": {"contentType": "image/jpeg", "url": f"{ELSEWHERE}/Binary/b1", "title": "Left"}},
                {"valueAttachment": {"contentType": "image/png", "data": base64.b64encode(b"PNG").decode()}},
            ]},
        ]},
        {"linkId": "pregnant", "answer": [
            {"valueBoolean": True, "item": [{"linkId": "weeks", "answer": [{"valueInteger": 3}]}]}]},
        {"linkId": "weight", "answer": [{"valueDecimal": 61.5}, {"valueQuantity": {"value": 61, "unit": "kg"}}]},
        {"linkId": "since", "answer": [{"valueDate": "2026-01"}]},
        {"linkId": "why", "answer": [{"valueString": "line one\nline two"}, {"_valueString": {"extension": []}}]},
        {"linkId": "who", "answer": [{"valueReference": {"reference": "Practitioner/dr1", "display": "Dr A"}}]},
        {"linkId": "again", "item": [{"linkId": "weeks", "answer": [{"valueInteger": 4}]}]},
        {"linkId": "nothing"}, {"linkId": "empty", "answer": []},
    ],
}  # fmt: skip


def test_answers_are_told_flat() -> None:
    found = read("answers", RESPONSE)
    assert (found.questionnaire, found.number) == ("https://console.example.test/q/skin", "3")
    assert (found.patient, found.visit, found.authored_at) == (
        "p1",
        "v1",
        datetime(2026, 11, 21, 10, tzinfo=UTC),
    )
    photos = found.answers.pop("photo")
    assert found.answers == {
        "kind": ({"code": "oily", "display": "Oily"},),
        "where": ({"code": "face", "display": ""}, {"code": "back", "display": ""}),
        "pregnant": (True,), "weeks": (3, 4), "weight": (61.5, 61), "since": ("2026-01",),
        "why": ("line one\nline two",), "who": ("Dr A",),
    }  # fmt: skip
    assert [(one["content_type"], one["title"]) for one in photos] == [
        ("image/jpeg", "Left"),
        ("image/png", ""),
    ]
    assert "oily" not in repr(found)
    bare = read("answers", {"resourceType": "QuestionnaireResponse", "questionnaire": "Questionnaire/q1"})
    assert (bare.questionnaire, bare.number, bare.answers) == ("Questionnaire/q1", "", {})


@pytest.mark.parametrize(
    "items",
    [
        [{"answer": [{"valueBoolean": True}]}], [{"linkId": "a", "answer": [{"valueBoolean": "true"}]}],
        [{"linkId": "a", "answer": {"valueBoolean": True}}], [{"linkId": "a", "answer": [{"valueString": 5}]}],
        [{"linkId": "a", "answer": [{"valueDecimal": "1.5"}]}], {"linkId": "a"},
    ],
)  # fmt: skip
def test_answers_of_another_shape_are_no_answer(items: Any) -> None:
    with pytest.raises(Unavailable, match="makes no sense"):
        read("answers", RESPONSE | {"item": items})
    deep: dict[str, Any] = {"linkId": "a"}
    for _ in range(60):
        deep = {"linkId": "a", "item": [deep]}
    with pytest.raises(Unavailable, match="too deep"):
        read("answers", RESPONSE | {"item": [deep]})


def test_photos_are_fetched_from_our_own_server_only() -> None:
    server = OtherServer()
    adapter = server.adapter()
    server.keep(RESPONSE)
    server.binaries = {"b1": ("image/jpeg; x=y", b"\xff\xd8JPEG"), "b2": ("text/html", b"<script>")}
    found = adapter.fetch_answers("qr1")
    assert found is not None
    linked, inline = (adapter.fetch_photo(one["photo"]) for one in found.answers["photo"])
    assert linked is not None and (linked.content_type, linked.data) == ("image/jpeg", b"\xff\xd8JPEG")
    assert inline is not None and (inline.content_type, inline.data) == ("image/png", b"PNG")
    assert "JPEG" not in repr(linked)
    (accept,) = (told["Accept"] for _, path, told, _ in server.asked if path == "/Binary/b1")
    assert accept.startswith("image/*")
    page = adapter.fetch_photo("Binary/b2")
    assert page is not None and page.content_type == "application/octet-stream"
    held = {"resourceType": "Binary", "contentType": "image/webp", "data": base64.b64encode(b"WEBP").decode()}
    server.binaries["b3"] = ("application/fhir+json", json.dumps(held).encode())
    told = adapter.fetch_photo("/r4/Binary/b3")
    assert told is not None and (told.content_type, told.data) == ("image/webp", b"WEBP")
    server.binaries["b4"] = ("application/fhir+json", json.dumps(held | {"data": "%"}).encode())
    with pytest.raises(Unavailable):
        adapter.fetch_photo("Binary/b4")
    assert adapter.fetch_photo("Binary/gone") is None
    assert adapter.fetch_photo("QuestionnaireResponse/gone#1") is None
    assert adapter.fetch_photo("QuestionnaireResponse/qr1#0") is None  # an answer, and no photo
    assert adapter.fetch_photo("QuestionnaireResponse/qr1#999") is None
    for elsewhere in ("https://evil.test/x.jpg", "file:///etc/passwd", "../../secret", "", "Patient/p1"):
        with pytest.raises(Declined):
            adapter.fetch_photo(elsewhere)


# lists


@pytest.mark.parametrize("quirk", [(), ("no patient",), ("lenient", "no patient")], ids=" and ".join)
def test_everything_that_is_prescribed_to_a_patient_is_listed_page_by_page(quirk: tuple[str, ...]) -> None:
    server = OtherServer(*quirk)
    ids = [
        server.keep(REQUEST | {"status": status})
        for status in ("active", "stopped", "draft", "NewStatusX", "active")
    ]
    server.keep(REQUEST | {"subject": {"reference": "Patient/p2"}})
    found = server.adapter().prescriptions_of("p1")
    assert [one.id for one in found] == ids and found[3].status == "unknown"
    server.overlap = 1
    assert [one.id for one in server.adapter().prescriptions_of("p1")] == ids, "each once"
    assert server.adapter().prescriptions_of("nobody") == ()
    assert server.adapter().prescriptions_of("a b") == ()


@pytest.mark.parametrize("quirk", [(), ("no sort",)], ids=" and ".join)
def test_changes_of_every_kind_are_listed_one_kind_after_the_other(quirk: tuple[str, ...]) -> None:
    server = OtherServer(*quirk)
    for number in range(5):
        for kind in KINDS:
            if kind != "Flag" and (number, kind) != (0, "Patient"):
                server.keep({"resourceType": kind, "id": f"{kind}.{number}"})
    server.missing = {"Questionnaire"}
    adapter, since = server.adapter(), int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())
    found, after, pages = [], None, 0
    while True:
        page = adapter.events(since=since, after=after)
        assert page.items or page.next is None, "an empty page is asked for once"
        found += page.items
        pages += 1
        if (after := page.next) is None:
            break
        assert len(after) < 500
    expected = [
        k for k in KINDS for n in range(5) if k not in ("Flag", "Questionnaire") and (n, k) != (0, "Patient")
    ]
    assert [one.kind for one in found] == expected
    assert len({one.external_id for one in found}) == len(found) and pages >= 20
    assert found[0].external_id == "Patient/Patient.1/1" and found[-1].about == "task"
    at = [one.occurred_at for one in found if one.kind == "Task"]
    assert at == sorted(at)
    later = adapter.events(since=since + 3600)
    assert later.items == () and later.next is None


def test_a_slow_server_is_asked_for_one_kind_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_fhir_changes, "PATIENCE", -1.0)
    server = OtherServer()
    page = server.adapter().events(since=0)
    assert (page.items, page.next) == ((), KINDS[1]) and len(server.requests("GET")) == 2
    for kind in KINDS[2:]:
        page = server.adapter().events(since=0, after=page.next)
        assert page.next == kind
    assert server.adapter().events(since=0, after=page.next).next is None


def test_a_page_that_leads_to_itself_is_no_list() -> None:
    server = OtherServer()
    for _ in range(3):
        server.keep(REQUEST)
    server.page_size = 0
    with pytest.raises(Unavailable, match="leads to itself"):
        server.adapter().prescriptions_of("p1")


def test_what_modifies_a_prescription_in_ways_we_do_not_know_makes_it_unknown() -> None:
    modified = [{"url": "http://e.test/only-if", "valueBoolean": True}]
    assert prescription(modifierExtension=modified).status == "unknown"
    assert prescription(doNotPerform=True).status == "unknown"
    assert prescription(doNotPerform=False).status == "active"
    assert prescription(modifierExtension=modified, status="stopped").status == "discontinued"


def test_a_kind_that_we_may_not_read_has_not_changed() -> None:
    server = OtherServer()
    get = server._get
    server.keep({"resourceType": "Task"})
    server._get = lambda path, *told: Answer(403, {}, b"") if "Practitioner" in path else get(path, *told)  # type: ignore[method-assign]
    assert [one.kind for one in server.adapter().events(since=0).items] == ["Task"]
    server._get = lambda path, *told: Answer(403, {}, b"")  # type: ignore[method-assign]
    with pytest.raises(Unavailable) as caught:
        server.adapter().events(since=0)
    assert caught.value.credentials


def test_a_birthday_is_told_whole_or_not_at_all_and_shown_to_nobody() -> None:
    for told, born in (("1990-02-03", date(1990, 2, 3)), ("1990-02", None), ("1990", None), (None, None)):
        found = read("patient", {"resourceType": "Patient", "birthDate": told})
        assert found.birth_date == born and "1990" not in repr(found)


# whatever they send

ODD: tuple[Any, ...] = (None, 5, True, "x", "", [], {}, [5], [None], {"a": 1}, [{}], [[]], 1e308, "\0\ud800")
READS: dict[str, tuple[dict[str, Any], Any]] = {
    "patient": ({"resourceType": "Patient", "birthDate": "1990-02-03", "address": [
        {"use": "home", "line": ["1 Old Street"], "city": "Fresno", "period": {"end": "2999"}}]},
        lambda found, _: patient(found)),
    "practitioner": (DR | {"name": [{"use": "official", "family": "L", "given": ["A"], "suffix": ["MD"]}],
                           "qualification": [qualification("active", "CA"), {"issuer": {"display": "Ohio"}}]},
                     lambda found, _: practitioner(found)),
    "prescription": (REQUEST, read_prescription),
    "compound": ({name: value for name, value in REQUEST.items() if name != "medicationCodeableConcept"}
                 | {"medicationReference": {"reference": "#m9"}, "contained": [COMPOUND]}, read_prescription),
    "dispense": ({"resourceType": "MedicationDispense", "status": "completed", "whenPrepared": "2026",
                  "authorizingPrescription": [{"reference": "MedicationRequest/rx1"}], "location": {"display": "x"},
                  "performer": [{"actor": {"display": "x"}}], "quantity": {"value": 1}, "daysSupply": {"value": 1}},
                 dispense),
    "task": ({"resourceType": "Task", "code": {"coding": [{"code": "abort"}], "text": "x"}, "note": [{"text": "x"}],
              "focus": {"reference": "MedicationRequest/rx1"}, "owner": {"reference": "Organization/o"},
              "statusReason": {"text": "x"}, "businessStatus": {"text": "x"}, "identifier": [REF]}, task),
    "visit": ({"resourceType": "Encounter", "type": [{"coding": [{"system": "urn:opsconsole:visit-kind", "code": "x"}]}],
               "participant": [{"type": [{"coding": [{"code": "PPRF"}]}], "individual": {"reference": "Practitioner/1"}}],
               "period": {"start": "2026-01-01T00:00:00Z"}}, visit),
    "answers": (RESPONSE, answers),
    "flag": ({"resourceType": "Flag", "code": {"coding": [{"system": "urn:x", "code": "x"}]}}, flag),
}  # fmt: skip


class Nothing:
    """Nothing stands beside a record."""

    def read(self, kind: str, id: str) -> None:
        return None

    def find(self, kind: str, system: str, value: str) -> None:
        return None


def spoilt(value: Any) -> Iterator[Any]:
    """The same with any one part of it replaced by something odd."""
    yield from ODD
    if isinstance(value, dict):
        for name, part in value.items():
            yield from ({**value, name: odd} for odd in spoilt(part))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from ([*value[:place], odd, *value[place + 1 :]] for odd in spoilt(part))


@pytest.mark.parametrize("what", READS)
def test_whatever_stands_anywhere_it_is_read_or_makes_no_sense(what: str) -> None:
    sound, reads = READS[what]
    sound = sound | {"id": "x1", "meta": {"versionId": "1", "lastUpdated": "2026-01-01T00:00:00Z"}}
    assert reads(Record(sound), Nothing()).id == "x1"
    refused = 0
    for odd in spoilt(sound):
        if isinstance(odd, dict):
            try:
                reads(Record(odd), Nothing())
            except WrongShape:
                refused += 1
    assert refused > 10


def test_where_a_next_page_is_asked_for() -> None:
    server = OtherServer().adapter()._server
    for link, target in (
        (f"{ELSEWHERE}/Task?page=2", "/Task?page=2"), ("https://x.test/inner/fhir/Task?page=2", "/Task?page=2"),
        ("Task?page=2", "/Task?page=2"), (f"{ELSEWHERE}?_getpages=1", "?_getpages=1"), (None, None), ("", None),
    ):  # fmt: skip
        assert server._inside(link, "Task") == target
    for link in (
        "https://x.test/other?x=1",
        "https://x.test/r4x/Flag?x=1",
        "https://x.test/inner/Task",
        "/metadata",
    ):
        with pytest.raises(WrongShape):
            server._inside(link, "Task")
