"""Tying out a day: what ties, what does not and as what, and that nothing is left without a class."""

from __future__ import annotations

import html
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsconsole.db import db
from opsconsole.services import CLOCK, payouts, transaction
from opsconsole.services.payouts import COLUMNS, KINDS

from ..house import House
from ..scenes import cases_of, denied, nothing_written, refused
from .scenes import DAY, MIDNIGHT, NEXT, NOON, Books, gaps, tie_out

RUN = "/payouts/tie_out"


def clean(books: Books) -> Books:
    """A day on which everything is the same money: sales, a renewal, a refund, and the payout that took it along."""
    payout = books.payout(6000 - 60 + 2500 - 30 - 1000)
    books.sale(4000, payout=payout)
    refunded = books.sale(2000, payout=payout)
    books.entry(
        -1000, kind="refund", source=books.refund(refunded, 1000), payment=refunded, payout=payout, fee=0
    )
    renewal = books.charge(2500)
    books.invoice(2500, renewal)
    books.entry(2500, payment=renewal, fee=30, payout=payout)
    return books


def test_a_clean_day_ties_and_every_number_is_the_sum_of_its_rows(house: House) -> None:
    clean(Books()).write(house)
    tied = tie_out(house)
    assert (tied["status"], tied["gaps"], tied["gap"]["amount"]) == ("tied", 0, "0.00")
    wanted = {
        "sold": "85.00", "charged": "85.00", "refunded": "10.00", "gross": "75.00", "fees": "0.90", "net": "74.10",
        "paid_out": "74.10",
    }  # fmt: skip
    assert {name: tied[name]["amount"] for name in wanted} == wanted
    finn = house.page("finance")
    for column in COLUMNS:
        listed = house.api().get(f"{tied['url']}/rows?of={column}")["items"]
        total = sum(round(float(one["amount"]["amount"]) * 100) for one in listed)
        assert total == round(float(tied[column]["amount"]) * 100), column
        assert finn.get(f"{tied['url']}/rows?of={column}")
    assert "Nothing differs" in finn.get(tied["url"]) and "10 Nov 2026" in finn.get("/tie-outs")
    later = tie_out(house, DAY + timedelta(days=3))  # the day on which the payout was made
    assert (later["status"], later["sent"], later["sent_entries"]) == ("tied", tied["net"], tied["net"])


