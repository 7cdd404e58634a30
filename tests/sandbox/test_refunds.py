from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from .conftest import World

DAY = 86400


def refused(do: Callable[[], Any]) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        do()
    return caught.value


def test_partial_refunds_add_up_to_the_charge_and_no_further(world: World) -> None:
    payment = world.pay(1000)
    first = world.refund(payment, 300, reason="requested_by_customer", metadata={"ref": "rf_1"})
    assert (first.status, first.amount, first.charge) == ("succeeded", 300, payment.latest_charge)
    assert first.metadata is not None and first.metadata["ref"] == "rf_1"
    assert world.charge(payment).amount_refunded == 300
    assert world.charge(payment).refunded is False

    error = refused(lambda: world.refund(payment, 701))
    assert error.http_status == 400 and error.param == "amount"
    assert error.user_message == ("Refund amount ($7.01) is greater than unrefunded amount on charge ($7.00)")
    rest = world.refund(payment)
    assert rest.amount == 700
    assert world.charge(payment).refunded is True
    assert refused(lambda: world.refund(payment, 1)).code == "charge_already_refunded"
    assert [entry["amount"] for entry in world.sandbox.ledger("refund")] == [300, 700]


@pytest.mark.parametrize("amount", [0, -1, "ten", "1.5", "1e3", "", "99999999999999999999"])
def test_an_amount_is_a_whole_number_from_one(world: World, amount: Any) -> None:
    payment = world.pay()
    error = refused(lambda: world.refund(payment, amount))
    assert error.param == "amount"
    assert error.code in ("parameter_invalid_integer", "parameter_invalid_empty")
    assert world.sandbox.ledger("refund") == []


def test_many_at_once_never_give_back_more_than_there_is(world: World) -> None:
    payment = world.pay(1000)
    data = {"payment_intent": payment.id, "amount": 300}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.call("POST", "/v1/refunds", data=data).status_code, range(8)))
    assert sorted(answers) == [200] * 3 + [400] * 5
    assert world.charge(payment).amount_refunded == 900


def test_one_target_exactly(world: World) -> None:
    payment = world.pay()
    both = {"payment_intent": payment.id, "charge": payment.latest_charge}
    assert "only specify one" in str(refused(lambda: world.sdk.v1.refunds.create(both)))  # type: ignore[arg-type]
    assert refused(lambda: world.sdk.v1.refunds.create({})).code == "parameter_missing"
    assert refused(lambda: world.sdk.v1.refunds.create({"charge": "ch_no"})).code == "resource_missing"
    by_charge = world.sdk.v1.refunds.create({"charge": str(payment.latest_charge), "amount": 10})
    assert by_charge.payment_intent == payment.id


def test_what_stripe_refuses_is_refused(world: World) -> None:
    payment = world.pay()
    assert refused(lambda: world.refund(payment, reason="goodwill")).param == "reason"
    assert refused(lambda: world.refund(payment, note="x")).code == "parameter_unknown"
    assert refused(lambda: world.refund(payment, reverse_transfer=True)).param == "reverse_transfer"
    assert refused(lambda: world.refund(payment, origin="customer_balance")).param == "origin"
    unpaid = world.sdk.v1.payment_intents.create({"amount": 100, "currency": "usd"})
    assert "does not have a successful charge" in str(refused(lambda: world.refund(unpaid)))
    held = world.pay(capture_method="manual")
    assert refused(lambda: world.refund(held)).code == "charge_not_captured"


def test_what_was_not_captured_cannot_be_refunded(world: World) -> None:
    held = world.pay(1000, capture_method="manual")
    world.sdk.v1.payment_intents.capture(held.id, {"amount_to_capture": 600})
    refused(lambda: world.refund(held, 601))
    assert world.refund(held).amount == 600


def test_a_disputed_charge_is_refused_until_the_dispute_is_won(world: World) -> None:
    payment = world.pay()
    dispute = world.sandbox.stripe.dispute(payment.id, reason="fraudulent")
    assert refused(lambda: world.refund(payment)).code == "charge_disputed"
    world.sandbox.stripe.close_dispute(dispute["id"], "won")
    assert world.refund(payment).status == "succeeded"
    lost = world.pay()
    world.sandbox.stripe.close_dispute(world.sandbox.stripe.dispute(lost.id)["id"], "lost")
    assert refused(lambda: world.refund(lost)).code == "charge_disputed"
    inquiry = world.pay()
    world.sandbox.stripe.dispute(inquiry.id, status="warning_needs_response")
    assert world.refund(inquiry).status == "succeeded"


