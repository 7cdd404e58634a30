"""Stripe's adapter over a real socket: what is told about the outcome for each way a call can go wrong."""

from __future__ import annotations

import gzip
import json
import resource
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from opsconsole.vendors import Call, Declined, Unavailable
from opsconsole.vendors.payments import RefundFacts, RefundState
from opsconsole.vendors.payments.stripe import Stripe

from .wire import Heard, Wire, http, wire

REFUND: dict[str, Any] = {
    "id": "re_1",
    "object": "refund",
    "amount": 1000,
    "charge": "ch_1",
    "created": 1_790_000_000,
    "currency": "usd",
    "metadata": {"opsconsole_ref": "prm_1", "opsconsole_round": "1"},
    "payment_intent": "pi_1",
    "reason": "requested_by_customer",
    "status": "succeeded",
}
NOTHING = http({"object": "list", "url": "/v1/refunds", "has_more": False, "data": []})
FOUND = http({"object": "list", "url": "/v1/refunds", "has_more": False, "data": [REFUND]})


@pytest.fixture
def server() -> Iterator[Wire]:
    with wire() as listening:
        yield listening


def stripe_at(server: Wire, seconds: float = 5.0, scheme: str = "http") -> Stripe:
    base = f"{scheme}://127.0.0.1:{server.port}"
    return Stripe(api_key="sk_test_wire", api_base=base, webhook_secrets=["whsec_1"], seconds=seconds)


def give_back(adapter: Stripe, *, ask_first: bool = False, round: int = 1) -> RefundFacts:
    call = Call(
        ref="prm_1", round=round, tags={"opsconsole_order": "ord_1"}, ask_first=ask_first, pin=lambda p: p
    )
    return adapter.refund(call, payment="pi_1", amount=1000, currency="usd", reason="requested_by_customer")


def doubt(adapter: Stripe) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        give_back(adapter)
    return caught.value


def post_says(server: Wire, answer: bytes, listed: bytes = NOTHING) -> None:
    server.say = lambda heard, conn: conn.sendall(answer if heard.method == "POST" else listed)


# what is sent


def test_a_refund_is_one_post_with_documented_parameters_only(server: Wire) -> None:
    server.answers(http(REFUND))
    refund = give_back(stripe_at(server))
    assert (refund.id, refund.state, refund.amount) == ("re_1", RefundState.SUCCEEDED, 1000)
    (heard,) = server.heard
    assert (heard.method, heard.target) == ("POST", "/v1/refunds")
    assert sorted(heard.body.decode().split("&")) == [
        "amount=1000",
        "metadata[opsconsole_order]=ord_1",
        "metadata[opsconsole_ref]=prm_1",
        "metadata[opsconsole_round]=1",
        "payment_intent=pi_1",
        "reason=requested_by_customer",
    ]
    assert heard.headers["idempotency-key"] == "prm_1:1"
    assert heard.headers["stripe-version"] == "2026-10-28.endive"
    assert heard.headers["authorization"] == "Bearer sk_test_wire"


def test_connections_are_kept_by_a_thread_and_not_shared_with_another(server: Wire) -> None:
    server.answers(http(REFUND))
    adapter = stripe_at(server)
    for _ in range(3):
        adapter.fetch_refund("re_1")
    assert server.connections == 1
    other = threading.Thread(target=adapter.fetch_refund, args=("re_1",))
    other.start()
    other.join()
    assert (server.connections, len(server.heard)) == (2, 4)


