"""Our balance at Stripe: every cent that moved stands in it, and goes out when it is available."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import World
from .plans import DAY, refused


def entries(world: World, **where: Any) -> list[tuple[str, int, int]]:
    """(type, amount, fee), oldest first."""
    wanted: Any = {"limit": 100, **where}
    return [(one.type, one.amount, one.fee) for one in world.sdk.v1.balance_transactions.list(wanted).data][
        ::-1
    ]


def balance(world: World) -> tuple[int, int]:
    """Available and pending, in dollars' cents."""
    now = world.sdk.v1.balance.retrieve()
    return sum(one.amount for one in now.available), sum(one.amount for one in now.pending)


def test_what_moves_stands_in_the_balance(world: World) -> None:
    payment = world.pay(10_000)
    world.refund(payment, 2500)
    world.refund(world.pay(500, "pm_card_refundFail"))
    held = world.pay(800, capture_method="manual")
    disputed = world.pay(700)
    dispute = world.sandbox.stripe.dispute(disputed.id)
    world.sandbox.flush()
    assert entries(world) == [
        ("charge", 10_000, 320), ("refund", -2500, 0), ("charge", 500, 45), ("refund", -500, 0),
        ("charge", 700, 50), ("adjustment", -700, 1500), ("refund_failure", 500, 0),
    ]  # fmt: skip
    world.sdk.v1.payment_intents.capture(held.id, {"amount_to_capture": 600})
    world.sandbox.stripe.close_dispute(dispute["id"], "won")
    assert entries(world)[-2:] == [("charge", 600, 47), ("adjustment", 700, 0)]
    (taken, back) = world.sdk.v1.disputes.retrieve(dispute["id"]).balance_transactions
    assert (taken.net, back.net, back.reporting_category) == (-2200, 700, "dispute_reversal")
    charge = world.sdk.v1.charges.retrieve(
        str(payment.latest_charge), {"expand": ["balance_transaction.source"]}
    )
    entry: Any = charge.balance_transaction
    assert (entry.net, entry.source.id, entry.status) == (9680, charge.id, "pending")
    assert entry.available_on % DAY == 0 and 2 * DAY <= entry.available_on - entry.created < 3 * DAY
    assert entries(world, source=charge.id) == [("charge", 10_000, 320)]
    assert entries(world, type="refund") == [("refund", -2500, 0), ("refund", -500, 0)]
    assert sum(balance(world)) == sum(amount - fee for _, amount, fee in entries(world))


def test_what_is_available_is_paid_out_every_midnight(world: World) -> None:
    payouts = world.sdk.v1.payouts
    world.pay(10_000), world.pay(2_000, currency="eur")
    refunded = world.pay(4_000)
    world.sandbox.advance(DAY)
    world.pay(1_000)
    world.refund(refunded, 1_500)
    assert payouts.list().data == []
    world.sandbox.advance(2 * DAY)
    made = {one.currency: one for one in payouts.list().data}
    assert {name: one.amount for name, one in made.items()} == {
        "usd": 10_000 - 320 + 4_000 - 146 - 1_500,
        "eur": 2_000 - 88,
    }
    first = made["usd"]
    assert (first.status, first.automatic, first.reconciliation_status) == ("in_transit", True, "in_progress")
    assert first.created % DAY == 0 and first.arrival_date == first.created + DAY
    parts = entries(world, payout=first.id)
    assert sorted(type for type, _, _ in parts) == ["charge", "charge", "payout", "refund"]
    assert sum(amount - fee for _, amount, fee in parts) == 0, "what went out is what came in"
    world.sandbox.advance(3 * DAY)
    assert payouts.retrieve(first.id).status == "paid"
    assert sum(balance(world)) == 0
    assert (
        sum(one.amount for one in payouts.list().data) == sum(made[name].amount for name in made) + 1_000 - 59
    )
    told = [type for type in world.types() if type.startswith("payout.")]
    assert told.count("payout.created") == told.count("payout.paid") == 3
    assert told.count("payout.reconciliation_completed") == 3
    arrived: Any = {"gte": first.arrival_date + 1}
    assert len(payouts.list({"arrival_date": arrived, "status": "paid"}).data) == 1


def test_a_payout_that_comes_back_goes_out_again(world: World) -> None:
    world.pay(10_000)
    world.sandbox.advance(5 * DAY)
    (first,) = world.sdk.v1.payouts.list().data
    assert world.control("POST", f"stripe/payouts/{first.id}/fail", {"code": "nonsense"}).status_code == 400
    assert world.control("POST", "stripe/payouts/po_no/fail", {"code": "account_closed"}).status_code == 404
    failed = world.control("POST", f"stripe/payouts/{first.id}/fail", {"code": "account_closed"}).json
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    assert world.types()[-1] == "payout.failed" and balance(world) == (9680, 0)
    again = world.control("POST", f"stripe/payouts/{first.id}/fail", {"code": "account_closed"})
    assert again.status_code == 400
    world.sandbox.advance(DAY)
    second = world.sdk.v1.payouts.list({"limit": 1}).data[0]
    assert (second.amount, second.id != first.id) == (9680, True) and balance(world) == (0, 0)


def test_what_we_owe_waits_for_what_comes_in(world: World) -> None:
    payment = world.pay(1_000)
    world.sandbox.advance(4 * DAY)
    world.refund(payment)
    world.sandbox.advance(2 * DAY)
    assert len(world.sdk.v1.payouts.list().data) == 1 and balance(world) == (-1_000, 0)
    world.pay(5_000)
    world.sandbox.advance(4 * DAY)
    assert world.sdk.v1.payouts.list().data[0].amount == 5_000 - 175 - 1_000


def test_loaded_payments_were_paid_out_long_ago_and_silently(world: World) -> None:
    long_ago = 1_700_000_000
    world.sandbox.load(
        {
            "object": "payment", "id": f"pi_{n}", "amount": 1_000, "currency": "usd", "created": long_ago + n * DAY,
            "refunds": [{"id": f"re_{n}", "amount": 100, "created": long_ago + n * DAY + 60}],
        }
        for n in range(5)
    )  # fmt: skip
    world.sandbox.flush()
    payouts = world.sdk.v1.payouts.list().data
    assert sum(one.amount for one in payouts) == 5 * (1_000 - 59 - 100) and balance(world) == (0, 0)
    assert {one.status for one in payouts} == {"paid"} and payouts[-1].created - long_ago < 4 * DAY
    assert world.types() == [] and world.sandbox.ledger() == []


@pytest.mark.parametrize("where", [{"payout": "po_no"}, {"colour": "red"}, {"limit": 0}])
def test_what_cannot_be_looked_for(world: World, where: dict[str, Any]) -> None:
    wanted: Any = where
    assert refused(lambda: world.sdk.v1.balance_transactions.list(wanted)).param == next(iter(where))
