"""The money of an invoice that was sent: the card tried by hand, or no tries any more."""

from __future__ import annotations

from ..house import House
from ..payments.card_scenes import save_card
from ..scenes import cases_of, denied
from .scenes import done, sent


def test_a_try_by_hand_shows_the_banks_words_and_shifts_nothing(house: House) -> None:
    open_, api = sent(house), house.api()
    assert open_["next_try_at"] and open_["tried"] == 1
    no = done(house, f"{open_['url']}/collect", wait=11, role="support")
    assert no["status"] == "failed" and no["failure_reason"]
    [case] = cases_of(house, no["url"])
    assert case["reason"] == "vendor_rejected" and no["failure_reason"] in case["says"]
    assert api.get(open_["url"])["next_try_at"] == open_["next_try_at"]
    [known] = house.rows("select external_id from external_ids")
    save_card(house, known.external_id, "pm_card_visa")
    assert done(house, f"{open_['url']}/collect", wait=11, role="support")["status"] == "done"
    paid = api.get(open_["url"])
    assert (paid["status"], paid["remaining"]["amount"], len(paid["payments"])) == ("paid", "0.00", 1)
    assert api.post(f"{open_['url']}/collect", {}, 409)["refused"]["code"] == "not_owed"
    denied(house, "clinician", f"{open_['url']}/collect")


def test_no_tries_any_more(house: House) -> None:
    open_, api = sent(house), house.api()
    assert done(house, f"{open_['url']}/stop_collecting")["status"] == "done"
    now = api.get(open_["url"])
    assert (now["status"], now["auto_advance"]) == ("open", False)
    assert api.post(f"{open_['url']}/stop_collecting", {}, 409)["refused"]["code"] == "not_collecting"
    assert "Stripe does not try the card by itself" in house.page("support").get(open_["url"])
