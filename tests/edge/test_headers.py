"""Every answer carries the headers that leave browsers no room: each route, each status, each method."""

from __future__ import annotations

import contextlib
import re
import socket

import pytest

from opsconsole import create_app
from opsconsole.views._headers import HEADERS, HSTS

from ..conftest import settings_for
from ..house import House
from .doors import urls

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE")
CACHED = "public, max-age=31536000, immutable"
ASVS = {
    "3.2.1": "what is sent is not guessed at",
    "3.4.1": "HSTS, a year, with subdomains",
    "3.4.2": "no CORS",
    "3.4.3": "a content policy, nothing inline",
    "3.4.4": "nosniff everywhere",
    "3.4.5": "no referrer",
    "3.4.6": "no framing",
    "3.4.8": "an own browsing context",
    "4.1.1": "type and charset of every answer",
    "3.3.1": "__Host- cookies, Secure, HttpOnly, SameSite",
    "14.3.2": "nothing is stored by browsers",
    "13.4.2": "no debugger, no traces",
    "13.4.6": "no versions are told",
}


def dressed(answer: object, what: object) -> None:
    headers = answer.headers  # type: ignore[attr-defined]
    for name, value in HEADERS.items():
        assert headers.getlist(name) == [value], (what, name)
    assert "Server" not in headers and "X-Powered-By" not in headers, what
    assert not [name for name, _ in headers if name.startswith("Access-Control-")], what
    assert "Cache-Control" in headers and "HX-Request" in headers["Vary"], what
    if headers.get("Content-Type", "").startswith("text/"):
        assert "charset=utf-8" in headers["Content-Type"], what


def test_on_every_route_and_status(house: House) -> None:
    """Signed out, as support, as a program that may all: what each says, over every method."""
    seen: dict[int, int] = {}
    page, api = house.page("support"), house.api("demo")
    for url in [*urls(house), "/nowhere", "/static/nothing.css"]:
        for client, extra in (
            (house.app.test_client(use_cookies=False), {}),
            (page.client, {"Accept": "text/html"}),
            (api.client, api.headers),
        ):
            for method in METHODS if client is not page.client else METHODS[:1]:
                answer = client.open(url, method=method, headers=extra)
                dressed(answer, (method, url, answer.status_code))
                seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
                answer.close()
    assert {200, 303, 403, 404, 405} <= seen.keys(), seen
    assert not [status for status in seen if status >= 500], seen


@pytest.mark.own_app
def test_on_answers_that_are_odd(house: House) -> None:
    """304, 413, 414, 415, 422, 400, a fault of ours, the database away."""
    api = house.api()
    tag = api.client.get("/refunds", headers=api.headers).headers.get("ETag", '"x"')
    client = house.app.test_client(use_cookies=False)
    cases = {
        400: client.get("/search?q=%ff"),
        401: client.get("/orders", headers={"Accept": "application/json"}),
        403: client.post("/sign-in", headers={"Sec-Fetch-Site": "cross-site"}),
        413: client.post(
            "/customers", data=b"x" * 1_100_000, headers=api.headers, content_type="application/json"
        ),
        414: client.get("/search?q=" + "x" * 9000),
        415: client.post("/customers", data=b"<x/>", headers=api.headers, content_type="text/xml"),
        422: client.post("/customers", json={"nothing": 1}, headers=api.headers),
    }
    for status, answer in cases.items():
        assert answer.status_code == status
        dressed(answer, status)
    static = client.get("/static/console.css")
    assert static.headers["Cache-Control"] == "no-store"
    again = client.get("/static/console.css?v=1", headers={"If-None-Match": static.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, CACHED)
    dressed(again, 304)
    assert client.get("/static/nothing.css?v=1").headers["Cache-Control"] == "no-store"
    dressed(client.get("/refunds", headers={**api.headers, "If-None-Match": tag}), "304 of a list")

    def broken() -> None:
        raise ZeroDivisionError("a secret: sk_live_abc")

    house.app.view_functions["watch.healthz"] = broken
    fault = client.get("/healthz")
    assert fault.status_code == 500 and "sk_live_abc" not in fault.text and "Traceback" not in fault.text
    dressed(fault, 500)


def test_no_database_no_difference() -> None:
    app = create_app(settings_for("postgresql+psycopg://nobody@127.0.0.1:9/nothing"))
    answer = app.test_client().get("/orders", headers={"Cookie": "opsconsole=x"})
    dressed(answer, answer.status_code)
    away = app.test_client().get("/orders", headers={"Authorization": "Bearer x"})
    assert away.status_code == 503
    dressed(away, 503)


def test_the_policy_leaves_no_room() -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["form-action"] == "'self'"
    assert not re.search(r"unsafe|https?:|\*|data:|blob:", HEADERS["Content-Security-Policy"])
    assert policy["require-trusted-types-for"] == "'script'"


def test_hsts_over_https_only(house: House) -> None:
    client = house.app.test_client()
    assert client.get("/healthz", base_url="https://localhost").headers["Strict-Transport-Security"] == HSTS
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


def test_cookies_are_host_bound_over_https(fresh_database: str) -> None:
    live = create_app(settings_for(fresh_database, env="production", stripe_api_key="sk_live_1"))
    live.extensions["no_demo"] = True  # the people of tests are the demo's
    given = (
        live.test_client().get("/sign-in", base_url="https://console.example").headers.getlist("Set-Cookie")
    )
    assert given, "the sign-in page sets the session that its CSRF token is bound to"
    for cookie in given:
        assert cookie.startswith("__Host-") and "; Secure" in cookie and "; HttpOnly" in cookie, cookie
        assert "; Path=/" in cookie and "SameSite=" in cookie and "Domain=" not in cookie


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GARBAGE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: nine\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
        (
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 13000000\r\n\r\n" + b"x" * 3_000_000,
            b"413",
        ),
    ],
    ids=["no request", "huge headers", "a length in words", "a coding it does not know", "huge body"],
)
def test_on_what_the_web_server_says_by_itself(web: int, sent: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", web), timeout=10) as line:
        with contextlib.suppress(OSError):  # it had seen enough
            line.sendall(sent)
        answer = b""
        with contextlib.suppress(OSError):
            while piece := line.recv(65536):
                answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == status, head
    told = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    for name, value in HEADERS.items():
        assert told[name.encode()] == value.encode()
    assert b"Server" not in told and told[b"Cache-Control"] == b"no-store"
    assert b"waitress" not in answer.lower() and b"<h1>" in body
