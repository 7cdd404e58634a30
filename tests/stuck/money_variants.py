"""The other ways in which the causes of money come about, each with the code that it is told by: code -> its subject."""

from __future__ import annotations

from collections.abc import Callable

from opsconsole.models import Effective, OrderStatus

from .plant import Plant


def hard_of_an_invoice(plant: Plant) -> str:
    return plant.dunning("running", plant.ago(days=1), hard=True, decline_code="stolen_card").invoice_id


def nobody_has_tried_a_card(plant: Plant) -> str:
    return plant.order(OrderStatus.AWAITING_PAYMENT, plant.ago(days=1), paid=False).id


def a_confirmation_of_no_order(plant: Plant) -> str:
    asked = {"customer_id": plant.customer().id, "status_since": plant.ago(hours=3)}
    return plant.payment(None, "requires_action", **asked).id


def a_bank_account(plant: Plant) -> str:
    return plant.payment(None, "processing", status_since=plant.ago(days=5, hours=2)).id


def money_whose_customer_nobody_knows(plant: Plant) -> str:
    return plant.payment(None, created_at=plant.ago(hours=3)).id


def money_of_long_ago_that_has_its_case(plant: Plant) -> str:
    payment = plant.payment(None, created_at=plant.ago(days=60))
    plant.case("payment_without_order", payment.id, plant.ago(days=60))
    return payment.id


def it_costs_more_than_was_paid(plant: Plant) -> str:
    order = plant.order(OrderStatus.READY, plant.ago(hours=1), paid=False, total=9000, subtotal=9000)
    plant.payment(order)
    return order.id


def warned_before_it_has_left(plant: Plant) -> str:
    order = plant.order(OrderStatus.IN_REVIEW, plant.ago(hours=1), paid=False)
    then = plant.ago(days=3)
    plant.payment(order, fraud_warning="unauthorized_use_of_card", fraud_warned_at=then)
    return order.id


def an_inquiry_without_a_day(plant: Plant) -> str:
    order = plant.order(OrderStatus.DELIVERED, plant.ago(days=9), paid=False)
    payment = plant.payment(order, dispute="warning", fetched_at=plant.ago(hours=2))
    return payment.id


def a_disputed_renewal(plant: Plant) -> str:
    due = {"dispute": "open", "disputed": 6000, "dispute_due_at": plant.ahead(hours=5)}
    return plant.payment(None, customer_id=plant.customer().id, created_at=plant.ago(days=30), **due).id


def held_until_somebody_looks(plant: Plant) -> str:
    return plant.held_invoice(plant.ago(hours=2), None).id


def stopped_at_stripe(plant: Plant) -> str:
    return plant.invoice("draft", auto_advance=False, created_at=plant.ago(days=4)).id


def a_subscription_that_only_stripe_has(plant: Plant) -> str:
    return plant.drift("subscription_differs", f"billing:sub_{plant.word()}", plant.ago(hours=1)).id


def an_invoice_that_differs(plant: Plant) -> str:
    invoice = plant.invoice("paid")
    plant.drift("invoice_differs", invoice.id, plant.ago(hours=1))
    return invoice.id


def a_refund_that_asks_something_of_them(plant: Plant) -> str:
    return plant.refund("requires_action", plant.ago(days=6)).id


def a_refund_that_works_the_next_time(plant: Plant) -> str:
    refund = plant.refund("failed", plant.ago(days=3), failure_reason="insufficient_funds")
    plant.case("vendor_rejected", refund.id, plant.ago(days=3))
    return refund.id


def unpaid_at_stripe(plant: Plant) -> str:
    return plant.subscription("unpaid", Effective.UNPAID).id


def held_back_for_want_of_a_card(plant: Plant) -> str:
    one = plant.subscription("paused", Effective.PAUSED)
    fix = {"act": "messages.send", "url": "/customers", "label": "Ask for a card"}
    plant.case("resume_blocked", one.id, plant.ago(hours=2), suggests=fix)
    return one.id


def told_a_day_that_is_not_so(plant: Plant) -> str:
    return plant.moved_notice().subscription_id


def missed_for_good(plant: Plant) -> str:
    notice = plant.notice(-2, status="missed", status_since=plant.ago(days=1))
    plant.case("notice_missed", notice.id, plant.ago(days=1))
    return notice.subscription_id


def an_event_that_cannot_be_taken_in(plant: Plant) -> str:
    one = plant.subscription("canceled", Effective.CANCELED)
    event = plant.event("manual_intervention", plant.ago(hours=1), [one.id])
    plant.case("poison_payload", event.id, plant.ago(hours=1), behind_id=event.id, about=event.about)
    return one.id


def only_a_case_tells_it(plant: Plant) -> str:
    order = plant.order(OrderStatus.IN_REVIEW, plant.ago(hours=2))
    plant.case("our_fault", order.id, plant.ago(hours=1))
    return order.id


VARIANTS: dict[Callable[[Plant], str], str] = {
    hard_of_an_invoice: "PAY.HARD",
    nobody_has_tried_a_card: "PAY.HARD",
    a_confirmation_of_no_order: "PAY.ACTION",
    a_bank_account: "PAY.PROCESSING",
    money_whose_customer_nobody_knows: "PAY.PAID_NO_ORDER",
    money_of_long_ago_that_has_its_case: "PAY.PAID_NO_ORDER",
    it_costs_more_than_was_paid: "PAY.ORDER_UNPAID",
    warned_before_it_has_left: "PAY.REVIEW",
    an_inquiry_without_a_day: "PAY.DISPUTE",
    a_disputed_renewal: "PAY.DISPUTE",
    held_until_somebody_looks: "PAY.HELD",
    stopped_at_stripe: "PAY.HELD",
    a_subscription_that_only_stripe_has: "PAY.DRIFT",
    an_invoice_that_differs: "PAY.DRIFT",
    a_refund_that_asks_something_of_them: "REF.PROCESSING",
    a_refund_that_works_the_next_time: "REF.FAILED",
    unpaid_at_stripe: "SUB.DUN_END",
    held_back_for_want_of_a_card: "SUB.RESUME",
    told_a_day_that_is_not_so: "SUB.NOTICE",
    missed_for_good: "SUB.NOTICE",
    an_event_that_cannot_be_taken_in: "SYS.DEAD",
    only_a_case_tells_it: "SYS.DEAD",
}
