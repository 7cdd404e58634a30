"""Ending a subscription, keeping it after all, and taking it up again: nothing is left over."""

from __future__ import annotations

from datetime import timedelta

from ..gates import scenes as of_gates
from ..house import House
from ..scenes import WINDOW, processor
from .scenes import DAY, again, at_stripe, change, charges, of, paid_invoices, subscribed, today


def test_with_its_period_and_kept_after_all(house: House) -> None:
    one = subscribed(house)
    was = charges(one)
    done = change(
        house, one, "cancel", when="period_end", reason="customer_request", feedback="too_expensive"
    )
    house.later(WINDOW)
    now = again(house, one)
    assert house.api().get(done["subject"])["status"] == "done"
    assert (now["effective"], charges(now)) == ("canceling", []) and now["cancel_at"].startswith(
        was[0].isoformat()
    )
    assert at_stripe(house, one).cancellation_details.feedback == "too_expensive"
    change(house, one, "keep")
    house.later(WINDOW)
    kept = again(house, one)
    assert (kept["effective"], charges(kept)) == ("active", was)
    assert change(house, kept, "keep", status=409)["refused"]["code"] == "not_changeable"


def test_on_a_day_it_renews_until_then(house: House) -> None:
    one = subscribed(house)
    last = charges(one)[1] + timedelta(days=3)
    seen = house.api().post(
        f"{one['url']}/cancel?preview=1", {"when": "on", "on": last.isoformat(), "reason": "financial"}, 200
    )["preview"]
    told = {each["field"]: each["to"] for each in seen["changes"]}
    assert told["next four charges"].count(";") == 1
    change(house, one, "cancel", when="on", on=last.isoformat(), reason="financial")
    house.later(WINDOW)
    assert charges(again(house, one)) == charges(one)[:2]
    house.later((last - today(house)).days * DAY + DAY)
    assert again(house, one)["effective"] == "canceled" and len(paid_invoices(house, one)) == 3


def test_ended_now_it_leaves_nothing_over(house: House) -> None:
    one = subscribed(house, billing_mode={"type": "flexible"})
    order = of_gates.order(house)
    change(house, one, "pause", kind="paused", deliveries=1, reason="travel")
    house.later(WINDOW)
    seen = change(house, one, "cancel", when="now", reason="customer_request", cancel_orders=True)
    house.later(WINDOW)
    now = again(house, one)
    assert now["effective"] == "canceled" and now["next"] == []
    assert house.api().get(seen["subject"])["status"] == "done"
    assert house.api().get("/changes?status=scheduled")["items"] == []
    assert house.api().get(order["url"])["status"] == "canceled"
    stripe = processor(house)
    assert [
        each.id for each in stripe.invoices.list({"subscription": one["external_id"], "status": "draft"}).data
    ] == []
    for verb in ("pause", "skip", "alter", "cancel"):
        body = {"deliveries": 1} if verb == "pause" else {"when": "now"} if verb == "cancel" else {}
        assert (
            change(house, one, verb, status=409, reason="travel", **body)["refused"]["code"]
            == "not_changeable"
        )


def test_taken_up_again_it_is_a_new_one_that_leads_back(house: House) -> None:
    one = subscribed(house)
    change(house, one, "cancel", when="now", reason="customer_request")
    house.later(WINDOW)
    done = change(house, one, "reactivate", reason="customer_request")
    house.later(WINDOW)
    made = of(house, house.api().get(done["subject"])["external_id"])
    assert (
        made["effective"] == "active"
        and made["replaces"] == one["url"]
        and len(paid_invoices(house, made)) == 1
    )
    assert made["external_id"] in house.page("support").get(one["url"])
    assert (
        "taken up"
        in change(house, one, "reactivate", status=409, reason="customer_request")["refused"]["message"]
    )


def test_two_for_one_product_are_refused_and_a_cards_no_is_a_case(house: House) -> None:
    one = subscribed(house)
    change(house, one, "cancel", when="now", reason="customer_request")
    house.later(WINDOW)
    customer = at_stripe(house, one).customer
    other = processor(house).subscriptions.create(
        {"customer": customer, "items": [{"price": one["items"][0]["price"]}]}
    )
    house.drain()
    words = change(house, one, "reactivate", status=409, reason="customer_request")["refused"]["message"]
    assert other.id in words and "twice" in words
    processor(house).subscriptions.cancel(other.id)
    house.drain()
    house.sandbox.stripe.card_behaves(customer, "lost_card")
    done = change(house, one, "reactivate", reason="customer_request")
    house.later(WINDOW)
    failed = house.api().get(done["subject"])
    assert (failed["status"], failed["failure_code"]) == ("failed", "lost_card")
    assert house.api().get(f"/cases?subject={done['subject']}")["items"]
    assert len(house.api().get(f"/subscriptions?customer={one['customer']}")["items"]) <= 3


def test_refusals_rights_and_the_second_click(house: House) -> None:
    one = subscribed(house)
    house.drain()
    before = house.checksum()
    bad = [
        {"when": "on"},
        {"when": "now", "on": "2031-01-01"},
        {"when": "never"},
        {"when": "now", "feedback": "meh"},
    ]
    for body in bad:
        assert change(house, one, "cancel", status=422, reason="other", **body)["errors"], body
    for role in ("clinician", "finance", "auditor", "shop"):
        for verb in ("cancel", "keep", "reactivate"):
            change(
                house,
                one,
                verb,
                role=role,
                status=403,
                reason="other",
                **({"when": "now"} if verb == "cancel" else {}),
            )
    assert (
        change(house, one, "reactivate", status=409, reason="other")["refused"]["message"]
        == "It has not ended."
    )
    assert house.checksum() == before
    body = {"when": "now", "reason": "other"}
    first = house.api().post(f"{one['url']}/cancel", body, key="once")
    assert house.api().post(f"{one['url']}/cancel", body, key="once") == first
    house.api().post(first["undo"], {})
    house.later(WINDOW)
    assert again(house, one)["effective"] == "active"
