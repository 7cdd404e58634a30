"""Putting a customer's address right: its owner first, and here once the owner has confirmed it."""

from __future__ import annotations

from typing import Any

import pytest

from opsconsole import vendors

from ..house import House
from ..scenes import WINDOW, cases_of, denied, invalid, nothing_written, only_case, refused
from .scenes import CHANGES, contact, facts, known

NEW = {"email": "new@example.test"}


def corrected(house: House, url: str, **body: str) -> Any:
    """Plan a correction and let it go out. Returns its JSON."""
    done = house.api().post(f"{url}/correct", body or NEW)
    house.later(WINDOW)
    return house.api().get(done["subject"])


def held(house: House, url: str) -> Any:
    """The person as the CRM holds them."""
    with house.app.app_context():
        return vendors.port("crm").fetch_contact(url.rsplit("/", 1)[-1])


def test_the_owner_is_asked_first_and_we_follow(house: House) -> None:
    url, _ = known(house)
    api = house.api()
    done = api.post(f"{url}/correct", {**NEW, "phone": "+15550199"})
    assert (done["act"], done["status"], done["undo"]) == (
        "customers.correct", "planned", f"{done['subject']}/withdraw",
    )  # fmt: skip
    assert api.get(url)["email"] == "jo@example.test"
    page = house.page()
    assert "new@example.test" in page.get(url) and "Planned" in page.html
    page.get(done["subject"])
    house.later(WINDOW)
    told = api.get(url)
    assert (told["email"], told["phone"]) == ("new@example.test", "+15550199")
    assert api.get(done["subject"])["status"] == "succeeded"
    assert held(house, url).email == "new@example.test"
    assert facts(house, url, "customerio")["email"] == "new@example.test"
    assert "confirmed" in page.get(url) and "succeeded" not in page.html


def test_the_name_is_ours_and_changes_at_once(house: House) -> None:
    url, _ = known(house)
    calls = len(house.sandbox.calls)
    done = house.api().post(f"{url}/correct", {"name": "Jo Meadow"})
    assert (done["subject"], done["undo"], done["promises"]) == (url, None, [])
    assert house.api().get(url)["name"] == "Jo Meadow"
    house.later(WINDOW)
    assert len(house.sandbox.calls) == calls


def test_within_the_window_nothing_is_ever_asked(house: House) -> None:
    url, _ = known(house)
    api = house.api()
    done = api.post(f"{url}/correct", {**NEW, "name": "Jo Meadow"})
    calls = len(house.sandbox.calls)
    assert api.get(done["subject"])["acts"][0]["allowed"]
    assert api.post(done["undo"])["status"] == "withdrawn"
    house.later(WINDOW)
    assert len(house.sandbox.calls) == calls
    assert (api.get(url)["name"], api.get(url)["email"]) == ("Jo Field", "jo@example.test")
    refused(house, api, done["undo"], {}, "already_withdrawn")
    late = corrected(house, url)
    refused(house, api, f"{late['url']}/withdraw", {}, "not_withdrawable")


def test_it_refuses_and_writes_nothing(house: House) -> None:
    url, _ = known(house)
    api = house.api()
    refused(house, api, f"{url}/correct", {"email": "jo@example.test"}, "nothing_to_correct")
    refused(house, api, f"{url}/correct", {}, "nothing_to_correct")
    invalid(house, api, f"{url}/correct", {"email": "nobody"}, "email")
    invalid(house, api, f"{url}/correct", {"phone": "call me"}, "phone")
    api.post(f"{url}/correct", NEW)
    refused(house, api, f"{url}/correct", {"phone": "+15550199"}, "under_way", "phone")


def test_without_a_crm_it_says_why_not(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    url, _ = known(house)
    monkeypatch.delitem(vendors._ports, "crm")
    words = refused(house, house.api(), f"{url}/correct", NEW, "no_owner", "email")
    assert "none is connected" in words
    house.api().post(f"{url}/correct", {"name": "Jo Meadow"})


def test_the_second_click_changes_nothing(house: House) -> None:
    url, _ = known(house)
    done = house.api().post(f"{url}/correct", NEW, key="k")
    with nothing_written(house):
        assert house.api().post(f"{url}/correct", NEW, key="k") == done
    house.later(WINDOW)
    writes = [one for one in house.sandbox.calls if one["method"] == "PUT" and url[-10:] in one["path"]]
    assert len(writes) == 2  # the scene's own, and this one


def test_the_owners_no_leaves_all_as_it_was_and_is_a_case_with_a_retry(house: House) -> None:
    url, _ = known(house, at_crm=False)
    failed = corrected(house, url)
    assert (failed["status"], failed["final"]) == ("failed", True)
    api = house.api()
    assert api.get(url)["email"] == "jo@example.test"
    case = only_case(house, failed["id"])
    assert (case["reason"], case["suggests"]["act"]) == ("vendor_rejected", "cases.retry")
    page = house.page()
    assert "This needs somebody" in page.get(url) and "does not know this customer" in page.html
    contact(house, url, email="jo@example.test")
    api.post(
        f"{case['url']}/retry", {"reason": "They are known there now", "fix": {"email": "fixed@example.test"}}
    )
    house.drain()
    assert api.get(failed["url"])["status"] == "succeeded"
    assert api.get(url)["email"] == "fixed@example.test" == held(house, url).email
    assert cases_of(house, failed["id"]) == []


def test_an_address_that_is_somebody_elses_is_declined(house: House) -> None:
    url, _ = known(house)
    house.contact("cst_other", "new@example.test")
    assert "Another customer has this e-mail" in corrected(house, url)["failure_reason"]
    assert held(house, url).email == "jo@example.test" == house.api().get(url)["email"]


@pytest.mark.parametrize("kind", ["lost_answer", "error_500", "garbage", "down"])
def test_whatever_goes_wrong_on_the_way_ends_in_one_truth(house: House, kind: str) -> None:
    url, _ = known(house)
    house.sandbox.fault(vendor="customerio", method=CHANGES, kind=kind, times=1)
    done = house.api().post(f"{url}/correct", NEW)
    house.advance(WINDOW)
    house.work()
    assert house.api().get(url)["email"] == "jo@example.test"
    house.later(60)
    assert house.api().get(done["subject"])["status"] == "succeeded"
    assert house.api().get(url)["email"] == "new@example.test" == held(house, url).email


def test_who_may(house: House) -> None:
    url, _ = known(house)
    for role in ("auditor", "clinician", "admin", "shop"):
        denied(house, role, f"{url}/correct", NEW)
    done = house.api("support").post(f"{url}/correct", NEW)
    for role in ("auditor", "clinician", "admin", "shop"):
        denied(house, role, done["undo"])
    house.api("finance").post(done["undo"])


def test_sam_corrects_an_address_in_a_browser(house: House) -> None:
    url, _ = known(house)
    page = house.page()
    assert f'href="{url}/correct"' in page.get(url)
    assert "Owned by Customer.io" in page.get(f"{url}/correct")
    asked = {**NEW, "name": "Jo Field", "phone": "+15550100"}
    page.submit(f"{url}/correct?preview=1", asked)
    assert "Customer.io takes over the customer&#39;s new e-mail" in page.html
    page.submit(f"{url}/correct", asked)
    assert page.url.startswith("/corrections/cor_") and "can be undone" in page.html
    where = page.url
    page.get(f"{where}/withdraw")
    page.get(where)
    house.later(WINDOW)
    assert "has confirmed it" in page.get(where)
