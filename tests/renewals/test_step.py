"""The drip, and how it ends: with the new prescription, in vain, or because somebody stops it."""

from __future__ import annotations

from opsconsole.services import CLOCK, renewals

from ..house import House
from ..scenes import denied, nothing_written, refused
from .scenes import DAY, alter, drip, ending, prescribe_anew, tracked


def mails(house: House) -> list[tuple[str, str]]:
    query = "select template, status from messages where template like 'check_in%' order by created_at, id"
    return [(row.template, row.status) for row in house.rows(query)]


def noon(house: House) -> None:
    """Midday in Nevada."""
    [row] = house.rows(
        "select extract(epoch from (instant()::date + 1 + time '20:00') at time zone 'utc' - instant()) as s"
    )
    house.advance(float(row.s))


def test_step_by_step_and_in_vain(house: House) -> None:
    ending(house, days=30)
    noon(house)
    tracked(house)
    sent = [drip(house, days)["sent"] for days in (0, 1, 2, 4, 7, 1, 3)]
    assert sent == [1, 1, 2, 3, 4, 4, 4]  # on the day it was found, and 3, 7 and 14 days later
    assert [template for template, _ in mails(house)] == ["check_in_due", *["check_in_reminder"] * 3]
    renewal = drip(house, 40)  # past its last day
    assert renewal["status"] == "lapsed" and renewal["next_at"] is None and len(mails(house)) == 4


def test_signed_in_mid_drip_nothing_more_is_sent(house: House) -> None:
    rx = ending(house, days=30)
    noon(house)
    tracked(house)
    drip(house)
    with house.app.app_context():  # the second step is written down and has not left
        house.advance(3 * DAY)
        for renewal_id in renewals.due():
            renewals.step(renewal_id, by=CLOCK)
    assert mails(house)[1] == ("check_in_reminder", "planned")
    prescribe_anew(house, rx)
    assert mails(house)[1] == ("check_in_reminder", "withdrawn")
    [renewal] = house.api().get("/renewals")["items"]
    assert renewal["status"] == "renewed" and renewal["renewed_by"].startswith("/prescriptions/rx_")
    before = mails(house)
    assert drip(house, 30)["sent"] == 2 and mails(house) == before and tracked(house) == [drip(house)]


def test_who_opted_out_is_not_written_to_and_the_steps_go_on(house: House) -> None:
    ending(house, days=30)
    noon(house)
    tracked(house)
    buyer = house.rows("select id from customers")[0].id
    alter(
        house,
        "insert into profiles (id, customer_id, system, external_id, facts, fetched_at)"
        " values ('pfl_1', :id, 'customerio', :id, '{\"unsubscribed\": true}', instant())"
        " on conflict (customer_id, system) do update set facts = excluded.facts",
        id=buyer,
    )
    assert drip(house)["sent"] == 1 and mails(house) == []


def test_begin_and_stop(house: House) -> None:
    rx = ending(house, days=300)
    api, page = house.api(), house.page("support")
    preview = api.post(f"{rx['url']}/renew?preview=1", {}, status=200)
    assert preview["preview"]["act"] == "renewals.begin"
    first = api.post(f"{rx['url']}/renew", {}, key="one")
    assert api.post(f"{rx['url']}/renew", {}, key="one") == first
    refused(house, api, f"{rx['url']}/renew", {}, "not_renewable")
    assert "Somebody began it" in page.get(first["subject"])
    denied(house, "finance", f"{rx['url']}/renew")
    denied(house, "auditor", f"{first['subject']}/stop", {"reason": "mistake"})
    page.submit(f"{first['subject']}/stop", {"reason": "mistake"})
    assert api.get(first["subject"])["status"] == "stopped"
    refused(house, api, f"{first['subject']}/stop", {"reason": "mistake"}, "not_open")
    assert api.post(f"{rx['url']}/renew", {})["subject"] != first["subject"]  # a person may begin again
    alter(house, "update prescriptions set status = 'cancelled'")
    with nothing_written(house):
        api.post(f"{rx['url']}/renew?preview=1", {}, status=409)


def test_what_it_is_for_has_ended(house: House) -> None:
    ending(house, days=30)
    tracked(house)
    sub = house.api().get("/subscriptions")["items"][0]
    house.api().post(f"{sub['url']}/cancel", {"when": "now", "reason": "too_expensive"})
    house.later(61)
    [renewal] = house.api().get("/renewals")["items"]
    assert (renewal["status"], renewal["reason"]) == ("stopped", "subscription_ended")
