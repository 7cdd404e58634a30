"""Another policy is written down, replayed, agreed to by a second person, and then holds: once."""

from __future__ import annotations

from typing import Any

from ..approvals.scenes import agreed
from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import card_says, failed, on_day

URL = "/lifecycle/propose"
WHY = {"reason": "Fewer letters"}


def active(house: House) -> Any:
    return house.api().get("/lifecycle?status=active")["items"][0]


def body(house: House, **changes: Any) -> Any:
    """What holds, with some of it changed."""
    fields = ("steps", "hard", "hard_message", "ends_on_day", "ends_with")
    now = active(house)
    rules = [{k: v for k, v in rule.items() if k != "says"} for rule in now["notices"]]
    return {name: now[name] for name in fields} | {"notices": rules} | WHY | changes


def statuses(house: House) -> list[str]:
    return [row.status for row in house.rows("select status from lifecycle_policies order by number")]


def test_what_would_have_differed_is_told_before_anybody_agrees(house: House) -> None:
    """An invoice that was paid on day 4 by our second try, under a policy that is over on day 3."""
    dunning = failed(house)
    on_day(house, dunning, 1)
    card_says(house, None)
    on_day(house, dunning, 4)
    short = {
        "steps": [{"day": 0, "tries": False, "message": "card_declined_soft"}], "ends_on_day": 3, "ends_with": "cancel",
    }  # fmt: skip
    seen = house.api("ops_lead").post(f"{URL}?preview=1", body(house, **short), 200)["preview"]
    failed_words, renewed_words = seen["warnings"]
    assert failed_words == (
        "1 of the 1 failed invoices of the last 90 days would have gone another way: 2 tries less, 1 message less."
        " 1 of them were paid after it would have been over."
    )
    assert "would have been announced on the same day" in renewed_words
    rules = body(house)["notices"]
    weekly = body(house, notices=[rule for rule in rules if rule["kind"] != "renewal"])
    draft = house.api().get(house.api("ops_lead").post(URL, weekly)["subject"])
    told = draft["simulation"]
    assert (told["failed"], told["differs"], told["renewals"], told["dropped"]) == (1, [], 1, 1)
    draft = house.api().get(house.api("ops_lead").post(URL, body(house, **short))["subject"])
    [differs] = draft["simulation"]["differs"]
    assert (differs["lost"], differs["from"]) == (True, "2 tries, 2 messages")
    assert differs["to"] == "0 tries, 1 message, then the subscription is canceled"
    page = house.page("ops_lead").get(draft["url"])
    assert "paid after that" in page and "2 tries, 2 messages" in page


def test_a_second_person_makes_it_hold(house: House) -> None:
    lee = house.api("ops_lead")
    draft = house.api().get(lee.post(URL, body(house, ends_with="pause"))["subject"])
    with nothing_written(house):
        seen = lee.post(f"{draft['url']}/adopt?preview=1", {}, 200)["preview"]
    assert "never changed by one person alone" in seen["approval"]["why"]
    asked = lee.post(f"{draft['url']}/adopt", {}, 202, match=seen["hash"])
    assert statuses(house) == ["active", "draft"]
    assert "Somebody else has to agree" in house.page("support").get(draft["url"])
    agreed(house, asked, "admin")
    assert statuses(house) == ["superseded", "active"] and active(house)["ends_with"] == "pause"
    for verb in ("adopt", "withdraw"):
        refused(house, lee, f"{draft['url']}/{verb}", {}, "not_draft")
    other = house.api().get(lee.post(URL, body(house, ends_with="leave"))["subject"])
    lee.post(f"{other['url']}/withdraw")
    assert statuses(house) == ["superseded", "active", "withdrawn"]


def test_what_is_wrong_is_named_with_its_row_and_nothing_is_written(house: House) -> None:
    step = {"day": 2, "tries": True, "message": None}
    rule = {
        "kind": "renewal", "state": "NY", "from_days": 365, "earliest": 45, "latest": 15, "law": True, "source": "GBL",
    }  # fmt: skip
    api = house.api("ops_lead")
    with nothing_written(house):
        for changes, field, words in (
            ({"steps": [step, step]}, "steps-1-day", "Step 2: each day once"),
            ({"steps": [step | {"day": 21}]}, "steps-0-day", "Step 1: from day 0 to"),
            ({"steps": [step | {"day": 0}]}, "steps-0-tries", "on day 0 Stripe tries"),
            ({"steps": [step | {"tries": False}]}, "steps-0-message", "try the card, tell the customer"),
            ({"steps": [step | {"message": "call_us"}]}, "steps-0-message", "choose one of"),
            ({"ends_on_day": 90}, "ends_on_day", "Between 1 and 60"),
            ({"ends_with": "sue"}, "ends_with", "Choose one of"),
            ({"hard": ["lost card!"]}, "hard", "is no decline code"),
            ({"hard_message": "call_us"}, "hard_message", "Choose one of"),
            ({"notices": [rule | {"kind": "birthday"}]}, "notices-0-kind", "choose one of"),
            ({"notices": [rule | {"state": "ZZ"}]}, "notices-0-state", "ZZ is no state"),
            ({"notices": [rule | {"earliest": 16}]}, "notices-0-earliest", "time to try again"),
            ({"notices": [rule | {"latest": None}]}, "notices-0-latest", "from 1 to 400"),
            ({"notices": [rule | {"source": ""}]}, "notices-0-source", "which law"),
            ({"notices": [rule, rule]}, "notices-1-state", "a row for just that"),
        ):
            errors = invalid(house, api, URL, body(house, **changes), field)
            assert words in errors[field][0], field
        refused(house, api, URL, body(house), "same_as_before")


def test_who_may_not_may_not_a_second_click_is_one_and_the_page_proposes(house: House) -> None:
    changed = body(house, ends_on_day=14)
    for role in ("support", "clinician", "auditor", "shop"):
        denied(house, role, URL, changed)
    first = house.api("ops_lead").post(URL, changed, key="k")
    for verb in ("adopt", "withdraw"):
        denied(house, "support", f"{first['subject']}/{verb}")
    with nothing_written(house):
        assert house.api("ops_lead").post(URL, changed, key="k") == first
    lee = house.page("ops_lead")
    assert "Now holds version 1" in lee.get("/lifecycle") and "45 to 15" in lee.html
    lee.get(f"{URL}?start={first['subject'].rsplit('/', 1)[-1]}")
    assert 'value="14"' in lee.html
    form = {
        "steps-0-day": "3", "steps-0-tries": "y", "steps-0-message": "card_declined_soft", "hard": "lost_card",
        "hard_message": "", "ends_on_day": "10", "ends_with": "leave", "notices-0-kind": "pause", "notices-0-state": "*",
        "notices-0-from_days": "1", "notices-0-earliest": "6", "notices-0-latest": "3", "notices-0-source": "",
        "steps-1-day": "", "steps-1-message": "", **WHY,
    }  # fmt: skip
    lee.submit(URL, form)
    assert "Version 3 of the lifecycle policy" in lee.html
    assert "Day 3: the card is tried; if that is declined" in lee.html
