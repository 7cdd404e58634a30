"""The FHIR adapter: over the sandbox in-process, and against odd answers; and how strict that sandbox is."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from opsconsole.sandbox import HealthcareKeys
from opsconsole.vendors import Declined, NotParseable, Unavailable
from opsconsole.vendors._wire import Answer, NoAnswer, TooLarge
from opsconsole.vendors.healthcare import PostalAddress
from opsconsole.vendors.healthcare._fhir_elements import Record
from opsconsole.vendors.healthcare._fhir_patients import home, moved
from opsconsole.vendors.healthcare.fhir import Fhir

from ..sandbox.shared import sandbox_as_new
from ..sandbox.wsgi import WsgiWire
from .healthcare_contract import (
    NEW,
    OLD,
    Fixtures,
    HealthcareContract,
    HealthcareReportsContract,
    change,
    fetched,
)
from .payments_contract import Promise

KEYS = HealthcareKeys("console:1", "client/secret +é", "signing_é")  # what must be encoded on its way
BASE = "http://localhost/fhir"
DIALS: dict[str, dict[str, Any]] = {
    "lost answer": {"kind": "lost_answer", "side": "after"},
    "lost before": {"kind": "lost_answer", "side": "before"},
    "garbage": {"kind": "garbage", "side": "after"},
    "error after": {"kind": "error_500", "side": "after"},
    "error before": {"kind": "error_500", "side": "before"},
    "down": {"kind": "down"},
    "slow down": {"kind": "rate_limit"},
    "bad key": {"kind": "unauthorized", "times": 2},  # a refused token is renewed once
    "forbidden": {"kind": "forbidden"},
    "not even a token": {"kind": "unauthorized", "method": "POST /fhir/oauth2/token"},
}


def sign(body: bytes, secret: str = KEYS.webhook_secret) -> dict[str, str]:
    return {"X-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def in_fhir(address: PostalAddress) -> dict[str, Any]:
    return {
        "line": [line for line in (address.line1, address.line2) if line], "city": address.city,
        "state": address.state, "postalCode": address.zip, "country": address.country,
    }  # fmt: skip


def patient(id: str, address: PostalAddress | None = OLD, **more: Any) -> dict[str, Any]:
    homes = [{"use": "home", "type": "both", **in_fhir(address)}] if address else []
    return {
        "resourceType": "Patient", "id": id, "active": True,
        "text": {"status": "generated", "div": "<div>Melanoma</div>"},
        "name": [{"use": "official", "family": "Featherstonehaugh", "given": ["Jo"]}],
        "telecom": [{"system": "phone", "value": "+1 775 555 0100", "use": "mobile"}],
        "gender": "female", "birthDate": "1990-02-03", "_birthDate": {"id": "b1"},
        "extension": [{"url": "http://example.test/weight", "valueDecimal": 61.5}],
        "address": [{"use": "old", **in_fhir(replace(OLD, line1="9 Former Street"))}, *homes],
    } | more  # fmt: skip


class SandboxWorld:
    """The sandbox from behind: its dials, its ledger."""

    def __init__(self) -> None:
        self._told: list[tuple[dict[str, str], bytes]] = []
        self._ids = (f"pat-{n}" for n in count(1))
        self.before_put: list[str] = []
        self.app = sandbox_as_new(
            stripe_api_key="sk_test_1",
            stripe_webhook_secret="whsec_1",
            webhook_url="http://console.example.test",
            deliver=self._keep,
            healthcare_keys=KEYS,
        )

    def _keep(self, url: str, headers: dict[str, str], body: bytes) -> int:
        assert url == "http://console.example.test/webhooks/healthcare"
        assert headers["Content-Type"] == "application/fhir+json"
        self._told.append((headers, body))
        return 200

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.app.sandbox.time()["now"], UTC)

    def later(self, hours: float = 1) -> None:
        self.app.sandbox.advance(hours * 3600)
        self.app.sandbox.flush()

    def patient(self, address: PostalAddress | None = OLD) -> str:
        id = next(self._ids)
        meta = {"versionId": "3", "lastUpdated": self.now().isoformat(timespec="seconds")}
        self.app.sandbox.fhir.load([patient(id, address, meta=meta)])
        return id

    def move(self, patient: str, address: PostalAddress) -> None:
        self.app.sandbox.fhir.move(patient, address.line1, address.city, address.state, address.zip)
        self.app.sandbox.flush()

    def everything_else(self, patient: str) -> Any:
        with self.app.sandbox.fhir.turn() as turn:
            row = turn.db.execute("SELECT body FROM fhir_resources WHERE id = ?", (patient,)).fetchone()
        kept = json.loads(row["body"])
        homes = [one for one in kept.pop("address") if one.get("use") != "home"]
        return {name: value for name, value in kept.items() if name != "meta"} | {"other homes": homes}

    def written(self, patient: str) -> int:
        return [entry["object_id"] for entry in self.app.sandbox.ledger("patient")].count(patient)

    def fail(self, how: str, *, times: int | None = 1) -> None:
        dial = {"method": "PUT /fhir/Patient/*", "times": times, **DIALS[how]}
        self.later(0.2)  # the token has run out, and is asked for
        self.app.sandbox.fault(vendor="fhir", **dial)

    def heal(self) -> None:
        self.app.sandbox.clear_faults()

    def interfere(self, patient: str, times: int) -> None:
        self.before_put += [patient] * times

    def told(self) -> list[tuple[dict[str, str], bytes]]:
        self.app.sandbox.flush()
        return self._told

    def sign(self, body: bytes, *, as_us: bool = True) -> dict[str, str]:
        return sign(body, KEYS.webhook_secret if as_us else "of somebody else")


class BusyWire:
    """The sandbox as a wire, where somebody else may be faster than a PUT."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world, self._wire = world, WsgiWire(world.app)

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        if method == "PUT" and self._world.before_put:
            self._interfere(self._world.before_put.pop())
        return self._wire.exchange(method, url, headers, body)

    def _interfere(self, id: str) -> None:
        with self._world.app.sandbox.fhir.turn() as turn:
            turn.db.execute(
                "UPDATE fhir_resources SET version = version + 1, body = json_set(body, '$.language', 'interfered')"
                " WHERE id = ?",
                (id,),
            )


