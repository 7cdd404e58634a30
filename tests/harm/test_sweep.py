"""Looking for harm: before each commit, each night, and on demand."""

from __future__ import annotations

from opsconsole.db import db
from opsconsole.models import AuditEntry
from opsconsole.services import CLOCK, harm

from ..house import House
from ..scenes import cases_of, denied, nothing_written, refused
from ..statements import statements
from .scenes import alter, customer, decision, ready, request, rx, visit, write


def test_what_is_found_has_a_case_until_it_is_mended(house: House) -> None:
    ready(house)
    whose = customer(house)
    first, second = write(house, rx(whose, "rx-a"), rx(whose, "rx-b"))
    write(
        house, request(first, whose, "transmit", "confirmed"), request(second, whose, "transmit", "confirmed")
    )
    with house.app.app_context():
        harm.sweep_nightly(by=CLOCK)
    [case] = cases_of(house, f"/prescriptions/{max(first, second)}")
    assert case["reason"] == "harm_two_copies" and "both can be filled" in case["says"]
    page = house.page("ops_lead").get("/harm")
    assert "Two live copies of one medicine" in page and "reason=harm_two_copies" in page
    alter(house, "update prescriptions set status = 'cancelled' where id = :id", id=first)
    done = house.api().post("/harm/sweep", {})
    told = house.api().get(done["subject"])
    assert told["total"] == 0 and told["found"]["two_copies"] == 0
    assert cases_of(house, f"/prescriptions/{max(first, second)}") == []
    assert "Two live copies" in house.page("clinician").get(done["subject"])


def test_an_act_that_would_break_one_is_refused_and_its_preview_says_so(house: House) -> None:
    order = ready(house)
    whose = customer(house)
    soon = house.rows("select instant()::date + 90 as day")[0].day
    [other] = write(house, rx(whose, "rx-b", expires_on=soon))
    write(house, request(other, whose, "transmit", "confirmed"))  # no gate asks what else is at a pharmacy
    api = house.api()
    with nothing_written(house):
        words = refused(house, api, f"{order['url']}/submit", {}, "harmful")
    assert "both can be filled" in words
    api.post(f"{order['url']}/submit?preview=1", {}, status=409)


def test_what_was_broken_before_keeps_nobody_from_acting(house: House) -> None:
    order = ready(house)
    whose = customer(house)
    api = house.api()
    fill = api.get(api.post(f"{order['url']}/submit", {})["subject"])
    house.later(120)
    [seen] = write(house, visit(order["id"], whose))
    write(house, decision(seen, whose, 1, "deny"))
    done = api.post(f"{fill['url']}/cancel", {"reason": "customer_asked"})  # and least of all from mending it
    assert done["act"] == "fills.cancel"


def test_who_may_look(house: House) -> None:
    for role in ("support", "finance", "auditor"):
        denied(house, role, "/harm/sweep")
    first = house.api().post("/harm/sweep", {}, key="once")
    assert house.api().post("/harm/sweep", {}, key="once") == first
    assert len(house.rows("select id from harm_sweeps")) == 1


def test_acts_that_touch_nothing_of_concern_ask_nothing(house: House) -> None:
    order = house.order("60.00")
    api = house.api()
    with statements(house) as sent:
        api.post(f"{order['url']}/note", {"text": "She called"})
    assert not [query for query, _ in sent if "prescription_requests" in query]
    with house.app.app_context():
        assert db.session.query(AuditEntry).count()
