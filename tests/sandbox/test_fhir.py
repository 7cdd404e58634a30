"""The clinic's API is as strict as R4: what a FHIR server refuses is refused here."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from opsconsole.sandbox.fhir._resources import RESOURCES

from .clinic import DRUG, EVERYTHING, FORM, REF, SOUND, Clinic, sound
from .conftest import World

P, RX = {"reference": "Patient/pat"}, "MedicationRequest"
PERIOD = {"start": "2026-02-01", "end": "2026-01-01"}
ITEM = {"linkId": "1", "type": "string"}

#: type, what is put in (None takes it out), the issue's code, where it is
ODD: list[tuple[str, dict[str, Any], str, str]] = [
    # what must be there
    (RX, {"status": None}, "required", f"{RX}.status"),
    (RX, {"intent": None}, "required", f"{RX}.intent"),
    (RX, {"subject": None}, "required", f"{RX}.subject"),
    (RX, {"medicationCodeableConcept": None}, "required", f"{RX}.medication[x]"),
    (RX, {"substitution": {"reason": DRUG}}, "required", f"{RX}.substitution.allowed[x]"),
    ("MedicationDispense", {"status": None}, "required", "MedicationDispense.status"),
    ("MedicationDispense", {"performer": [{"function": DRUG}]}, "required", "MedicationDispense.performer[0].actor"),
    ("Task", {"intent": None}, "required", "Task.intent"),
    ("Task", {"input": [{"type": DRUG}]}, "required", "Task.input[0].value[x]"),
    ("Practitioner", {"qualification": [{"period": {}}]}, "structure", "Practitioner.qualification[0].period"),
    ("Practitioner", {"qualification": [{"period": {"start": "2026"}}]}, "required", "Practitioner.qualification[0].code"),
    ("Questionnaire", {"status": None}, "required", "Questionnaire.status"),
    ("Questionnaire", {"item": [{"linkId": "1"}]}, "required", "Questionnaire.item[0].type"),
    ("QuestionnaireResponse", {"status": None}, "required", "QuestionnaireResponse.status"),
    ("QuestionnaireResponse", {"item": [{"text": "x"}]}, "required", "QuestionnaireResponse.item[0].linkId"),
    ("Encounter", {"class": None}, "required", "Encounter.class"),
    ("Flag", {"code": None}, "required", "Flag.code"),
    ("Flag", {"subject": None}, "required", "Flag.subject"),
    ("Binary", {"contentType": None}, "required", "Binary.contentType"),
    # elements and their types
    (RX, {"colour": "blue"}, "structure", RX),
    (RX, {"dosageInstruction": [{"sig": "x"}]}, "structure", f"{RX}.dosageInstruction[0]"),
    (RX, {"dosageInstruction": {"text": "x"}}, "structure", f"{RX}.dosageInstruction"),
    (RX, {"medicationReference": {"display": "x"}}, "structure", f"{RX}.medication[x]"),
    (RX, {"medicationString": "x"}, "structure", RX),
    (RX, {"dispenseRequest": {"numberOfRepeatsAllowed": -1}}, "value", f"{RX}.dispenseRequest.numberOfRepeatsAllowed"),
    (RX, {"dispenseRequest": {"numberOfRepeatsAllowed": 1.5}}, "structure", f"{RX}.dispenseRequest.numberOfRepeatsAllowed"),
    (RX, {"dispenseRequest": {"quantity": {"value": "30"}}}, "structure", f"{RX}.dispenseRequest.quantity.value"),
    (RX, {"authoredOn": "2026-01-02T10:00:00"}, "value", f"{RX}.authoredOn"),
    (RX, {"authoredOn": "2026-13-02"}, "value", f"{RX}.authoredOn"),
    (RX, {"authoredOn": "2026-02-30"}, "value", f"{RX}.authoredOn"),
    ("Binary", {"data": "aGVsbG8"}, "value", "Binary.data"),
    (RX, {"doNotPerform": "no"}, "structure", f"{RX}.doNotPerform"),
    (RX, {"extension": [{"url": "u", "valueColour": "x"}]}, "structure", f"{RX}.extension[0]"),
    ("QuestionnaireResponse", {"identifier": [{"value": "x"}]}, "structure", "QuestionnaireResponse.identifier"),
    ("Binary", {"data": "§"}, "value", "Binary.data"),
    ("Binary", {"text": {"status": "empty", "div": "x"}}, "structure", "Binary"),
    # codes
    (RX, {"status": "live"}, "code-invalid", f"{RX}.status"),
    (RX, {"intent": "wish"}, "code-invalid", f"{RX}.intent"),
    (RX, {"priority": "high"}, "code-invalid", f"{RX}.priority"),
    ("MedicationDispense", {"status": "dispensed"}, "code-invalid", "MedicationDispense.status"),
    ("Task", {"status": "open"}, "code-invalid", "Task.status"),
    ("Encounter", {"status": "done"}, "code-invalid", "Encounter.status"),
    ("Flag", {"status": "lifted"}, "code-invalid", "Flag.status"),
    ("Questionnaire", {"item": [{"linkId": "1", "type": "number"}]}, "code-invalid", "Questionnaire.item[0].type"),
    ("QuestionnaireResponse", {"status": "done"}, "code-invalid", "QuestionnaireResponse.status"),
    # references
    (RX, {"subject": {"reference": "Practitioner/ada"}}, "value", f"{RX}.subject.reference"),
    (RX, {"subject": {"reference": "Patient/nobody"}}, "not-found", f"{RX}.subject.reference"),
    (RX, {"subject": {"reference": "Group/1"}}, "not-found", f"{RX}.subject.reference"),
    (RX, {"subject": {"reference": "pat"}}, "value", f"{RX}.subject.reference"),
    (RX, {"subject": {"reference": "https://elsewhere.example/r4/Patient/pat"}}, "value", f"{RX}.subject.reference"),
    (RX, {"subject": {"reference": "Patient/pat", "type": "Group"}}, "invariant", f"{RX}.subject.type"),
    (RX, {"subject": {"type": "Patient"}}, "invariant", f"{RX}.subject"),
    (RX, {"priorPrescription": {"reference": "Task/task"}}, "value", f"{RX}.priorPrescription.reference"),
    (RX, {"encounter": {"reference": "Encounter/9"}}, "not-found", f"{RX}.encounter.reference"),
    ("MedicationDispense", {"authorizingPrescription": [P]}, "value",
     "MedicationDispense.authorizingPrescription[0].reference"),
    ("Task", {"focus": {"reference": f"{RX}/9"}}, "not-found", "Task.focus.reference"),
    ("Encounter", {"participant": [{"individual": P}]}, "value", "Encounter.participant[0].individual.reference"),
    ("Flag", {"author": {"reference": "#x"}}, "value", "Flag.author.reference"),
    # what must hold between elements
    ("Encounter", {"period": PERIOD}, "invariant", "Encounter.period"),
    ("MedicationDispense", {"whenPrepared": "2026-02-01"}, "invariant", "MedicationDispense.whenHandedOver"),
    ("Practitioner", {"identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567890"}]}, "value",
     "Practitioner.identifier[0].value"),
    ("Questionnaire", {"item": [ITEM, ITEM]}, "invariant", "Questionnaire.item"),
    ("Questionnaire", {"item": [{"linkId": "1", "type": "group"}]}, "invariant", "Questionnaire.item[0]"),
    ("Questionnaire", {"item": [ITEM | {"type": "display", "required": True}]}, "invariant", "Questionnaire.item[0]"),
    ("Questionnaire", {"item": [ITEM | {"enableWhen": [{"question": "2", "operator": "=", "answerBoolean": True}] * 2}]},
     "invariant", "Questionnaire.item[0].enableBehavior"),
    ("Task", {"restriction": {"repetitions": 0}}, "value", "Task.restriction.repetitions"),
]  # fmt: skip


@pytest.fixture
def clinic(world: World) -> Clinic:
    return Clinic(world).with_everything()


def odd_licence(**part: Any) -> dict[str, Any]:
    told = json.loads(json.dumps(SOUND["Practitioner"]["qualification"]))
    told[0]["extension"][0]["extension"][0] = {"url": "status", **part}
    return {"qualification": told}


def test_what_r4_does_not_have_is_refused_with_its_place(clinic: Clinic) -> None:
    licences = [
        odd_licence(valueCode="lapsed"),
        odd_licence(valueString="active"),
        odd_licence(valueCode="active", url="x"),
    ]
    odd = ODD + [
        ("Practitioner", one, code, "Practitioner.qualification[0].extension[0]")
        for one, code in zip(licences, ("code-invalid", "code-invalid", "structure"), strict=True)
    ]
    for type, other, code, where in odd:
        for method, path in (("POST", type), ("PUT", f"{type}/{SOUND[type]['id']}")):
            answer = clinic.call(method, path, sound(type, **other), If_Match='W/"1"')
            assert answer.status_code == 422, (type, other, answer.text)
            assert answer.mimetype == "application/fhir+json"
            issue = answer.json["issue"][0]
            assert (issue["code"], issue["expression"]) == (code, [where]), other
        with pytest.raises(ValueError, match=code):
            clinic.fhir.load([sound(type, **other) | {"id": "odd"}])
    assert clinic.world.sandbox.ledger() == [] and clinic.hooks() == []


def test_everything_is_made_told_and_counted(clinic: Clinic) -> None:
    for type in RESOURCES:
        answer = clinic.post(sound(type))
        assert answer.status_code == 201, answer.text
        made = answer.json
        assert made["id"] != SOUND[type]["id"] and made["meta"]["versionId"] == "1"
        assert answer.headers["ETag"] == 'W/"1"' and answer.headers["Last-Modified"].endswith("GMT")
        place = f"{type}/{made['id']}/_history/1"
        assert answer.headers["Location"] == f"http://localhost/fhir/{place}"
        assert clinic.call("GET", place).json == clinic.call("GET", f"{type}/{made['id']}").json == made
    kinds = [entry["kind"] for entry in clinic.world.sandbox.ledger()]
    assert len(kinds) == len(set(kinds)) == len(RESOURCES)
    one = clinic.world.sandbox.ledger("medication_request")[0]["metadata"]
    assert one == {"version": "1", "by": "client", "status": "active", "ref": "prm_1"}
    clinic.world.sandbox.flush()
    told = {json.loads(body)["resourceType"]: (headers, body) for _, headers, body in clinic.world.received}
    assert set(told) == set(RESOURCES) - {"Binary"}
    headers, body = told[RX]
    signed = hmac.new(clinic.fhir.keys.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == signed


def test_a_change_names_its_version_and_the_former_ones_stay(clinic: Clinic) -> None:
    was = clinic.call("GET", "Flag/flag").json
    for tag, status in ((None, 412), ('W/"9"', 412), ('"1"', 412), ('W/"1"', 200), ('W/"1"', 412)):
        tagged = {"If_Match": tag} if tag else {}
        assert (
            clinic.call("PUT", "Flag/flag", sound("Flag", status="inactive"), **tagged).status_code == status
        )
    assert clinic.call("GET", "Flag/flag/_history/1").json == was
    assert clinic.call("GET", "Flag/flag").json["status"] == "inactive"
    assert clinic.call("GET", "Flag/flag/_history/3").status_code == 404
    for path, body, status in (
        ("Flag/other", sound("Flag"), 400),
        ("Flag/none", sound("Flag", id="none"), 405),
        ("Flag/flag", sound("Task", id="flag"), 400),
    ):
        expected = {400, 405} if status == 400 else {status}
        assert clinic.call("PUT", path, body, If_Match='W/"2"').status_code in expected
    clinic.fhir.forget("Flag/flag")
    assert clinic.call("GET", "Flag/flag").status_code == 410
    assert clinic.call("PUT", "Flag/flag", sound("Flag"), If_Match='W/"2"').status_code == 410
    assert clinic.call("GET", "Flag/none").status_code == 404
    assert clinic.ids("Flag") == []


def test_an_answer_is_as_long_as_is_preferred(clinic: Clinic) -> None:
    brief = clinic.post(sound("Task"), Prefer="return=minimal")
    assert (
        (brief.status_code, brief.data) == (201, b"") and brief.headers["ETag"] and brief.headers["Location"]
    )
    told = clinic.post(sound("Task"), Prefer="return=OperationOutcome")
    assert told.json["resourceType"] == "OperationOutcome" and told.status_code == 201
    assert clinic.post(sound("Task"), Prefer="return=representation").json["resourceType"] == "Task"
    assert clinic.post(sound("Task", status="x"), Prefer="return=minimal").json["issue"]


def test_what_is_there_already_is_not_made_again(clinic: Clinic) -> None:
    mine = sound("Encounter", identifier=[{"system": REF, "value": "prm_5"}])
    condition = f"identifier={REF}|prm_5"
    made, again = (clinic.post(mine, If_None_Exist=condition) for _ in "12")
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json == again.json and made.headers["Location"] == again.headers["Location"]
    clinic.post(mine)
    several = clinic.post(mine, If_None_Exist=condition)
    assert (several.status_code, several.json["issue"][0]["code"]) == (412, "multiple-matches")
    for odd in ("colour=blue", "_count=1", "x"):
        assert clinic.post(mine, If_None_Exist=odd).status_code == 400
    assert len(clinic.world.sandbox.ledger("encounter")) == 2


FOUND = {
    f"{RX}?_id=rx": ["rx"], f"{RX}?_id=x": [], f"{RX}?patient=pat": ["rx"], f"{RX}?patient=Patient/pat": ["rx"],
    f"{RX}?subject=Patient/pat&status=active": ["rx"], f"{RX}?status=draft": [], f"{RX}?status=draft,active": ["rx"],
    f"{RX}?identifier={REF}|prm_1": ["rx"], f"{RX}?identifier=prm_1": ["rx"], f"{RX}?identifier=urn:other|prm_1": [],
    f"{RX}?code=tret-025": ["rx"], f"{RX}?code=urn:opsconsole:compound|tret-025": ["rx"],
    f"{RX}?code=urn:other|tret-025": [],
    f"{RX}?encounter=visit": ["rx"], f"{RX}?encounter=Encounter/other": [], f"{RX}?requester=Practitioner/ada": ["rx"],
    f"{RX}?authoredon=2026-01-02": ["rx"], f"{RX}?authoredon=2026-01": ["rx"], f"{RX}?authoredon=gt2026-01-02": [],
    f"{RX}?authoredon=ge2026&authoredon=lt2027": ["rx"], f"{RX}?authoredon=ne2026-01-02": [],
    "MedicationDispense?prescription=rx": ["fill"], f"MedicationDispense?prescription={RX}/rx": ["fill"],
    "MedicationDispense?whenhandedover=gt2026-01-03T09:00:00Z": ["fill"],
    f"Task?focus={RX}/rx": ["task"], "Task?patient=pat&code=fulfill": ["task"], "Task?code=abort": [],
    "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893": ["ada"],
    f"Questionnaire?url={FORM}&version=3": ["form"], f"Questionnaire?url={FORM}&version=4": [],
    "QuestionnaireResponse?encounter=visit&status=completed": ["answers"],
    f"QuestionnaireResponse?questionnaire={FORM}|3": ["answers"], f"QuestionnaireResponse?questionnaire={FORM}": ["answers"],
    "Encounter?type=initial": ["visit"],
    "Encounter?date=2026-01-02&patient=pat": ["visit"], "Flag?patient=pat": ["flag"], "Patient?birthdate=lt1991": ["pat"],
    "Flag?_lastUpdated=gt2020-01-01": ["flag"], "Flag?_lastUpdated=lt2020-01-01": [], "Binary?_id=photo": ["photo"],
}  # fmt: skip


def test_each_type_is_found_by_its_parameters(clinic: Clinic) -> None:
    for path, expected in FOUND.items():
        assert clinic.ids(path) == expected, path
    told = clinic.call("GET", "metadata").json["rest"][0]["resource"]
    assert [one["type"] for one in told] == list(RESOURCES)
    for one in told:
        for parameter in one["searchParam"]:
            given = {"date": "2026-01-01"}.get(parameter["type"], "x")
            assert clinic.call("GET", f"{one['type']}?{parameter['name']}={given}").status_code == 200
        assert clinic.call("GET", f"{one['type']}?colour=x").status_code == 400
    for odd in (
        "Flag?status=active",
        f"{RX}?patient:Patient=pat",
        f"{RX}?status=",
        f"{RX}?authoredon=soon",
        "Flag?_sort=code",
    ):
        assert clinic.call("GET", odd).status_code == 400, odd


def test_pages_follow_their_links_in_order(clinic: Clinic) -> None:
    starts = {f"e{n}": f"2026-03-{9 - n:02}T10:00:00Z" for n in range(7)}
    clinic.fhir.load(sound("Encounter", id=id, period={"start": at}) for id, at in starts.items())
    found, path = [], "Encounter?_count=3&_sort=-date&patient=pat"
    while path:
        answer = clinic.call("GET", path).json
        found += [entry["resource"]["id"] for entry in answer["entry"]]
        links = {link["relation"]: link["url"] for link in answer["link"]}
        path = links.get("next", "").removeprefix("http://localhost/fhir/")
    assert found == [*starts, "visit"]
    assert clinic.ids("Encounter?_sort=_id&_count=2") == ["e0", "e1"]


def test_nobody_is_missed_who_is_changed_while_a_list_is_read(clinic: Clinic) -> None:
    clinic.fhir.load(
        sound("Flag", id=f"f{n}", meta={"lastUpdated": f"2026-01-01T10:00:0{n}Z"}) for n in range(5)
    )
    found, path = [], "Flag?_count=2&_lastUpdated=gt2026-01-01T09:00:00Z&_sort=_lastUpdated"
    while path:
        answer = clinic.call("GET", path).json
        found += [entry["resource"]["id"] for entry in answer["entry"]]
        links = {link["relation"]: link["url"] for link in answer["link"]}
        path = links.get("next", "").removeprefix("http://localhost/fhir/")
        if len(found) == 2:
            clinic.fhir.set_status("Flag/f0", "inactive")
    assert found == ["f0", "f1", "f2", "f3", "f4", "flag", "f0"]
    for page in ("x", "1~", "~", "1.0~2&_sort=_id"):
        assert clinic.call("GET", f"Flag?_page={page}").status_code == 400


def test_a_token_opens_what_it_was_given_for(clinic: Clinic) -> None:
    clinic.token = clinic.let_in("system/Task.read system/Flag.write")
    for method, path, body, status in (
        ("GET", "Task/task", None, 200),
        ("GET", "Task", None, 200),
        ("POST", "Task", sound("Task"), 403),
        ("GET", "Flag/flag", None, 403),
        ("POST", "Flag", sound("Flag"), 201),
        ("GET", f"{RX}/rx", None, 403),
    ):
        assert clinic.call(method, path, body).status_code == status, path
    clinic.fhir.set("scopes", "system/Patient.read system/Patient.write")
    clinic.token = clinic.let_in("system/Patient.read system/Task.read")
    assert clinic.call("GET", "Patient/pat").status_code == 200
    assert clinic.call("GET", "Task/task").status_code == 403
    form = {"grant_type": "client_credentials", "scope": "everything"}
    keys = clinic.fhir.keys
    asked = clinic.world.app.test_client().post(
        "/fhir/oauth2/token", data=form, auth=(keys.client_id, keys.client_secret)
    )
    assert (asked.status_code, asked.json) == (400, {"error": "invalid_scope"})


def test_a_load_takes_everything_once_in_any_order_or_nothing(world: World) -> None:
    clinic = Clinic(world, EVERYTHING)
    lines = [sound(type) for type in reversed(SOUND)]
    assert clinic.fhir.load(lines) == {"loaded": len(SOUND), "unchanged": 0}
    assert clinic.fhir.load(lines) == {"loaded": 0, "unchanged": len(SOUND)}
    with pytest.raises(ValueError, match="not-found"):
        clinic.fhir.load(
            [sound("Patient", id="new"), sound("Flag", id="f", subject={"reference": "Patient/nobody"})]
        )
    with pytest.raises(ValueError, match="needs an id"):
        clinic.fhir.load([{"resourceType": "Patient"}])
    assert clinic.ids("Patient") == ["pat"]
    clinic.later(60)
    assert clinic.hooks() == [] and clinic.world.sandbox.ledger() == [], "nobody is told, nothing comes of it"