def adapter_over(world: SandboxWorld) -> Fhir:
    return Fhir(
        base_url=f"{BASE}/",
        client_id=KEYS.client_id,
        client_secret=KEYS.client_secret,
        webhook_secrets=["secret_new", KEYS.webhook_secret],
        wire=BusyWire(world),
    )


@pytest.fixture
def world() -> SandboxWorld:
    return SandboxWorld()


class InProcess(Fixtures):
    @pytest.fixture
    def world(self) -> SandboxWorld:
        return SandboxWorld()

    @pytest.fixture
    def adapter(self, world: SandboxWorld) -> Fhir:
        return adapter_over(world)


class TestFhir(InProcess, HealthcareContract):
    def test_only_the_address_stands_in_what_is_kept_of_the_request(
        self, adapter: Fhir, world: SandboxWorld
    ) -> None:
        promise = Promise()
        change(adapter, promise.attempt(), id := world.patient())
        assert promise.pins[1] == {"patient": id, "address": NEW.as_json}

    def test_a_token_is_used_again_and_renewed_when_it_is_refused(
        self, adapter: Fhir, world: SandboxWorld
    ) -> None:
        id = world.patient()

        def asked() -> int:
            return [call["path"] for call in world.app.sandbox.calls].count("/fhir/oauth2/token")

        fetched(adapter, id)
        fetched(adapter, id)
        assert asked() == 1
        world.later()
        fetched(adapter, id)
        assert asked() == 2


class TestRestHooks(InProcess, HealthcareReportsContract):
    def test_a_version_is_told_once_and_what_has_none_by_its_bytes(self, adapter: Fhir) -> None:
        def read(told: dict[str, Any]) -> Any:
            body = json.dumps(told).encode()
            return adapter.read(body, sign(body), now=datetime(2026, 11, 21, tzinfo=UTC))

        whole = read({"resourceType": "Patient", "id": "p1", "meta": {"versionId": "7"}})
        assert (whole.external_id, whole.kind, whole.object_id) == ("Patient/p1/7", "Patient", "p1")
        bare = read({"resourceType": "Patient", "id": "p1"})
        assert bare.external_id.startswith("sha256:") and bare.object_id == "p1"
        assert bare.occurred_at == datetime(2026, 11, 21, tzinfo=UTC)
        assert read({"resourceType": "MedicationRequest", "id": "m"}).about == "medicationrequest"

    @pytest.mark.parametrize(
        "spoilt", [{"id": "a b"}, {"id": 5}, {"meta": []}, {"meta": {"lastUpdated": "soon"}}]
    )
    def test_a_resource_without_what_makes_it_one_is_not_parseable(
        self, adapter: Fhir, spoilt: dict[str, Any]
    ) -> None:
        body = json.dumps({"resourceType": "Patient", "id": "p1", **spoilt}).encode()
        if spoilt == {"id": 5}:  # no id that can be used: kept, and about nothing
            assert adapter.read(body, sign(body), now=datetime.now(UTC)).object_id is None
            return
        with pytest.raises(NotParseable):
            adapter.read(body, sign(body), now=datetime.now(UTC))