def test_nothing_of_the_environment_gets_between_us_and_loopback(
    server: Wire, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.answers(http(REFUND))
    give_back(stripe_at(server))
    assert server.heard[0].headers["authorization"] == "Bearer sk_test_wire"


def test_a_notice_of_stripes_is_no_warning(server: Wire, recwarn: pytest.WarningsRecorder) -> None:
    server.answers(http(REFUND, Stripe_Notice="Have you heard of our new product?"))
    give_back(stripe_at(server))
    assert not recwarn.list


# surely not done


def test_a_refused_connection_has_done_nothing() -> None:
    with wire() as server:
        adapter = stripe_at(server)
    failure = doubt(adapter)
    assert (failure.maybe_done, failure.code) == (False, "unreachable")


def test_a_name_that_does_not_resolve_has_done_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    adapter = Stripe(api_key="sk_test_wire", api_base="http://nowhere.invalid", webhook_secrets=[])
    assert doubt(adapter).maybe_done is False


def test_a_tls_handshake_that_hangs_ends_in_time_and_has_done_nothing() -> None:
    # the listener's backlog accepts, nobody ever speaks
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"https://127.0.0.1:{silent.getsockname()[1]}"
        adapter = Stripe(api_key="sk_test_wire", api_base=base, webhook_secrets=[], seconds=0.4)
        started = time.monotonic()
        failure = doubt(adapter)
    assert (failure.maybe_done, failure.code) == (False, "unreachable")
    assert time.monotonic() - started < 1.0


def test_a_server_that_speaks_no_tls_has_done_nothing(server: Wire) -> None:
    server.say = lambda heard, conn: conn.close()

    with pytest.raises(Unavailable) as caught:
        give_back(stripe_at(server, scheme="https", seconds=0.5))
    assert caught.value.maybe_done is False


def no(**error: str) -> dict[str, Any]:
    return {"error": {"type": "invalid_request_error", **error}}


@pytest.mark.parametrize(
    ("status", "body", "code", "credentials"),
    [
        ("401 Unauthorized", no(message="Invalid API Key provided: sk_test_wi**"), "credentials", True),
        ("401 Unauthorized", "<html>no</html>", "credentials", True),
        ("403 Forbidden", no(message="no permission"), "credentials", True),
        ("429 Too Many Requests", no(code="lock_timeout", message="busy"), "lock_timeout", False),
        ("429 Too Many Requests", "", "rate_limit", False),
        ("400 Bad Request", no(code="rate_limit", message="as it was long ago"), "rate_limit", False),
        ("404 Not Found", no(message="Unrecognized request URL (POST: /x)."), "not_stripe", False),
    ],
)
def test_what_stripe_decides_before_it_starts(
    server: Wire, status: str, body: Any, code: str, credentials: bool
) -> None:
    server.answers(http(body, status, Retry_After="7", Request_Id="req_9"))
    failure = doubt(stripe_at(server))
    assert (failure.maybe_done, failure.code, failure.credentials) == (False, code, credentials)
    assert "sk_test" not in failure.words
    assert len(server.heard) == 1, "the promise retries, not the adapter"
    if status.startswith("429"):
        assert failure.retry_after == 7.0


# outcome unknown


def reset(conn: socket.socket) -> None:
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def drip(text: bytes, server: Wire, conn: socket.socket) -> None:
    for byte in text:
        if server.over.wait(0.05):
            return
        conn.sendall(bytes([byte]))


LOST = {
    "reset": lambda server, conn: reset(conn),
    "closed": lambda server, conn: conn.close(),
    "half a header": lambda server, conn: (conn.sendall(b"HTTP/1.1 200 OK\r\nConte"), conn.close()),
    "half a body": lambda server, conn: (conn.sendall(http(REFUND, length=9999)), conn.close()),
    "silence": lambda server, conn: server.over.wait(),
    "dripping header": lambda server, conn: drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 999, server, conn),
    "dripping body": lambda server, conn: drip(http(REFUND), server, conn),
    "dripping body without length": lambda server, conn: (
        conn.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
        drip(json.dumps(REFUND).encode() + b" " * 999, server, conn),
    ),
    "not HTTP": lambda server, conn: (conn.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), conn.close()),
}


@pytest.mark.parametrize("way", LOST)
def test_an_answer_that_is_lost_is_an_unknown_outcome_within_the_deadline(server: Wire, way: str) -> None:
    server.say = lambda heard, conn: LOST[way](server, conn)
    started = time.monotonic()
    failure = doubt(stripe_at(server, seconds=0.5))
    # a header cut short still parses, as an answer without a body
    code = "nonsense" if way == "half a header" else "no_answer"
    assert (failure.maybe_done, failure.code) == (True, code)
    assert time.monotonic() - started < 1.2
    assert len(server.heard_of("POST")) == 1


