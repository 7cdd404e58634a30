"""Other rules are written down, replayed, agreed to by a second person, and then hold: once."""

from __future__ import annotations

from typing import Any

import pytest

from opsconsole.services.routing import _simulate

from ..approvals.scenes import agreed, decide
from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import WHY, in_force, market, order, proposed, sent

URL = "/routing/propose"


def body(*rules: Any, ranking: Any = ("cost",)) -> Any:
    return {"rules": [*rules], "ranking": [*ranking], **WHY}


def statuses(house: House) -> list[str]:
    return [row.status for row in house.rows("select status from routing order by number")]


def test_a_change_reports_the_orders_that_would_have_moved_and_what_it_costs(house: House) -> None:
    """L2: replayed over the last 30 days, before anybody agrees to it."""
    ids = market(house, a_1=("truepill", "in_stock", "21.00"), a_2=("honeybee", "in_stock", "19.50"))
    gone = [order(house, "A", customer=f"c-{n}") for n in range(3)]
    for one in gone:
        sent(house, one)
    texan = order(house, "A", state="TX", customer="c-tx")
    sent(house, texan)
    pinned = order(house, "A", customer="c-pin")
    house.api().post(f"{pinned['url']}/submit", {"pharmacy": ids["truepill"]})
    seen = house.api("ops_lead").post(f"{URL}?preview=1", body(), 200)["preview"]
    words = "3 of the 4 orders of the last 30 days would have gone elsewhere, for $4.50 less."
    assert seen["warnings"] == [words] and statuses(house) == ["active"]
    draft = proposed(house, ranking=["cost"])
    told = draft["simulation"]
    assert told["says"] == words and told["cost_delta"] == {"amount": "-4.50", "currency": "usd"}
    assert [(move["reference"], move["from"], move["to"]) for move in told["moves"]] == [
        (one["reference"], "Truepill", "Honeybee") for one in gone
    ]
    assert told["moves"][0]["why"] == "The cheapest of 2 licensed in NV that have it"
    assert told["moves"][0]["cost_delta"]["amount"] == "-1.50"
    assert told["load"] == {"Honeybee": {"now": 0, "then": 3}, "Truepill": {"now": 4, "then": 1}}
    assert (told["chosen"], told["stranded"], told["capped"]) == (1, 0, False)
    page = house.page("ops_lead").get(draft["url"])
    assert words in page and gone[0]["reference"] in page and texan["reference"] not in page
    house.advance(31 * 86400)
    assert house.api().get(draft["url"])["simulation"]["orders"] == 0


def test_pages_of_fills_and_the_cap_are_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    market(house, a_1=("truepill", "in_stock", "21.00"), a_2=("honeybee", "in_stock", "19.50"))
    gone = [order(house, "A", customer=f"c-{n}") for n in range(3)]
    for one in gone:
        sent(house, one)
    draft, api = proposed(house), house.api()
    monkeypatch.setattr(_simulate, "PAGE", 1)
    told = api.get(draft["url"])["simulation"]
    assert [move["reference"] for move in told["moves"]] == [one["reference"] for one in gone]
    assert not told["capped"]
    monkeypatch.setattr(_simulate, "MOST", 2)
    told = api.get(draft["url"])["simulation"]
    assert told["capped"] and [move["reference"] for move in told["moves"]] == [
        o["reference"] for o in gone[1:]
    ]
    assert told["says"].startswith("2 of the newest 2 orders of the last 30 days")
    assert "There were more than" in house.page("ops_lead").get(draft["url"])


def test_who_would_be_left_with_nobody_is_counted(house: House) -> None:
    market(house)
    sent(house, order(house, "A", state="TX"))
    told = proposed(house, [{"then": "only", "pharmacies": ["Honeybee"]}])["simulation"]
    assert told["stranded"] == 1 and told["moves"][0]["to"] == "nobody"
    assert "For 1 of them there would be nobody." in told["says"]


def test_a_second_person_makes_them_hold_and_the_old_ones_are_kept(house: House) -> None:
    market(house)
    draft = proposed(house, [{"then": "prefer", "pharmacies": ["Honeybee"], "states": ["NV"]}], ["rank"])
    assert draft["status"] == "draft" and draft["rules"][0]["says"] == "Everything to NV: Honeybee first"
    assert sent(house, order(house, "A"))["why_here"].startswith("The first")
    with nothing_written(house):
        seen = house.api("ops_lead").post(f"{draft['url']}/adopt?preview=1", {}, 200)["preview"]
    assert "never changed by one person alone" in seen["approval"]["why"]
    asked = house.api("ops_lead").post(f"{draft['url']}/adopt", {}, 202, match=seen["hash"])
    assert statuses(house) == ["active", "draft"]
    assert "Somebody else has to agree" in house.page("support").get(draft["url"])
    agreed(house, asked, "admin")
    assert statuses(house) == ["superseded", "active"]
    assert sent(house, order(house, "A", customer="two"))["why_here"].startswith("Rule 1 prefers it")
    for verb in ("adopt", "withdraw"):
        refused(house, house.api("ops_lead"), f"{draft['url']}/{verb}", {}, "not_draft")


def test_what_was_agreed_to_is_what_is_done(house: House) -> None:
    """Two drafts wait; once the first holds, the second would take the place of something else: void."""
    market(house)
    first, second = proposed(house, ranking=["cost"]), proposed(house, ranking=["stock"])
    asked = [house.api("ops_lead").post(f"{one['url']}/adopt", {}, 202) for one in (first, second)]
    agreed(house, asked[0], "admin")
    assert decide(house.page("admin"), asked[1]["approval"]).status_code == 409
    assert statuses(house) == ["superseded", "active", "draft"]


