"""What a customer paid and got back is the sum of the rows that say so, to the cent, whatever happened."""

from __future__ import annotations

import html
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsconsole.db import db
from opsconsole.lib.money import Money
from opsconsole.models import (
    UNDER_WAY,
    Customer,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from opsconsole.services import customers

from ..house import House
from ..scenes import WINDOW, issue

NOW = datetime(2026, 11, 21, tzinfo=UTC)
minor = st.integers(0, 10**9)
refunds_made = st.lists(st.tuples(st.integers(1, 10**9), st.sampled_from([*RefundStatus])), max_size=4)
payments_made = st.fixed_dictionaries(
    {
        "currency": st.sampled_from(["usd", "jpy", "kwd"]),
        "captured": minor,
        "disputed": minor,
        "of_order": st.booleans(),
        "refunds": refunds_made,
    }
)
histories = st.lists(st.lists(payments_made, max_size=5), min_size=1, max_size=12)  # of several customers


def written(history: list[dict[str, Any]], number: int) -> Customer:
    """One customer with these payments and refunds, as rows."""
    customer = Customer(reference=f"h{number}", name="Jo Field", email=None, phone=None).add()
    for nth, paid in enumerate(history):
        total = max(paid["captured"], 1)
        order = Order(
            status=OrderStatus.AWAITING_PAYMENT, customer_id=customer.id, reference=f"H{number}-{nth}",
            currency=paid["currency"], subtotal=total, shipping=0, tax=0, discount=0, total=total, placed_at=NOW,
        ).add()  # fmt: skip
        payment = Payment(
            status=PaymentStatus.SUCCEEDED, external_id=f"pi_{number}_{nth}", customer_id=customer.id,
            order_id=order.id if paid["of_order"] else None, currency=paid["currency"], amount=total,
            captured=paid["captured"], disputed=paid["disputed"],
        ).add()  # fmt: skip
        for amount, status in paid["refunds"]:
            Refund(
                status=status, payment_id=payment.id, order_id=payment.order_id, customer_id=customer.id,
                currency=paid["currency"], amount=amount, reason="goodwill", by="test", trace_id="trc_test",
            ).add()  # fmt: skip
    return customer


def ledger(history: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    """The same, added up row by row."""
    sums: dict[str, Counter[str]] = {}
    for paid in history:
        of = sums.setdefault(paid["currency"], Counter())
        of["paid"] += paid["captured"]
        of["disputed"] += paid["disputed"]
        for amount, status in paid["refunds"]:
            if status == RefundStatus.SUCCEEDED:
                of["refunded"] += amount
            elif status in UNDER_WAY:
                of["open"] += amount
    return {currency: of for currency, of in sums.items() if any(of.values())}


def test_the_summary_is_the_sum_of_the_ledger(house: House) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
    @given(histories)
    def holds(made: list[list[dict[str, Any]]]) -> None:
        with house.app.app_context():
            try:
                who = [written(history, number) for number, history in enumerate(made)]
                told = customers.money_of([customer.id for customer in who])
                for customer, history in zip(who, made, strict=True):
                    expected = ledger(history)
                    summaries = {one.currency: one for one in told[customer.id]}
                    assert set(summaries) == set(expected)
                    assert customers.money(customer.id) == told[customer.id]
                    for currency, sums in expected.items():
                        one = summaries[currency]
                        assert (one.paid, one.refunded, one.open, one.disputed) == tuple(
                            sums[name] for name in ("paid", "refunded", "open", "disputed")
                        )
                        assert one.net == sums["paid"] - sums["refunded"] - sums["disputed"]
            finally:
                db.session.rollback()

    holds()


def test_it_follows_what_really_happens_and_each_figure_leads_to_its_rows(house: House) -> None:
    order, other = house.order("60.00"), house.order("5000", currency="jpy")
    house.order("7.500", currency="kwd")
    api = house.api()
    issue(house, order, "10.00")
    house.later(WINDOW)
    issue(house, order, "5.00")
    issue(house, other, "500")
    url = order["customer"]
    told = {
        one["paid"]["currency"]: {name: one[name]["amount"] for name in one} for one in api.get(url)["money"]
    }
    none = {"refunded": "0.000", "open": "0.000", "disputed": "0.000"}
    assert told == {
        "usd": {"paid": "60.00", "refunded": "10.00", "net": "50.00", "open": "5.00", "disputed": "0.00"},
        "jpy": {"paid": "5000", "refunded": "0", "net": "5000", "open": "500", "disputed": "0"},
        "kwd": {"paid": "7.500", "net": "7.500", **none},
    }
    assert api.get("/customers")["items"][0]["money"] == api.get(url)["money"]

    page = html.unescape(house.page("support").get(url))
    leads = re.findall(
        r'<th scope="row"><a href="(/(?:payments|refunds)\?[^"]+)">[^<]+</a></th><td[^>]*>(.*?)</td>', page
    )
    assert len(leads) == 3 + 3 + 2  # paid and refunded of each currency, and two on their way
    for where, shown in leads:
        rows = api.get(where)["items"]
        column = "captured" if urlsplit(where).path == "/payments" else "amount"
        currency = re.search("currency=([a-z]+)", where)
        assert currency
        of = currency[1]
        added = sum(Money.parse(row[column]["amount"], of).minor for row in rows)
        assert all(row[column]["currency"] == of for row in rows)
        assert re.sub(r"<[^>]+>|− ", "", shown) == str(Money(added, of)), where


def test_money_is_for_those_who_may_read_payments(house: House) -> None:
    url = house.order("60.00")["customer"]
    assert house.api("clinician").get(url)["money"] is None
    assert "Every figure leads to its rows" not in house.page("clinician").get(url)