def test_a_refund_that_fails_gives_the_balance_back(world: World) -> None:
    payment = world.pay(1000, "pm_card_refundFail")
    refund = world.refund(payment, 400)
    assert refund.status == "succeeded"
    world.sandbox.flush()
    after = world.sdk.v1.refunds.retrieve(refund.id)
    assert (after.status, after.failure_reason) == ("failed", "expired_or_canceled_card")
    assert after.failure_balance_transaction is not None
    assert world.charge(payment).amount_refunded == 0
    assert world.types()[-5:] == [
        "refund.created",
        "charge.refunded",
        "charge.updated",
        "refund.updated",
        "refund.failed",
    ]
    assert [entry["kind"] for entry in world.sandbox.ledger()][-2:] == ["refund", "refund.failed"]


def test_a_pending_refund_settles_with_time(world: World) -> None:
    refund = world.refund(world.pay(1000, "pm_card_pendingRefund"))
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    world.sandbox.flush()
    assert world.sdk.v1.refunds.retrieve(refund.id).status == "pending"
    world.sandbox.advance(61)
    settled = world.sdk.v1.refunds.retrieve(refund.id)
    assert settled.status == "succeeded"
    assert not hasattr(settled, "pending_reason")


def test_the_banks_reference_comes_after_a_day(world: World) -> None:
    refund = world.refund(world.pay())
    card = refund.destination_details.card  # type: ignore[union-attr]
    assert card is not None and (card.reference, card.reference_status) == (None, "pending")
    world.sandbox.advance(DAY + 1)
    card = world.sdk.v1.refunds.retrieve(refund.id).destination_details.card  # type: ignore[union-attr]
    assert card is not None and card.reference_status == "available"
    assert card.reference is not None and len(card.reference) == 23
    last = world.sdk.v1.events.list({"limit": 1}).data[0]
    assert last.type == "refund.updated"
    assert "destination_details" in last.data.previous_attributes  # type: ignore[operator]
    assert last.request is not None and last.request.id is None


def test_a_bank_moves_refunds_days_later(world: World) -> None:
    payment = world.pay(1000)
    refund = world.refund(payment, 1000)
    move = f"stripe/refunds/{refund.id}/move"
    failed = world.control("POST", move, {"status": "failed", "failure_reason": "declined"})
    assert failed.json["failure_reason"] == "declined"
    again = world.refund(payment, 600)
    back = world.control("POST", move, {"status": "succeeded"})
    assert back.status_code == 400, "the money of the failed refund has been given back by another"
    assert world.charge(payment).amount_refunded == 600
    world.control("POST", f"stripe/refunds/{again.id}/move", {"status": "failed"})
    assert world.control("POST", move, {"status": "succeeded"}).json["status"] == "succeeded"
    assert world.control("POST", move, {"status": "nonsense"}).status_code == 400
    assert world.control("POST", "stripe/refunds/re_no/move", {"status": "failed"}).status_code == 404


def test_cancel_and_expire_only_while_the_customer_must_act(world: World) -> None:
    refund = world.refund(world.pay())
    assert "requires_action" in str(refused(lambda: world.sdk.v1.refunds.cancel(refund.id)))
    world.sandbox.stripe.move_refund(refund.id, "requires_action")
    assert world.sdk.v1.refunds.retrieve(refund.id).next_action is not None
    assert world.sdk.v1.refunds.cancel(refund.id).status == "canceled"
    other = world.refund(world.pay())
    world.sandbox.stripe.move_refund(other.id, "requires_action")
    assert world.sdk.v1.test_helpers.refunds.expire(other.id).status == "failed"
    assert (
        world.control("POST", f"stripe/refunds/{refund.id}/move", {"status": "succeeded"}).status_code == 400
    )


def test_only_metadata_of_a_refund_changes(world: World) -> None:
    refund = world.refund(world.pay(), metadata={"a": "1", "b": "2"})
    updated = world.sdk.v1.refunds.update(refund.id, {"metadata": {"a": "", "c": "3"}})
    assert updated.metadata is not None and updated.metadata.to_dict() == {"b": "2", "c": "3"}
    cleared = world.sdk.v1.refunds.update(refund.id, {"metadata": ""})
    assert cleared.metadata is not None and cleared.metadata.to_dict() == {}
    amount: Any = {"amount": 1}
    assert refused(lambda: world.sdk.v1.refunds.update(refund.id, amount)).code == "parameter_unknown"


def test_amounts_are_written_in_their_currency(world: World) -> None:
    yen = world.pay(500, currency="jpy")
    assert "(¥501) is greater than unrefunded amount on charge (¥500)" in str(
        refused(lambda: world.refund(yen, 501))
    )
    dinar = world.pay(1000, currency="kwd")
    assert "(KWD 1.010)" in str(refused(lambda: world.refund(dinar, 1010)))