# which address


@pytest.mark.parametrize(
    ("addresses", "place"),
    [
        ([], None),
        ([{"use": "work"}], None),
        ([{"use": "old"}, {"use": "home"}], 1),
        ([{"use": "home", "type": "physical"}, {"use": "home", "type": "postal"}], 1),
        ([{"use": "home"}, {"use": "home", "type": "both"}], 1),
        ([{"use": "home", "type": "both", "period": {"end": "2001"}}, {"use": "home"}], 1),
        ([{"use": "home", "period": {"end": "2999-01-01"}}], 0),
        ([{}], 0),
        ([{}, {"type": "postal"}], 1),
        ([{}, {}], None),
        ([{"use": "home", "type": "physical"}], None),
    ],
)
def test_parcels_go_home(addresses: list[dict[str, Any]], place: int | None) -> None:
    assert home(addresses) == place


# odd answers

_TOKEN = Answer(200, {}, b'{"access_token": "t1", "token_type": "Bearer", "expires_in": 3600}')


class Says:
    """A wire that gives a token and then one answer after the other, the last one for ever."""

    def __init__(self, *answers: Answer | NoAnswer, smart: Answer | NoAnswer | None = None) -> None:
        self.answers = list(answers)
        self.smart = smart or Answer(404, {}, b"")
        self.asked: list[tuple[str, str, Mapping[str, str], Any]] = []

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        self.asked.append((method, url, headers, body))
        if url.endswith("/.well-known/smart-configuration"):
            answer = self.smart
        elif url.endswith("/token"):
            answer = _TOKEN
        else:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, NoAnswer):
            raise answer
        return answer


def over(*answers: Answer | NoAnswer, **more: Any) -> tuple[Fhir, Says]:
    wire = Says(*answers, **more)
    base = "https://ehr.example.test/r4"
    return Fhir(base_url=base, client_id="me", client_secret="s", webhook_secrets=["s"], wire=wire), wire


AS_WRITTEN = (
    '{ "resourceType":"Patient",\n "id" : "p1", "meta":{"versionId":"7","lastUpdated":"2026-09-21T15:00:00Z"},'
    '"extension":[{"url":"http://e.test/w","valueDecimal":61.50,"x":1e2}], "address" : [ {"use":"old","city":"Ely"} , '
    '{"use":"home","type":"both","text":"1 Old Street","line":["1 Old Street"],"_line":[null],"city":"Fresno",'
    '"extension":[{"url":"http://e.test/since","valueDecimal":1.0}],"state":"CA","postalCode":"93650",'
    '"period":{"start":"2020"}} ],"telecom" :[],  "unheardOf":{"ü":"\\u00fc"} }\n'
)


def test_every_other_byte_of_a_patient_stays_as_it_was() -> None:
    read = Answer(200, {"ETag": 'W/"7"'}, AS_WRITTEN.encode())
    after = json.loads(AS_WRITTEN) | {"meta": {"versionId": "8"}}
    adapter, wire = over(read, Answer(200, {"ETag": 'W/"8"'}, json.dumps(after).encode()))
    change(adapter, Promise().attempt(), "p1", replace(NEW, line2=""))
    (method, url, headers, body) = wire.asked[-1]
    assert (method, url) == ("PUT", "https://ehr.example.test/r4/Patient/p1")
    assert headers["If-Match"] == 'W/"7"'
    assert headers["Content-Type"] == headers["Accept"] == "application/fhir+json"
    assert headers["Authorization"] == "Bearer t1"
    before, _, after_it = AS_WRITTEN.partition('{"use":"home"')
    now = (
        '{"use":"home","type":"both","extension":[{"url":"http://e.test/since","valueDecimal":1.0}],'
        '"line":["2 New Street"],"city":"Reno","state":"NV","postalCode":"89501","country":"US"}'
    )
    assert body.decode() == before + now + after_it.partition('"period":{"start":"2020"}}')[2]


