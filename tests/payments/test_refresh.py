"""Having a payment read anew: it follows Stripe, asks for nothing twice, and who may not is refused."""

from __future__ import annotations

from opsconsole.db import db

from ..house import House
from ..scenes import issue


def test_what_became_of_a_refund_whose_answer_was_lost_is_learned_without_asking_for_it_again(
    house: House,
) -> None:
    order = house.order()
    refund = issue(house, order, "5.00")
    house.sandbox.drop_webhooks = True
    house.later(61)
    with house.app.app_context():
        db.session.execute(
            db.text("update refunds set status = 'submitted', external_id = null, fetched_at = null")
        )
        db.session.commit()
    payment = order["payments"][0]
    would = house.api("finance").post(f"{payment}/refresh?preview=1", {}, 200)["preview"]
    assert [one["says"] for one in would["promises"]] == ["Read the payment and its refunds from Stripe"]
    done = house.api("finance").post(f"{payment}/refresh", {}, key="once")
    assert house.api("finance").post(f"{payment}/refresh", {}, key="once") == done
    house.drain()
    again = house.api().get(refund["subject"])
    assert (again["status"], bool(again["external_id"])) == ("succeeded", True)
    kept = "select status from promises where kind = 'payments.read' and entry_id <> :first"
    [first] = house.rows(
        "select entry_id from promises where kind = 'payments.read' order by position limit 1"
    )
    assert [one.status for one in house.rows(kept, first=first.entry_id)] == ["kept"]
    assert len(house.rows("select id from refunds")) == 1


def test_who_may_not_is_refused_and_what_stripe_does_not_have_is_a_case(house: House) -> None:
    order = house.order()
    payment = order["payments"][0]
    for role in ("clinician", "auditor", "shop"):
        house.api(role).post(f"{payment}/refresh", {}, 403)
    house.api().post("/payments/pay_none/refresh", {}, 404)
    assert not house.rows("select id from audit_entries where act = 'payments.refresh'")
    with house.app.app_context():
        db.session.execute(db.text("update payments set external_id = 'pi_gone'"))
        db.session.commit()
    page = house.page("finance")
    assert "Read from Stripe" in page.get(payment)
    page.get(f"{payment}/refresh")
    page.submit(f"{payment}/refresh", {})
    house.drain()
    [case] = house.api().get(f"/cases?subject={payment}")["items"]
    assert case["reason"] == "vendor_rejected"