def flood(conn: socket.socket, head: bytes, chunk: bytes) -> None:
    conn.sendall(head)
    for _ in range(4096):  # 256 MiB unless somebody hangs up
        conn.sendall(chunk)


HUGE = {
    "long": lambda conn: flood(conn, b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", b" " * 65536),
    "chunked": lambda conn: flood(
        conn, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"
    ),
    "without length": lambda conn: flood(conn, b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536),
    "gzip bomb": lambda conn: conn.sendall(
        http(gzip.compress(b" " * 200 * 2**20, compresslevel=1), Content_Encoding="gzip")
    ),
}


@pytest.mark.parametrize("way", HUGE)
def test_a_huge_answer_costs_little_memory_and_leaves_the_outcome_unknown(server: Wire, way: str) -> None:
    server.say = lambda heard, conn: HUGE[way](conn)
    adapter = stripe_at(server)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    failure = doubt(adapter)
    assert (failure.maybe_done, failure.code) == (True, "too_large")
    if way != "gzip bomb":  # there it is the test that makes the bomb
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_a_body_packed_with_gzip_is_read(server: Wire) -> None:
    server.answers(http(gzip.compress(json.dumps(REFUND).encode()), Content_Encoding="gzip"))
    assert give_back(stripe_at(server)).id == "re_1"


NONSENSE: dict[str, bytes] = {
    "HTML": http("<html><title>Maintenance</title></html>"),
    "nothing": http(""),
    "bad JSON": http('{"id": "re_1",'),
    "not UTF-8": http(b'{"id": "\xff\xfe"}'),
    "null": http("null"),
    "a list": http("[]"),
    "a list of refunds": http([REFUND]),
    "a number": http("1e999"),
    "deep": http("[" * 100_000),
    "NaN": http(json.dumps({**REFUND, "amount": float("nan")})),
    "amount as text": http({**REFUND, "amount": "1000"}),
    "amount true": http({**REFUND, "amount": True}),
    "amount negative": http({**REFUND, "amount": -1}),
    "amount endless": http({**REFUND, "amount": 10**40}),
    "no id": http({k: v for k, v in REFUND.items() if k != "id"}),
    "id with NUL": http({**REFUND, "id": "re\0"}),
    "id half a pair": http(json.dumps({**REFUND, "id": "re_\ud800"})),
    "status a number": http({**REFUND, "status": 5}),
    "currency of no country": http({**REFUND, "currency": "US Dollar"}),
    "created yesterday": http({**REFUND, "created": "yesterday"}),
    "created in aeons": http({**REFUND, "created": 10**17}),
    "another object": http({**REFUND, "object": "charge"}),
    "an error with 200": http({"error": {"type": "api_error", "message": "x"}}),
    "redirect": http("", "302 Found", Location="http://169.254.169.254/latest/meta-data"),
    "redirect that keeps the method": http("", "307 Temporary Redirect", Location="/v1/elsewhere"),
    "400 in HTML": http("<html>", "400 Bad Request"),
    "400 null": http({"error": None}, "400 Bad Request"),
    "400 empty error": http({"error": {}}, "400 Bad Request"),
    "402 OAuth": http({"error": "invalid_grant"}, "402 Payment Required"),
    "404 in HTML": http("<html>", "404 Not Found"),
    "418": http({"error": {"type": "teapot"}}, "418 I'm a teapot"),
    "packed oddly": http(b"\x1b\x00", Content_Encoding="br"),
    "gzip cut short": http(gzip.compress(json.dumps(REFUND).encode())[:40], Content_Encoding="gzip"),
}


@pytest.mark.parametrize("way", NONSENSE)
def test_nonsense_is_an_unknown_outcome(server: Wire, way: str) -> None:
    post_says(server, NONSENSE[way])
    failure = doubt(stripe_at(server))
    assert failure.maybe_done is True
    assert "<html>" not in failure.words
    assert len(server.heard_of("POST")) == 1


@pytest.mark.parametrize("way", ["HTML", "null", "NaN", "no id", "an error with 200", "400 null"])
def test_nonsense_is_settled_by_the_list_in_the_same_call(server: Wire, way: str) -> None:
    post_says(server, NONSENSE[way], listed=FOUND)
    assert give_back(stripe_at(server)).id == "re_1"
    assert [heard.method for heard in server.heard] == ["POST", "GET"]


ERROR_500 = {"error": {"type": "api_error", "message": "Something went wrong on Stripe's end."}}


def test_a_500_is_settled_by_the_list_and_unknown_without_it(server: Wire) -> None:
    post_says(server, http(ERROR_500, "500 Internal Server Error", Request_Id="req_5"))
    failure = doubt(stripe_at(server))
    assert (failure.maybe_done, failure.code, failure.http_status) == (True, "server_error", 500)
    assert failure.request_id == "req_5"
    post_says(server, http(ERROR_500, "500 Internal Server Error"), listed=FOUND)
    assert give_back(stripe_at(server)).id == "re_1"


def test_a_saved_500_says_so(server: Wire) -> None:
    post_says(server, http(ERROR_500, "500 Internal Server Error", Idempotent_Replayed="true"))
    assert doubt(stripe_at(server)).code == "saved_failure"


def test_a_list_that_fails_too_leaves_the_first_failure(server: Wire) -> None:
    for listed in (http("<html>"), http(ERROR_500, "503 Service Unavailable"), http({}, "401 Unauthorized")):
        post_says(server, http(ERROR_500, "502 Bad Gateway"), listed=listed)
        failure = doubt(stripe_at(server))
        assert (failure.maybe_done, failure.http_status, failure.credentials) == (True, 502, False)


def test_a_request_that_still_runs_is_unknown_and_not_asked_about(server: Wire) -> None:
    error = {"type": "idempotency_error", "code": "idempotency_key_in_use", "message": "still running"}
    server.answers(http({"error": error}, "409 Conflict"))
    failure = doubt(stripe_at(server))
    assert (failure.maybe_done, failure.code) == (True, "idempotency_key_in_use")
    assert len(server.heard) == 1


def test_a_key_that_was_used_for_something_else_is_no_refusal(server: Wire) -> None:
    error = {"type": "idempotency_error", "message": "Keys for idempotent requests can only be used ..."}
    post_says(server, http({"error": error}, "400 Bad Request"))
    failure = doubt(stripe_at(server))
    assert (failure.maybe_done, failure.code) == (True, "idempotency_error")


# a definite no


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        ("400 Bad Request", no(code="charge_already_refunded"), "charge_already_refunded"),
        ("400 Bad Request", no(), "invalid_request_error"),
        ("404 Not Found", no(code="resource_missing"), "resource_missing"),
        ("400 Bad Request", no(type="something_new", code="something_newer"), "something_newer"),
    ],
)
def test_stripes_no_is_a_no_with_its_own_code(server: Wire, status: str, error: Any, code: str) -> None:
    server.answers(
        http({"error": {**error["error"], "message": "No,\0 because."}}, status, Request_Id="req_1")
    )
    with pytest.raises(Declined) as caught:
        give_back(stripe_at(server))
    refusal = caught.value
    assert (refusal.code, refusal.words, refusal.request_id) == (code, "No,� because.", "req_1")
    assert len(server.heard) == 1