def told(text: str) -> Record:
    return Record.of("Patient", text.encode())


@pytest.mark.parametrize(
    "before",
    [
        '{"resourceType":"Patient","id":"p1","meta":{"versionId":"7"}}',
        '{"resourceType":"Patient","id":"p1","address":[ ],"meta":{"versionId":"7"}}',
        '{"resourceType":"Patient","id":"p1","address": null,"meta":{"versionId":"7"}}',
        '{"address":[{"use":"work"} ],"resourceType":"Patient","id":"p1","meta":{"versionId":"7"} }',
    ],
)
def test_a_patient_without_a_home_gets_one(before: str) -> None:
    text = moved(told(before), NEW)
    kept, made = json.loads(before), json.loads(text)
    assert made.pop("address") == [
        *(kept.pop("address", None) or []),
        {"use": "home", "type": "both", **in_fhir(NEW)},
    ]
    assert made == kept
    assert moved(told(text), OLD) == moved(told(before), OLD)


def test_where_a_token_is_asked_for() -> None:
    read = Answer(200, {}, AS_WRITTEN.encode())
    told = Answer(200, {}, b'{"token_endpoint": "https://auth.example.test/token"}')
    for smart, url in (
        (told, "https://auth.example.test/token"),
        (Answer(404, {}, b""), "https://ehr.example.test/r4/oauth2/token"),
        (Answer(200, {}, b"<html>"), "https://ehr.example.test/r4/oauth2/token"),
    ):
        adapter, wire = over(read, smart=smart)
        fetched(adapter, "p1")
        (method, asked, headers, body) = wire.asked[1]
        assert (method, asked) == ("POST", url)
        assert headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert headers["Authorization"] == "Basic bWU6cw==" and b"grant_type=client_credentials" in body
    in_body = b'{"token_endpoint": "token", "token_endpoint_auth_methods_supported": ["client_secret_post"]}'
    adapter, wire = over(read, smart=Answer(200, {}, in_body))
    fetched(adapter, "p1")
    (_, asked, headers, body) = wire.asked[1]
    assert asked == "https://ehr.example.test/r4/token" and "Authorization" not in headers
    assert b"client_id=me&client_secret=s" in body
    adapter, wire = over(read, smart=Answer(200, {}, b'{"token_endpoint": "http://elsewhere.test/token"}'))
    with pytest.raises(Unavailable):
        adapter.fetch_patient("p1")
    assert not any("elsewhere" in asked for _, asked, _, _ in wire.asked)


def test_a_refused_token_is_renewed_once() -> None:
    adapter, wire = over(Answer(401, {}, b""), Answer(200, {}, AS_WRITTEN.encode()))
    assert fetched(adapter, "p1").version == "7"
    assert len([one for one in wire.asked if one[1].endswith("/oauth2/token")]) == 2
    adapter, wire = over(Answer(401, {}, b""))
    with pytest.raises(Unavailable) as caught:
        adapter.fetch_patient("p1")
    assert caught.value.credentials
    assert len([one for one in wire.asked if "/Patient" in one[1]]) == 2


def test_a_version_may_stand_in_the_etag_only() -> None:
    bare = json.dumps({"resourceType": "Patient", "id": "p1"}).encode()
    adapter, _ = over(Answer(200, {"ETag": 'W/"12"'}, bare))
    assert fetched(adapter, "p1").version == "12"
    adapter, _ = over(Answer(200, {}, bare))
    with pytest.raises(Unavailable, match="version"):
        adapter.fetch_patient("p1")


def test_a_change_that_is_answered_with_nothing_is_read_again() -> None:
    after = AS_WRITTEN.replace('"7"', '"8"').encode()
    adapter, wire = over(Answer(200, {}, AS_WRITTEN.encode()), Answer(200, {}, b""), Answer(200, {}, after))
    assert change(adapter, Promise().attempt(), "p1").version == "8"
    assert [method for method, url, _, _ in wire.asked if "/Patient" in url] == ["GET", "PUT", "GET"]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"resourceType": "Person"}, {"id": None}, {"id": "a b"}, {"meta": []}, {"meta": {"versionId": 7}},
        {"meta": {"versionId": "7", "lastUpdated": "now"}}, {"address": {}}, {"address": [5]},
        {"address": [{"use": "home", "line": "1 Old Street"}]}, {"address": [{"use": "home", "city": 5}]},
    ],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_no_answer(spoilt: dict[str, Any]) -> None:
    body = json.dumps({**json.loads(AS_WRITTEN), **spoilt}).encode()
    adapter, _ = over(Answer(200, {}, body))
    with pytest.raises(Unavailable) as caught:
        adapter.fetch_patient("p1")
    assert (caught.value.maybe_done, caught.value.code) == (False, "nonsense")


