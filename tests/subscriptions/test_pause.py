"""Pausing: both kinds, as what they are, and what each renewal becomes."""

from __future__ import annotations

from datetime import date, timedelta

from ..house import House
from ..scenes import WINDOW, processor
from .scenes import DAY, again, at_stripe, change, charges, paid_invoices, subscribed, today


def test_it_stops_whole_where_stripe_can_and_resumes_on_its_day(house: House) -> None:
    one = subscribed(house, billing_mode={"type": "flexible"})
    first = charges(one)[0]
    back = first + timedelta(days=20)
    seen = house.api().post(
        f"{one['url']}/pause?preview=1", {"resume_on": back.isoformat(), "reason": "travel"}, 200
    )["preview"]
    told = {each["field"]: (each["from"], each["to"]) for each in seen["changes"]}
    assert f"{back:%-d %b %Y}" in told["next four charges"][1].split(";")[0]
    assert any(field.startswith("charge of ") for field in told), told
    done = change(house, one, "pause", resume_on=back.isoformat(), reason="travel")
    assert done["undo"] and done["status"] == "planned"
    house.later(WINDOW)
    now = again(house, one)
    assert (now["status"], now["effective"]) == ("paused", "paused")
    assert now["pause"]["kind"] == "paused" and now["pause"]["resumes_at"].startswith(back.isoformat())
    assert charges(now)[0] == back
    before = len(paid_invoices(house, one))
    house.later((back - today(house)).days * DAY - DAY)
    assert len(paid_invoices(house, one)) == before, "charged while it stood still"


def test_only_its_collection_is_paused_where_stripe_cannot_stop_it(house: House) -> None:
    one = subscribed(house, billing_mode={"type": "classic"})
    back = charges(one)[1] - timedelta(days=3)
    refused = change(
        house, one, "pause", status=409, kind="paused", resume_on=back.isoformat(), reason="travel"
    )
    assert "classic" in refused["refused"]["message"] and refused["refused"]["field"] == "kind"
    change(house, one, "pause", resume_on=back.isoformat(), reason="financial")
    house.later(WINDOW)
    assert at_stripe(house, one).pause_collection.behavior == "void"
    now = again(house, one)
    assert (now["status"], now["effective"]) == ("active", "collection_paused")
    assert [each["charged"] for each in now["next"]] == [False, True, True, True]


def test_what_it_refuses_writes_nothing(house: House) -> None:
    one = subscribed(house)
    day = charges(one)[0].isoformat()
    bad = {
        "resume_on": {"reason": "travel"},
        "reason": {"resume_on": day, "reason": "no such"},
        "deliveries": {"deliveries": 99, "reason": "travel"},
    }
    house.drain()
    before = house.checksum()
    for field, body in bad.items():
        assert field in change(house, one, "pause", status=422, **body)["errors"]
    late = (today(house) + timedelta(days=200)).isoformat()
    assert "180" in str(change(house, one, "pause", status=422, resume_on=late, reason="travel")["errors"])
    assert house.checksum() == before


def test_only_those_who_may(house: House) -> None:
    one = subscribed(house)
    for role in ("clinician", "finance", "auditor", "shop"):
        change(house, one, "pause", role=role, status=403, deliveries=1, reason="travel")


def test_the_second_click_changes_nothing_and_undo_asks_stripe_nothing(house: House) -> None:
    one = subscribed(house)
    body = {"deliveries": 1, "reason": "travel"}
    api = house.api()
    first = api.post(f"{one['url']}/pause", body, key="twice")
    assert api.post(f"{one['url']}/pause", body, key="twice") == first
    refused = api.post(f"{one['url']}/pause", body, 409)["refused"]
    assert refused["code"] == "under_way"
    api.post(first["undo"], {})
    house.later(WINDOW)
    now = again(house, one)
    assert now["effective"] == "active" and now["pause"] is None
    assert {each["status"] for each in api.get(f"/changes?subscription={one['id']}")["items"]} == {
        "withdrawn"
    }


def test_stripes_no_becomes_a_case(house: House) -> None:
    one = subscribed(house)
    done = change(house, one, "pause", deliveries=1, reason="travel")
    processor(house).subscriptions.cancel(one["external_id"])
    house.later(WINDOW)
    failed = house.api().get(done["subject"])
    assert failed["status"] == "failed" and failed["failure_reason"]
    [case] = house.api().get(f"/cases?subject={done['subject']}")["items"]
    assert case["reason"] == "vendor_rejected"


def test_a_clinician_hears_of_what_is_clinical(house: House) -> None:
    one = subscribed(house)
    change(house, one, "pause", deliveries=2, reason="pregnancy")
    [case] = house.api().get(f"/cases?subject={one['url']}")["items"]
    assert case["reason"] == "clinical_pause"


def test_each_behaviour_does_to_renewals_what_the_preview_said(house: House) -> None:
    expected = {"void": "void", "keep_as_draft": "draft", "mark_uncollectible": "uncollectible"}
    prices = None
    for n, (behavior, becomes) in enumerate(expected.items()):
        one = subscribed(house, customer=f"cust-{n}", prices=prices)
        prices = {("month", 1): one["items"][0]["price"]}
        change(house, one, "pause", kind="collection", behavior=behavior, deliveries=1, reason="travel")
        house.later(WINDOW)
        day: date = charges(one)[0]
        house.later(((day - today(house)).days + 1) * DAY)
        latest = processor(house).invoices.list({"subscription": one["external_id"]}).data[0]
        assert latest.status == becomes, behavior
