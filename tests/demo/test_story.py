"""The story by itself: plausible, adding up, and nothing in it that Stripe must not be told."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.demo._cast import CAST
from opsconsole.demo._story import Person, person
from opsconsole.demo._stripe import told_to_stripe
from opsconsole.models import OrderStatus, RefundStatus

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)
PEOPLE = 1500


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [person(i, UNTIL) for i in range(PEOPLE)]


def test_two_or_three_orders_each_and_a_few_still_open(people: list[Person]) -> None:
    crowd = people[len(CAST) :]
    statuses = Counter(order.status for one in crowd for order in one.orders)
    ended = ("delivered", "closed", "canceled", "returned", "rejected")
    still_open = sum(count for status, count in statuses.items() if status not in ended)
    assert 2 <= statuses.total() / len(crowd) <= 3
    assert 0.02 < still_open / statuses.total() < 0.045
    assert set(statuses) == set(OrderStatus)


def test_it_all_happened_in_order_and_before_the_day(people: list[Person]) -> None:
    for one in people:
        for order in one.orders:
            assert one.since < order.placed_at <= order.since <= UNTIL
            assert order.placed_at > UNTIL - timedelta(days=550)
        for payment in one.payments:
            assert one.since < payment.at <= UNTIL
            for refund in payment.refunds:
                assert payment.at < refund.at < refund.settled_at <= UNTIL


def test_money_adds_up(people: list[Person]) -> None:
    for one in people:
        for order in one.orders:
            assert order.total == sum(payment.amount for payment in order.payments) or not order.payments
            assert all(amount >= 0 for amount in (order.shipping, order.tax, order.discount, order.total))
        for payment in one.payments:
            spent = [r.amount for r in payment.refunds if r.status is not RefundStatus.FAILED]
            assert min(spent, default=1) > 0
            assert sum(spent) + payment.disputed <= payment.amount
            if payment.currency == "kwd":
                assert all(amount % 10 == 0 for amount in (payment.amount, *spent))


def test_another_day_is_the_same_story_moved(people: list[Person]) -> None:
    moved = person(7, UNTIL + timedelta(days=10))
    for then, later in zip(people[7].orders, moved.orders, strict=True):
        assert later.placed_at - then.placed_at == timedelta(days=10)
        assert (later.reference, later.total, later.status) == (then.reference, then.total, then.status)
    assert [p.external_id for p in moved.payments] == [p.external_id for p in people[7].payments]


def test_ids_are_unique_and_look_real(people: list[Person]) -> None:
    shapes = {
        "id": r"(cst|ord|lin|pay|rf)_[0-9a-hjkmnp-tv-z]{26}",
        "external_id": r"(pi|re)_3[0-9A-Za-z]{23}",
    }
    found = Counter[str]()
    for one in people:
        assert not one.stripe_id or re.fullmatch(r"cus_[0-9A-Za-z]{14}", one.stripe_id)
        things = [one, *one.orders, *(line for order in one.orders for line in order.lines), *one.payments]
        things += [refund for payment in one.payments for refund in payment.refunds]
        for thing in things:
            for name, shape in shapes.items():
                if value := getattr(thing, name, None):
                    assert re.fullmatch(shape, value)
                    found[value] += 1
    assert set(found.values()) == {1}


def test_nobody_can_be_reached(people: list[Person]) -> None:
    emails = [one.email for one in people if one.email]
    phones = [one.phone for one in people if one.phone]
    assert len(set(emails)) == len(emails) > PEOPLE * 0.9
    assert all(re.fullmatch(r"[a-z.]+\.\d+@example\.test", email) for email in emails)
    assert all(re.fullmatch(r"\+1 [2-9]\d\d-555-01\d\d", phone) for phone in phones)


def test_stripe_is_told_nothing_medical(people: list[Person]) -> None:
    """All the text it gets: who, which card, our numbers and ids, and one of its own reasons."""
    numbers = re.compile(r"[CS]-\d+|(rf|trc)_[0-9a-z]{26}")
    for line in (line for one in people for line in told_to_stripe(one)):
        assert set(line) <= {
            "object", "id", "created", "name", "email", "phone", "metadata", "charge", "customer", "amount", "currency",
            "description", "payment_method", "card", "refunds", "dispute",
        }  # fmt: skip
        assert line.get("description") is None or re.fullmatch(r"Order S-\d+", line["description"])
        for holder in (line, *line.get("refunds", [])):
            assert all(numbers.fullmatch(value) for value in holder["metadata"].values())
            assert holder.get("reason") in (None, "requested_by_customer", "duplicate")