OUTCOME: dict[str, Any] = {
    "resourceType": "OperationOutcome",
    "issue": [
        {"severity": "warning", "code": "informational", "diagnostics": "x"},
        {"severity": "error", "code": "business-rule", "diagnostics": "2 New Street is no address of Jo's",
         "details": {"text": "Featherstonehaugh"}, "expression": ["Patient.address[0].line", "Featherstonehaugh"]},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(422, {}, json.dumps(OUTCOME).encode()), Declined),
        (Answer(400, {}, json.dumps(OUTCOME).encode()), Declined),
        (Answer(422, {}, b"<html>"), Unavailable),
        (Answer(302, {}, b""), Unavailable),
        (Answer(500, {}, json.dumps(OUTCOME).encode()), Unavailable),
        (Answer(403, {}, json.dumps(OUTCOME).encode()), Unavailable),
        (Answer(429, {"Retry-After": "7"}, b""), Unavailable),
        (NoAnswer("", sent=False), Unavailable),
        (NoAnswer("", sent=True), Unavailable),
        (TooLarge("", sent=True), Unavailable),
    ],
)
def test_every_failure_is_one_of_two(answer: Answer | NoAnswer, error: type[Exception]) -> None:
    for ask in (
        lambda a: change(a, Promise().attempt(), "p1"),
        lambda a: a.fetch_patient("p1"),
        lambda a: a.events(since=0),
    ):
        with pytest.raises(error) as caught:
            ask(over(answer)[0])
        if isinstance(caught.value, Unavailable):
            assert not caught.value.maybe_done, "nothing was written yet"
        elif isinstance(caught.value, Declined):
            assert caught.value.code == "business-rule" and "Patient.address[0].line" in caught.value.words
            assert "Jo" not in caught.value.words and "Feather" not in caught.value.words
    if isinstance(caught.value, Unavailable) and isinstance(answer, Answer) and answer.status == 429:
        assert caught.value.retry_after == 7.0


def test_the_next_page_is_asked_for_at_our_own_server() -> None:
    bundle = {
        "resourceType": "Bundle", "type": "searchset", "entry": [{"resource": json.loads(AS_WRITTEN)}],
        "link": [{"relation": "next", "url": "http://10.0.0.7/r4?_getpages=abc&_offset=100"}],
    }  # fmt: skip
    adapter, wire = over(Answer(200, {}, json.dumps(bundle).encode()))
    page = adapter.events(since=1_700_000_000)
    assert [one.external_id for one in page.items] == ["Patient/p1/7"]
    assert "_lastUpdated=gt2023-11-14T22%3A13%3A19Z&_sort=_lastUpdated" in wire.asked[-1][1]
    adapter.events(since=1_700_000_000, after=page.next)
    assert wire.asked[-1][1] == "https://ehr.example.test/r4?_getpages=abc&_offset=100"
    bundle["link"] = [{"relation": "next", "url": "https://ehr.example.test/other?x=1"}]
    adapter, _ = over(Answer(200, {}, json.dumps(bundle).encode()))
    with pytest.raises(Unavailable):
        adapter.events(since=0)


# the sandbox is strict


@pytest.fixture
def token(world: SandboxWorld) -> dict[str, str]:
    adapter = adapter_over(world)
    adapter.health()
    return {"Authorization": adapter._server.token.header(), "Accept": "application/fhir+json"}


def put(world: SandboxWorld, token: dict[str, str], body: Any, **headers: str) -> Any:
    given = {"Content-Type": "application/fhir+json", "If-Match": 'W/"3"'} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    kept = {name: value for name, value in given.items() if value}
    return world.app.test_client().put(
        "/fhir/Patient/pat-1", data=json.dumps(body), headers={**token, **kept}
    )


