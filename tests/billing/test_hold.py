"""Keeping a draft from going out, letting it go, and what becomes of a hold that was forgotten."""

from __future__ import annotations

from opsconsole.jobs import schedule

from ..house import House
from ..scenes import cases_of, denied, invalid, processor, refused
from .scenes import called, done, drafted


def test_a_held_draft_stays_until_it_is_released(house: House) -> None:
    draft, lee = drafted(house), house.page("ops_lead")
    assert (draft["status"], draft["held"], draft["due"]["amount"]) == ("draft", False, "60.00")
    preview = house.api("support").post(f"{draft['url']}/hold?preview=1", {"reason": "amount"}, 200)[
        "preview"
    ]
    assert [one["due_in"] for one in preview["promises"]] == [0]  # a draft may be about to go out
    change = done(
        house, f"{draft['url']}/hold", {"reason": "amount", "note": "Ask Finn"}, wait=0, role="support"
    )
    assert (change["status"], change["change"]) == ("done", "billing.hold")
    assert processor(house).invoices.retrieve(draft["external_id"]).auto_advance is False
    house.later(2 * 3600)
    held = house.api().get(draft["url"])
    assert (held["status"], held["held"], held["hold"]["reason"], held["hold"]["note"]) == (
        "draft", True, "amount", "Ask Finn",
    )  # fmt: skip
    assert "Held by " in lee.get(draft["url"]) and "Its amount has to be looked at".lower() in lee.html
    assert draft["url"] in lee.get("/invoices?held=yes")
    refused(house, house.api(), f"{draft['url']}/hold", {"reason": "tax"}, "held_already")

    assert done(house, f"{draft['url']}/release")["status"] == "done"
    free = house.api().get(draft["url"])
    assert free["hold"] is None and not free["held"]
    house.later(3700)
    assert house.api().get(draft["url"])["status"] == "paid"
    why = house.rows("select why, released_by from invoice_holds")
    assert [tuple(row) for row in why] == [("It was released", "token demo")]


def test_what_cannot_be_held(house: House) -> None:
    draft, api = drafted(house), house.api()
    url = f"{draft['url']}/hold"
    invalid(house, api, url, {"reason": "whim"}, "reason")
    invalid(house, api, url, {"reason": "tax", "until": "2020-01-01T00:00:00Z"}, "until")
    invalid(house, api, url, {"reason": "tax", "until": "soon"}, "until")
    for role in ("clinician", "auditor"):
        denied(house, role, url, {"reason": "tax"})
    refused(house, api, f"{draft['url']}/release", {}, "not_held")
    house.later(3700)
    said = api.post(url, {"reason": "tax"}, 409)["refused"]
    assert said["code"] == "not_a_draft" and "It is paid" in said["message"]
    assert f'href="{draft["url"]}"' in house.page("support").get(url)


def test_held_twice_by_a_double_click_is_once(house: House) -> None:
    draft, api = drafted(house), house.api()
    first = api.post(f"{draft['url']}/hold", {"reason": "tax"}, key="twice")
    assert api.post(f"{draft['url']}/hold", {"reason": "tax"}, key="twice")["subject"] == first["subject"]
    assert len(house.rows("select 1 from invoice_holds")) == 1


def test_a_forgotten_hold_lets_go_and_says_so(house: House) -> None:

    draft = drafted(house)
    sam = house.page("support")
    sam.get(f"{draft['url']}/hold")
    sam.submit(f"{draft['url']}/hold", {"reason": "customer_asked"})
    house.later(0)
    assert house.api().get(draft["url"])["held"]

    def clock() -> None:
        with house.app.app_context():
            schedule._let_invoices_go()
        house.drain()

    house.later(23 * 3600)
    clock()
    assert house.api().get(draft["url"])["held"] and not cases_of(house, draft["url"])
    house.later(3700)
    clock()
    assert not house.api().get(draft["url"])["held"]
    [case] = cases_of(house, draft["url"])
    assert case["reason"] == "hold_forgotten" and "Its time is up" in case["says"]
    [owner] = house.rows(
        "select name from staff where id = (select owner_id from cases where id = :id)", id=case["id"]
    )
    assert owner.name == "Sam Rivera"
    house.later(7200)
    clock()
    assert house.api().get(draft["url"])["status"] == "paid"
    assert len(house.rows("select 1 from changes where verb = 'billing.release'")) == 1


def test_stripes_no_to_a_hold_is_a_case_and_holds_nothing(house: House) -> None:
    draft = drafted(house)
    processor(house).invoices.finalize_invoice(draft["external_id"])  # somebody at Stripe was faster
    house.sandbox.fault(kind="drop", method="webhook")
    change = done(house, f"{draft['url']}/hold", {"reason": "tax"}, wait=0)
    assert change["status"] == "failed"
    [case] = cases_of(house, change["url"])
    assert case["reason"] == "vendor_rejected"
    assert house.api().get(draft["url"])["hold"] is None


def test_what_stripe_lets_go_is_held_no_more(house: House) -> None:
    draft = drafted(house)
    done(house, f"{draft['url']}/hold", {"reason": "tax"}, wait=0)
    processor(house).invoices.update(draft["external_id"], {"auto_advance": True})
    house.drain()
    assert called(house, draft["external_id"])["hold"] is None
    [row] = house.rows("select released_by, why from invoice_holds")
    assert tuple(row) == ("outside the console", "It went on at Stripe")
