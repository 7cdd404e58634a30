"""Drafts that a rule holds for a look, and which of the last invoices other rules would have held."""

from __future__ import annotations

from typing import Any

from ..approvals.scenes import agreed
from ..billing.scenes import called, done, drafted, subscribed
from ..house import House
from ..scenes import denied, invalid, processor, refused

WHY = {"reason": "Somebody should look at large ones"}


def holds(house: House, **rules: Any) -> Any:
    """Rules that two people agreed on."""
    draft = house.api().post("/hold-rules/propose", WHY | rules)
    asked = house.api("ops_lead").post(f"{draft['subject']}/adopt", {}, 202)
    agreed(house, asked, "finance")
    return house.api().get(draft["subject"])


def test_a_draft_is_held_once_and_the_simulation_lists_exactly_those(house: House) -> None:
    assert holds(house, amount_above="50.00")["status"] == "active"
    small, large = drafted(house, 50_00), drafted(house, 50_01, customer="cust-2")
    api = house.api()
    assert [one["id"] for one in api.get("/invoices?held=yes")["items"]] == [large["id"]]
    held = api.get(large["url"])
    assert (held["hold"]["reason"], held["hold"]["until"]) == ("rule", None)
    assert "its total is above $50.00" in held["hold"]["note"]
    house.later(3700)
    assert (api.get(small["url"])["status"], api.get(large["url"])["status"]) == ("paid", "draft")
    # a person looks and lets it go: it is not held again
    assert done(house, f"{large['url']}/release")["status"] == "done"
    house.drain()
    assert api.get(large["url"])["hold"] is None and api.get(large["url"])["auto_advance"]
    [version] = api.get("/hold-rules?status=active")["items"]
    seen = api.get(version["url"])["simulation"]
    assert (seen["looked_at"], [one["invoice"] for one in seen["held"]]) == (2, [large["url"]])
    assert "1 of the last 2 invoices" in house.page("ops_lead").get(version["url"])


def test_each_rule(house: House) -> None:
    first = drafted(house, 10_00)
    house.later(3700)
    second = drafted(house, 10_00, customer="cust-2")
    many = called(house, second["external_id"])
    for n in range(3):
        line = {"customer": None, "amount": n + 1, "currency": "usd", "description": "Shipping"}
        line["customer"] = processor(house).invoices.retrieve(many["external_id"]).customer
        processor(house).invoice_items.create(line | {"invoice": many["external_id"]})
    house.drain()
    renewal = subscribed(house, 60_00, customer="cust-3")
    processor(house).invoice_items.create({
        "customer": processor(house).invoices.retrieve(renewal["external_id"]).customer,
        "invoice": renewal["external_id"], "amount": 7_00, "currency": "usd", "description": "Shipping",
    })  # fmt: skip
    house.drain()

    def held(**rules: Any) -> set[str]:
        made = house.api().post("/hold-rules/propose", WHY | rules)
        return {one["invoice"] for one in house.api().get(made["subject"])["simulation"]["held"]}

    assert held(delta_percent=11) == {renewal["url"]} and held(delta_percent=12) == set()
    assert held(lines_above=3) == {second["url"]} and held(lines_above=4) == set()
    firsts = held(first_invoice=True)
    assert {first["url"], second["url"]} <= firsts and renewal["url"] not in firsts
    assert held(amount_above="66.99") == {renewal["url"]} and held(amount_above="67.00") == set()


def test_who_may_and_what_is_wrong(house: House) -> None:
    api = house.api()
    denied(house, "support", "/hold-rules/propose", WHY | {"lines_above": 3})
    invalid(house, api, "/hold-rules/propose", WHY | {"lines_above": -1}, "lines_above")
    refused(house, api, "/hold-rules/propose", WHY, "same_as_before")
    made = api.post("/hold-rules/propose", WHY | {"lines_above": 3}, key="twice")
    assert (
        api.post("/hold-rules/propose", WHY | {"lines_above": 3}, key="twice")["subject"] == made["subject"]
    )
    denied(house, "support", f"{made['subject']}/adopt")
    api.post(f"{made['subject']}/withdraw")
    for verb in ("adopt", "withdraw"):
        refused(house, api, f"{made['subject']}/{verb}", {}, "not_draft")
