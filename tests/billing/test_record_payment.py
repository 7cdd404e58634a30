"""An invoice that was paid by transfer or by cheque: once per reference."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of, denied, invalid, nothing_written, processor
from .scenes import done, sent

PAID = {"reference": "wire 77-1", "amount": "60.00", "received_on": "2026-11-01"}


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
