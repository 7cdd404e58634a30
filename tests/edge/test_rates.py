"""Nobody takes the console away from the others: rates per address and per person, told in words."""

from __future__ import annotations

import pytest
from flask import Flask

from opsconsole import create_app
from opsconsole.views._rates import ADDRESS, READS, REMEMBERED, WRITES, Buckets, Rate, household

from ..conftest import settings_for
from ..house import House

ASVS = {"2.4.1": "anti-automation", "15.3.4": "true address"}


def test_a_bucket_holds_what_it_says_and_fills_again() -> None:
    now = [100.0]
    bucket = Buckets(1, lambda: now[0])
    rate = Rate(2, 10)
    assert [bucket.take("sam", rate) for _ in range(10)] == [0] * 10
    assert bucket.take("sam", rate) == pytest.approx(0.5)
    assert bucket.take("lee", rate) == 0, "another's bucket is another's"
    now[0] += 0.5
    assert bucket.take("sam", rate) == 0 and bucket.take("sam", rate) > 0
    now[0] += 1000
    assert sum(bucket.take("sam", rate) == 0 for _ in range(30)) == 10, "it never holds more than it holds"


def test_it_forgets_the_quiet_and_not_the_busy() -> None:
    bucket = Buckets(1, lambda: 1.0)
    for number in range(REMEMBERED + 500):
        bucket.take(f"address {number}", ADDRESS)
        bucket.take("busy", WRITES)
    assert len(bucket.left) == REMEMBERED
    assert bucket.take("busy", WRITES) > 0


def test_what_counts_as_one_address() -> None:
    assert household("2001:db8:1:2:3:4:5:6") == household("2001:db8:1:2::1") != household("2001:db8:1:3::1")
    assert household("203.0.113.5") != household("203.0.113.6")
    assert household("unknown") == "unknown"


@pytest.fixture
def strict(house: House, fresh_database: str) -> Flask:
    """A hundredth of what production allows: 8 at once for an address, 2 reads for a person."""
    app = create_app(settings_for(fresh_database, rate_limits=0.01, proxies=1))
    house.app = app
    return app


def test_an_address_is_told_to_wait(strict: Flask) -> None:
    client = strict.test_client()
    answers = [client.get("/sign-in", headers={"X-Forwarded-For": "203.0.113.5"}) for _ in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 8 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1 and "Too many requests" in answers[-1].text
    assert client.get("/sign-in", headers={"X-Forwarded-For": "203.0.113.6"}).status_code == 200
    spoofed = {"X-Forwarded-For": "6.6.6.6, 203.0.113.5"}
    assert client.get("/sign-in", headers=spoofed).status_code == 429, (
        "what stands before the proxy's word is nothing"
    )
    told = client.get("/sign-in", headers={"X-Forwarded-For": "203.0.113.5", "Accept": "application/json"})
    assert told.status_code == 429 and told.get_json()["refused"]["code"] == "too_many_requests"


def test_a_person_is_told_to_wait_wherever_they_are(house: House, strict: Flask) -> None:
    page = house.page("support")
    codes = [
        page.client.get("/orders", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code
        for n in range(4)
    ]
    assert codes.count(429) >= 2 and codes[0] == 200, codes


def test_polls_count_little(house: House, strict: Flask) -> None:
    page = house.page("support")
    looks = [
        page.client.get(
            "/cases", headers={"X-Poll": "1", "X-Forwarded-For": f"198.51.100.{n % 9}"}
        ).status_code
        for n in range(8)
    ]
    assert looks.count(429) == 0, looks


def test_vendors_and_health_are_never_held_up(strict: Flask) -> None:
    client = strict.test_client()
    for _ in range(30):
        assert client.post("/webhooks/stripe", data=b"{}").status_code == 400
        assert client.get("/healthz").status_code == 200
        client.get("/static/console.css").close()
    assert client.get("/sign-in").status_code == 200


def test_acts_are_fewer_than_looks() -> None:
    assert WRITES.a_second < READS.a_second < ADDRESS.a_second
