"""Replaying one event by hand: first what would change, then the change, and never one too many."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from opsconsole.vendors.payments import RefundFacts

from ..house import House
from ..webhooks.stripe_deliveries import an_event
from .scenes import Between, give_back, hold_webhooks, mirrored, tell, told, truth


def settled(house: House) -> tuple[str, str, str]:
    """A payment and a refund that were both taken in. Returns their ids and the URL of the refund's event."""
    hold_webhooks(house)
    payment = house.pay(6000)
    refund = give_back(house, payment, 1000)
    tell(house, *(e for e in told(house) if e["type"] in ("payment_intent.succeeded", "refund.created")))
    house.drain()
    [event] = house.api().get("/inbox?kind=refund.created")["items"]
    assert event["status"] == "settled"
    return payment, refund, event["url"]


def test_a_preview_of_what_is_known_says_no_change_and_writes_nothing(house: House) -> None:
    _, _, url = settled(house)
    before = house.checksum()
    preview = house.api().post(f"{url}/replay?preview=1", {}, 200)["preview"]
    assert (preview["act"], preview["changes"], preview["promises"]) == ("inbox.replay", [], [])
    assert house.checksum() == before


def test_a_replay_of_what_is_known_changes_nothing_that_staff_see(house: House) -> None:
    payment, _, url = settled(house)
    seen = [tuple(row) for row in house.rows("select id, status, amount, failure_reason from refunds")]
    moves = house.rows("select count(*) from status_moves")[0][0]
    done = house.api().post(f"{url}/replay", {})
    [entry] = [
        e for e in house.api().get(f"/traces/{done['trace']}")["entries"] if e["name"] == "inbox.replay"
    ]
    assert entry["says"] == "Replayed refund.created: no change"
    assert [
        tuple(row) for row in house.rows("select id, status, amount, failure_reason from refunds")
    ] == seen
    assert house.rows("select count(*) from status_moves")[0][0] == moves
    assert mirrored(house) == truth(house, [payment])


def test_a_preview_shows_what_the_world_has_become_and_its_hash_holds(house: House) -> None:
    payment, refund, url = settled(house)
    house.sandbox.stripe.move_refund(refund, "failed", failure_reason="declined")
    before = house.checksum()
    preview = house.api().post(f"{url}/replay?preview=1", {}, 200)["preview"]
    changes = [(c["field"], c["from"], c["to"]) for c in preview["changes"]]
    assert ("status", "succeeded", "failed") in changes
    assert house.checksum() == before
    house.api().post(f"{url}/replay", {}, match=preview["hash"])
    assert mirrored(house) == truth(house, [payment])


def test_a_world_that_moved_on_since_the_preview_is_shown_again(house: House) -> None:
    _, refund, url = settled(house)
    preview = house.api().post(f"{url}/replay?preview=1", {}, 200)["preview"]
    house.sandbox.stripe.move_refund(refund, "failed", failure_reason="declined")
    before = house.checksum()
    refused = house.api().post(f"{url}/replay", {}, 409, match=preview["hash"])
    assert refused["refused"]["code"] == "world_changed" and refused["preview"]["changes"]
    assert house.checksum() == before


def test_a_person_replays_on_the_page(house: House) -> None:
    payment, refund, url = settled(house)
    house.sandbox.stripe.move_refund(refund, "failed", failure_reason="declined")
    page = house.page("ops_lead")
    page.get(f"{url}/replay")
    page.submit(f"{url}/replay", {})
    assert page.url == url
    assert mirrored(house) == truth(house, [payment])


def test_an_event_that_waits_for_a_person_is_settled_by_a_replay_and_its_case_closes(house: House) -> None:
    hold_webhooks(house)
    payment = house.pay(6000)
    refund = give_back(house, payment, 1000)
    tell(house, *(e for e in told(house) if e["type"] in ("payment_intent.succeeded", "refund.created")))

    def impossible(facts: RefundFacts) -> RefundFacts:
        return dataclasses.replace(facts, amount=0)

    with Between("fetch_refund", impossible):
        house.sandbox.stripe.move_refund(refund, "pending")
        house.work()
        for _ in range(8):
            house.later(61)
    [case] = house.api().get("/cases?status=open&reason=poison_payload")["items"]
    house.api().post(f"{case['subject']}/replay", {})
    assert house.api().get(case["subject"])["status"] == "settled"
    assert house.api().get(case["url"])["status"] == "resolved"
    assert mirrored(house) == truth(house, [payment])


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(
            an_event("customer.updated", {"id": "cus_1", "object": "customer"}), id="nobody needs it"
        ),
        pytest.param(
            an_event("refund.updated", {"id": "re_of_long_ago", "object": "refund"}), id="the vendor lost it"
        ),
    ],
)
def test_there_may_be_nothing_to_replay(house: House, event: dict[str, Any]) -> None:
    tell(house, event)
    house.drain()
    [kept] = house.api().get("/inbox")["items"]
    before = house.checksum()
    refused = house.api().post(f"{kept['url']}/replay", {}, 409)["refused"]
    assert refused["code"] == "nothing_to_replay"
    assert house.checksum() == before


def test_while_the_vendor_is_down_a_replay_says_so(house: House) -> None:
    _, _, url = settled(house)
    house.sandbox.fault(method="GET *", kind="down")
    before = house.checksum()
    assert house.api().post(f"{url}/replay", {}, 503)["refused"]["code"] == "vendor_unavailable"
    assert house.checksum() == before


@pytest.mark.parametrize("role", ["auditor", "shop"])
def test_who_may_not_replay_gets_403_and_nothing_is_written(house: House, role: str) -> None:
    _, _, url = settled(house)
    house.sandbox.calls.clear()
    before = house.checksum()
    house.api(role).post(f"{url}/replay", {}, 403)
    after = house.checksum()
    assert {table for table in after if after[table] != before[table]} <= {"tokens"}
    assert list(house.sandbox.calls) == []


def test_the_same_click_twice_is_one_replay(house: House) -> None:
    _, _, url = settled(house)
    first = house.api().post(f"{url}/replay", {}, key="click")
    again = house.api().post(f"{url}/replay", {}, key="click")
    assert first == again
    assert house.rows("select count(*) from audit_entries where act = 'inbox.replay'")[0][0] == 1
