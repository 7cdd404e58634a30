"""Whom the console listens to: its own names, exactly its proxies, and its own pages."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from opsconsole import create_app
from opsconsole.config import Settings

from ..conftest import settings_for
from ..house import House

ASVS = {"3.5.1": "forgery", "3.5.8": "Sec-Fetch", "4.1.3": "proxy headers", "15.3.4": "true address"}
HOSTS = ("console.example", ".inner.example")


@pytest.fixture
def live(house: House, fresh_database: str) -> Flask:
    app = create_app(
        settings_for(
            fresh_database, env="production", stripe_api_key="sk_live_1", base_url="https://console.example",
            trusted_hosts=HOSTS, proxies=1,
        )
    )  # fmt: skip
    app.extensions["no_demo"] = True  # the people of tests are the demo's
    return app


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("console.example", 200), ("console.example:443", 200), ("a.inner.example", 200),
        ("evil.example", 400), ("console.example.evil.example", 400), ("evil-console.example", 400), ("", 400),
        ("console.example@evil.example", 400), ("console.example/evil", 400), ("127.0.0.1", 400), ("evil\x00", 400),
    ],
)  # fmt: skip
def test_only_to_its_own_names(live: Flask, host: str, status: int) -> None:
    answer = live.test_client().get("/sign-in", headers={"Host": host, "X-Forwarded-Proto": "https"})
    assert answer.status_code == status, answer.text
    assert "evil" not in answer.text


def test_health_is_asked_by_address(live: Flask) -> None:
    assert live.test_client().get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200


def test_a_forwarded_host_is_not_believed(live: Flask) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "console.example", "X-Forwarded-Proto": "https"}
    assert live.test_client().get("/sign-in", headers=headers).status_code == 400


def test_plain_http_is_refused_in_words(live: Flask) -> None:
    for headers in ({}, {"X-Forwarded-Proto": "http"}):
        answer = live.test_client().get("/sign-in", headers={"Host": "console.example", **headers})
        assert answer.status_code == 403 and "https://console.example/" in answer.text


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (1, "6.6.6.6, 7.7.7.7, 203.0.113.5", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "203.0.113.5", "127.0.0.1"),
    ],
)
def test_a_spoofed_address_is_recorded_nowhere(
    house: House, fresh_database: str, proxies: int, forwarded: str, address: str
) -> None:
    """Of a refused delivery the address is kept: it is the proxy's word, or the connection's."""
    app = create_app(settings_for(fresh_database, proxies=proxies))
    answer = app.test_client().post(
        "/webhooks/stripe", data=b"{}", headers={"X-Forwarded-For": forwarded, "Forwarded": "for=6.6.6.6"}
    )
    assert answer.status_code == 400
    assert [str(row[0]) for row in house.rows("select address from rejected_deliveries")] == [address]


FORGED: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:9"},
]


@pytest.mark.parametrize("headers", FORGED)
def test_another_site_writes_nothing(house: House, headers: dict[str, str]) -> None:
    """Beside the CSRF token: with a token stolen from the page, the browser still says who asked."""
    page = house.page()
    before = house.checksum()
    page.get("/sign-in")
    token = page.html.split('name="csrf_token" value="')[1].split('"')[0]
    answer = page.client.post("/sign-out", data={"csrf_token": token}, headers=headers)
    assert answer.status_code == 403 and "Another site" in answer.text
    assert house.checksum()["sign_ins"] == before["sign_ins"]
    own = page.client.post("/sign-out", data={"csrf_token": token}, headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 200),
        ({}, 200),
    ],
)
def test_another_site_may_link_and_nothing_else(house: House, headers: dict[str, str], status: int) -> None:
    assert house.page().client.get("/orders", headers=headers).status_code == status


def test_programs_and_vendors_are_no_browsers(house: House) -> None:
    api = house.api()
    assert api.client.get("/orders", headers={**api.headers, **FORGED[0]}).status_code == 200


def test_names_come_from_the_settings() -> None:
    def hosts(**environ: Any) -> tuple[str, ...]:
        needed = {
            "OPSCONSOLE_DATABASE_URL": "postgresql://a@b/c", "OPSCONSOLE_SECRET_KEY": "k" * 32,
            "STRIPE_API_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1",
        }  # fmt: skip
        return Settings.from_environment(needed | environ).trusted_hosts

    assert hosts() == ()
    named = hosts(
        OPSCONSOLE_BASE_URL="https://Ops.example:8443", OPSCONSOLE_TRUSTED_HOSTS="b.example, .c.example"
    )
    assert named == ("ops.example", "b.example", ".c.example")
    assert "localhost" in hosts(OPSCONSOLE_ENV="sandbox")