def everything(books: Books) -> Counter[tuple[str, str, str]]:
    """Each way to differ, once. Returns what must be found on DAY."""
    out = books.payout(100_000, at=NOON)  # takes along what is not about payouts
    books.order(1100)
    books.charge(1200)
    books.entry(1200, payment=f"pi_{_last(books, 'pi')}", payout=out)
    paid = books.charge(1250, order=books.order(1300))
    books.entry(1250, payment=paid, payout=out)
    abroad = books.charge(1400, order=books.order(1400), currency="eur")
    books.entry(1500, payment=abroad, payout=out)
    late = books.charge(1600, order=books.order(1600, at=MIDNIGHT), at=NEXT)
    books.entry(1600, payment=late, payout=out, at=NEXT)
    books.charge(1700, order=books.order(1700))
    short = books.charge(1800, order=books.order(1800))
    books.entry(1790, payment=short, payout=out)
    sold = books.sale(5000, payout=out)
    books.refund(sold, 190)
    books.entry(-210, kind="refund", source=books.refund(sold, 210, status="failed"), payout=out)
    books.entry(2200, payment="pi_of_nobody", payout=out)
    books.entry(-2300, kind="adjustment", source="du_1", payment=sold, fee=1500, payout=out)
    books.entry(2400, kind="adjustment", source="dp_1", payment=sold, payout=out)
    books.entry(-25, kind="stripe_fee", payout=out)
    books.entry(-26, kind="adjustment", payout=out)
    books.entry(27, kind="topup", payout=out)
    books.sale(2800, payout=out, fee=0)
    books.entry(-29, kind="stripe_fee", fee=1, net=-31, payout=out)
    waits = books.charge(3000, order=books.order(3000))
    books.entry(3000, payment=waits, available_on=date(2099, 1, 1))
    books.entry(-31, kind="stripe_fee", available_on=DAY)
    books.sale(3200, fee=0, payout=books.payout(3200, status="failed"))
    books.sale(3300, fee=0, payout="po_unheard_of")
    books.payout(3400, at=NOON, read=False)
    books.payout(3500, at=NOON, automatic=False)
    return Counter(
        [
            ("sold", "order_without_charge", "11.00"), ("sold", "charge_without_order", "-12.00"),
            ("sold", "amount_differs", "0.50"), ("sold", "currency_differs", "14.00"), ("sold", "timing", "16.00"),
            ("booked", "charge_pending", "17.00"), ("booked", "amount_differs", "0.10"),
            ("booked", "currency_differs", "-15.00"), ("booked", "refund_without_entry", "-1.90"),
            ("booked", "refund_failed", "2.10"), ("booked", "entry_elsewhere", "-22.00"),
            ("booked", "dispute_withdrawn", "23.00"), ("booked", "dispute_returned", "-24.00"),
            ("booked", "stripe_fee", "0.25"), ("booked", "adjustment", "0.26"), ("booked", "other_movement", "-0.27"),
            ("booked", "stripe_fee", "0.29"), ("net", "fee_unexplained", "0.01"), ("booked", "stripe_fee", "0.31"),
            ("paid_out", "awaiting_payout", "30.00"), ("paid_out", "not_paid_out", "-0.31"),
            ("paid_out", "payout_failed", "32.00"), ("paid_out", "payout_unknown", "33.00"),
            ("sent", "payout_not_read", "34.00"), ("sent", "payout_by_hand", "35.00"),
        ]
    )  # fmt: skip


def _last(books: Books, prefix: str) -> str:
    return next(row["external_id"] for table, row in reversed(books.rows) if table == "payments").split("_")[
        1
    ]


def test_every_way_to_differ_has_its_class_and_nothing_is_left(house: House) -> None:
    books = Books()
    wanted = everything(books)
    books.write(house)
    tied = tie_out(house)
    found = gaps(house, tied)
    [differs] = [one for one in found if one[1] == "payout_differs"]
    assert found - Counter([differs]) == wanted
    assert {kind for _, kind, _ in found} == set(KINDS)
    assert (tied["status"], tied["unexplained"]["amount"]) == ("open", "0.00")
    assert gaps(house, tied, kind="timing") == Counter([("sold", "timing", "16.00")])
    finn = house.page("finance")
    shown = finn.get(tied["url"])
    assert all(kind.words in html.unescape(shown) for kind in KINDS.values())
    assert "Answer the dispute" in finn.get(f"/tie-outs/gaps?tie_out={tied['id']}&kind=dispute_withdrawn")
    [case] = cases_of(house, tied["url"])
    assert case["reason"] == "does_not_tie_out" and "10 Nov 2026" in case["says"]


def test_the_case_closes_when_the_day_ties(house: House) -> None:
    books = clean(Books())
    order = books.order(1100)
    books.write(house)
    tied = tie_out(house)
    assert cases_of(house, tied["url"])
    mended = Books()
    mended.rows.clear()
    mended.charge(1100, order=order, at=NOON - timedelta(days=1))
    mended.write(house)
    again = tie_out(house)
    assert (again["id"], again["status"]) == (tied["id"], "waiting")
    assert not cases_of(house, tied["url"])


AMOUNT = st.integers(1, 400)
WHEN = st.sampled_from([NOON, MIDNIGHT, NEXT])
CURRENCY = st.sampled_from(["usd", "eur"])


def whatever_happens(examples: int) -> Any:
    fine = [HealthCheck.function_scoped_fixture]
    return settings(max_examples=examples, deadline=None, suppress_health_check=fine)


@given(data=st.data())
@whatever_happens(4)
def test_classes_add_up_to_what_is_apart(house: House, data: Any) -> None:
    adds_up(house, data.draw)


