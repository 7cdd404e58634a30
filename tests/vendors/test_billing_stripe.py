"""Stripe's billing adapter: what its objects mean in our words, and what it is asked.

The payloads are written by hand after the schemas of API 2026-10-28.endive.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import stripe
from werkzeug.serving import make_server

from opsconsole.sandbox import SandboxApp
from opsconsole.vendors import Declined, Unavailable
from opsconsole.vendors._stripe.http import TooLarge
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
from tests.sandbox.shared import sandbox_as_new
from tests.sandbox.wsgi import WsgiClient

from .billing_contract import CHANGES, PROFILES, BillingContract, Promise, Scene, ask
from .test_stripe import Canned, HangsUp, a_list, at, payload

API_KEY = "sk_test_sandbox"
PRICE = PriceFacts(
    "price_1Qa", "prod_1Qa", 6900, "usd", "month", 1, active=True, tags={"opsconsole_plan": "monthly"}
)


def adapter(answers: Mapping[str, dict[str, Any]], client: stripe.HTTPClient | None = None) -> StripeBilling:
    return StripeBilling(api_key=API_KEY, api_base=None, http_client=client or Canned(answers))


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
        "balance_transactions?created[gte]=1&created[lt]=9&expand[0]=data.source&limit=25",
        "balance_transactions?payout=po_7&expand[0]=data.source&limit=25",
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


class Cramped(Canned):
    """Its answers are too large for the wire as soon as more than five are asked for."""

    def request(self, method: str, url: str, *how: Any, **_: Any) -> tuple[Any, int, Mapping[str, str]]:
        if "limit=" in url and int(parse_qs(urlsplit(url).query)["limit"][0]) > 5:
            self.asked.append(url.removeprefix("https://api.stripe.com/v1/"))
            raise TooLarge("Too large.", sent=True)
        return super().request(method, url, *how)


def test_a_list_that_is_too_large_is_read_in_parts_also_where_a_mark_is_looked_for() -> None:
    answers = {
        "customers/cus_Q1/balance_transactions": a_list({**MOVED, "metadata": {"opsconsole_ref": "prm_1"}}),
        "invoices": a_list(payload("invoice")),
    }
    cramped = Cramped(answers)
    ours = adapter({}, cramped)
    assert [one.id for one in ours.invoices().items] == ["in_1Qa"]
    call = Promise("prm_1").attempt(ask_first=True)
    found = ours.move_balance(call, customer="cus_Q1", amount=-500, currency="usd", description="Goodwill")
    assert found.id == "cbtxn_1"
    assert [url.rpartition("limit=")[2] for url in cramped.asked] == ["25", "2", "25", "2"]


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


# a resumption that its card does not pay at once


def resumed(
    payment: dict[str, Any], *, latest: str = "in_1Qa", now: str = "paused"
) -> tuple[SubscriptionFacts, list[str]]:
    """Stripe answers with a subscription that is still paused, and `latest` its latest invoice; `now` is what it is when
    it is looked at again. Returns the facts and what was asked."""
    paused = payload("subscription", status="paused", latest_invoice="in_before")

    class Later(Canned):
        """Once it was resumed, the subscription is another one."""

        def request(self, method: str, url: str, *how: Any, **_: Any) -> Any:
            if url.endswith("/resume"):
                self.answers = {
                    **self.answers,
                    "subscriptions/sub_1Qa": {**paused, "status": now, "latest_invoice": latest},
                }
            return super().request(method, url, *how)

    canned = Later(
        {
            "subscriptions/sub_1Qa": paused,
            "subscriptions/sub_1Qa/resume": {**paused, "latest_invoice": latest},
            "invoices/in_before": payload("invoice", id="in_before"),
            "invoices/in_1Qa": payload("invoice"),
            "invoices/in_1Qa/void": payload("invoice", status="void"),
            "payment_intents/pi_1Qa": {"id": "pi_1Qa", "object": "payment_intent", **payment},
        }
    )
    try:
        call = Promise("prm_1").attempt()
        return adapter({}, canned).resume(call, subscription="sub_1Qa", kind="paused"), canned.asked
    except Declined as no:
        no.asked = canned.asked  # type: ignore[attr-defined]
        raise


def test_a_resumption_whose_payment_is_under_way_or_came_late_is_no_no() -> None:
    under_way, asked = resumed({"status": "processing"})
    assert under_way.state is SubscriptionState.PAUSED and "invoices/in_1Qa/void" not in asked
    assert resumed({"status": "succeeded"}, now="active")[0].state is SubscriptionState.ACTIVE


def test_a_resumption_that_nobody_paid_says_why_and_voids_only_its_own_invoice() -> None:
    error = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "No funds."}
    for payment, latest, code, words in (
        ({"last_payment_error": error}, "in_1Qa", "insufficient_funds", "not enough"),
        ({"status": "requires_payment_method"}, "in_1Qa", "not_paid", "No card paid"),
        ({"last_payment_error": error}, "in_before", "not_paid", "No card paid"),
    ):
        with pytest.raises(Declined) as caught:
            resumed(payment, latest=latest)
        assert caught.value.code == code and words in caught.value.words
        voided = [one for one in caught.value.asked if one.endswith("/void")]  # type: ignore[attr-defined]
        assert voided == (["invoices/in_1Qa/void"] if latest == "in_1Qa" else [])
    with pytest.raises(Unavailable):
        resumed({"last_payment_error": {"code": 5}})


# requests


class Recorded(WsgiClient):
    """The sandbox, with what it was asked to change written down: (method, path, form), without ids of ours."""

    def __init__(self, app: SandboxApp) -> None:
        super().__init__(app)
        self.asked: list[tuple[str, str, dict[str, str], str | None]] = []

    def request(
        self, method: str, url: str, headers: Any, post_data: Any = None, **_: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        form = dict(parse_qsl(post_data or parts.query, keep_blank_values=True))
        if method.upper() != "GET":
            self.asked.append((method.upper(), parts.path, form, (headers or {}).get("Idempotency-Key")))
        return super().request(method, url, headers, post_data)


MARKS = {
    "opsconsole_trace": "trc_1",
    "opsconsole_subject": "sub_ours",
    "opsconsole_ref": "prm_1",
    "opsconsole_round": "1",
}
METADATA = {f"metadata[{key}]": value for key, value in MARKS.items()}
ON_INVOICE = {f"invoice_metadata[{key}]": value for key, value in MARKS.items()}
PAYMENTS = {"expand[0]": "payments"}
SUB, INV = "/v1/subscriptions/{subscription}", "/v1/invoices/{invoice}"

# what stands in the contract's table -> what Stripe is asked; what is told of in {} comes from the arguments
ASKED: dict[str, tuple[str, str, dict[str, str]]] = {
    "pause": (
        "POST",
        f"{SUB}/pause",
        {
            "type": "subscription",
            "bill_for[unused_time_from][type]": "none",
            "bill_for[outstanding_usage_through][type]": "none",
            "invoicing_behavior": "pending_invoice_item",
        },
    ),
    "pause collection": (
        "POST",
        SUB,
        {"pause_collection[behavior]": "void", "pause_collection[resumes_at]": "{resumes_at}", **METADATA},
    ),
    "resume": (
        "POST",
        f"{SUB}/resume",
        {"billing_cycle_anchor[type]": "now", "payment_behavior": "resume_on_payment_success"},
    ),
    "resume collection": ("POST", SUB, {"pause_collection": "", **METADATA}),
    "reschedule": (
        "POST",
        SUB,
        {"trial_end": "{next_charge_at}", "proration_behavior": "none", **METADATA},
    ),
    "alter quantity at once": (
        "POST",
        SUB,
        {
            "items[0][id]": "{item}",
            "items[0][quantity]": "3",
            "proration_behavior": "always_invoice",
            "proration_date": "{as_of}",
            "payment_behavior": "error_if_incomplete",
            "off_session": "true",
            **METADATA,
        },
    ),
    "schedule_cancel with the period": (
        "POST",
        SUB,
        {
            "cancel_at_period_end": "true",
            "cancellation_details[feedback]": "too_expensive",
            "cancellation_details[comment]": "Moves abroad.",
            **METADATA,
        },
    ),
    "schedule_cancel at an instant": (
        "POST",
        SUB,
        {"cancel_at": "{at}", "proration_behavior": "none", **METADATA},
    ),
    "keep after an instant": (
        "POST",
        SUB,
        {
            "cancel_at": "",
            "cancellation_details[comment]": "",
            "cancellation_details[feedback]": "",
            **METADATA,
        },
    ),
    "cancel": (
        "DELETE",
        SUB,
        {"invoice_now": "false", "prorate": "false", "cancellation_details[feedback]": "unused"},
    ),
    "hold": ("POST", INV, {"auto_advance": "false", **METADATA, **PAYMENTS}),
    "release": ("POST", INV, {"auto_advance": "true", **METADATA, **PAYMENTS}),
    "add_lines": (
        "POST",
        f"{INV}/add_lines",
        {
            "lines[0][amount]": "900",
            "lines[0][description]": "Shipping",
            **{f"lines[0][metadata][{key}]": value for key, value in MARKS.items()},
            "lines[1][amount]": "-400",
            "lines[1][description]": "For the delay",
            **{f"lines[1][metadata][{key}]": value for key, value in MARKS.items()},
            **ON_INVOICE,
            **PAYMENTS,
        },
    ),
    "change_line": (
        "POST",
        f"{INV}/update_lines",
        {
            "lines[0][id]": "{line}",
            "lines[0][amount]": "100",
            "lines[0][description]": "As agreed",
            **ON_INVOICE,
            **PAYMENTS,
        },
    ),
    "remove_lines that wait": (
        "POST",
        f"{INV}/remove_lines",
        {"lines[0][id]": "{lines}", "lines[0][behavior]": "unassign", **ON_INVOICE, **PAYMENTS},
    ),
    "finalise": ("POST", f"{INV}/finalize", {"auto_advance": "true", **PAYMENTS}),
    "collect": ("POST", f"{INV}/pay", {"off_session": "true", **PAYMENTS}),
    "record_payment": ("POST", f"{INV}/pay", {"paid_out_of_band": "true", **PAYMENTS}),
    "void": ("POST", f"{INV}/void", PAYMENTS),
    "write_off": ("POST", f"{INV}/mark_uncollectible", PAYMENTS),
    "credit of a paid one": (
        "POST",
        "/v1/credit_notes",
        {
            "invoice": "{invoice}",
            "amount": "1000",
            "reason": "duplicate",
            "refund_amount": "600",
            "credit_amount": "300",
            "out_of_band_amount": "100",
            **METADATA,
        },
    ),
    "void_credit": ("POST", "/v1/credit_notes/{credit_note}/void", {}),
    "charge": (
        "POST",
        "/v1/invoiceitems",
        {
            "customer": "{customer}",
            "subscription": "{subscription}",
            "amount": "700",
            "currency": "usd",
            "description": "Shipping",
            **METADATA,
        },
    ),
    "drop_charge": ("DELETE", "/v1/invoiceitems/{item}", {}),
    "move_balance": (
        "POST",
        "/v1/customers/{customer}/balance_transactions",
        {"amount": "-500", "currency": "usd", "description": "Shipping", **METADATA},
    ),
    "subscribe later": (
        "POST",
        "/v1/subscriptions",
        {
            "customer": "{customer}",
            "items[0][price]": "{price}",
            "items[0][quantity]": "1",
            "billing_mode[type]": "flexible",
            "payment_behavior": "error_if_incomplete",
            "proration_behavior": "none",
            "off_session": "true",
            "trial_end": "{starts_at}",
            "metadata[opsconsole_replaces]": "sub_old",
            **METADATA,
        },
    ),
}


def told(arguments: Mapping[str, Any]) -> dict[str, str]:
    """The arguments as they stand in a request."""
    found = {}
    for key, value in arguments.items():
        if key in ("resumes_at", "next_charge_at", "at", "as_of", "starts_at") and value:
            found[key] = str(int(datetime.fromisoformat(value).timestamp()))
        elif isinstance(value, str):
            found[key] = value
        elif key == "lines":
            found[key] = str(value[0])
        elif key == "items":
            found |= {"item": value[0].get("id", ""), "price": value[0].get("price", "")}
    return found


def test_each_change_is_one_request_with_our_key_and_mark_and_nothing_else() -> None:
    for name, (method, path, form) in ASKED.items():
        world = SandboxWorld()
        client = Recorded(world.app)
        scene = Scene(world, adapter({}, client))
        arguments = CHANGES[name].set_up(scene)
        client.asked.clear()
        ask(scene, Promise("prm_1").attempt(), CHANGES[name], arguments)
        *_, (asked_method, asked_path, asked_form, key) = client.asked
        fill = told(arguments)
        assert (asked_method, asked_path) == (method, path.format(**fill)), name
        assert asked_form == {field: value.format(**fill) for field, value in form.items()}, name
        assert key == (None if method == "DELETE" else "prm_1:1"), name
        assert len(client.asked) == (2 if name == "record_payment" else 1), name


def test_what_takes_two_requests_has_a_key_for_each() -> None:
    for name, asked in {
        "record_payment": [("", "prm_1:1:reference"), ("/pay", "prm_1:1")],
        "drop_draft": [("/finalize", "prm_1:1:finalise"), ("/void", "prm_1:1")],
        "reissue": [("", "prm_1:1"), ("/add_lines", "prm_1:1:lines")],
    }.items():
        world = SandboxWorld()
        client = Recorded(world.app)
        scene = Scene(world, adapter({}, client))
        arguments = CHANGES[name].set_up(scene)
        client.asked.clear()
        ask(scene, Promise("prm_1").attempt(), CHANGES[name], arguments)
        assert [key for *_, key in client.asked] == [key for _, key in asked], name
        assert all(path.endswith(end) for (_, path, *_), (end, _) in zip(client.asked, asked, strict=True))
        assert "metadata[opsconsole_subject]" not in client.asked[0][2], "not done yet"
    made = client.asked[0][2]
    assert (made["auto_advance"], made["pending_invoice_items_behavior"]) == ("false", "exclude")
    assert "subscription" not in made and made["metadata[opsconsole_subscription]"] == scene.subscription


def test_lines_that_are_refused_leave_no_empty_draft_behind() -> None:
    world = SandboxWorld()
    scene = Scene(world, adapter({}, world.client))
    arguments = {**CHANGES["reissue"].set_up(scene), "lines": [{"amount": 2**40, "description": "Too much"}]}
    with pytest.raises(Declined):
        ask(scene, Promise("prm_1").attempt(), CHANGES["reissue"], arguments)
    assert world.made("prm_1", scene.customer) == 0


# the contract, over the sandbox


DIALS: dict[str, dict[str, Any]] = {
    "lost answer": {"kind": "lost_answer", "side": "after"},
    "lost before": {"kind": "lost_answer", "side": "before"},
    "garbage": {"kind": "garbage", "side": "after"},
    "saved error": {"kind": "error_500", "side": "after"},
    "down": {"kind": "down"},
    "slow down": {"kind": "rate_limit"},
    "locked": {"kind": "lock_timeout"},
    "bad key": {"kind": "unauthorized"},
    **{f"garbage {name}": {"kind": "garbage", "side": "after", "profile": name} for name in PROFILES},
}
BANKS = {"says yes": None, "has no money": "insufficient_funds"}


class SandboxWorld:
    """The sandbox from behind: its own API to make things, its dials, its books."""

    def __init__(self) -> None:
        self.app: SandboxApp = sandbox_as_new(
            stripe_api_key=API_KEY,
            stripe_webhook_secret="whsec_sandbox",
            webhook_url=None,
            deliver=lambda *_: 200,
        )
        self.client = WsgiClient(self.app)
        self._shop = stripe.StripeClient(API_KEY, http_client=self.client).v1
        self._product = self._shop.products.create({"name": "Plan"}).id

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.app.sandbox.time()["now"], UTC)

    def later(self, days: float) -> None:
        self.app.sandbox.advance(days * 86400)

    def customer(self, bank: str = "says yes") -> str:
        made = self._shop.customers.create({"email": "sam@example.test"}).id
        card = self._shop.payment_methods.attach("pm_card_visa", {"customer": made}).id
        self._shop.customers.update(made, {"invoice_settings": {"default_payment_method": card}})
        self.turn_bank(made, bank)
        return made

    def turn_bank(self, customer: str, bank: str) -> None:
        self.app.sandbox.stripe.card_behaves(customer, BANKS[bank])

    def price(self, amount: int = 6900, interval: str = "month") -> str:
        return self._shop.prices.create(
            {
                "product": self._product,
                "currency": "usd",
                "unit_amount": amount,
                "recurring": {"interval": interval},
            }
        ).id

    def subscription(self, customer: str, price: str, *, flexible: bool = True) -> str:
        mode = "flexible" if flexible else "classic"
        return self._shop.subscriptions.create(
            {"customer": customer, "items": [{"price": price}], "billing_mode": {"type": mode}}
        ).id

    def draft(self, customer: str, *amounts: int, auto_advance: bool = True) -> str:
        made = self._shop.invoices.create({"customer": customer, "auto_advance": auto_advance}).id
        for amount in amounts:
            self._shop.invoice_items.create(
                {"customer": customer, "invoice": made, "amount": amount, "currency": "usd"}
            )
        return made

    def invoice(self, customer: str, amount: int = 6900) -> str:
        made = self.draft(customer, amount, auto_advance=False)
        self._shop.invoices.finalize_invoice(made, {"auto_advance": False})
        self._shop.invoices.update(made, {"auto_advance": True})
        return made

    def paid(self, customer: str, amount: int = 6900) -> str:
        made = self.invoice(customer, amount)
        self._shop.invoices.pay(made)
        return made

    def schedule(self, subscription: str) -> None:
        self._shop.subscription_schedules.create({"from_subscription": subscription})

    def taken(self, customer: str) -> list[int]:
        found = self._shop.charges.list({"customer": customer, "limit": 100}).data
        return [charge.amount for charge in reversed(found) if charge.paid]

    def made(self, ref: str, customer: str) -> int:
        mine: dict[str, Any] = {"customer": customer, "limit": 100}
        kept = [
            *self._shop.subscriptions.list({**mine, "status": "all"}).data,
            *self._shop.invoices.list(mine).data,
            *self._shop.invoice_items.list({**mine, "pending": True}).data,
            *self._shop.credit_notes.list(mine).data,
            *self._shop.customers.balance_transactions.list(customer, {"limit": 100}).data,
        ]
        return sum(
            1
            for one in kept
            if one.metadata and "opsconsole_ref" in one.metadata and one.metadata["opsconsole_ref"] == ref
        )

    def fail(self, how: str, *, times: int | None = 1, reads: bool = False) -> None:
        for method in ("*",) if reads else ("POST *", "DELETE *"):
            self.app.sandbox.fault(method=method, times=times, **DIALS[how])

    def heal(self) -> None:
        self.app.sandbox.clear_faults()


class TestStripeBilling(BillingContract):
    @pytest.fixture
    def world(self) -> SandboxWorld:
        return SandboxWorld()

    @pytest.fixture
    def adapter(self, world: SandboxWorld) -> StripeBilling:
        return adapter({}, world.client)

    def test_over_our_own_wire(self, world: SandboxWorld) -> None:
        server = make_server("127.0.0.1", 0, world.app, threaded=True, request_handler=HangsUp)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        base = f"http://127.0.0.1:{server.server_port}"
        ours = StripeBilling(api_key=API_KEY, api_base=base, seconds=5)
        try:
            for name in ("alter quantity at once", "resume", "cancel", "drop_charge", "add_lines", "reissue"):
                of, scene = CHANGES[name], Scene(world, ours)
                arguments, promise = of.set_up(scene), Promise(f"prm_{name}")
                world.fail("lost answer")
                with pytest.raises(Unavailable):
                    ask(scene, promise.attempt(), of, arguments)
                world.heal()
                done = ask(scene, promise.attempt(ask_first=True), of, arguments)
                assert of.happened(done, scene), name
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
