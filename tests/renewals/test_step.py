"""Asking for a check-in, and how a renewal ends: renewed, in vain, or because somebody stops it."""

from __future__ import annotations

from typing import Any

from opsconsole.models import Visit, VisitStatus
from opsconsole.services import CLOCK, transaction, visits

from ..house import House
from ..scenes import denied, nothing_written, refused
from ..visits.form_scenes import answer, form, noon, patient
from .scenes import DAY, alter, drip, ending, prescribe_anew, tracked


def asked(house: House, **more: Any) -> Any:
    """At midday somebody whose prescription ends in 30 days is asked for a check-in. The prescription's JSON."""
    form(house)
    patient(house, id="pat-1")
    rx = ending(house, days=30, customer="pat-1", **more)
    noon(house)
    tracked(house)
    return rx


def remind(house: House) -> None:
    with house.app.app_context():
        for visit_id in visits.to_remind():
            visits.remind(visit_id, by=CLOCK)


def mails(house: House) -> list[tuple[str, str]]:
    query = """select template, status from messages where template in ('check_in_due', 'answers_awaited')
        order by created_at, id"""
    return [(row.template, row.status) for row in house.rows(query)]


def test_asked_once_reminded_by_the_visit_and_in_vain(house: House) -> None:
    asked(house)
    renewal = drip(house)
    visit = house.api().get(renewal["visit"])
    assert (renewal["status"], visit["kind"], visit["status"]) == ("dripping", "renewal", "invited")
    assert [template for template, _ in mails(house)] == ["check_in_due"]
    drip(house, 1)
    remind(house)
    assert [template for template, _ in mails(house)] == ["check_in_due", "answers_awaited"]
    assert drip(house, 40)["status"] == "lapsed" and len(house.rows("select id from visits")) == 1


def test_signed_in_mid_drip_nothing_more_is_sent(house: House) -> None:
    rx = asked(house)
    drip(house)
    house.advance(DAY)
    remind(house)  # the reminder is written down and has not left
    assert mails(house)[1] == ("answers_awaited", "planned")
    prescribe_anew(house, rx)
    assert mails(house)[1] == ("answers_awaited", "withdrawn")
    renewal = drip(house)
    assert renewal["status"] == "renewed" and renewal["renewed_by"].startswith("/prescriptions/rx_")
    assert house.api().get(renewal["visit"])["status"] == "cancelled"
    before = mails(house)
    for days in (1, 3, 9, 30):
        drip(house, days)
        remind(house)
        tracked(house)
    assert mails(house) == before and not house.rows("select 1 from reminders where status = 'planned'")


def test_who_opted_out_is_asked_by_no_e_mail(house: House) -> None:
    asked(house)
    alter(
        house,
        "insert into profiles (id, customer_id, system, external_id, facts, fetched_at)"
        " select 'pfl_1', id, 'customerio', id, '{\"unsubscribed\": true}', instant() from customers"
        " on conflict (customer_id, system) do update set facts = excluded.facts",
    )
    assert drip(house)["status"] == "dripping" and mails(house) == []
    house.advance(DAY)
    remind(house)
    assert mails(house) == []


def test_answered_goes_to_a_clinician_and_a_no_ends_it(house: House) -> None:
    asked(house)
    visit = house.api().get(drip(house)["visit"])
    answer(house, visit)
    [renewal] = house.api().get("/renewals")["items"]
    assert renewal["status"] == "requested"
    alter(house, "update visits set status = 'in_review'")
    with house.app.app_context(), transaction():
        Visit.lock(visit["id"]).move_to(VisitStatus.DENIED)
    [renewal] = house.api().get("/renewals")["items"]
    assert (renewal["status"], renewal["reason"]) == ("stopped", "clinician_denied")


def test_whom_nobody_can_ask_is_shown_as_that(house: House) -> None:
    ending(house, days=30)
    [renewal] = tracked(house)
    for _ in range(3):
        renewal = drip(house, 0.5)
    assert renewal["status"] == "due" and mails(house) == []
    assert "does not know this customer" in house.page("support").get(renewal["url"])


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
