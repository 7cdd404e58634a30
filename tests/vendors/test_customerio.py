"""Customer.io's adapter: over the sandbox in-process, through a real server, and against odd answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.serving import make_server

from opsconsole.sandbox import CustomerIOKeys
from opsconsole.vendors import Declined, NotAuthentic, NotParseable, Unavailable
from opsconsole.vendors._wire import Answer, NoAnswer, TooLarge
from opsconsole.vendors.crm import MessageFacts, MessageState, Template
from opsconsole.vendors.crm.customerio import CustomerIO

from ..sandbox.shared import sandbox_as_new
from ..sandbox.wsgi import WsgiWire
from .crm_contract import ADDRESS, DATA, SAM, TEMPLATES, CrmContract, CrmReportsContract, Fixtures, write
from .payments_contract import Promise
from .test_stripe import HangsUp
from .wire import http, wire

KEYS = CustomerIOKeys("site_1", "secret_track", "secret_app", "secret_signing")
NOW = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
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
    "slow": {"kind": "slow", "seconds": 0.2},
}


def sign(body: bytes, at: datetime, secret: str = KEYS.webhook_secret) -> dict[str, str]:
    instant = str(int(at.timestamp()))
    message = b"v0:" + instant.encode() + b":" + body
    signature = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return {"X-CIO-Timestamp": instant, "X-CIO-Signature": signature}


class SandboxWorld:
    """The sandbox from behind: its own API to make people, its dials, its ledger."""

    def __init__(self) -> None:
        self._told: list[tuple[dict[str, str], bytes]] = []
        self.app = sandbox_as_new(
            stripe_api_key="sk_test_1",
            stripe_webhook_secret="whsec_1",
            webhook_url="http://console.example.test",
            deliver=self._keep,
            customerio_keys=KEYS,
        )

    def _keep(self, url: str, headers: dict[str, str], body: bytes) -> int:
        assert url == "http://console.example.test/webhooks/customerio"
        self._told.append((headers, body))
        return 200

    def call(self, method: str, path: str, **more: Any) -> Any:
        basic = (KEYS.site_id, KEYS.track_key)
        auth = {"auth": basic} if "/track/" in path else {}
        headers = {} if auth else {"Authorization": f"Bearer {KEYS.app_key}"}
        return self.app.test_client().open(
            f"/customerio{path}", method=method, headers=headers, **auth, **more
        )

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> datetime:
        return datetime.fromtimestamp(self.app.sandbox.time()["now"], UTC)

    def later(self, hours: float = 1) -> None:
        self.app.sandbox.advance(hours * 3600)
        self.app.sandbox.flush()

    def contact(self, id: str, email: str, **more: Any) -> None:
        answer = self.call("PUT", f"/track/api/v1/customers/{id}", json={"email": email, **more})
        assert answer.status_code == 200, answer.text

    def sent(self, ref: str) -> list[str]:
        entries = self.app.sandbox.ledger("message")
        return [e["metadata"]["recipient"] for e in entries if e["metadata"].get("opsconsole_ref") == ref]

    def report(self, message: MessageFacts, metric: str) -> None:
        answer = self.app.test_client().post(
            f"/_sandbox/customerio/messages/{message.delivery}/report", json={"metric": metric}
        )
        assert answer.status_code == 200, answer.text

    def fail(self, how: str, *, times: int | None = 1) -> None:
        dial = {"method": "POST /customerio/track/*/events", "times": times, **DIALS[how]}
        self.app.sandbox.fault(vendor="customerio", **dial)

    def heal(self) -> None:
        self.app.sandbox.clear_faults()

    def told(self) -> list[tuple[dict[str, str], bytes]]:
        return self._told

    def sign(self, body: bytes, *, at: datetime, as_us: bool = True) -> dict[str, str]:
        return sign(body, at, KEYS.webhook_secret if as_us else "of_somebody_else")


def adapter_over(base: str, **more: Any) -> CustomerIO:
    return CustomerIO(
        site_id=KEYS.site_id,
        track_key=KEYS.track_key,
        app_key=KEYS.app_key,
        webhook_secrets=["secret_new", KEYS.webhook_secret],
        templates=TEMPLATES,
        track_base=f"{base}/customerio/track",
        app_base=f"{base}/customerio/app/",
        **more,
    )


class InProcess(Fixtures):
    @pytest.fixture
    def world(self) -> Iterator[SandboxWorld]:
        world = SandboxWorld()
        yield world

    @pytest.fixture
    def adapter(self, world: SandboxWorld) -> CustomerIO:
        return adapter_over("http://localhost", wire=WsgiWire(world.app), now=world.today)


class TestCustomerIO(InProcess, CrmContract):
    def test_only_our_own_words_and_ids_are_in_what_is_sent(
        self, adapter: CustomerIO, world: SandboxWorld
    ) -> None:
        promise = Promise()
        write(adapter, promise.attempt())
        event = promise.pins[1]["event"]
        assert (promise.pins[1]["customer"], event["name"]) == (SAM, "opsconsole_refund_issued")
        assert event["data"] == {
            **DATA,
            "recipient": ADDRESS,
            "opsconsole_ref": "prm_1",
            "opsconsole_trace": "trc_1",
            "opsconsole_order": "ord_1",
        }

    def test_the_transactional_endpoint_would_send_twice(self, world: SandboxWorld) -> None:
        """Why a message is an event."""
        body = {
            "transactional_message_id": "refund_issued",
            "to": ADDRESS,
            "identifiers": {"id": SAM},
            "message_data": {"opsconsole_ref": "prm_1"},
        }
        answers = [world.call("POST", "/app/v1/send/email", json=body).json for _ in range(2)]
        assert answers[0]["delivery_id"] != answers[1]["delivery_id"]
        assert world.sent("prm_1") == [ADDRESS, ADDRESS]
        world.later()
        read = adapter_over("http://localhost").read(world.told()[0][1], world.told()[0][0], now=world.now())
        assert (read.about, read.state) == ("other", None)

    def test_an_event_of_three_days_ago_starts_nothing(self, world: SandboxWorld) -> None:
        old = int(world.today().timestamp()) - 73 * 3600
        body = {"name": "x", "timestamp": old, "data": {"opsconsole_ref": "prm_1", "recipient": ADDRESS}}
        assert world.call("POST", f"/track/api/v1/customers/{SAM}/events", json=body).status_code == 200
        world.later()
        assert world.sent("prm_1") == []


class TestReportsOfCustomerIO(InProcess, CrmReportsContract):
    @pytest.mark.parametrize("kind", ["wrong_secret", "stale"])
    def test_what_somebody_else_signs_is_not_authentic(
        self, adapter: CustomerIO, world: SandboxWorld, kind: str
    ) -> None:
        world.app.sandbox.fault(vendor="customerio", method="webhook email.*", kind=kind)
        body, headers = self.event(adapter, world), world.told()[-1][0]
        with pytest.raises(NotAuthentic):
            adapter.read(body, headers, now=world.now())


class TestCustomerIOOverHttp(TestCustomerIO):
    """The same through our own wire and a real server."""

    @pytest.fixture
    def adapter(self, world: SandboxWorld) -> Iterator[CustomerIO]:
        server = make_server("127.0.0.1", 0, world.app, threaded=True, request_handler=HangsUp)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield adapter_over(f"http://127.0.0.1:{server.server_port}", now=world.today, seconds=5)
        server.shutdown()
        thread.join()
        server.server_close()


# the sandbox is strict


@pytest.fixture
def world() -> Iterator[SandboxWorld]:
    world = SandboxWorld()
    yield world


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/track/api/v1/customers/c1/events", {}),
        ("POST", "/track/api/v1/customers/c1/events", {"name": " "}),
        ("POST", "/track/api/v1/customers/c1/events", {"name": "x", "id": "prm_1"}),
        ("POST", "/track/api/v1/customers/c1/events", {"name": "x", "id": "8" + "0" * 25}),
        ("POST", "/track/api/v1/customers/c1/events", {"name": "x", "timestamp": "today"}),
        ("POST", "/track/api/v1/customers/c1/events", {"name": "x", "data": []}),
        ("POST", "/track/api/v1/customers/c1/events", {"name": "x", "idempotency_key": "1"}),
        ("POST", "/track/api/v1/customers/c1/events", {"name": "x", "data": {"big": "x" * 33_000}}),
        ("POST", "/track/api/v1/customers/c1/events", []),
        ("PUT", f"/track/api/v1/customers/{'c' * 151}", {}),
        ("PUT", "/track/api/v1/customers/c1", {"email": "nobody"}),
        ("POST", "/app/v1/send/email", {"to": ADDRESS, "identifiers": {"id": "c1"}}),
        (
            "POST",
            "/app/v1/send/email",
            {"transactional_message_id": 1, "to": "x", "identifiers": {"id": "1"}},
        ),
        ("POST", "/app/v1/send/email", {"transactional_message_id": 1, "to": ADDRESS, "identifiers": {}}),
        ("GET", "/app/v1/messages?limit=1001", None),
        ("GET", "/app/v1/customers", None),
    ],
)
def test_what_customerio_refuses_the_sandbox_refuses(
    world: SandboxWorld, method: str, path: str, body: Any
) -> None:
    answer = world.call(method, path, json=body)
    assert answer.status_code == 400
    assert answer.json.keys() & {"errors", "meta"}
    world.later()
    assert world.app.sandbox.ledger("message") == []


def test_each_api_has_its_own_key(world: SandboxWorld) -> None:
    client = world.app.test_client()
    for path, headers in (
        ("/track/api/v1/accounts/region", {"Authorization": f"Bearer {KEYS.app_key}"}),
        ("/app/v1/messages", {}),
        ("/app/v1/messages", {"Authorization": "Bearer other"}),
    ):
        assert client.get(f"/customerio{path}", headers=headers).status_code == 401
    assert client.get("/customerio/app/v1/unheard_of").status_code == 404


def test_people_are_found_by_address(world: SandboxWorld) -> None:
    world.contact("c1", "Sam@example.test")
    found = world.call("GET", "/app/v1/customers?email=sam@example.test").json["results"]
    assert [person["id"] for person in found] == ["c1"]


# odd answers


class Canned:
    """A wire that knows a contact and no messages, and answers an event as it is told."""

    def __init__(self, say: Callable[[], Answer]) -> None:
        self.say = say
        self.asked: list[tuple[str, str]] = []
        self.contact: Any = {"customer": {"attributes": {"email": ADDRESS}, "unsubscribed": False}}

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        self.asked.append((method, url))
        if method == "POST":
            return self.say()
        told = {"messages": [], "next": ""} if "/messages" in url else self.contact
        return Answer(200, {}, json.dumps(told).encode())


def answer(status: int, body: Any = "", **headers: str) -> Callable[[], Answer]:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return lambda: Answer(status, headers, raw)


def raises(error: Exception) -> Callable[[], Answer]:
    def say() -> Answer:
        raise error

    return say


@pytest.mark.parametrize(
    ("say", "code", "maybe_done"),
    [
        (answer(200, "<html>"), "nonsense", True),
        (answer(200, "null"), "nonsense", True),
        (answer(200, "[" * 100_000), "nonsense", True),
        (answer(201, {}), "nonsense", True),
        (answer(302), "nonsense", True),
        (answer(404, "<html>"), "nonsense", True),
        (answer(400, "{}"), "nonsense", True),
        (answer(500), "server_error", True),
        (answer(503, "<html>"), "server_error", True),
        (answer(429, **{"Retry-After": "7"}), "rate_limit", False),
        (answer(401), "credentials", False),
        (answer(403, {"meta": {"error": "secret_app"}}), "credentials", False),
        (raises(NoAnswer("x", sent=True)), "no_answer", True),
        (raises(NoAnswer("x", sent=False)), "unreachable", False),
        (raises(TooLarge("x", sent=True)), "too_large", True),
    ],
)
def test_no_definite_answer_is_unavailable(say: Callable[[], Answer], code: str, maybe_done: bool) -> None:
    with pytest.raises(Unavailable) as caught:
        write(adapter_over("http://localhost", wire=Canned(say)), Promise().attempt())
    assert (caught.value.code, caught.value.maybe_done) == (code, maybe_done)
    assert "secret" not in caught.value.words
    assert caught.value.retry_after == (7 if code == "rate_limit" else None)


@pytest.mark.parametrize(
    "said",
    [
        {"errors": [{"reason": "invalid", "field": "name", "message": "is not good"}]},
        {"errors": [{"detail": "is not good", "status": "400"}]},
        {"meta": {"error": "is not good"}},
    ],
)
def test_a_refusal_in_any_of_the_three_envelopes_is_declined(said: Any) -> None:
    with pytest.raises(Declined) as caught:
        write(adapter_over("http://localhost", wire=Canned(answer(400, said))), Promise().attempt())
    assert (caught.value.code, caught.value.words) == ("http_400", "is not good")


@pytest.mark.parametrize(
    "contact",
    [
        {},
        {"customer": None},
        {"customer": {"attributes": []}},
        {"customer": {"attributes": {"email": 5}}},
        {"customer": {"attributes": {"email": ADDRESS}, "unsubscribed": "perhaps"}},
    ],
)
def test_a_contact_that_makes_no_sense_sends_nothing(contact: Any) -> None:
    canned = Canned(answer(200, {}))
    canned.contact = contact
    with pytest.raises(Unavailable) as caught:
        write(adapter_over("http://localhost", wire=canned), Promise().attempt())
    assert (caught.value.code, caught.value.maybe_done) == ("nonsense", False)
    assert not [method for method, _ in canned.asked if method == "POST"]


def test_the_first_attempt_costs_two_requests_and_a_later_one_looks_first() -> None:
    canned, promise = Canned(answer(200, {})), Promise()
    times = iter([NOW, NOW, NOW.replace(hour=16), NOW.replace(hour=16)])
    crm = adapter_over("http://localhost", wire=canned, now=lambda: next(times))
    write(crm, promise.attempt())
    assert [method for method, _ in canned.asked] == ["GET", "POST"]
    write(crm, promise.attempt())
    assert "/messages?" in canned.asked[2][1]


def test_a_list_without_end_is_given_up() -> None:
    class Endless(Canned):
        def exchange(self, *told: Any) -> Answer:
            self.asked.append(("GET", ""))
            return Answer(200, {}, b'{"messages": [], "next": "more"}')

    endless = Endless(answer(200))
    with pytest.raises(Unavailable):
        adapter_over("http://localhost", wire=endless).fetch_message(SAM, "x")
    assert len(endless.asked) == 20


def test_on_the_wire_the_two_apis_get_their_own_keys() -> None:
    with wire() as server:
        server.answers(http({"customer": {"attributes": {"email": ADDRESS}}}), http({}))
        base = f"http://127.0.0.1:{server.port}"
        crm = CustomerIO(
            site_id="site",
            track_key="track",
            app_key="app",
            webhook_secrets=[],
            templates=TEMPLATES,
            track_base=base,
            app_base=base,
        )
        write(crm, Promise().attempt())
        asked, sent = server.heard
    assert asked.headers["authorization"] == "Bearer app"
    assert sent.headers["authorization"] == "Basic c2l0ZTp0cmFjaw=="
    assert sent.headers["content-type"] == "application/json"


# what cannot even be configured


def test_an_empty_webhook_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        CustomerIO(site_id="s", track_key="t", app_key="a", webhook_secrets=["x", ""], templates={})


@pytest.mark.parametrize(
    ("name", "fields"),
    [("", []), ("Has Spaces", []), ("ok", ["recipient"]), ("ok", ["opsconsole_ref"]), ("ok", ["a-b"])],
)
def test_a_template_cannot_redirect_a_message(name: str, fields: list[str]) -> None:
    with pytest.raises(ValueError):
        Template(name, frozenset(fields))


def test_a_message_id_is_a_ulid_that_depends_on_the_ref_alone() -> None:
    ids = {adapter_over("http://localhost").message_id(f"prm_{number}") for number in range(1000)}
    assert len(ids) == 1000
    assert all(len(id) == 26 and id[0] in "01234567" and not set(id) & set("ILOU") for id in ids)
    assert adapter_over("http://localhost").message_id("prm_1") == "01KDVDNA00" + id_tail("prm_1")


def id_tail(ref: str) -> str:
    number = int.from_bytes(hashlib.sha256(ref.encode()).digest()[:10])
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> shift & 31] for shift in range(75, -1, -5))


# webhooks


def report(**changes: Any) -> bytes:
    data = {
        "customer_id": SAM,
        "identifiers": {"id": SAM, "email": ADDRESS},
        "delivery_id": "dlv_1",
        "recipient": ADDRESS,
        "trigger_event_id": "01KDV6Y4R0AAAAAAAAAAAAAAAA",
    }
    event = {"event_id": "01E4C4", "object_type": "email", "metric": "sent", "timestamp": 1790000000}
    return json.dumps({**event, "data": data, **changes}).encode()


def read(body: bytes) -> Any:
    return adapter_over("http://localhost").read(body, sign(body, NOW), now=NOW)


@pytest.mark.parametrize(
    ("metric", "state"),
    [
        ("drafted", MessageState.ACCEPTED),
        ("attempted", MessageState.ACCEPTED),
        ("sent", MessageState.SENT),
        ("opened", MessageState.DELIVERED),
        ("spammed", MessageState.DELIVERED),
        ("undeliverable", MessageState.DROPPED),
        ("teleported", MessageState.UNKNOWN),
    ],
)
def test_every_metric_has_a_state_and_a_new_one_is_unknown(metric: str, state: MessageState) -> None:
    told = read(report(metric=metric))
    assert (told.kind, told.state) == (f"email.{metric}", state)
    assert told.occurred_at == datetime.fromtimestamp(1790000000, UTC)


def test_the_older_secret_will_still_do_and_an_unknown_scheme_will_not() -> None:
    body = report()
    assert adapter_over("http://localhost").read(body, sign(body, NOW, "secret_new"), now=NOW)
    headers = sign(body, NOW)
    for forged in (
        {**headers, "X-CIO-Signature": headers["X-CIO-Signature"].upper()},
        {**headers, "X-CIO-Signature": "v0=" + headers["X-CIO-Signature"]},
        {**headers, "X-CIO-Timestamp": "+" + headers["X-CIO-Timestamp"]},
        {**headers, "X-CIO-Timestamp": "9" * 400},
        {**headers, "X-CIO-Timestamp": "٣"},
        sign(body, NOW, ""),
    ):
        with pytest.raises(NotAuthentic):
            adapter_over("http://localhost").read(body, forged, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"event_id": None},
        {"event_id": 5},
        {"event_id": "x" * 256},
        {"event_id": "a\n"},
        {"metric": None},
        {"metric": "Sent!"},
        {"object_type": ["email"]},
        {"timestamp": "1790000000"},
        {"timestamp": True},
        {"timestamp": 10**15},
        {"data": None},
        {"data": {"trigger_event_id": "\0"}},
        {"data": {"identifiers": {"id": "\ud800"}}},
        {"data": {"failure_message": "x" * 501}},
    ],
)
def test_an_authentic_report_with_odd_fields_is_not_parseable(changes: dict[str, Any]) -> None:
    with pytest.raises(NotParseable):
        read(report(**changes))
