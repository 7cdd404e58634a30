"""Changing what is on a draft before it is sent: added, changed and taken off, one after the other."""

from __future__ import annotations

from typing import Any

from ..gates.scenes import served
from ..house import House
from ..scenes import cases_of, denied, invalid, processor, refused
from .scenes import called, done, drafted, subscribed

GOODWILL = {"add": [{"amount": "-5.00", "description": "Goodwill credit"}], "reason": "goodwill"}


def lines_of(invoice: Any) -> list[tuple[str, str]]:
    return [(line["description"], line["amount"]["amount"]) for line in invoice["lines"]]


def test_what_is_committed_is_what_was_shown(house: House) -> None:
    house.lift_limits()
    draft, api = drafted(house), house.api("support")
    [old] = draft["lines"]
    stripe, customer = processor(house), house.rows("select external_id from external_ids")[0].external_id
    more = {"customer": customer, "invoice": draft["external_id"], "currency": "usd"}
    stripe.invoice_items.create({**more, "amount": 7_00, "description": "Shipping"})
    house.drain()
    shipping = next(
        line["line"] for line in api.get(draft["url"])["lines"] if line["description"] == "Shipping"
    )
    asked = GOODWILL | {
        "change": [{"line": old["line"], "amount": "50.00", "description": "Price as agreed"}],
        "remove": [shipping],
        "keep": True,
    }
    preview = api.post(f"{draft['url']}/adjust?preview=1", asked, 200)["preview"]
    told = {one["field"]: (one["from"], one["to"]) for one in preview["changes"]}
    assert told["total"] == ("$67.00", "$45.00")
    assert told["line 2" if old["line"] == draft["lines"][0]["line"] else "line 1"][1] in (
        "waits for the next invoice", "Price as agreed, $50.00",
    )  # fmt: skip
    assert (told["new line 1"], told["then"][0]) == (("", "Goodwill credit, $-5.00".replace("$-", "-$")), "")

    change = done(house, f"{draft['url']}/adjust", asked, role="support")
    assert (change["status"], change["change"]) == ("done", "billing.remove_lines")
    after = api.get(draft["url"])
    assert (after["total"]["amount"], after["status"]) == ("45.00", "draft")
    assert sorted(lines_of(after)) == [("Goodwill credit", "-5.00"), ("Price as agreed", "50.00")]
    source = {line["description"]: line["source"] for line in after["lines"]}
    assert source["Goodwill credit"] == "Added by token support"
    waits = stripe.invoice_items.list({"customer": customer, "pending": True}).data
    assert [item.description for item in waits] == ["Shipping"]
    states = house.rows("select verb, status from changes order by created_at, id")
    assert {tuple(row) for row in states} == {
        (f"billing.{verb}", "done") for verb in ("remove_lines", "change_line", "add_lines")
    }
    house.later(3700)
    assert api.get(draft["url"])["paid"]["amount"] == "45.00"


def test_undone_in_time_nothing_is_asked(house: House) -> None:
    draft, api = drafted(house), house.api()
    [old] = draft["lines"]
    answer = api.post(f"{draft['url']}/adjust", GOODWILL | {"remove": [old["line"]]})
    api.post(answer["undo"])
    house.later(120)
    assert lines_of(api.get(draft["url"])) == lines_of(draft)
    assert {row.status for row in house.rows("select status from changes")} == {"withdrawn"}


def test_what_cannot_be_written_on_an_invoice(house: House) -> None:
    served(house, sku="NC-RX", pharmacy=False)
    house.api("shop").post(
        "/products",
        {"sku": "NC-RX", "name": "Night cream", "kind": "prescription", "form": "cream", "strength": "tretinoin 0.05 %",
         "needs_prescription": True},
    )  # fmt: skip
    draft, api = drafted(house), house.api()
    url, [old] = f"{draft['url']}/adjust", draft["lines"]
    for words in ("Tretinoin refund", "Less 0.1 %", ""):
        invalid(
            house,
            api,
            url,
            {"add": [{"amount": "1.00", "description": words}], "reason": "other", "note": "x"},
            "description",
        )
    invalid(house, api, url, {"reason": "goodwill"}, "add")
    invalid(house, api, url, {"reason": "goodwill", "remove": ["il_nothing"]}, "lines")
    invalid(house, api, url, GOODWILL | {"reason": "whim"}, "reason")
    invalid(house, api, url, GOODWILL | {"reason": "other"}, "note")
    invalid(house, api, url, GOODWILL | {"add": [{"amount": "0", "description": "Shipping"}]}, "amount")
    invalid(
        house,
        api,
        url,
        {"add": [{"amount": "much", "description": "Shipping"}], "reason": "goodwill"},
        "add-0-amount",
    )
    same = {"line": old["line"], "amount": old["amount"]["amount"], "description": old["description"]}
    invalid(house, api, url, {"reason": "goodwill", "change": [same]}, "add")
    denied(house, "clinician", url, GOODWILL)


