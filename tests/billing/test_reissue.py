"""Issuing an invoice again: the old one void, a new draft in its place that waits to be looked at."""

from __future__ import annotations

from opsconsole.jobs import schedule

from ..house import House
from ..scenes import cases_of, processor
from .scenes import done, sent

WRONG = {"reason": "wrong_amount"}


def test_voided_and_issued_again_is_linked_both_ways_and_held(house: House) -> None:
    open_, lee = sent(house), house.page("ops_lead")
    lee.get(f"{open_['url']}/reissue")
    assert 'value="Service fee"' in lee.html and 'value="60.00"' in lee.html
    rows = {"lines-0-amount": "40.00", "lines-0-description": "Service fee", "reason": "wrong_amount"}
    lee.submit(f"{open_['url']}/reissue", rows)
    house.later(61)
    old = house.api().get(open_["url"])
    assert old["status"] == "void"
    new = house.api().get(old["replaced_by"])
    assert (new["status"], new["total"]["amount"], new["held"], new["replaces"]) == (
        "draft",
        "40.00",
        True,
        old["url"],
    )
    assert (new["hold"]["reason"], new["hold"]["by"]) == ("reissued", "Lee Okafor")
    assert old["url"] in lee.get(new["url"]) and new["url"] in lee.get(old["url"])
    refused_again = house.api().post(f"{old['url']}/reissue", WRONG, 409)["refused"]
    assert refused_again["code"] == "already_replaced"

    house.later(4 * 86400)
    with house.app.app_context():
        schedule._let_invoices_go()
    house.drain()
    assert house.api().get(new["url"])["held"]  # it waits until somebody has looked at it
    assert [case["reason"] for case in cases_of(house, new["url"])] == ["hold_forgotten"]
    done(house, f"{new['url']}/release")
    assert not house.api().get(new["url"])["held"] and not cases_of(house, new["url"])


def test_a_void_that_stripe_refuses_is_not_issued_again(house: House) -> None:
    open_, api = sent(house), house.api()
    answer = api.post(f"{open_['url']}/reissue", WRONG)
    house.sandbox.fault(kind="drop", method="webhook")
    processor(house).invoices.pay(open_["external_id"], {"paid_out_of_band": True})
    house.later(61)
    assert api.get(answer["subject"])["status"] == "failed"
    assert sorted(row.status for row in house.rows("select status from changes")) == ["failed", "withdrawn"]
    assert len(processor(house).invoices.list({}).data) == 1
