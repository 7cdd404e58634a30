"""Calling an invoice off, and writing it off."""

from __future__ import annotations

from ..house import House
from ..payments.card_scenes import save_card
from ..scenes import cases_of, denied, invalid, processor
from .scenes import BROKE, done, drafted, sent, subscribed

WRONG = {"reason": "wrong_amount"}


def test_void_and_written_off(house: House) -> None:
    open_ = sent(house)
    assert (open_["status"], open_["remaining"]["amount"]) == ("open", "60.00")
    assert done(house, f"{open_['url']}/write_off", {"reason": "goodwill"})["status"] == "done"
    assert house.api().get(open_["url"])["status"] == "uncollectible"
    assert done(house, f"{open_['url']}/void", WRONG)["status"] == "done"
    void = house.api().get(open_["url"])
    assert (void["status"], void["final"], void["remaining"]["amount"]) == ("void", True, "0.00") or void[
        "voided_at"
    ]
    assert "Issue again" in house.page("ops_lead").get(void["url"])


def test_a_subscription_goes_on_and_says_so(house: House) -> None:
    draft, api = subscribed(house), house.api()
    [known] = house.rows("select external_id from external_ids")
    save_card(house, known.external_id, BROKE)
    house.later(3700)
    for verb in ("void", "write_off"):
        preview = api.post(f"{draft['url']}/{verb}?preview=1", WRONG, 200)["preview"]
        assert preview["warnings"] == [
            "The subscription goes on and bills again when its next period begins."
        ]
    assert api.get(draft["url"])["subscription"]


def test_who_may_not_and_what_is_not_owed(house: House) -> None:
    draft, api = drafted(house), house.api()
    for verb in ("void", "write_off", "reissue"):
        said = api.post(f"{draft['url']}/{verb}", WRONG, 409)["refused"]
        assert said["code"] == "not_owed"
        assert {one["act"] for one in said["instead"]} == {"billing.adjust", "billing.hold"}
        denied(house, "support", f"{draft['url']}/{verb}", WRONG)
        invalid(house, api, f"{draft['url']}/{verb}", {"reason": "other"}, "note")


def test_a_void_undone_in_time_makes_no_call(house: House) -> None:
    open_, api = sent(house), house.api()
    answer = api.post(f"{open_['url']}/void", WRONG, key="twice")
    assert api.post(f"{open_['url']}/void", WRONG, key="twice")["subject"] == answer["subject"]
    api.post(answer["undo"])
    house.later(120)
    assert api.get(open_["url"])["status"] == "open"


def test_stripes_no_is_a_case(house: House) -> None:
    open_, api = sent(house), house.api()
    answer = api.post(f"{open_['url']}/void", WRONG)
    house.sandbox.fault(kind="drop", method="webhook")
    processor(house).invoices.pay(open_["external_id"], {"paid_out_of_band": True})
    house.later(61)
    assert api.get(answer["subject"])["status"] == "failed"
    [case] = cases_of(house, answer["subject"])
    assert case["reason"] == "vendor_rejected"