def test_too_late_is_said_with_what_to_do_instead(house: House) -> None:
    draft, api = drafted(house), house.api()
    house.later(3600 - 80)
    said = api.post(f"{draft['url']}/adjust", GOODWILL, 409)["refused"]
    assert said["code"] == "goes_out_soon" and [one["act"] for one in said["instead"]] == ["billing.hold"]
    done(house, f"{draft['url']}/hold", {"reason": "amount"}, wait=0)
    assert done(house, f"{draft['url']}/adjust", GOODWILL)["status"] == "done"
    done(house, f"{draft['url']}/finalise")
    refused_now = api.post(f"{draft['url']}/adjust", GOODWILL, 409)["refused"]
    assert refused_now["code"] == "not_a_draft" and "It is paid" in refused_now["message"]
    page = house.page("support")
    page.get(
        f"{draft['url']}/adjust?{'&'.join(('reason=goodwill', 'add-0-amount=-5.00', 'add-0-description=Shipping'))}"
    )
    assert "It is paid" in page.html


def test_over_what_one_may_do_alone_it_is_asked_for(house: House) -> None:
    draft = drafted(house, 500_00)
    api, less = house.api("support"), {"reason": "goodwill"}
    sixty = [{"amount": "-60.00", "description": "Goodwill credit"}]
    assert done(house, f"{draft['url']}/adjust", less | {"add": sixty}, role="support")["status"] == "done"
    waits = api.post(f"{draft['url']}/adjust", less | {"add": sixty}, 202)["approval"]
    assert "$120.00 to this customer in 7 days" in waits["needs"][0]
    [limit] = house.rows(
        "select limits.id from limits join roles on roles.id = role_id where roles.name = 'support' "
        "and act = 'billing.adjust' and measure = 'customer_7d'"
    )
    seen = house.api("admin").get(f"/limits/{limit.id}")["last_30_days"]
    assert (seen["alone"]["count"], seen["alone"]["amount"]["amount"]) == (1, "60.00")
    big = [{"amount": "-300.00", "description": "Goodwill credit"}]
    refused(house, api, f"{draft['url']}/adjust", less | {"add": big}, "over_limit", "amount")


def test_stripes_no_stops_what_would_follow(house: House) -> None:
    draft, api = drafted(house), house.api()
    [old] = draft["lines"]
    answer = api.post(f"{draft['url']}/adjust", GOODWILL | {"remove": [old["line"]]})
    house.sandbox.fault(kind="drop", method="webhook")
    processor(house).invoices.finalize_invoice(draft["external_id"])
    house.later(61)
    change = api.get(answer["subject"])
    assert change["status"] == "failed"
    [case] = cases_of(house, change["url"])
    assert case["reason"] == "vendor_rejected"
    assert sorted(row.status for row in house.rows("select status from changes")) == ["failed", "withdrawn"]


def test_two_clicks_are_one_change_and_two_people_one_after_the_other(house: House) -> None:
    draft, api = drafted(house), house.api()
    first = api.post(f"{draft['url']}/adjust", GOODWILL, key="twice")
    assert api.post(f"{draft['url']}/adjust", GOODWILL, key="twice")["subject"] == first["subject"]
    refused(house, house.api("support"), f"{draft['url']}/adjust", GOODWILL, "under_way")
    house.later(61)
    assert api.get(draft["url"])["total"]["amount"] == "55.00"


def test_a_renewal_is_changed_before_it_is_sent(house: House) -> None:
    draft = subscribed(house)
    assert (draft["status"], draft["billing_reason"]) == ("draft", "subscription_cycle")
    assert [line["source"] for line in draft["lines"]] == ["Renewal"]
    assert done(house, f"{draft['url']}/adjust", GOODWILL)["status"] == "done"
    house.later(7200)
    paid = called(house, draft["external_id"])
    assert (paid["status"], paid["paid"]["amount"]) == ("paid", "55.00")
    assert house.api().get(paid["payments"][0])["amount"]["amount"] == "55.00"
    [page] = [house.page("support").get(draft["url"])]
    assert "Renewal" in page and "Added by token demo" in page
