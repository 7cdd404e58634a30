"""Stripe's billing adapter: what its objects mean in our words, and what it is asked.

The payloads are written by hand after the schemas of API 2026-10-28.endive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import stripe

from opsconsole.vendors import Unavailable
from opsconsole.vendors.billing import (
    CreditFacts,
    CreditNoteFacts,
    EntryFacts,
    InvoiceLineFacts,
    InvoiceState,
    ItemFacts,
    PayoutFacts,
    PendingItemFacts,
    PriceFacts,
    SubscriptionFacts,
    SubscriptionState,
)
from opsconsole.vendors.billing.stripe import StripeBilling

from .test_stripe import Canned, a_list, at, payload

PRICE = PriceFacts(
    "price_1Qa", "prod_1Qa", 6900, "usd", "month", 1, active=True, tags={"opsconsole_plan": "monthly"}
)


def adapter(answers: Mapping[str, dict[str, Any]], client: stripe.HTTPClient | None = None) -> StripeBilling:
    return StripeBilling(api_key="sk_test_1", api_base=None, http_client=client or Canned(answers))


# facts


def test_a_subscription_in_our_words() -> None:
    found = adapter({"subscriptions/sub_1Qa": payload("subscription")}).fetch_subscription("sub_1Qa")
    assert found == SubscriptionFacts(
        id="sub_1Qa",
        customer="cus_Q1",
        state=SubscriptionState.ACTIVE,
        raw_status="active",
        currency="usd",
        created_at=at(1789999000),
        started_at=at(1789999500),
        anchor_at=at(1790000000),
        items=(ItemFacts("si_1Qa", PRICE, 2, at(1790000000), at(1792600000)),),
        pause_behavior="void",
        pauses_until=at(1791000000),
        cancel_at=at(1792600000),
        cancel_at_period_end=True,
        canceled_at=at(1790500000),
        cancel_reason="cancellation_requested",
        cancel_feedback="too_expensive",
        flexible=True,
        schedule="sub_sched_1Qa",
        pending_update=True,
        latest_invoice="in_1Qa",
        payment_method="pm_1Qa",
        tags={"opsconsole_ref": "prm_1", "shop": "eu"},
    )


def test_what_a_subscription_may_leave_out_it_may() -> None:
    bare = {
        **{key: payload("subscription")[key] for key in ("id", "object", "currency", "created")},
        "start_date": 1,
        "billing_cycle_anchor": 2,
        "status": "hibernating",
        "customer": "cus_Q1",
        "items": a_list(),
        "billing_mode": {"type": "classic"},
        "collection_method": "send_invoice",
    }
    found = adapter({"subscriptions/sub_1Qa": bare}).fetch_subscription("sub_1Qa")
    assert found and (found.state, found.raw_status) == (SubscriptionState.UNKNOWN, "hibernating")
    assert (found.flexible, found.collects_by_itself, found.items, found.tags) == (False, False, (), {})
    for status in SubscriptionState:
        changed = {"subscriptions/sub_1Qa": {**bare, "status": status.value}}
        assert (it := adapter(changed).fetch_subscription("sub_1Qa")) and it.state is status


def test_an_invoice_in_our_words() -> None:
    found = adapter({"invoices/in_1Qa": payload("invoice")}).fetch_invoice("in_1Qa")
    assert found is not None
    assert (found.state, found.raw_status, found.number) == (InvoiceState.OPEN, "open", "Q1-0001")
    assert (found.customer, found.subscription, found.billing_reason) == (
        "cus_Q1",
        "sub_1Qa",
        "subscription_cycle",
    )
    assert (found.subtotal, found.tax, found.total) == (12800, 500, 13300)
    assert (found.due, found.paid, found.remaining) == (12800, 0, 12800)
    assert (found.starting_balance, found.ending_balance) == (-500, 0)
    assert (found.pre_payment_credit, found.post_payment_credit) == (500, 0)
    assert (found.auto_advance, found.finalizes_at, found.finalized_at) == (True, None, at(1790003700))
    assert (found.next_try_at, found.tried, found.paid_at) == (at(1790300000), 2, None)
    assert (found.tax_status, found.error_code) == ("complete", "customer_tax_location_invalid")
    assert (found.error_words, found.out_of_band) == ("The address is odd.", False)
    assert (found.period_start, found.period_end) == (at(1787400000), at(1790000000))
    assert (found.payments, found.tags) == (("pi_1Qa",), {"opsconsole_ref": "prm_2"})
    period = {"period_start": at(1790000000), "period_end": at(1792600000)}
    assert found.lines_complete and found.lines == (
        InvoiceLineFacts(
            "il_1Qa", -1000, "Unused time", 1, "price_0Qa", "ii_1Qa", None,
            proration=True, tags={"opsconsole_ref": "prm_7"}, **period,
        ),
        InvoiceLineFacts(
            "il_2Qa", 13800, "2 x Monthly plan", 2, "price_1Qa", None, "si_1Qa", proration=False, **period
        ),
    )  # fmt: skip


def test_what_an_invoice_can_be() -> None:
    def read(**changes: Any) -> Any:
        return adapter({"invoices/in_1Qa": payload("invoice", **changes)}).fetch_invoice("in_1Qa")

    for state in InvoiceState:
        if state is not InvoiceState.DELETED:
            assert read(status=state.value).state is state
    assert read(automatic_tax={"enabled": False, "status": None}).tax_status is None
    assert read(parent=None, metadata={"opsconsole_subscription": "sub_9"}).subscription == "sub_9"
    assert read(parent=None, metadata=None).subscription is None
    elsewhere = {"status": "paid", "amount_paid": 12800}
    assert read(**elsewhere, amount_paid_off_stripe=12800).out_of_band
    assert read(**elsewhere, payments=a_list()).out_of_band
    assert not read(**elsewhere).out_of_band
    gone = {"id": "in_1Qa", "object": "invoice", "deleted": True}
    deleted = adapter({"invoices/in_1Qa": gone}).fetch_invoice("in_1Qa")
    assert deleted and (deleted.state, deleted.customer, deleted.total) == (InvoiceState.DELETED, None, 0)


def test_an_invoice_with_more_than_it_carries_is_read_whole() -> None:
    invoice = payload("invoice")
    line, inpay = invoice["lines"]["data"][1], invoice["payments"]["data"][1]
    invoice["lines"]["has_more"] = invoice["payments"]["has_more"] = True
    answers = {
        "invoices/in_1Qa": invoice,
        "invoices/in_1Qa/lines": a_list(*({**line, "id": f"il_{n}"} for n in range(30))),
        "invoice_payments": a_list(inpay, {**inpay, "payment": {"payment_intent": "pi_2Qa"}}),
    }
    found = adapter(answers).fetch_invoice("in_1Qa")
    assert found and found.lines_complete and [line.id for line in found.lines][-1] == "il_29"
    assert found.payments == ("pi_1Qa", "pi_2Qa")
    [listed] = adapter({"invoices": a_list(invoice)}).invoices().items
    assert (listed.lines_complete, len(listed.lines)) == (False, 2)


CREDIT_NOTE = {
    "id": "cn_1",
    "object": "credit_note",
    "amount": 1500,
    "created": 1790000000,
    "currency": "usd",
    "customer": "cus_Q1",
    "invoice": "in_1Qa",
    "metadata": None,
    "number": "Q1-0001-CN-01",
    "out_of_band_amount": 100,
    "post_payment_amount": 1400,
    "pre_payment_amount": 100,
    "reason": "order_change",
    "refunds": [{"amount_refunded": 900, "refund": "re_1", "type": "refund"}],
    "status": "issued",
}
ITEM = {
    "id": "ii_1",
    "object": "invoiceitem",
    "amount": -700,
    "currency": "usd",
    "customer": "cus_Q1",
    "date": 1790000000,
    "description": "Shipping",
    "invoice": None,
    "metadata": {"opsconsole_ref": "prm_3"},
    "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1Qa"}},
}
MOVED = {
    "id": "cbtxn_1",
    "object": "customer_balance_transaction",
    "amount": -500,
    "created": 1790000000,
    "currency": "usd",
    "customer": "cus_Q1",
    "description": "Goodwill",
    "ending_balance": -1250,
    "invoice": None,
    "metadata": {},
    "type": "adjustment",
}
PAYOUT = {
    "id": "po_1",
    "object": "payout",
    "amount": 98000,
    "arrival_date": 1790208000,
    "automatic": True,
    "created": 1790000000,
    "currency": "usd",
    "failure_code": None,
    "reconciliation_status": "completed",
    "status": "paid",
}
ENTRY = {
    "id": "txn_1",
    "object": "balance_transaction",
    "amount": 10000,
    "available_on": 1790208000,
    "created": 1790000000,
    "currency": "usd",
    "fee": 320,
    "net": 9680,
    "source": {"id": "ch_1", "object": "charge", "payment_intent": "pi_1"},
    "type": "charge",
}


def test_what_was_given_back_what_waits_and_what_was_paid_out() -> None:
    answers = {
        "credit_notes/cn_1": CREDIT_NOTE,
        "payouts/po_1": PAYOUT,
        "prices/price_1Qa": payload("subscription")["items"]["data"][0]["price"],
        "invoiceitems": a_list(ITEM),
        "customers/cus_Q1/balance_transactions": a_list(MOVED),
        "payouts": a_list(PAYOUT),
        "balance_transactions": a_list(
            ENTRY, {**ENTRY, "id": "txn_2", "type": "payout", "source": "po_1", "amount": -98000}
        ),
    }
    canned = Canned(answers)
    ours = adapter({}, canned)
    then, arrives = at(1790000000), date(2026, 9, 24)
    assert ours.fetch_credit_note("cn_1") == CreditNoteFacts(
        "cn_1",
        "in_1Qa",
        "Q1-0001-CN-01",
        "issued",
        "order_change",
        "usd",
        1500,
        900,
        400,
        100,
        ("re_1",),
        then,
    )
    payout = PayoutFacts("po_1", "paid", 98000, "usd", then, arrives, automatic=True, reconciled="completed")
    assert ours.fetch_payout("po_1") == payout and ours.payouts(since=5).items == (payout,)
    assert ours.fetch_price("price_1Qa") == PRICE and ours.fetch_price("price_9") is None
    assert ours.pending("cus_Q1") == (
        PendingItemFacts(
            "ii_1", "cus_Q1", -700, "usd", "Shipping", then, None, "sub_1Qa", tags={"opsconsole_ref": "prm_3"}
        ),
    )
    assert ours.credits("cus_Q1") == (
        CreditFacts("cbtxn_1", "cus_Q1", -500, "usd", "adjustment", -1250, "Goodwill", None, then),
    )
    entry = EntryFacts("txn_1", "charge", "ch_1", 10000, 320, 9680, "usd", then, arrives, None, "pi_1")
    went = EntryFacts("txn_2", "payout", "po_1", -98000, 320, 9680, "usd", then, arrives, "po_1", None)
    assert ours.entries(since=1, until=9).items == (entry, went)
    assert ours.entries(payout="po_7").items[0] == replace(entry, payout="po_7")
    assert canned.asked[-2:] == [
        "balance_transactions?created[gte]=1&created[lt]=9&expand[0]=data.source&limit=100",
        "balance_transactions?payout=po_7&expand[0]=data.source&limit=100",
    ]
    assert "invoiceitems?customer=cus_Q1&pending=true&limit=100" in canned.asked
    assert "payouts?created[gte]=5&limit=100" in canned.asked


def test_an_odd_one_in_a_list_is_left_out_and_the_list_goes_on() -> None:
    good = payload("subscription")
    odd = [{**good, "status": None}, {**good, "items": a_list({"object": "plan"})}, {"id": "sub_odd"}]
    answers = {"subscriptions": {**a_list(good, *odd), "has_more": True}}
    canned = Canned(answers)
    page = adapter({}, canned).subscriptions(customer="cus_Q1", after="sub_0")
    assert ([item.id for item in page.items], page.next) == (["sub_1Qa"], "sub_odd")
    assert canned.asked == ["subscriptions?status=all&customer=cus_Q1&starting_after=sub_0&limit=100"]


BROKEN = [
    ("subscription", {"status": None}),
    ("subscription", {"customer": None}),
    ("subscription", {"created": "soon"}),
    ("subscription", {"billing_cycle_anchor": 10**15}),
    ("subscription", {"currency": "dollars"}),
    ("subscription", {"items": {"data": {}}}),
    ("subscription", {"items": a_list({"object": "subscription_item", "id": "si_1"})}),
    ("subscription", {"object": "invoice"}),
    ("invoice", {"total": "13300"}),
    ("invoice", {"total": 2**60}),
    ("invoice", {"total_taxes": [{"amount": None}]}),
    ("invoice", {"total_taxes": {}}),
    ("invoice", {"lines": a_list({"object": "line_item", "id": "il_1", "amount": 1.5})}),
    ("invoice", {"next_payment_attempt": "soon"}),
]


@pytest.mark.parametrize(("noun", "changes"), BROKEN)
def test_what_the_schema_does_not_allow_is_no_answer(noun: str, changes: dict[str, Any]) -> None:
    data = payload(noun, **changes)
    path = f"{noun}s/{data['id']}"
    with pytest.raises(Unavailable) as caught:
        getattr(adapter({path: data}), f"fetch_{noun}")(data["id"])
    assert (caught.value.code, caught.value.maybe_done) == ("nonsense", False)
