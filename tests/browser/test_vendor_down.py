"""Stripe down, slow or answering garbage: the customer's page does not ask it, and marks nothing but its panel."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from statistics import median
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from .conftest import Console, Watched

DIALS: dict[str, dict[str, Any]] = {
    "down": {"kind": "down"},
    "slow": {"kind": "slow", "seconds": 15},
    "garbage": {"kind": "garbage", "profile": "html200"},
}
AT_MOST = 0.4  # seconds for the page, whatever Stripe does
LOOKS = 5


@pytest.fixture(autouse=True)
def mended(console: Console) -> Iterator[None]:
    yield
    console.world("/faults/clear", {})


def advance(console: Console, seconds: int) -> None:
    """Move the one time, and wait until the console has heard of it."""
    later = now(console) + timedelta(seconds=seconds)
    console.world("/clock/advance", {"seconds": seconds})
    deadline = time.monotonic() + 60
    while now(console) < later:
        assert time.monotonic() < deadline, "the console never heard that time has passed"
        time.sleep(0.2)


def now(console: Console) -> datetime:
    """The console's time, as its pages tell it."""
    with urlopen(f"{console.url}/sign-in") as answer:
        [said] = re.findall(r'<meta name="now" content="([^"]+)">', answer.read().decode())
    return datetime.fromisoformat(said)


def fresh_in_both(console: Console, nth: int) -> dict[str, Any]:
    """A customer known to both systems, who were read just now."""
    known = (console.ask(one["url"]) for one in console.ask("/customers")["items"])
    in_both = (told for told in known if all(one["fetched_at"] for one in told["profiles"].values()))
    chosen = next(islice(in_both, nth, None))
    advance(console, 300)  # what failed before may be asked again
    for system in ("stripe", "customerio"):
        console.ask(f"{chosen['url']}/refresh", {"system": system}, key=f"fresh {time.time_ns()}")
    advance(console, 11)  # a system is read every ten seconds at most
    told = dict(console.ask(chosen["url"]))
    assert not any(one["stale"] for one in told["profiles"].values())
    return told


def seconds(page: Page, urls: list[str]) -> float:
    """How long the customer's page with its panels takes, in the middle of several looks."""
    took = []
    for _ in range(LOOKS):
        began = time.monotonic()
        for url in urls:
            assert page.request.get(url).ok
        took.append(time.monotonic() - began)
    return median(took)


def asked_about(console: Console, stripe_id: str) -> int:
    """How often Stripe was asked about the customer so far."""
    calls = console.world("/requests?limit=1000")["requests"]
    return sum(stripe_id in call["path"] for call in calls)


@pytest.mark.parametrize(("nth", "dial"), [*enumerate(DIALS)])
def test_the_customers_page_does_not_depend_on_stripe(
    watched: Watched, console: Console, nth: int, dial: str
) -> None:
    page = watched.sign_in("sam@example.test")
    customer = fresh_in_both(console, nth)
    url, stripe_id = f"{console.url}{customer['url']}", customer["external_ids"]["stripe"]
    parts = [url, f"{url}/panels/stripe", f"{url}/panels/customerio"]
    seconds(page, parts)
    usual = seconds(page, parts)

    console.world("/faults", {"vendor": "stripe", "method": "* /v1/customers/*", **DIALS[dial]})
    before = asked_about(console, stripe_id)
    page.goto(f"{url}/refresh?system=stripe")
    expect(page.locator("main")).to_contain_text("stays as it is")
    assert asked_about(console, stripe_id) <= before + 1  # what is down does not write down who came
    watched.complaints.clear()  # browsers note an answer that is not 200

    before = asked_about(console, stripe_id)
    now = seconds(page, parts)
    assert asked_about(console, stripe_id) == before, "the page asked Stripe"
    assert seconds(page, [url]) < max(usual, AT_MOST)
    assert now < max(3 * usual, AT_MOST), (now, usual)

    watched.open(customer["url"])
    stripe, crm = page.locator("#panel-stripe"), page.locator("#panel-customerio")
    expect(stripe.locator("header")).to_contain_text(re.compile(r"as of \d+ \w+\s+Stale"))
    expect(stripe).to_contain_text(re.compile(r"Asked \d+ (s|min) ago. What stands here is as of"))
    expect(crm.locator("header")).to_contain_text("as of")
    expect(crm).not_to_contain_text("Stale")
    expect(page.locator("main")).to_contain_text(customer["name"])
