"""A trace: one cause and all it led to, each thing hanging from what led to it."""

from __future__ import annotations

from ..house import House
from ..scenes import WINDOW, declined, issue


def test_from_the_click_to_the_settled_webhook(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    done = issue(house, order)
    assert api.get(f"/traces/{done['trace']}")["waiting_for"] == ["Stripe refunds $10.00 to Visa ending 4242"]
    house.later(WINDOW)
    trace = api.get(f"/traces/{done['trace']}")
    assert set(trace) == {"id", "entries", "waiting_for"} and trace["waiting_for"] == []
    entries = {entry["id"]: entry for entry in trace["entries"]}
    keys = {"id", "parent", "at", "kind", "name", "by", "subject", "says", "status", "external_id"}
    assert all(set(entry) == keys for entry in entries.values())
    assert [entry["at"] for entry in trace["entries"]] == sorted(entry["at"] for entry in trace["entries"])
    roots = [entry for entry in entries.values() if entry["parent"] not in entries]
    assert {entry["kind"] for entry in roots} == {"act", "event"} and roots[0]["name"] == "refunds.issue"
    [attempt] = [entry for entry in entries.values() if entry["kind"] == "attempt"]
    refund = api.get(done["subject"])
    assert attempt["parent"] == roots[0]["id"] and attempt["external_id"] == refund["external_id"]
    [recorded] = [entry for entry in entries.values() if entry["name"] == "refunds.sent"]
    assert recorded["parent"] == attempt["id"] and recorded["by"] == "worker"
    assert any(entry["kind"] == "event" and entry["status"] == "settled" for entry in entries.values())
    [effect] = house.sandbox.ledger("refund")
    assert effect["metadata"]["opsconsole_trace"] == done["trace"]


def test_a_case_hangs_in_the_trace_and_is_what_it_waits_for(house: House) -> None:
    _, refund, case = declined(house)
    trace = house.api().get(f"/traces/{refund['trace']}")
    [entry] = [entry for entry in trace["entries"] if entry["kind"] == "case"]
    assert entry["id"] == case["id"] and entry["parent"] in {one["id"] for one in trace["entries"]}
    assert any(case["says"] in waits for waits in trace["waiting_for"])


def test_each_act_is_one_entry_of_the_audit_that_says_who_what_and_from_where(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    issue(house, order, role="support", note="A late parcel")
    [entry] = api.get(f"/audit?act=refunds.issue&subject={order['id']}")["items"]
    assert (entry["by"], entry["address"]) == ("token support", "127.0.0.1")
    assert entry["inputs"]["amount"] == 1000 and entry["inputs"]["note"] == "A late parcel"
    assert {"on": "refund", "field": "amount", "from": None, "to": "$10.00"} in entry["changes"]
    assert (
        api.get(entry["url"])["id"] == entry["id"]
        and api.get(entry["promises"][0])["trace"] == entry["trace"]
    )
