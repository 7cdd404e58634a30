"""An incident begins by itself: from breakers, a refused key, silence, wrong signatures. One a vendor, whatever there is."""

from __future__ import annotations

from ..harm.scenes import alter
from ..house import House
from ..scenes import nothing_written, paid_back
from ..webhooks.stripe_deliveries import an_event, body_of, signature
from .scenes import all_of, another_breaker, entries, look, only, pass_time, reasons, stripe_back, stripe_down


def test_a_dozen_breakers_are_one_incident_and_one_case(house: House) -> None:
    stripe_down(house)
    one = only(house)
    assert (one["status"], one["port"], one["because"]) == ("open", "payments", ["breaker"])
    assert "refund" in one["methods"] and "Stripe does not answer (refunds)" in one["says"]
    assert one["affected"] == {"orders": 3, "customers": 3, "cases": 0} and one["waits"]["calls"] == 3
    with nothing_written(house):
        look(house)  # the clock comes round every few seconds, and nothing is new
    another_breaker(house)
    look(house)
    assert {"charge", "refund"} <= set(only(house)["methods"]), "it grows"
    assert entries(house, "incidents.open") == 1 and reasons(house) == ["vendor_down"]
    for number, url in ((3, "/orders?waits_for=payments"), (3, "/customers?waits_for=payments"),
                        (3, "/promises?waits_for=billing&kind=refunds.send"), (0, "/orders?waits_for=crm")):  # fmt: skip
        assert len(house.api().get(url)["items"]) == number, url
    page = house.page("ops_lead")
    assert "Nothing is sent from here" in page.get(one["url"]) and "payment partner" in page.html


def test_a_refused_key_is_the_same_incident_and_its_case_is_folded(house: House) -> None:
    stripe_down(house, kind="unauthorized")
    one = only(house)
    assert one["because"] == ["breaker", "credentials"] and "refuses our key" in one["says"]
    assert reasons(house) == ["vendor_down", "vendor_refuses_credentials"]
    [folded] = house.api().get(f"/cases?incident={one['id']}")["items"]
    assert folded["reason"] == "vendor_refuses_credentials" and one["affected"]["cases"] == 1
    stripe_back(house)
    assert only(house)["status"] == "over" and reasons(house) == []
    assert paid_back(house) == [1000] * 3


def test_what_comes_back_within_ten_minutes_is_the_same_incident(house: House) -> None:
    stripe_down(house)
    stripe_back(house)
    assert only(house)["status"] == "over"
    another_breaker(house)
    look(house)
    again = only(house)
    assert (again["status"], again["reopened"], again["ended_at"]) == ("open", 1, None)
    alter(house, "update breakers set opened_at = null")
    pass_time(house, 5, 61)
    assert only(house)["status"] == "over"
    house.advance(700)
    another_breaker(house)
    look(house)
    assert sorted(one["status"] for one in all_of(house)) == ["open", "over"], "later it is another one"


def test_three_wrong_signatures_and_no_right_one(house: House) -> None:
    event = body_of(an_event())
    wrong = {"Stripe-Signature": signature(event, secret="whsec_of_yesterday")}
    for number in range(3):
        look(house)
        assert all_of(house) == [], number
        assert house.deliver("http://console.test/webhooks/stripe", wrong, event) == 400
    look(house)
    one = only(house)
    assert one["because"] == ["signature"] and "What you do now goes out" in one["says"]
    assert reasons(house) == ["signature_refused"]
    pass_time(house, 3600)
    assert only(house)["status"] == "open", "only a right one ends it"
    house.deliver("http://console.test/webhooks/stripe", {"Stripe-Signature": signature(event)}, event)
    pass_time(house, 5, 61)
    assert only(house)["status"] == "over" and reasons(house) == []
    assert entries(house, "inbox.sweep_nightly") == 1, "what was refused meanwhile is read from its list"
    for _ in range(3):  # somebody forges, while the vendor's own arrive
        house.deliver("http://console.test/webhooks/stripe", wrong, event)
        other = body_of(an_event())
        house.deliver("http://console.test/webhooks/stripe", {"Stripe-Signature": signature(other)}, other)
    look(house)
    assert only(house)["status"] == "over"


def test_who_says_nothing_though_asked_is_silent_and_who_was_not_asked_is_not(house: House) -> None:
    for number in range(4):
        house.order("60.00", customer=f"cust-{number}")  # each is told of, and each refund below would be
        house.advance(60)
    [[heard]] = house.rows("select count(*) from inbox_events where source = 'stripe'")
    assert heard >= 10
    house.advance(7200)
    look(house)
    assert all_of(house) == [], "nothing was asked, so there was nothing to tell"
    house.sandbox.fault(kind="drop", method="webhook")
    orders = house.api().get("/orders")["items"]
    for order in orders[:3]:
        house.api().post(f"{order['url']}/refund", {"amount": "5.00", "reason": "goodwill"})
    pass_time(house, 61)
    one = only(house)
    assert one["because"] == ["silent"] and "What you do now goes out" in one["says"]
    assert paid_back(house) == [500] * 3, "it takes what it is sent"
    house.sandbox.clear_faults()
    event = body_of(an_event())
    house.deliver("http://console.test/webhooks/stripe", {"Stripe-Signature": signature(event)}, event)
    pass_time(house, 5, 61)
    assert only(house)["status"] == "over"
