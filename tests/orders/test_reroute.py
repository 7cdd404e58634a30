"""Naming another pharmacy for an order: before it goes it keeps to it, later what failed moves; never a second copy."""

from __future__ import annotations

from ..fills.scenes import at_pharmacy, look, made_up, submitted
from ..fills.scenes import order as plain
from ..fills.test_resend import cured
from ..gates.scenes import change
from ..house import House
from ..routing.scenes import in_force, market, order, sent
from ..scenes import WINDOW, cases_of, denied, invalid, nothing_written, refused

WHY = {"reason": "stock"}


def test_it_keeps_to_it_whatever_the_rules_say(house: House) -> None:
    ids = market(house)
    in_force(house, [{"then": "only", "pharmacies": ["Truepill"]}], ["rank"])
    ready = order(house, "A")
    url, where = f"{ready['url']}/reroute", {"pharmacy": f"/pharmacies/{ids['honeybee']}"}
    seen = house.api("support").post(f"{url}?preview=1", where | WHY, 200)["preview"]
    assert [(c["field"], c["from"], c["to"]) for c in seen["changes"]] == [
        ("pharmacy_id", None, ids["honeybee"])
    ]
    house.api("support").post(url, where | WHY)
    named = house.api().get(ready["url"])["would_go"]["named"]
    assert named["pharmacy"].endswith(ids["honeybee"]) and named["why"].startswith(
        "token support: it is out of stock"
    )
    assert "whatever the rules say" in house.page("support").get(ready["url"])
    refused(house, house.api(), url, where | WHY, "same_pharmacy")
    fill = sent(house, ready)
    assert fill["pharmacy"].endswith(ids["honeybee"]) and fill["chosen"]
    assert fill["why_here"].startswith("Chosen; licensed in NV. token support: it is out of stock")


def test_the_rules_decide_again(house: House) -> None:
    ids = market(house)
    ready = order(house, "A")
    url = f"{ready['url']}/reroute"
    refused(house, house.api(), url, WHY, "same_pharmacy")
    house.api().post(url, {"pharmacy": ids["honeybee"], **WHY})
    house.api().post(url, WHY)
    assert sent(house, ready)["pharmacy"].endswith(ids["truepill"])


def test_what_was_only_queued_is_taken_back_and_goes_elsewhere(house: House) -> None:
    ids = market(house)
    ready = order(house, "A")
    fill = sent(house, ready)
    house.api().post(f"{ready['url']}/reroute", {"pharmacy": ids["honeybee"], **WHY})
    assert house.api().get(fill["url"])["status"] == "withdrawn"
    again = sent(house, ready)
    house.later(WINDOW)
    house.later(10)
    assert look(house, again) == ("acknowledged", "at_pharmacy")
    assert [one["metadata"]["pharmacy"] for one in house.sandbox.ledger("fill")] == ["honeybee"]


def test_what_a_pharmacy_could_not_fill_moves(house: House) -> None:
    ids = market(house)
    fill = at_pharmacy(house, fate="ERROR R3")
    cured(house)
    url = f"{fill['order']}/reroute"
    refused(house, house.api(), url, {"pharmacy": ids["truepill"], **WHY}, "same_pharmacy")
    invalid(house, house.api(), url, WHY, "pharmacy")
    house.api("support").post(url, {"pharmacy": ids["honeybee"], **WHY})
    house.later(1)
    house.later(10)
    assert look(house, fill) == ("acknowledged", "at_pharmacy")
    now = house.api().get(fill["url"])
    assert now["pharmacy"].endswith(ids["honeybee"]) and now["id"] == fill["id"], "the same fill: one copy"


def test_what_lives_is_stopped_first_and_goes_when_that_is_confirmed(house: House) -> None:
    ids = market(house)
    fill = at_pharmacy(house)
    url, where = f"{fill['order']}/reroute", {"pharmacy": ids["honeybee"], **WHY}
    refused(house, house.api(), url, {"pharmacy": ids["truepill"], **WHY}, "same_pharmacy")
    house.api("support").post(url, where)
    assert look(house, fill) == ("cancel_requested", "at_pharmacy") and len(made_up(house)) == 1
    refused(house, house.api(), url, where, "not_reroutable")
    for _ in range(3):
        house.later(10)
    assert look(house, fill) == ("acknowledged", "at_pharmacy")
    assert house.api().get(fill["url"])["pharmacy"].endswith(ids["honeybee"])
    assert [one["metadata"]["pharmacy"] for one in house.sandbox.ledger("fill")] == ["truepill", "honeybee"]
    assert len(house.sandbox.ledger("fill_cancel")) == 1
    assert cases_of(house, fill["url"]) == [] == cases_of(house, fill["order"])


def test_what_would_not_be_stopped_goes_nowhere_else(house: House) -> None:
    ids = market(house)
    fill = at_pharmacy(house)
    house.later(700)
    house.api().post(f"{fill['order']}/reroute", {"pharmacy": ids["honeybee"], **WHY})
    for _ in range(3):
        house.later(10)
    assert look(house, fill) == ("cancel_denied", "at_pharmacy")
    [case] = cases_of(house, fill["url"])
    assert case["reason"] == "cancel_denied" and "does not go to Honeybee" in case["says"]
    assert len(made_up(house)) == 1 and house.api().get(fill["url"])["pharmacy"].endswith(ids["truepill"])


def test_what_else_is_refused(house: House) -> None:
    ids = market(house)
    ready = plain(house, state="CA")
    url = f"{ready['url']}/reroute"
    words = refused(house, house.api(), url, {"pharmacy": ids["truepill"], **WHY}, "no_pharmacy", "pharmacy")
    assert "Who may: Honeybee" in words
    invalid(house, house.api(), url, {"pharmacy": "pha_nobody", **WHY}, "pharmacy")
    invalid(house, house.api(), url, {"pharmacy": ids["honeybee"], "reason": "whim"}, "reason")
    for role in ("clinician", "finance", "admin", "auditor", "shop"):
        denied(house, role, url, {"pharmacy": ids["honeybee"], **WHY})


def test_a_second_click_is_one_and_the_vendors_no_is_a_case(house: House) -> None:
    ids = market(house)
    fill = at_pharmacy(house, fate="ERROR R3")
    url, body = f"{fill['order']}/reroute", {"pharmacy": ids["honeybee"], **WHY}
    change(house, 'update orders set ship_to = ship_to || \'{"line1": ""}\'::jsonb')  # which it cannot read
    first = house.api().post(url, body, key="k")
    with nothing_written(house):
        assert house.api().post(url, body, key="k") == first
    house.later(1)
    house.later(10)
    assert look(house, fill) == ("error", "manual_intervention"), "it says no as well"
    reasons = [one["reason"] for one in house.api().get(f"/cases?subject={fill['url']}&status=open")["items"]]
    assert "vendor_rejected" in reasons


def test_the_page_names_one(house: House) -> None:
    ids = market(house)
    ready = plain(house)
    sam = house.page("support")
    assert "Other pharmacy" in sam.get(ready["url"])
    sam.get(f"{ready['url']}/reroute")
    assert "The first of 2 licensed in NV" in sam.html and "Honeybee: Asked as number 2" in sam.html
    sam.submit(f"{ready['url']}/reroute", {"pharmacy": ids["honeybee"], **WHY})
    assert sam.url == ready["url"] and "whatever the rules say" in sam.html
    assert submitted(house, ready)["pharmacy"].endswith(ids["honeybee"])