@pytest.mark.parametrize("more", [{}, {"code": "card_declined"}])  # what stands beside is Stripe's own
def test_a_banks_no_is_told_by_its_own_code_in_plain_words(server: Wire, more: dict[str, str]) -> None:
    told = no(type="card_error", decline_code="lost_card", **more)
    server.answers(http({"error": told["error"]}, "402 Payment Required", Request_Id="req_1"))
    with pytest.raises(Declined) as caught:
        give_back(stripe_at(server))
    assert (caught.value.code, caught.value.request_id) == ("lost_card", "req_1")
    assert caught.value.words.startswith("The bank has blocked the card.")


# asking first


def test_asking_first_pages_through_all_refunds_and_adopts(server: Wire) -> None:
    others = [{**REFUND, "id": f"re_x{n}", "metadata": {"opsconsole_ref": "prm_x"}} for n in range(3)]

    def say(heard: Heard, conn: socket.socket) -> None:
        last = "starting_after=re_x2" in heard.target
        page = [REFUND] if last else others
        conn.sendall(http({"object": "list", "data": page, "has_more": not last, "url": "/v1/refunds"}))

    server.say = say
    assert give_back(stripe_at(server), ask_first=True).id == "re_1"
    assert [heard.method for heard in server.heard] == ["GET", "GET"]
    assert "payment_intent=pi_1" in server.heard[0].target and "limit=100" in server.heard[0].target