@pytest.mark.soak
@given(data=st.data())
@whatever_happens(200)
def test_classes_add_up_whatever_happened(house: House, data: Any) -> None:
    adds_up(house, data.draw)


def adds_up(house: House, draw: Any) -> None:
    books = Books()
    outs = [
        books.payout(draw(AMOUNT), status=draw(st.sampled_from(["paid", "failed"])), at=draw(WHEN))
        for _ in "12"
    ]
    going = st.sampled_from([*outs, None])
    for _ in range(draw(st.integers(0, 5))):
        order = (
            books.order(draw(AMOUNT), at=draw(WHEN), currency=draw(CURRENCY)) if draw(st.booleans()) else None
        )
        for _ in range(draw(st.integers(0, 2))):
            charge = books.charge(draw(AMOUNT), order=order, at=draw(WHEN), currency=draw(CURRENCY))
            if draw(st.booleans()):
                books.invoice(draw(AMOUNT), charge, at=draw(WHEN))
            for _ in range(draw(st.integers(0, 2))):
                books.entry(
                    draw(AMOUNT), payment=charge, payout=draw(going), at=draw(WHEN), currency=draw(CURRENCY)
                )
            if draw(st.booleans()):
                refund = books.refund(
                    charge, draw(AMOUNT), at=draw(WHEN), status=draw(st.sampled_from(["succeeded", "failed"]))
                )
                books.entry(-draw(AMOUNT), kind="refund", source=refund, payout=draw(going), at=draw(WHEN))
    books.entry(
        draw(AMOUNT),
        kind=draw(st.sampled_from(["adjustment", "topup", "refund"])),
        net=draw(AMOUNT),
        at=draw(WHEN),
    )
    with house.app.app_context(), suppress(Enough), transaction():
        books.put()
        for day in (DAY, DAY + timedelta(days=1)):
            payouts.tie(day=day, by=CLOCK)
        apart = db.session.connection().exec_driver_sql(
            "select count(*), sum(unexplained), sum(gaps) = (select count(*) from tie_out_gaps) from tie_outs"
        )
        assert apart.one() == (ANY, 0, True)
        raise Enough


class Enough(Exception):
    """What was drawn was looked at and need not be kept."""


def test_a_preview_writes_nothing_and_a_second_click_is_the_same(house: House) -> None:
    clean(Books()).write(house)
    api = house.api("finance")
    asked = {"day": DAY.isoformat()}
    with nothing_written(house):
        preview = api.post(f"{RUN}?preview=1", asked, 200)["preview"]
    assert {"field": "sold", "from": None, "to": "$85.00", "on": "tie-out of 10 Nov 2026"} in preview[
        "changes"
    ]
    assert preview["promises"] == []
    first = api.post(RUN, asked, key="twice")
    assert api.post(RUN, asked, key="twice") == first
    assert len(house.rows("select 1 from tie_outs")) == 1
    finn = house.page("finance")
    assert "Tie out a day" in finn.get(RUN)
    assert "85.00" in finn.submit(RUN, asked)


def test_what_cannot_be_tied_out(house: House) -> None:
    api = house.api("finance")
    [now] = house.rows("select instant() as now")
    assert "not over" in refused(house, api, RUN, {"day": now.now.date().isoformat()}, "not_over", "day")
    assert refused(house, api, RUN, {"day": "2020-01-01"}, "nothing_that_day", "day")


@pytest.mark.parametrize("role", ["support", "auditor", "admin", "shop"])
def test_without_the_right(house: House, role: str) -> None:
    denied(house, role, RUN, {"day": DAY.isoformat()})


def test_the_clock_ties_out_the_last_days_and_those_that_did_not_tie(house: House) -> None:
    [now] = house.rows("select instant() as now")
    old = now.now.date() - timedelta(days=20)
    books = Books()
    books.order(1100, at=now.now - timedelta(days=20))
    books.write(house)
    tie_out(house, old)
    with house.app.app_context():
        days = payouts.to_tie()
        db.session.rollback()
    assert days == [old, *(now.now.date() - timedelta(days=ago) for ago in (3, 2, 1))]
