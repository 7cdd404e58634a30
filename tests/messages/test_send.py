"""Writing to a customer: what is told is so, and whatever goes wrong, it is told once or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opsconsole import vendors
from opsconsole.services.messages import TEMPLATES
from opsconsole.vendors.crm import templates as at_crm

from ..house import House
from ..scenes import WINDOW, cases_of, denied, invalid, nothing_written, only_case, refused, sent
from .scenes import ADDRESS, EVENTS, customer, handed_over, send, written_to


def test_a_message_is_sent_and_its_arrival_proven(house: House) -> None:
    url, order = customer(house)
    done = send(house, url, "order_delayed", order=order["url"])
    assert (done["act"], done["status"], done["undo"]) == (
        "messages.send",
        "planned",
        f"{done['subject']}/withdraw",
    )
    assert written_to(house) == []
    house.advance(WINDOW)
    house.work()
    api = house.api()
    message = api.get(done["subject"])
    assert (message["status"], message["raw_status"], message["final"]) == ("submitted", "accepted", False)
    assert message["data"] == {"order_number": order["reference"]} and order["reference"] in message["reads"]
    house.later(2)
    assert api.get(done["subject"])["status"] == "sent"
    house.later(10)
    message = api.get(done["subject"])
    assert (message["status"], message["to"], message["final"]) == ("delivered", ADDRESS, True)
    assert written_to(house) == [(ADDRESS, "order_delayed")] and cases_of(house, message["id"]) == []
    trace = api.get(f"/traces/{done['trace']}")
    assert [entry["name"] for entry in trace["entries"] if entry["kind"] == "event"] == [
        "email.sent",
        "email.delivered",
    ]
    assert trace["waiting_for"] == []


def test_it_stands_on_the_customers_and_the_orders_timeline(house: House) -> None:
    url, order = customer(house)
    done = send(house, url, "order_delayed", order=order["id"])
    page = house.page()
    for place in (url, order["url"]):
        assert "your order is delayed" in page.get(place) and done["subject"] in page.html


def test_a_refunds_message_takes_its_values_from_the_refund(house: House) -> None:
    url, order = customer(house)
    refund = sent(house, order, "10.00")
    done = send(house, url, "refund_issued", refund=refund["url"])
    message = house.api().get(done["subject"])
    assert message["data"] == {"amount": "$10.00", "order_number": order["reference"]}
    assert (message["refund"], message["order"]) == (refund["url"], order["url"])
    house.later(WINDOW)
    house.later(10)
    assert written_to(house) == [(ADDRESS, "refund_issued")]


def test_the_preview_shows_what_the_customer_will_read(house: House) -> None:
    url, order = customer(house)
    with nothing_written(house):
        asked = {"template": "order_delayed", "order": order["id"]}
        preview = house.api().post(f"{url}/message?preview=1", asked, 200)["preview"]
    [promise] = preview["promises"]
    assert f"Your order {order['reference']} takes longer" in promise["says"]
    assert (promise["to"], promise["due_in"], preview["undo_for"]) == ("crm", 60, 60)
    house.api().post(f"{url}/message", asked, match=preview["hash"])


def test_what_is_not_so_is_not_told(house: House) -> None:
    url, order = customer(house)
    api = house.api()
    planned = api.post(f"{order['url']}/refund", {"amount": "5.00", "reason": "goodwill"})["subject"]
    asked = {"template": "refund_issued", "refund": planned}
    assert "planned" in refused(house, api, f"{url}/message", asked, "not_so", "refund")
    with house.app.app_context():
        from opsconsole.db import db

        db.session.execute(db.text("update orders set status = 'delivered'"))
        db.session.commit()
    refused(
        house, api, f"{url}/message", {"template": "order_delayed", "order": order["id"]}, "not_so", "order"
    )


def test_a_message_is_about_something_of_the_customers_own(house: House) -> None:
    url, _ = customer(house)
    other, api = house.order("60.00", customer="cust-2"), house.api()
    invalid(house, api, f"{url}/message", {"template": "order_delayed"}, "order")
    invalid(house, api, f"{url}/message", {"template": "order_delayed", "order": other["id"]}, "order")
    invalid(house, api, f"{url}/message", {"template": "refund_issued", "refund": "rf_nowhere"}, "refund")
    invalid(house, api, f"{url}/message", {"template": "diagnosis"}, "template")
    invalid(house, api, f"{url}/message", {}, "template")
    invalid(house, api, f"{url}/message", {"template": "call_us", "text": "about your acne"}, "text")


def test_without_a_crm_or_an_address_nobody_is_written_to(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = customer(house)
    shop, api = house.api("shop"), house.api()
    silent = shop.post("/customers", {"reference": "cust-9", "name": "No Mail"}, 201)["subject"]
    refused(house, api, f"{silent}/message", {"template": "call_us"}, "no_address")
    monkeypatch.delitem(vendors._ports, "crm")
    words = refused(house, api, f"{url}/message", {"template": "call_us"}, "no_crm")
    assert words.startswith("No CRM is connected")
    [offer] = [one for one in api.get(url)["acts"] if one["act"] == "messages.send"]
    assert (offer["act"], offer["allowed"]) == ("messages.send", False)
    assert house.app.test_client().post("/webhooks/customerio", data=b"{}").status_code == 404


def test_who_may_write_to_customers(house: House) -> None:
    url, _ = customer(house)
    for role in ("auditor", "clinician", "shop", "admin"):
        denied(house, role, f"{url}/message", {"template": "call_us"})
    for role in ("support", "ops_lead", "finance"):
        send(house, url, role=role)
    assert len(house.api("auditor").get("/messages")["items"]) == 3


def test_the_second_click_changes_nothing(house: House) -> None:
    url, _ = customer(house)
    api, asked = house.api(), {"template": "call_us"}
    first = api.post(f"{url}/message", asked, key="one")
    with nothing_written(house):
        assert api.post(f"{url}/message", asked, key="one") == first
    house.later(WINDOW)
    house.later(10)
    assert written_to(house) == [(ADDRESS, "call_us")]


@pytest.mark.parametrize(
    "dial",
    [
        {"kind": "lost_answer"},
        {"kind": "lost_answer", "side": "before"},
        {"kind": "error_500", "side": "after"},
        {"kind": "error_500", "side": "before"},
        {"kind": "garbage", "profile": "html200"},
        {"kind": "down"},
        {"kind": "rate_limit"},
    ],
    ids=lambda dial: "-".join(dial.values()),
)
def test_a_call_that_goes_wrong_writes_once(house: House, dial: dict[str, Any]) -> None:
    url, _ = customer(house)
    house.sandbox.fault(vendor="customerio", method=EVENTS, times=1, **dial)
    message = handed_over(house, url)
    assert message["status"] == ("planned" if dial["kind"] == "rate_limit" else "submitted")
    for seconds in (60, 60, 600):
        house.later(seconds)
    assert house.api().get(message["url"])["status"] == "delivered"
    assert written_to(house) == [(ADDRESS, "call_us")] and cases_of(house, message["id"]) == []


def test_a_webhook_may_be_the_first_answer(house: House) -> None:
    url, _ = customer(house)
    house.sandbox.fault(vendor="customerio", method=EVENTS, times=1, kind="lost_answer")
    message = handed_over(house, url)
    house.sandbox.advance(7)  # sandbox time only: the promise is not due again
    house.sandbox.flush()
    house.work()
    api = house.api()
    assert api.get(message["url"])["status"] == "delivered"
    [promise] = api.get(f"/promises?subject={message['id']}")["items"]
    assert promise["status"] == "kept" and written_to(house) == [(ADDRESS, "call_us")]


def test_a_decline_is_a_case_and_the_right_address_mends_it(house: House) -> None:
    url, _ = customer(house, at_crm="moved@example.test")
    message = handed_over(house, url)
    assert message["status"] == "failed" and "another e-mail address" in message["failure_reason"]
    case = only_case(house, message["id"])
    assert case["reason"] == "vendor_rejected" and case["fixable"] == ["to"]
    api = house.api()
    api.post(f"{case['url']}/retry", {"reason": "they moved", "fix": {"to": "moved@example.test"}})
    house.drain()
    house.later(10)
    assert api.get(message["url"])["status"] == "delivered"
    assert written_to(house) == [("moved@example.test", "call_us")]
    assert cases_of(house, message["id"]) == []


def test_a_customer_whom_the_crm_does_not_know(house: House) -> None:
    url, _ = customer(house, at_crm=None)
    message = handed_over(house, url)
    case = only_case(house, message["id"])
    assert "does not know this customer" in case["says"]
    house.api().post(f"{case['url']}/dismiss", {"reason": "called them"})
    assert house.api().get(message["url"])["status"] == "failed" and written_to(house) == []


def test_what_goes_out_holds_nothing_but_the_templates_values(house: House) -> None:
    """No name, no product, no reason of a refund: only what the template lists, and our ids."""
    url, order = customer(house)
    send(house, url, "order_delayed", order=order["id"])
    house.later(WINDOW)
    [(request,)] = house.rows("select request from promises where port = 'crm'")
    assert set(request["event"]["data"]) == {
        "order_number", "opsconsole_ref", "opsconsole_trace", "opsconsole_subject", "recipient",
    }  # fmt: skip
    said = json.dumps(request)
    for private in ("Jo Field", "Night cream", "NC60"):
        assert private not in said


def test_both_sides_know_the_same_templates() -> None:
    assert {code: template.fields for code, template in at_crm.TEMPLATES.items()} == {
        code: template.fields for code, template in TEMPLATES.items()
    }


def test_sam_writes_to_a_customer(house: House) -> None:
    url, order = customer(house)
    page = house.page()
    assert f'href="{url}/message"' in page.get(url)
    page.get(f"{url}/message")
    page.submit(f"{url}/message", {"template": "order_delayed"}, 422)
    assert "Choose one of this customer" in page.html
    asked = {"template": "order_delayed", "order": order["id"], "refund": ""}
    page.submit(f"{url}/message?preview=1", asked)
    assert f"Your order {order['reference']} takes longer" in page.html
    page.submit(f"{url}/message", asked)
    assert page.url.startswith("/messages/msg_") and "until then you can undo it" in page.html
    where = page.url
    assert "Your order is delayed" in page.get("/messages")
    assert "Nothing has gone to Customer.io yet" in page.get(f"{where}/withdraw")
    house.later(WINDOW)
    house.later(10)
    assert "The customer&#39;s mailbox took it." in page.get(where)
