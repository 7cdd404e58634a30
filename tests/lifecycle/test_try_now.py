"""A person has the card tried now: no day moves, and a no is a case until the invoice is paid."""

from __future__ import annotations

from ..house import House
from ..scenes import WINDOW, cases_of, denied, nothing_written, refused
from .scenes import HOUR, again, at_stripe, card_says, failed, on_day, tries


def test_it_moves_no_day_and_its_no_is_a_case_until_it_is_paid(house: House) -> None:
    dunning = failed(house, stripe_days=(3, 5, 30))
    before = (dunning["next_step_at"], dunning["stripe_tries_at"])
    url = f"{dunning['url']}/try_now"
    for role in ("clinician", "auditor", "shop"):
        denied(house, role, url)
    done = house.api().post(url, key="k")
    with nothing_written(house):
        assert house.api().post(url, key="k") == done
        refused(house, house.api("support"), url, {}, "under_way")
    house.later(WINDOW)
    now = again(house, dunning)
    assert (now["next_step_at"], now["stripe_tries_at"]) == before
    assert tries(house, dunning) == [("Stripe", "insufficient_funds"), ("token demo", "insufficient_funds")]
    [case] = cases_of(house, done["subject"])
    assert "not enough money" in case["says"]
    card_says(house, None)
    on_day(house, dunning, 1)
    assert again(house, dunning)["status"] == "recovered" and at_stripe(house, dunning).status == "paid"
    assert cases_of(house, done["subject"]) == []
    with nothing_written(house):
        refused(house, house.api(), url, {}, "not_owed")


def test_a_try_that_is_undone_was_none(house: House) -> None:
    dunning = failed(house, "expired_card")
    sam = house.page()
    sam.get(f"{dunning['url']}/try_now")
    assert "The card has expired" in sam.html
    done = house.api().post(f"{dunning['url']}/try_now")
    assert "Trying helps only if they have saved another since" in " ".join(done["warnings"])
    house.api().post(done["undo"])
    house.later(HOUR)
    assert len(again(house, dunning)["attempts"]) == 1