@pytest.mark.parametrize(
    ("spoilt", "headers", "status"),
    [
        ({}, {}, 200),
        ({}, {"If_Match": ""}, 412),
        ({}, {"If_Match": 'W/"2"'}, 412),
        ({}, {"If_Match": '"3"'}, 412),
        ({}, {"Content_Type": "application/json"}, 415),
        ({}, {"Accept": "text/html"}, 406),
        ({"id": "other"}, {}, 400),
        ({"resourceType": "Person"}, {}, 400),
        ({"shipping": "x"}, {}, 422),
        ({"gender": "woman"}, {}, 422),
        ({"gender": ["female"]}, {}, 422),
        ({"birthDate": "3/2/1990"}, {}, 422),
        ({"_name": {"id": "x"}}, {}, 422),
        ({"_birthDate": {"value": "x"}}, {}, 422),
        ({"name": {"family": "x"}}, {}, 422),
        ({"telecom": []}, {}, 422),
        ({"extension": [{"valueString": "x"}]}, {}, 422),
        ({"address": [{"use": "shipping"}]}, {}, 422),
        ({"address": [{"use": "home", "type": "parcel"}]}, {}, 422),
        ({"address": [{"use": "home", "zip": "1"}]}, {}, 422),
        ({"address": [{"use": "home", "line": "x"}]}, {}, 422),
        ({"address": [{"use": "home", "city": ""}]}, {}, 422),
    ],
)
def test_the_sandbox_refuses_what_a_fhir_server_refuses(
    world: SandboxWorld, token: dict[str, str], spoilt: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    world.patient()
    answer = put(world, token, patient("pat-1") | spoilt, **headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    if status == 200:
        assert answer.headers["ETag"] == 'W/"4"' and answer.json["meta"]["versionId"] == "4"
    else:
        assert answer.json["resourceType"] == "OperationOutcome" and answer.json["issue"][0]["code"]
        assert world.app.sandbox.ledger("patient") == []


def test_the_sandbox_lets_nobody_in_without_a_token(world: SandboxWorld, token: dict[str, str]) -> None:
    client = world.app.test_client()
    world.patient()
    assert client.get("/fhir/Patient/pat-1").status_code == 401
    assert client.get("/fhir/Patient/pat-1", headers={"Authorization": "Bearer x"}).status_code == 401
    assert client.get("/fhir/Patient/pat-1", headers=token).json["id"] == "pat-1"
    world.later()
    assert client.get("/fhir/Patient/pat-1", headers=token).status_code == 401
    form = {"grant_type": "client_credentials"}
    assert client.post("/fhir/oauth2/token", data=form).status_code == 401
    assert client.post("/fhir/oauth2/token", data=form, auth=("console:1", "wrong")).status_code == 401
    assert client.post("/fhir/oauth2/token", json=form, auth=("console:1", "x")).status_code == 400
    assert client.get("/fhir/metadata").json["fhirVersion"] == "4.0.1"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/Patient?name=Jo", 400),
        ("/Patient?_count=5000", 400),
        ("/Patient?_lastUpdated=gtsoon", 400),
        ("/Patient?_sort=name", 400),
        ("/Patient/nobody", 404),
        ("/Person/1", 404),
        ("/Patient?_lastUpdated=gt2020-01-01&_count=1", 200),
    ],
)
def test_the_sandbox_searches_by_what_it_says_it_does(
    world: SandboxWorld, token: dict[str, str], target: str, status: int
) -> None:
    for _ in "12":
        world.patient()
    answer = world.app.test_client().get(f"/fhir{target}", headers=token)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert [link["relation"] for link in answer.json["link"]] == ["self", "next"]


def test_the_sandboxes_dial_is_on_its_page(world: SandboxWorld) -> None:
    client, id = world.app.test_client(), world.patient()
    moved = {"patient": id, "line1": "3 Third Street", "city": "Reno", "state": "NV", "zip": "89501"}
    assert client.post("/_sandbox/fhir/move", data=moved).status_code == 303
    assert fetched(adapter_over(world), id).address == PostalAddress("3 Third Street", "Reno", "NV", "89501")
    assert client.post("/_sandbox/fhir/move", json=moved | {"patient": "nobody"}).status_code == 400
    assert "Write down the address" in client.get("/").text


def test_what_is_loaded_is_there_once_and_nobody_is_told(world: SandboxWorld) -> None:
    assert world.app.sandbox.fhir.load([patient("p9")]) == {"loaded": 1, "unchanged": 0}
    assert world.app.sandbox.fhir.load([patient("p9")]) == {"loaded": 0, "unchanged": 1}
    assert world.told() == []
    with pytest.raises(ValueError, match="structure"):
        world.app.sandbox.fhir.load([patient("p10") | {"colour": "blue"}])
