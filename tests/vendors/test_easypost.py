"""EasyPost's adapter: over the sandbox in-process, and against odd answers; and how strict that sandbox is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from opsconsole.sandbox import EasyPostKeys
from opsconsole.vendors import Declined, NotParseable, Unavailable
from opsconsole.vendors._wire import Answer, NoAnswer, TooLarge
from opsconsole.vendors.tracking import ParcelState
from opsconsole.vendors.tracking._easypost_facts import STATES
from opsconsole.vendors.tracking.easypost import EasyPost

from ..sandbox.shared import sandbox_as_new
from ..sandbox.wsgi import WsgiWire
from .payments_contract import Promise
from .tracking_contract import (
    CODE,
    GIVEN,
    Fixtures,
    TrackingContract,
    TrackingReportsContract,
    fetched,
    follow,
)

KEYS = EasyPostKeys("EZTKsecret", "seﬁcret é")  # a ligature and a composed letter: what NFKD takes apart
DIALS: dict[str, dict[str, Any]] = {
    "lost answer": {"kind": "lost_answer", "side": "after"},
    "lost before": {"kind": "lost_answer", "side": "before"},
    "garbage": {"kind": "garbage", "side": "after"},
    "error after": {"kind": "error_500", "side": "after"},
    "error before": {"kind": "error_500", "side": "before"},
    "down": {"kind": "down"},
    "slow down": {"kind": "rate_limit"},
    "bad key": {"kind": "unauthorized", "method": "*"},
    "forbidden": {"kind": "forbidden", "method": "*"},
}


def sign(body: bytes, secret: str = KEYS.webhook_secret) -> dict[str, str]:
    key = unicodedata.normalize("NFKD", secret).encode()
    return {"X-Hmac-Signature": "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()}


class SandboxWorld:
    """The sandbox from behind: its dials, its ledger."""

    def __init__(self) -> None:
        self._told: list[tuple[dict[str, str], bytes]] = []
        self.app = sandbox_as_new(
            stripe_api_key="sk_test_1",
            stripe_webhook_secret="whsec_1",
            webhook_url="http://console.example.test",
            deliver=self._keep,
            easypost_keys=KEYS,
        )

    def _keep(self, url: str, headers: dict[str, str], body: bytes) -> int:
        assert url == "http://console.example.test/webhooks/easypost"
        self._told.append((headers, body))
        return 200

    def call(self, method: str, path: str, key: str = KEYS.api_key, **more: Any) -> Any:
        return self.app.test_client().open(f"/easypost/v2{path}", method=method, auth=(key, ""), **more)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.app.sandbox.time()["now"], UTC)

    def later(self, hours: float = 1) -> None:
        self.app.sandbox.advance(hours * 3600)
        self.app.sandbox.flush()

    def quiet(self) -> None:
        self.app.sandbox.easypost.plan("never_scanned")

    def scan(self, tracker: str, status: str, *, hours_ago: float = 0, city: str = "Tempe") -> None:
        self.app.sandbox.easypost.scan(tracker, status, hours_ago=hours_ago, city=city)
        self.app.sandbox.flush()

    def followed(self, code: str) -> int:
        return [entry["metadata"]["tracking_code"] for entry in self.app.sandbox.ledger("tracker")].count(
            code
        )

    def fail(self, how: str, *, times: int | None = 1) -> None:
        dial = {"method": "POST /easypost/v2/trackers", "times": times, **DIALS[how]}
        self.app.sandbox.fault(vendor="easypost", **dial)

    def heal(self) -> None:
        self.app.sandbox.clear_faults()

    def told(self) -> list[tuple[dict[str, str], bytes]]:
        return self._told

    def sign(self, body: bytes, *, as_us: bool = True) -> dict[str, str]:
        return sign(body, KEYS.webhook_secret if as_us else "of somebody else")


def adapter_over(base: str, **more: Any) -> EasyPost:
    secrets = ["secret_new", KEYS.webhook_secret]
    return EasyPost(api_key=KEYS.api_key, webhook_secrets=secrets, api_base=f"{base}/easypost/", **more)


class InProcess(Fixtures):
    @pytest.fixture
    def world(self) -> Iterator[SandboxWorld]:
        world = SandboxWorld()
        yield world

    @pytest.fixture
    def adapter(self, world: SandboxWorld) -> EasyPost:
        return adapter_over("http://localhost", wire=WsgiWire(world.app))


class TestEasyPost(InProcess, TrackingContract):
    def test_only_the_number_and_its_carrier_are_sent(self, adapter: EasyPost) -> None:
        promise = Promise()
        follow(adapter, promise.attempt())
        assert promise.pins[1] == {"tracker": {"tracking_code": CODE, "carrier": "USPS"}}

    @pytest.mark.parametrize(
        ("code", "raw"),
        [
            ("EZ1000000001", "pre_transit"), ("EZ2000000002", "in_transit"), ("EZ3000000003", "out_for_delivery"),
            ("EZ4000000004", "delivered"), ("EZ5000000005", "return_to_sender"), ("EZ6000000006", "failure"),
            ("EZ7000000007", "unknown"),
        ],
    )  # fmt: skip
    def test_test_numbers_have_their_status_at_once(self, adapter: EasyPost, code: str, raw: str) -> None:
        parcel = follow(adapter, Promise().attempt(), code)
        assert (parcel.raw_status, parcel.state, parcel.strange) == (raw, STATES[raw], False)

    @pytest.mark.parametrize(
        ("plan", "states"),
        [
            ("delivered_then_returned", ["delivered", "return_to_sender", "delivered"]),
            ("refused", ["return_to_sender", "delivered"]),
            ("lost", ["failure"]),
            ("late_scans", ["delivered"]),
            ("out_of_order", ["delivered"]),
        ],
    )
    def test_parcels_go_as_the_dial_says(
        self, adapter: EasyPost, world: SandboxWorld, plan: str, states: list[str]
    ) -> None:
        world.app.sandbox.easypost.plan(plan)
        id = follow(adapter, Promise().attempt()).id
        world.later(24 * 12)
        assert [scan.raw_status for scan in fetched(adapter, id).scans][-len(states) :] == states


class TestEventsOfEasyPost(InProcess, TrackingReportsContract):
    def test_an_event_about_something_else_is_kept_as_that(self, adapter: EasyPost) -> None:
        event = {"id": "evt_1", "description": "batch.updated", "created_at": "2026-09-21T15:00:00Z",
                 "result": {"id": "batch_1"}}  # fmt: skip
        body = json.dumps(event).encode()
        read = adapter.read(body, sign(body), now=datetime.now(UTC))
        assert (read.about, read.object_id) == ("other", "batch_1")

    @pytest.mark.parametrize("spoilt", [{"id": "x"}, {"id": 5}, {"description": "¿"}, {"created_at": "soon"}])
    def test_an_event_without_what_makes_it_one_is_not_parseable(
        self, adapter: EasyPost, spoilt: dict[str, Any]
    ) -> None:
        event = {"id": "evt_1", "description": "tracker.updated", "created_at": "2026-09-21T15:00:00Z"}
        body = json.dumps({**event, **spoilt}).encode()
        with pytest.raises(NotParseable):
            adapter.read(body, sign(body), now=datetime.now(UTC))


def test_every_status_that_easypost_documents_is_mapped() -> None:
    documented = {
        "unknown", "pre_transit", "in_transit", "out_for_delivery", "delivered", "available_for_pickup",
        "return_to_sender", "failure", "cancelled", "error",
    }  # fmt: skip
    assert set(STATES) == documented
    assert {STATES["failure"], STATES["error"]} == {ParcelState.EXCEPTION}


# odd answers


class Says:
    """A wire that gives one answer, or none."""

    def __init__(self, answer: Answer | NoAnswer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, Mapping[str, str], Any]] = []

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        self.asked.append((method, url, headers, body))
        if isinstance(self.answer, NoAnswer):
            raise self.answer
        return self.answer


def over(answer: Answer | NoAnswer) -> tuple[EasyPost, Says]:
    wire = Says(answer)
    return EasyPost(api_key="EZTK1", webhook_secrets=["s"], wire=wire), wire


TRACKER: dict[str, Any] = {
    "id": "trk_1", "object": "Tracker", "tracking_code": CODE, "carrier": "USPS", "status": "in_transit",
    "status_detail": "delivered", "est_delivery_date": "2026-09-25T00:00:00Z", "updated_at": "2026-09-21T15:00:00Z",
    "tracking_details": [
        {"status": "in_transit", "status_detail": "delivered", "message": "x", "datetime": "2026-09-21T15:00:00",
         "tracking_location": {"city": "Tempe", "state": "AZ", "country": None, "zip": None}},
    ],
}  # fmt: skip


def test_what_is_sent_is_what_easypost_documents() -> None:
    adapter, wire = over(Answer(201, {}, json.dumps(TRACKER).encode()))
    parcel = follow(adapter, Promise().attempt())
    [(method, url, headers, body)] = wire.asked
    assert (method, url) == ("POST", "https://api.easypost.com/v2/trackers")
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"EZTK1:").decode()
    assert json.loads(body) == {"tracker": {"tracking_code": CODE, "carrier": "USPS"}}
    assert parcel.state is ParcelState.IN_TRANSIT, "status_detail never decides"
    assert parcel.scans[0].occurred_at == datetime(2026, 9, 21, 15, tzinfo=UTC)
    assert (parcel.scans[0].place, parcel.scans[0].detail) == ("Tempe, AZ", "delivered")


# https://docs.easypost.com/docs/trackers, "status_detail"
DETAILS = [
    "address_correction", "arrived_at_destination", "arrived_at_facility", "arrived_at_pickup_location",
    "awaiting_information", "cancelled", "damaged", "delayed", "delivery_exception", "departed_facility",
    "departed_origin_facility", "expired", "failure", "held", "in_transit", "label_created", "lost",
    "missorted", "out_for_delivery", "received_at_destination_facility", "received_at_origin_facility",
    "refused", "return", "status_update", "transferred_to_destination_carrier", "transit_exception", "unknown",
    "weather_delay",
]  # fmt: skip


@pytest.mark.parametrize("status", STATES)
def test_every_detail_is_kept_and_none_decides(status: str) -> None:
    scan = TRACKER["tracking_details"][0]
    shown = [
        {**scan, "status": status, "status_detail": detail, "datetime": f"2026-09-{day:02}T15:00:00"}
        for day, detail in enumerate([*DETAILS, "new_detail"], 1)
    ]
    told = {**TRACKER, "status": status, "status_detail": "new_detail", "tracking_details": shown}
    parcel = follow(over(Answer(201, {}, json.dumps(told).encode()))[0], Promise().attempt())
    assert [one.detail for one in parcel.scans] == [*DETAILS, "new_detail"] and len(DETAILS) == 28
    assert {(one.state, one.raw_status, one.strange) for one in parcel.scans} == {
        (STATES[status], status, False)
    }


@pytest.mark.parametrize(
    "spoilt",
    [
        {"id": None}, {"id": "adr_1"}, {"status": 5}, {"status": "x" * 80}, {"tracking_details": {}},
        {"tracking_details": [None]}, {"tracking_details": [{"status": "delivered"}]}, {"updated_at": "now"},
        {"tracking_details": [{"status": "delivered", "datetime": "2026-09-21T15:00:00Z", "tracking_location": 5}]},
        {"carrier": ["USPS"]},
    ],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_no_answer(spoilt: dict[str, Any]) -> None:
    adapter, _ = over(Answer(200, {}, json.dumps({**TRACKER, **spoilt}).encode()))
    with pytest.raises(Unavailable) as caught:
        follow(adapter, Promise().attempt())
    assert (caught.value.maybe_done, caught.value.code) == (True, "nonsense")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            Answer(422, {}, b'{"error": {"code": "TRACKER.CREATE.ERROR", "message": "No.", "errors": []}}'),
            Declined,
        ),
        (Answer(402, {}, b'{"error": {"code": "PAYMENT", "message": ["No."], "errors": null}}'), Declined),
        (Answer(422, {}, b"<html>"), Unavailable),
        (Answer(302, {}, b""), Unavailable),
        (Answer(500, {}, b'{"error": {"code": "X", "message": "Y"}}'), Unavailable),
        (Answer(429, {"Retry-After": "7"}, b""), Unavailable),
        (NoAnswer("", sent=False), Unavailable),
        (NoAnswer("", sent=True), Unavailable),
        (TooLarge("", sent=True), Unavailable),
    ],
)
def test_every_failure_is_one_of_two(answer: Answer | NoAnswer, error: type[Exception]) -> None:
    for ask in (
        lambda a: follow(a, Promise().attempt()),
        lambda a: a.fetch("trk_1"),
        lambda a: a.verify(GIVEN),
    ):
        with pytest.raises(error) as caught:
            ask(over(answer)[0])
        if isinstance(caught.value, Unavailable) and answer.__class__ is Answer and answer.status == 429:  # type: ignore[union-attr]
            assert caught.value.retry_after == 7.0


# the sandbox is strict


@pytest.fixture
def world() -> Iterator[SandboxWorld]:
    world = SandboxWorld()
    yield world


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/trackers", {}, 422),
        ("POST", "/trackers", {"tracker": {"tracking_code": "x"}}, 422),
        ("POST", "/trackers", {"tracker": {"tracking_code": CODE, "carrier": "Nobody"}}, 422),
        ("POST", "/trackers", {"tracker": {"tracking_code": CODE, "patient": "Sam"}}, 422),
        ("POST", "/trackers", [], 400),
        ("POST", "/addresses", {"address": {"street": "12 Main St"}}, 422),
        ("GET", "/trackers?page_size=500", None, 422),
        ("GET", "/trackers?colour=blue", None, 422),
        ("GET", "/trackers?start_datetime=yesterday", None, 422),
        ("GET", "/trackers/trk_1", None, 404),
        ("GET", "/nothing", None, 404),
    ],
)
def test_the_sandbox_refuses_what_easypost_refuses(
    world: SandboxWorld, method: str, path: str, body: Any, status: int
) -> None:
    answer = world.call(method, path, **({"json": body} if body is not None else {}))
    assert answer.status_code == status, answer.text
    assert set(answer.json["error"]) == {"code", "message", "errors"}
    assert world.call("GET", "/trackers", key="EZTKother").status_code == 401
    assert world.app.sandbox.ledger("tracker") == []


def test_the_sandboxes_dials_are_on_its_page(world: SandboxWorld) -> None:
    client = world.app.test_client()
    follow(adapter_over("http://localhost", wire=WsgiWire(world.app)), Promise().attempt())
    assert "Parcels that are followed" in client.get("/").text
    assert client.post("/_sandbox/easypost/plan", data={"plan": "stuck"}).status_code == 303
    assert "<option selected>stuck</option>" in client.get("/").text
    scanned = {"tracker": CODE, "status": "in_transit", "hours_ago": "2", "city": "Reno"}
    assert client.post("/_sandbox/easypost/scan", data=scanned).status_code == 303
    assert client.post("/_sandbox/easypost/scan", json={"tracker": "none", "status": "x"}).status_code == 400
    assert client.post("/_sandbox/easypost/plan", json={"plan": "sideways"}).status_code == 400


def test_what_is_loaded_is_there_once_and_nobody_is_told(world: SandboxWorld) -> None:
    line = {
        "id": "trk_demo1", "tracking_code": CODE, "carrier": "USPS", "created": "2026-09-20T10:00:00+00:00",
        "scans": [{"at": "2026-09-21T10:00:00+00:00", "status": "in_transit", "city": "Reno", "state": "NV"}],
    }  # fmt: skip
    assert world.app.sandbox.easypost.load([line]) == {"loaded": 1, "unchanged": 0}
    assert world.app.sandbox.easypost.load([line]) == {"loaded": 0, "unchanged": 1}
    world.later(1)
    parcel = fetched(adapter_over("http://localhost", wire=WsgiWire(world.app)), "trk_demo1")
    assert (parcel.state, len(parcel.scans), world.told()) == (ParcelState.IN_TRANSIT, 1, [])
    with pytest.raises(ValueError, match="no tracker"):
        world.app.sandbox.easypost.load([{"id": "trk_2"}])
