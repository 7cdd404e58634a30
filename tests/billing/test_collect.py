"""The money of an invoice that was sent: the card tried by hand, no tries any more, or paid by other means."""

from __future__ import annotations

from ..house import House
from ..payments.card_scenes import save_card
from ..scenes import cases_of, denied, invalid, nothing_written, processor
from .scenes import done, drafted, sent

PAID = {"reference": "wire 77-1", "amount": "60.00", "received_on": "2026-11-01"}


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


def test_paid_by_other_means_closes_it_once(house: House) -> None:
    open_, api = sent(house), house.api("finance")
    url = f"{open_['url']}/record_payment"
    invalid(house, api, url, PAID | {"received_on": "2090-01-01"}, "received_on")
    with nothing_written(house):
        less = api.post(url, PAID | {"amount": "59.99"}, 409)["refused"]
    assert (less["code"], less["field"]) == ("not_all_of_it", "amount")
    denied(house, "support", url, PAID)
    first = api.post(url, PAID, key="twice")
    assert api.post(url, PAID, key="twice")["subject"] == first["subject"]
    house.later(61)
    paid = api.get(open_["url"])
    assert (paid["status"], paid["out_of_band"]) == ("paid", True)
    page = house.page("finance").get(open_["url"])
    assert "WIRE 77-1" in page and "by other means" in page

    other = sent(house, customer="cust-2")
    again = api.post(f"{other['url']}/record_payment", PAID | {"reference": " Wire  77-1"}, 409)["refused"]
    assert (again["code"], again["field"], again["invoice"]) == ("reference_used", "reference", open_["url"])


def test_a_refused_payment_frees_its_reference(house: House) -> None:
    open_, api = sent(house), house.api("finance")
    answer = api.post(f"{open_['url']}/record_payment", PAID)
    house.sandbox.fault(kind="drop", method="webhook")
    processor(house).invoices.void_invoice(open_["external_id"])
    house.later(61)
    assert api.get(answer["subject"])["status"] == "failed"
    assert [case["reason"] for case in cases_of(house, answer["subject"])] == ["vendor_rejected"]
    house.sandbox.clear_faults()
    other = sent(house, customer="cust-2")
    assert done(house, f"{other['url']}/record_payment", PAID)["status"] == "done"


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