@pytest.mark.parametrize(("round", "creates"), [(1, False), (2, True)])
def test_a_refund_that_failed_is_the_outcome_of_its_own_round_only(
    server: Wire, round: int, creates: bool
) -> None:
    failed = http(
        {"object": "list", "has_more": False, "data": [{**REFUND, "id": "re_0", "status": "failed"}]}
    )
    post_says(server, http(REFUND), listed=failed)
    refund = give_back(stripe_at(server), ask_first=True, round=round)
    assert len(server.heard_of("POST")) == creates
    assert refund.state == (RefundState.SUCCEEDED if creates else RefundState.FAILED)


def test_nothing_is_created_when_asking_first_fails(server: Wire) -> None:
    for answer in (
        http(ERROR_500, "500 Internal Server Error"),
        http("<html>"),
        http({"object": "list", "data": [], "has_more": True}),
        http({"object": "list", "data": [None], "has_more": False}),
    ):
        server.answers(answer)
        with pytest.raises(Unavailable) as caught:
            give_back(stripe_at(server), ask_first=True)
        assert caught.value.maybe_done is False, "this attempt changed nothing"
    assert not server.heard_of("POST")


def test_a_list_without_end_ends_at_the_deadline(server: Wire) -> None:
    server.answers(http({"object": "list", "data": [{**REFUND, "metadata": {}}], "has_more": True}))
    started = time.monotonic()
    with pytest.raises(Unavailable):
        give_back(stripe_at(server, seconds=0.4), ask_first=True)
    assert time.monotonic() - started < 1.0


# reading


def test_a_page_of_events_that_is_too_large_is_asked_for_in_parts(server: Wire) -> None:

    event = {
        "id": "evt_1",
        "object": "event",
        "type": "x.y",
        "created": 1_790_000_000,
        "data": {"object": {}},
    }

    def say(heard: Heard, conn: socket.socket) -> None:
        padding = "x" * (2**20 if "limit=100" in heard.target else 9)
        data = [{**event, "padding": padding}]
        conn.sendall(http({"object": "list", "data": data, "has_more": False, "url": "/v1/events"}))

    server.say = say
    page = stripe_at(server).events(since=1_790_000_000)
    assert [item.external_id for item in page.items] == ["evt_1"]
    assert len(server.heard) == 2


def test_health_says_where_and_whether_and_no_secret(server: Wire) -> None:
    server.answers(http({"object": "list", "data": [], "has_more": False, "url": "/v1/events"}))
    adapter = stripe_at(server)
    assert adapter.health() == {
        "base_url": server.url,
        "reachable": True,
        "words": "Stripe answers.",
        "sandbox": True,
    }
    server.answers(http({"error": {"type": "x", "message": "sk_test_wire"}}, "401 Unauthorized"))
    health = adapter.health()
    assert (health["reachable"], health["words"]) == (True, "Stripe refuses our API key.")
    server.close()
    assert stripe_at(server).health()["reachable"] is False
    real = Stripe(api_key="sk_test_1", api_base=None, webhook_secrets=[])
    assert real._base == "https://api.stripe.com"
