"""The clock looks: in time it is met, late it is asked about, and only what really did not happen is missed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from opsconsole.db import db
from opsconsole.models import Refund
from opsconsole.services import expectations, transaction

from ..fills.scenes import at_pharmacy, pharmacies
from ..house import House
from ..scenes import issue, sent
from .stories import DAY, HOUR, MINUTE, _pending
from .test_dropped import tick


def of(house: House, kind: str) -> Any:
    """(status, looks, words) of the only one of its kind."""
    [row] = house.rows("select status, looks, words from expectations where kind = :kind", kind=kind)
    return tuple(row)


def questions(house: House) -> int:
    return len(house.rows("select 1 from inbox_events where via = 'asked'"))


def test_what_comes_in_time_is_met_and_nobody_is_asked(house: House) -> None:
    refund = sent(house, house.order())
    assert refund["status"] == "succeeded"
    assert of(house, "refund.confirmed")[0] == of(house, "order.paid")[0] == "waiting"
    with house.app.app_context():
        assert expectations.came() >= 2
    assert of(house, "refund.confirmed") == ("met", 0, None)
    house.advance(DAY)
    tick(house)
    assert questions(house) == 0
    assert {row.status for row in house.rows("select status from expectations")} == {"met"}


def test_what_has_not_happened_is_missed_after_its_patience_and_healed_when_it_comes(house: House) -> None:
    external = _pending(house, "cust-1")
    house.advance(11 * MINUTE)
    tick(house)
    assert of(house, "refund.settled")[:2] == ("asked", 1) and questions(house) == 1
    [asked] = house.api().get("/inbox?status=settled&kind=refund.updated&source=stripe")["items"][:1]
    assert asked["via"] == "asked" and asked["external_id"].startswith("expected:exp_")
    [trace] = house.rows("select trace_id from expectations where kind = 'refund.settled'")
    assert trace.trace_id
    for _ in range(6):
        house.advance(DAY)
        tick(house)
    assert of(house, "refund.settled")[:2] == ("missed", 7)
    house.sandbox.fault(kind="drop", method="webhook *")
    house.sandbox.stripe.move_refund(external, status="succeeded")
    house.drain()
    house.advance(7 * HOUR)
    tick(house)
    house.advance(5 * MINUTE)
    tick(house)
    assert of(house, "refund.settled")[0] == "healed"


def test_a_webhook_that_is_only_late_ends_it_as_met(house: House) -> None:
    external = _pending(house, "cust-1")
    house.advance(11 * MINUTE)
    tick(house)
    house.sandbox.stripe.move_refund(external, status="succeeded")
    house.drain()
    with house.app.app_context():
        expectations.came()
    assert of(house, "refund.settled")[0] == "met"


def test_while_a_vendor_is_away_nobody_is_asked_and_nothing_missed(house: House) -> None:
    _pending(house, "cust-1")
    with house.app.app_context(), transaction():
        db.session.execute(text(
            "insert into breakers (port, method, failures, lanes, opened_at, probe_at, probes)"
            " values ('payments', 'fetch_refund', 5, '{}', instant(), instant() + interval '9 days', 0)"
        ))  # fmt: skip
    for _ in range(6):
        house.advance(DAY)
        tick(house)
    assert of(house, "refund.settled")[:2] == ("waiting", 0) and questions(house) == 0
    with house.app.app_context(), transaction():
        db.session.execute(text("delete from breakers"))
    # It answers nothing now: what was asked stays asked, once.
    house.sandbox.fault(kind="down", method="GET /v1/refunds/*")
    for _ in range(6):
        house.advance(2 * MINUTE)
        tick(house)
    status, looks, words = of(house, "refund.settled")
    assert (status, looks) == ("asked", 1) and "not answered" in words


def test_a_port_is_asked_sixty_times_a_minute_at_most_and_the_others_go_on(house: House) -> None:
    _pending(house, "cust-1")
    issue(house, house.order(customer="cust-2"), "1.00")
    house.later(61)
    copy = (
        "insert into expectations (id, status, kind, subject_id, port, source, event, object_id, due_at, missed_from,"
        " look_at, looks) select concat('exp_', n), 'waiting', kind, subject_id, port, source, event, concat('re_', n),"
        " due_at, missed_from, look_at, 0 from expectations, generate_series(1, 400) n where kind = 'refund.settled'"
    )
    with house.app.app_context(), transaction():
        db.session.execute(text(copy))
    house.advance(15 * MINUTE)
    with house.app.app_context():
        assert expectations.look().asked == 60
        assert expectations.look().asked == 0, "there is no room in this minute"
        db.session.remove()
    house.advance(61)
    with house.app.app_context():
        assert expectations.look().asked == 60
        db.session.remove()
    asked = house.rows(
        "select min(due_at) as due from expectations where looks > 0 and kind = 'refund.settled'"
    )
    left = house.rows(
        "select min(due_at) as due from expectations where looks = 0 and kind = 'refund.settled'"
    )
    assert asked[0].due <= left[0].due, "the oldest first"


def test_a_pharmacy_gets_the_time_that_it_usually_takes(house: House) -> None:
    pharmacies(house)
    at_pharmacy(house)
    took = (
        "insert into expectations (id, status, kind, subject_id, port, source, event, due_at, missed_from, looks,"
        " created_at, ended_at) select concat('exp_', left(:port, 12), n), 'met', kind, 'fil_0', :port, source, event,"
        " due_at, missed_from, 0, created_at - interval '9 days',"
        " created_at - interval '9 days' + n * interval '6 minutes'"
        " from expectations, generate_series(1, :many) n where kind = 'fill.filling' and subject_id <> 'fil_0'"
    )
    waits = "select due_at - created_at, missed_from - created_at from expectations where status = 'waiting'"
    with house.app.app_context(), transaction():
        db.session.execute(text("delete from expectations where kind <> 'fill.filling'"))
        db.session.execute(text(took), {"many": 19, "port": "pharmacy-truepill"})
        db.session.execute(text(took), {"many": 300, "port": "pharmacy-honeybee"})
    with house.app.app_context():
        assert expectations.learn() == 0  # too few, and another's do not count
    assert house.rows(waits) == [(timedelta(hours=24), timedelta(hours=72))]
    with house.app.app_context(), transaction():
        db.session.execute(
            text("delete from expectations where port = 'pharmacy-honeybee' or subject_id = 'fil_0'")
        )
        db.session.execute(text(took), {"many": 21, "port": "pharmacy-truepill"})
    with house.app.app_context():
        assert (expectations.learn(), expectations.learn()) == (1, 0)
    assert house.rows(waits) == [(timedelta(hours=2), timedelta(hours=4))]


def test_acts_may_await_what_no_state_shows(house: House) -> None:
    order = house.order()
    done = issue(house, order)
    with house.app.app_context(), transaction():
        refund = Refund.require(done["subject"].rsplit("/", 1)[-1])
        expectations.expect("refund.settled", refund)
    assert of(house, "refund.settled")[0] == "waiting"


def test_the_page_the_json_and_the_trace_tell_of_it(house: House) -> None:
    issue_answer = issue(house, house.order())
    house.sandbox.fault(kind="lost_answer", method="POST /v1/refunds")
    house.sandbox.fault(kind="drop", method="webhook")
    house.advance(61)
    house.work()
    house.sandbox.clear_faults()
    [one] = house.api().get("/expectations?kind=refund.confirmed")["items"]
    assert (one["status"], one["subject"], one["port"]) == ("waiting", issue_answer["subject"], "payments")
    assert (
        one["promise"] == f"/promises/{issue_answer['promises'][0]['id']}"
        and one["trace"] == issue_answer["trace"]
    )
    waits = house.api().get(f"/traces/{one['trace']}")["waiting_for"]
    assert any(said.startswith("Stripe to confirm the refund, by ") for said in waits), waits
    assert house.api().get(one["url"])["says"] in waits
    lee = house.page("ops_lead")
    assert "Stripe to confirm the refund" in lee.get("/expectations?status=waiting&port=payments")
    page = lee.get(one["url"])
    assert "Nobody has to do anything" in page and "refund.created" in page and "For engineers" in page
    house.api("clinician").get("/expectations", 403)
    house.api("clinician").get(one["url"], 403)
    metrics = house.app.test_client().get("/metrics").get_data(as_text=True)
    assert 'opsconsole_expectations{kind="refund.confirmed",status="waiting"} 1.0' in metrics
