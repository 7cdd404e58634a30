"""Where an order goes and why, by what each pharmacy has, charges and can take, and by the rules."""

from __future__ import annotations

from typing import Any

import pytest

from ..fills.scenes import submitted
from ..house import House
from ..scenes import refused
from .scenes import in_force, market, offer, order, sent


def told(house: House, ready: Any) -> tuple[str, str, list[str]]:
    """What the order's page says: (where to, why, why not the other)."""
    [to] = house.api().get(ready["url"])["would_go"]["to"]
    name = house.api().get(to["pharmacy"])["name"]
    return name, to["why"], [other["why_not"] for other in to["not_elsewhere"]]


def test_until_somebody_changes_the_rules_whoever_is_asked_first_gets_it(house: House) -> None:
    market(house, a_1=("truepill", "in_stock", "21.00"), a_2=("honeybee", "in_stock", "19.00"))
    ready = order(house, "A")
    why = "The first of 2 licensed in NV that have it"
    assert told(house, ready) == ("Truepill", why, ["Asked as number 2"])
    fill = sent(house, ready)
    assert (fill["why_here"], fill["chosen"]) == (why, False)
    assert [one["why_not"] for one in fill["not_elsewhere"]] == ["Asked as number 2"]
    assert house.api().get(fill["rules"])["number"] == 1
    sam = house.page("support")
    page = sam.get(fill["url"])
    assert "Why not Honeybee" in page and "Asked as number 2" in page and "version 1" in page
    assert "Would go to" not in sam.get(ready["url"])


def test_the_cheapest_that_has_it_is_told_before_it_goes(house: House) -> None:
    market(house, a_1=("truepill", "in_stock", "21.00"), a_2=("honeybee", "in_stock", "19.00"))
    in_force(house)
    ready = order(house, "A")
    why = "The cheapest of 2 licensed in NV that have it"
    assert told(house, ready) == ("Honeybee", why, ["Dearer: $21.00"])
    page = house.page("support").get(ready["url"])
    assert "Would go to" in page and why in page and "Truepill: Dearer: $21.00" in page
    assert sent(house, ready)["why_here"] == why


def test_who_does_not_make_it_or_is_out_is_not_asked(house: House) -> None:
    ids = market(house, a_1=("truepill", "out", "21.00"), a_2=("honeybee", "in_stock", "30.00"))
    only = "The only one licensed in NV that has it"
    assert told(house, order(house, "A")) == ("Honeybee", only, ["A is out"])
    offer(house, ids["honeybee"], "B", "low", "9.00")
    assert told(house, order(house, "B")) == ("Honeybee", only, ["Does not make B"])


def test_who_runs_low_is_worse_where_stock_decides(house: House) -> None:
    market(house, a_1=("truepill", "low", "10.00"), a_2=("honeybee", "in_stock", "30.00"))
    in_force(house, ranking=["stock", "cost"])
    name, why, others = told(house, order(house, "A"))
    assert (name, others) == ("Honeybee", ["Runs low on A"])
    assert why == "The one with the most in stock of 2 licensed in NV that have it"


def test_who_is_full_today_comes_last_and_is_asked_when_all_are(house: House) -> None:
    ids = market(house)
    for id in ids.values():
        house.api().post(f"/pharmacies/{id}/limit", {"capacity": 1})
    first = sent(house, order(house, "A", customer="one"))
    assert first["pharmacy"].endswith(ids["truepill"])
    ready = order(house, "A", customer="two")
    assert told(house, ready) == (
        "Honeybee", "The only one with room today of 2 licensed in NV", ["Full today: 1 of 1"],
    )  # fmt: skip
    sent(house, ready)
    assert told(house, order(house, "A", customer="three"))[0] == "Truepill"
    house.advance(86400)
    name, why, _ = told(house, order(house, "A", customer="four"))
    assert (name, why) == ("Truepill", "The first of 2 licensed in NV")


def test_most_room_today_can_decide(house: House) -> None:
    ids = market(house)
    house.api().post(f"/pharmacies/{ids['truepill']}/limit", {"capacity": 40})
    in_force(house, ranking=["capacity"])
    name, why, others = told(house, order(house, "A"))
    assert (name, others) == ("Honeybee", ["Room for 40 more"])
    assert why == "The one with the most room today of 2 licensed in NV"


@pytest.mark.parametrize(
    ("rule", "name", "why", "other"),
    [
        ({"then": "prefer"}, "Honeybee", "Rule 1 prefers it, of 2 licensed in NV", "Rule 1 prefers Honeybee"),
        (
            {"then": "only", "skus": ["A"]}, "Honeybee", "The only one licensed in NV that the rules allow",
            "Rule 1: only Honeybee",
        ),
        ({"then": "avoid", "states": ["NV"]}, "Truepill", "The only one that rule 1 does not put last of 2 licensed in NV",
         "Rule 1 puts it last"),
        ({"then": "only", "skus": ["B"]}, "Truepill", "The first of 2 licensed in NV", "Asked as number 2"),
        ({"then": "only", "states": ["CA"]}, "Truepill", "The first of 2 licensed in NV", "Asked as number 2"),
    ],
)  # fmt: skip
def test_rules_go_by_product_and_state(house: House, rule: Any, name: str, why: str, other: str) -> None:
    market(house)
    in_force(house, [rule | {"pharmacies": ["Honeybee"]}], ["rank"])
    assert told(house, order(house, "A")) == (name, why, [other])


def test_no_rule_sends_it_where_nobody_is_licensed(house: House) -> None:
    market(house)
    in_force(house, [{"then": "only", "pharmacies": ["Truepill"]}], ["rank"])
    ready = order(house, "A", state="CA")
    words = refused(house, house.api(), f"{ready['url']}/submit", {}, "no_pharmacy", "pharmacy")
    assert words == (
        "Nobody can fill A for CA. Truepill: Not licensed in CA; Honeybee: Rule 1: only Truepill."
    )
    [nowhere] = house.api().get(ready["url"])["would_go"]["nowhere"]
    assert len(nowhere["not"]) == 2
    assert "Nobody" in house.page("support").get(ready["url"])


def test_a_person_may_choose_against_the_rules_but_not_against_licence_or_stock(house: House) -> None:
    ids = market(house, b_1=("truepill", "in_stock", "5.00"), b_2=("honeybee", "out", "5.00"))
    in_force(house, [{"then": "only", "pharmacies": ["Truepill"]}], ["rank"])
    fill = submitted(house, order(house, "A"), pharmacy=ids["honeybee"])
    assert (fill["why_here"], fill["chosen"], fill["rules"]) == ("Chosen; licensed in NV", True, None)
    url = f"{order(house, 'B')['url']}/submit"
    words = refused(house, house.api(), url, {"pharmacy": ids["honeybee"]}, "no_pharmacy", "pharmacy")
    assert words == "Honeybee: B is out."
