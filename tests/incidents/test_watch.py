"""While a vendor is in trouble: patience stands still, screens say so, and numbers lead to exactly their rows."""

from __future__ import annotations

import html
import itertools
import re
from datetime import timedelta

from sqlalchemy import select

from opsconsole.db import db, instant
from opsconsole.services import incidents, outbox

from ..fills.scenes import order, pharmacies
from ..harm.scenes import alter
from ..house import House
from ..scenes import WINDOW, issue, paid_back
from ..statements import statements
from .scenes import another_breaker, declared, look, only, pass_time, reasons, stripe_back, stripe_down

HOURS = 3600


def test_an_outage_of_26_hours_gives_nothing_up(house: House) -> None:
    [first, *_] = stripe_down(house)
    issue(house, first, "2.00")  # behind the first in its lane
    pass_time(house, 9 * HOURS, 9 * HOURS, 9 * HOURS)
    assert reasons(house) == ["vendor_down"]
    stripe_back(house)
    assert sorted(paid_back(house)) == [200, 1000, 1000, 1000] and paid_back(house)[-1] == 200
    assert reasons(house) == [] and only(house)["status"] == "over"
    with house.app.app_context():
        now = db.session.scalar(select(instant()))
        [(since, until)] = incidents.outages("billing", now - timedelta(days=3))
        assert timedelta(hours=27) <= until - since < timedelta(hours=28)
        [(later, _)] = incidents.outages("payments", now - timedelta(hours=20))
        assert later > since and incidents.outages("crm", now - timedelta(days=3)) == []


# So many refunds, each due an hour ago, of seven lanes.
MANY = """
    insert into promises (id, status, kind, port, method, arguments, subject_id, lane, says, trace_id, entry_id, about,
                          due_at, ref, round, attempts, faults, maybe_done, fence)
    select 'prm_' || n, 'waiting', 'refunds.send', 'payments', 'refund', '{}', 'rf_1', 'lane ' || n % 7, 'x', 'trc_1',
           'aud_1', '{}', instant() - interval '1 hour', 'r' || n, 1, 0, 0, false, 0
    from generate_series(1, :many) n
"""


def test_what_waited_goes_out_a_few_at_first_each_lane_in_its_order(house: House) -> None:
    alter(house, MANY, many=2000)
    with house.app.app_context():
        outbox.let_out(["payments"])
        due = list(db.session.scalars(db.text("select due_at from promises order by position")))
        db.session.rollback()
    assert due == sorted(due), "and so each lane keeps its order"
    after = [(one - due[0]).total_seconds() for one in due]
    within = [sum(at <= seconds + 0.01 for at in after) for seconds in (0, 10, 20, 30, 40, 50)]
    steps = [round(later - before, -1) for before, later in itertools.pairwise(within)]
    assert within[0] == 5 and steps == [50, 100, 200, 400, 800], within


def test_previews_and_pages_say_what_cannot_go_out_and_what_else_there_is(house: House) -> None:
    pharmacies(house)
    ready, refunded = order(house), house.order("60.00", customer="cust-2")
    declared(house, "pharmacy-truepill")
    declared(house, "payments", expected_back_at=None)
    api, sam = house.api(), house.page()
    [fill] = api.post(f"{ready['url']}/submit?preview=1", {}, 200)["preview"]["promises"]
    assert fill["held"]["system"] == "Truepill" and fill["held"]["instead"] == [
        {"says": "Send it to another pharmacy", "url": f"{ready['url']}/reroute"}
    ]
    asked = {"amount": "1.00", "reason": "goodwill"}
    [refund] = api.post(f"{refunded['url']}/refund?preview=1", asked, 200)["preview"]["promises"]
    assert refund["held"]["instead"][0]["url"] == f"{refunded['customer']}/grant"
    page = sam.get(f"{ready['url']}/submit")
    assert "once Truepill is back" in page and "Send it to another pharmacy instead" in page
    done = issue(house, refunded)
    house.later(WINDOW)
    assert "Will be sent when Stripe is back." in sam.get(done["subject"])
    assert "Will be sent when Stripe is back." in sam.get(refunded["url"])
    assert "Will be sent when" not in sam.get(ready["url"]), "nothing of it waits"
    assert sam.html.count('class="outage-strip"') == 2 and "Truepill told us that it is down" in sam.html


def test_the_strip_costs_no_statement(house: House) -> None:
    sam = house.page()
    sam.get("/search")  # that somebody was seen is written once a minute
    counts = []
    for _ in range(2):
        with statements(house) as sent:
            sam.get("/search")
        counts.append(len(sent))
        declared(house) if len(counts) == 1 else None
    assert counts == [1, 1] and 'class="outage-strip"' in sam.html


def test_every_number_of_the_board_is_that_of_its_rows(house: House) -> None:
    stripe_down(house)
    api = house.api()
    stripe = next(one for one in api.get("/vendors")["items"] if one["port"] == "payments")
    assert stripe["incident"] == only(house)["url"] and stripe["calls"]["1h"]["failed"] >= 3
    assert {one["method"] for one in stripe["breakers"]} >= {"refund"}
    calls = stripe["calls"]["1h"]
    assert calls["success_ratio"] == (calls["ended"] - calls["failed"]) / calls["ended"]
    page = html.unescape(house.page("ops_lead").get("/vendors"))
    for number, url in (
        (calls["ended"], "/attempts?vendor=payments&within=1h&counts=yes"),
        (calls["failed"], "/attempts?vendor=payments&within=1h&failed=yes"),
        (stripe["waiting"]["calls"], "/promises?waits_for=payments"),
        (stripe["waiting"]["customers"], "/customers?waits_for=payments"),
    ):
        assert url in page and len(api.get(url)["items"]) == number > 0, url
    live = re.findall(r'data-live="(\w+)" data-every="15"', page)
    assert live, "it keeps itself up to date"
    with statements(house) as sent:
        api.get("/vendors")
    assert len(sent) <= 13, "\n".join(query for query, _ in sent)
    metrics = house.app.test_client().get("/metrics").get_data(as_text=True)
    assert 'opsconsole_incident_open{vendor="payments"} 1.0' in metrics
    assert 'opsconsole_vendor_success_ratio{vendor="payments"}' in metrics
    assert 'opsconsole_vendor_p95_seconds{vendor="payments"}' in metrics
    assert house.page().get("/attempts?vendor=payments&failed=yes").count("row-link") == calls["failed"]


def test_a_breaker_for_which_nothing_waits_tells_nothing(house: House) -> None:
    another_breaker(house)
    assert only(house)["methods"] == ["charge"]
    alter(house, "update breakers set probe_at = instant() - interval '1 hour'")
    look(house)
    assert only(house)["status"] == "over"
