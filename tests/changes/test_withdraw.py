"""Undoing what was planned for Stripe, and calling off what was agreed for a day."""

from __future__ import annotations

from datetime import timedelta

from ..house import House
from ..scenes import WINDOW
from ..subscriptions.scenes import again, change, charges, paid_invoices, subscribed


def test_what_was_agreed_can_be_called_off(house: House) -> None:
    one = subscribed(house, billing_mode={"type": "flexible"})
    change(house, one, "pause", deliveries=1, reason="travel")
    house.later(WINDOW)
    [agreed] = house.api().get("/changes?status=scheduled")["items"]
    assert agreed["change"] == "subscriptions.resume" and agreed["acts"][0]["allowed"]
    page = house.page("support")
    assert "Undo" in page.get(agreed["url"])
    house.api().post(f"{agreed['url']}/withdraw", {})
    now = again(house, one)
    assert now["pause"]["resumes_at"] is None and now["next"] == []
    refused = house.api().post(f"{agreed['url']}/withdraw", {}, 409)["refused"]
    assert refused["code"] == "already_withdrawn"


def test_once_stripe_was_asked_it_is_too_late(house: House) -> None:
    one = subscribed(house)
    done = change(house, one, "skip", reason="travel")
    for role in ("clinician", "auditor", "shop"):
        house.api(role).post(f"{done['subject']}/withdraw", {}, 403)
    house.later(WINDOW)
    before = house.checksum()
    assert house.api().post(f"{done['subject']}/withdraw", {}, 409)["refused"]["code"] == "not_withdrawable"
    assert house.checksum() == before


def test_what_stripe_may_have_done_happens_once(house: House) -> None:
    """Each act that is asked of Stripe, with its answer lost after the effect: exactly once each."""
    one = subscribed(house, billing_mode={"type": "flexible"})
    day = (charges(one)[0] + timedelta(days=9)).isoformat()
    asked = [
        ("pause", {"deliveries": 1, "reason": "travel"}, "POST /v1/subscriptions/{id}/pause"),
        ("resume", {}, "POST /v1/subscriptions/{id}/resume"),
        ("reschedule", {"on": day, "reason": "travel"}, "POST /v1/subscriptions/{id}"),
        ("skip", {"reason": "travel"}, "POST /v1/subscriptions/{id}"),
    ]
    for verb, body, method in asked:
        house.sandbox.fault(kind="lost_answer", method=method.replace("{id}", one["external_id"]), times=1)
        done = change(house, one, verb, **body)
        house.later(WINDOW)
        house.later(120)
        found = house.api().get(done["subject"])
        assert found["status"] == "done", (verb, found)
    assert len(paid_invoices(house, one)) == 2, "the first one, and the one with which it resumed"
