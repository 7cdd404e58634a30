"""Sending a draft now: its amounts are fixed and it is collected."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of, denied, processor
from .scenes import BROKE, drafted


def test_sent_now_it_is_collected_now(house: House) -> None:
    draft, api = drafted(house), house.api()
    preview = api.post(f"{draft['url']}/finalise?preview=1", {}, 200)["preview"]
    assert any("charged $60.00 at once" in words for words in preview["warnings"])
    denied(house, "auditor", f"{draft['url']}/finalise")
    first = api.post(f"{draft['url']}/finalise", key="twice")
    assert api.post(f"{draft['url']}/finalise", key="twice")["subject"] == first["subject"]
    house.later(61)
    assert api.get(first["subject"])["status"] == "done"
    paid = api.get(draft["url"])
    assert (paid["status"], paid["number"] is not None) == ("paid", True)
    assert api.post(f"{draft['url']}/finalise", {}, 409)["refused"]["code"] == "not_a_draft"


def test_a_card_that_does_not_pay_leaves_it_open(house: House) -> None:
    draft, api = drafted(house, card=BROKE), house.api()
    answer = api.post(f"{draft['url']}/finalise")
    house.later(61)
    assert api.get(draft["url"])["status"] == "open"
    assert api.get(answer["subject"])["status"] == "done"  # it was sent; what the card says is another story


def test_what_somebody_threw_away_at_stripe_is_a_case(house: House) -> None:
    draft, api = drafted(house), house.api()
    answer = api.post(f"{draft['url']}/finalise")
    house.sandbox.fault(kind="drop", method="webhook")
    processor(house).invoices.delete(draft["external_id"])
    house.later(61)
    assert api.get(answer["subject"])["status"] == "failed"
    assert [case["reason"] for case in cases_of(house, answer["subject"])] == ["vendor_rejected"]