def test_a_draft_is_taken_back(house: House) -> None:
    draft = proposed(house)
    asked = house.api("ops_lead").post(f"{draft['url']}/adopt", {}, 202)
    house.api("ops_lead").post(f"{draft['url']}/withdraw")
    assert house.api().get(draft["url"])["status"] == "withdrawn"
    assert decide(house.page("admin"), asked["approval"]).status_code == 409
    assert statuses(house) == ["active", "withdrawn"]


@pytest.mark.parametrize(
    ("rule", "field", "words"),
    [
        ({"then": "prefer", "pharmacies": ["Nobody"]}, "pharmacies", "Rule 2: there is no pharmacy Nobody. There are: "),
        ({"then": "prefer", "skus": ["A"]}, "pharmacies", "Rule 2: name at least one pharmacy."),
        ({"then": "maybe", "pharmacies": ["Truepill"]}, "then", "Rule 2: choose one of prefer, only, avoid."),
        ({"then": "only", "pharmacies": ["Truepill"], "states": ["nv"]}, "states", "Rule 2: nv is no state."),
        ({"then": "only", "pharmacies": ["Truepill"], "skus": ["A" * 61]}, "skus", "is too long for a SKU"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_rule(house: House, rule: Any, field: str, words: str) -> None:
    market(house)
    fine = {"then": "only", "pharmacies": ["truepill"]}
    errors = invalid(house, house.api("ops_lead"), URL, body(fine, rule), f"rules-1-{field}")
    assert words in errors[f"rules-1-{field}"][0]


def test_what_else_is_refused(house: House) -> None:
    api = house.api("ops_lead")
    invalid(house, api, URL, body(ranking=["price"]), "ranking")
    invalid(house, api, URL, body(ranking=["cost", "cost"]), "ranking")
    invalid(house, api, URL, body(ranking=[]), "ranking")
    invalid(house, api, URL, {"rules": [], "ranking": ["cost"]}, "reason")
    refused(house, api, URL, body(ranking=["rank"]), "same_as_before")


def test_a_product_that_nobody_knows_is_warned_of(house: House) -> None:
    market(house)
    rule = {"then": "only", "pharmacies": ["Truepill"], "skus": ["TYPO"]}
    seen = house.api().post(f"{URL}?preview=1", body(rule), 200)["preview"]
    assert seen["warnings"][0] == "No product is registered as TYPO."


def test_who_may_not_may_not_and_a_second_click_is_one(house: House) -> None:
    draft = proposed(house)
    for role in ("support", "clinician", "finance", "auditor", "shop"):
        denied(house, role, URL, body(ranking=["stock"]))
        denied(house, role, f"{draft['url']}/adopt")
        denied(house, role, f"{draft['url']}/withdraw")
    house.api("shop").get("/routing", 403)
    first = house.api("ops_lead").post(URL, body(ranking=["stock"]), key="k")
    with nothing_written(house):
        assert house.api("ops_lead").post(URL, body(ranking=["stock"]), key="k") == first
    assert statuses(house) == ["active", "draft", "draft"]


def test_the_pages_propose_and_use_them(house: House) -> None:
    market(house, a_1=("truepill", "in_stock", "21.00"), a_2=("honeybee", "in_stock", "19.00"))
    sent(house, order(house, "A"))
    lee = house.page("ops_lead")
    assert "Now orders go by version 1" in lee.get("/routing") and "Try a change" in lee.html
    lee.get(URL)
    form = {
        "rules-0-skus": "A, B", "rules-0-states": "NV", "rules-0-pharmacies": "honeybee, Truepill", "rules-0-then": "prefer",
        "rules-1-skus": "", "rules-1-states": "", "rules-1-pharmacies": "", "rules-1-then": "prefer",
        "ranking-0": "cost", "ranking-1": "", **WHY,
    }  # fmt: skip
    assert "1 of the 1 orders" in lee.submit(f"{URL}?preview=1", form)
    assert "name at least one pharmacy" in lee.submit(URL, form | {"rules-0-pharmacies": ""}, 422)
    lee.submit(URL, form)
    assert "A, B to NV: Honeybee, then Truepill first" in lee.html and "Honeybee" in lee.html
    draft = lee.url
    assert 'value="A, B"' in lee.get(f"{URL}?start={draft.rsplit('/', 1)[-1]}")
    lee.get(f"{draft}/adopt")
    lee.submit(f"{draft}/adopt", {})
    assert lee.url.startswith("/approvals/")
    root = house.page("admin")
    root.get(f"{lee.url}/approve")
    root.submit(f"{lee.url}/approve", {"note": ""})
    assert house.api().get(draft)["status"] == "active"
    lee.get(f"{in_force(house, ranking=['stock'])['url']}")


def test_reading_is_bounded_whatever_there_is(house: House) -> None:
    from ..statements import statements

    market(house, a_1=("truepill", "in_stock", "21.00"), a_2=("honeybee", "in_stock", "19.00"))
    draft, api, counts = proposed(house), house.api(), []
    for number in range(2):
        for more in range(1 + 2 * number):
            sent(house, order(house, "A", customer=f"c-{number}-{more}"))
        with statements(house) as seen:
            assert api.get(draft["url"])["simulation"]["moves"]
        counts.append(len(seen))
    assert counts[0] == counts[1], counts
