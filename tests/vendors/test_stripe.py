"""Stripe's adapter: what its objects mean in our words, and which webhooks are Stripe's.

The payloads are written by hand after the schemas of API 2026-10-28.endive.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe
from werkzeug.serving import WSGIRequestHandler, make_server

from opsconsole.sandbox import SandboxApp
from opsconsole.vendors import NotAuthentic, NotParseable, Unavailable
from opsconsole.vendors.payments import (
    CustomerFacts,
    DisputeFacts,
    DisputeState,
    PaymentState,
    RefundFacts,
    RefundState,
)
from opsconsole.vendors.payments.stripe import Stripe
from tests.sandbox.shared import sandbox_as_new
from tests.sandbox.wsgi import WsgiClient

from .payments_contract import PaymentsContract, Promise, give_back

NOW = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str, **changes: Any) -> dict[str, Any]:
    return {**json.loads((PAYLOADS / f"stripe_{name}.json").read_text()), **changes}


def a_list(*items: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "url": "/v1/x", "has_more": False, "data": list(items)}


class Canned(stripe.HTTPClient):
    """Answers by path, and 404 for what it does not know."""

    name = "canned"

    def __init__(self, answers: Mapping[str, dict[str, Any]]) -> None:
        super().__init__()
        self.answers = answers
        self.asked: list[str] = []

    def request(
        self, method: str, url: str, headers: Any, post_data: Any = None, **_: Any
    ) -> tuple[Any, int, Mapping[str, str]]:
        target = url.removeprefix("https://api.stripe.com/v1/")
        self.asked.append(target)
        answer = self.answers.get(target.partition("?")[0])
        if answer is None:
            error = {"type": "invalid_request_error", "code": "resource_missing", "message": "No such thing"}
            return json.dumps({"error": error}), 404, {}
        return json.dumps(answer), 200, {}


def adapter(answers: Mapping[str, dict[str, Any]] | None = None, **how: Any) -> Stripe:
    how = {"webhook_secrets": ["whsec_new", "whsec_old"], **how}
    return Stripe(api_key="sk_test_1", api_base=None, http_client=Canned(answers or {}), **how)


NONE = {"refunds": a_list(), "disputes": a_list()}


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# facts


def test_a_refund_in_our_words() -> None:
    assert adapter({"refunds/re_3Qa1": payload("refund")}).fetch_refund("re_3Qa1") == RefundFacts(
        id="re_3Qa1",
        payment="pi_3Qa1",
        charge="ch_3Qa1",
        amount=2500,
        currency="usd",
        state=RefundState.SUCCEEDED,
        raw_status="succeeded",
        created_at=at(1790000600),
        reason="requested_by_customer",
        reference="74990000000000000000001",
        tags={
            "opsconsole_ref": "prm_1",
            "opsconsole_round": "1",
            "opsconsole_trace": "trc_1",
            "shop": "eu",
        },
    )


def test_a_payment_in_our_words_with_one_request_each_for_refunds_and_disputes() -> None:
    answers = {
        "payment_intents/pi_3Qa1": payload("payment_intent"),
        "refunds": a_list(payload("refund")),
        "disputes": a_list(payload("dispute")),
    }
    canned = Canned(answers)
    stripe_ = Stripe(api_key="sk_test_1", api_base=None, webhook_secrets=[], http_client=canned)
    payment = stripe_.fetch_payment("pi_3Qa1")
    assert payment is not None
    assert (payment.state, payment.raw_status) == (PaymentState.SUCCEEDED, "succeeded")
    assert (payment.amount, payment.captured, payment.refunded) == (10000, 10000, 2500)
    assert (payment.charge, payment.customer, payment.tags) == ("ch_3Qa1", "cus_Q1", {"order": "1001"})
    assert (payment.card_brand, payment.card_last4) == ("visa", "4242")
    assert (payment.card_exp_month, payment.card_exp_year) == (9, 2029)
    assert [refund.id for refund in payment.refunds] == ["re_3Qa1"]
    assert payment.disputes == (
        DisputeFacts(
            id="du_1Qa1",
            payment="pi_3Qa1",
            amount=7500,
            currency="usd",
            state=DisputeState.OPEN,
            raw_status="needs_response",
            reason="fraudulent",
            created_at=at(1790086400),
            evidence_due_at=at(1790691200),
        ),
    )
    assert canned.asked == [
        "payment_intents/pi_3Qa1?expand[0]=latest_charge",
        "refunds?payment_intent=pi_3Qa1&limit=100",
        "disputes?payment_intent=pi_3Qa1&limit=100",
    ]


def test_a_payment_nobody_disputed_costs_no_request_for_disputes() -> None:
    intent = payload("payment_intent")
    intent["latest_charge"]["disputed"] = False
    canned = Canned({"payment_intents/pi_3Qa1": intent, "refunds": a_list()})
    stripe_ = Stripe(api_key="sk_test_1", api_base=None, webhook_secrets=[], http_client=canned)
    payment = stripe_.fetch_payment("pi_3Qa1")
    assert payment and payment.disputes == ()
    assert len(canned.asked) == 2


def test_a_payment_that_failed_says_why() -> None:
    error = {"type": "card_error", "code": "card_declined", "decline_code": "lost_card", "message": "No."}
    answers = {
        "payment_intents/pi_1": payload(
            "payment_intent",
            status="requires_payment_method",
            amount_received=0,
            latest_charge=None,
            customer={"id": "cus_9", "object": "customer", "deleted": True},
            last_payment_error=error,
        ),
        "refunds": a_list(),
    }
    payment = adapter(answers).fetch_payment("pi_1")
    assert payment is not None
    assert (payment.state, payment.captured, payment.refunded) == (PaymentState.REQUIRES_PAYMENT, 0, 0)
    assert (payment.failure_code, payment.failure_words) == ("lost_card", "No.")
    assert (payment.charge, payment.card_last4, payment.customer) == (None, None, "cus_9")


def test_fields_that_may_be_absent_may_be_absent() -> None:
    bare = {
        "id": "re_1",
        "object": "refund",
        "amount": 1,
        "currency": "JPY",
        "status": None,
        "created": 1790000000,
    }
    refund = adapter({"refunds/re_1": bare}).fetch_refund("re_1")
    assert refund == RefundFacts("re_1", None, None, 1, "jpy", RefundState.UNKNOWN, "", at(1790000000))
    deleted = {"id": "cus_1", "object": "customer", "deleted": True}
    assert adapter({"customers/cus_1": deleted}).fetch_customer("cus_1") == CustomerFacts(
        "cus_1", None, None, deleted=True
    )


def test_a_word_stripe_has_added_since_is_unknown_and_kept() -> None:
    answers = {
        "refunds/re_1": payload("refund", status="teleported"),
        "payment_intents/pi_1": payload("payment_intent", status="requires_patience"),
        "refunds": a_list(payload("refund", reason="whim", destination_details={"type": "carrier_pigeon"})),
        "disputes": a_list(payload("dispute", status="appeal_of_appeal")),
    }
    refund = adapter(answers).fetch_refund("re_1")
    assert refund and (refund.state, refund.raw_status) == (RefundState.UNKNOWN, "teleported")
    payment = adapter(answers).fetch_payment("pi_1")
    assert payment is not None
    assert (payment.state, payment.raw_status) == (PaymentState.UNKNOWN, "requires_patience")
    assert (payment.refunds[0].reason, payment.refunds[0].reference) == ("whim", None)
    assert payment.disputes[0].state is DisputeState.UNKNOWN


@pytest.mark.parametrize(
    ("object_", "status", "state"),
    [
        ("refund", "pending", RefundState.PENDING),
        ("refund", "requires_action", RefundState.REQUIRES_ACTION),
        ("refund", "failed", RefundState.FAILED),
        ("refund", "canceled", RefundState.CANCELED),
        ("payment_intent", "requires_confirmation", PaymentState.REQUIRES_PAYMENT),
        ("payment_intent", "requires_action", PaymentState.REQUIRES_ACTION),
        ("payment_intent", "processing", PaymentState.PROCESSING),
        ("payment_intent", "requires_capture", PaymentState.AUTHORISED),
        ("payment_intent", "canceled", PaymentState.CANCELED),
        ("dispute", "warning_needs_response", DisputeState.WARNING),
        ("dispute", "warning_under_review", DisputeState.WARNING),
        ("dispute", "warning_closed", DisputeState.CLOSED),
        ("dispute", "under_review", DisputeState.OPEN),
        ("dispute", "appeal_needs_response", DisputeState.OPEN),
        ("dispute", "appeal_under_review", DisputeState.OPEN),
        ("dispute", "prevented", DisputeState.CLOSED),
        ("dispute", "won", DisputeState.WON),
        ("dispute", "lost", DisputeState.LOST),
    ],
)
def test_every_status_of_the_schema_has_a_state(object_: str, status: str, state: Any) -> None:
    answers = {
        "payment_intents/pi_1": payload("payment_intent"),
        "refunds": a_list(payload("refund")),
        "disputes": a_list(payload("dispute")),
    }
    where = {"refund": "refunds", "dispute": "disputes", "payment_intent": "payment_intents/pi_1"}[object_]
    changed = payload(object_, status=status)
    answers[where] = changed if object_ == "payment_intent" else a_list(changed)
    payment = adapter(answers).fetch_payment("pi_1")
    assert payment is not None
    told = {"refund": payment.refunds, "dispute": payment.disputes, "payment_intent": (payment,)}[object_]
    assert (told[0].state, told[0].raw_status) == (state, status)


@pytest.mark.parametrize(
    "broken",
    [
        {"payment_intents/pi_1": payload("payment_intent", amount=None), **NONE},
        {"payment_intents/pi_1": payload("payment_intent", status=None), **NONE},
        {"payment_intents/pi_1": payload("refund"), **NONE},
        {"payment_intents/pi_1": payload("payment_intent"), "refunds": payload("refund")},
        {"payment_intents/pi_1": payload("payment_intent"), "refunds": a_list(payload("dispute"))},
        {
            "payment_intents/pi_1": payload("payment_intent"),
            "refunds": a_list(),
            "disputes": a_list(payload("dispute", amount="7500")),
        },
    ],
)
def test_what_the_schema_does_not_allow_is_no_answer(broken: dict[str, Any]) -> None:
    with pytest.raises(Unavailable) as caught:
        adapter(broken).fetch_payment("pi_1")
    assert (caught.value.code, caught.value.maybe_done) == ("nonsense", False)


# webhooks


def signature(body: bytes, at_: datetime = NOW, secret: str = "whsec_new", scheme: str = "v1") -> str:
    instant = str(int(at_.timestamp()))
    digest = hmac.new(secret.encode(), instant.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={instant},{scheme}={digest}"


def read(body: bytes, header: str | None = None, **how: Any) -> Any:
    headers = {"Host": "x", "Stripe-Signature": signature(body) if header is None else header}
    return adapter(**how).read(body, headers, now=NOW)


def body_of(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, indent=2).encode()


@pytest.mark.parametrize(
    ("name", "about", "object_id", "tags"),
    [
        (
            "event_refund_updated",
            "refund",
            "re_3Qa1",
            {"opsconsole_ref": "prm_1", "opsconsole_round": "1", "opsconsole_trace": "trc_1"},
        ),
        ("event_charge_refunded", "payment", "pi_3Qa1", {}),
        ("event_charge_dispute_created", "payment", "pi_3Qa1", {}),
        ("event_customer_deleted", "customer", "cus_Q1", {}),
        ("event_thin", "other", "mtr_1Q", {}),
    ],
)
def test_what_an_event_is_about(name: str, about: str, object_id: str, tags: dict[str, str]) -> None:
    event = payload(name)
    body = body_of(event)
    delivery = read(body)
    assert (delivery.external_id, delivery.kind) == (event["id"], event["type"])
    assert (delivery.about, delivery.object_id, delivery.tags) == (about, object_id, tags)
    assert delivery.body == body
    assert delivery.account == event.get("account")
    assert delivery.api_version == event.get("api_version")
    assert delivery.occurred_at.tzinfo is UTC and delivery.occurred_at.year == 2026


@pytest.mark.parametrize(
    ("object_", "about", "object_id"),
    [
        ({"object": "charge", "id": "ch_1", "payment_intent": None}, "other", "ch_1"),
        ({"object": "charge", "id": "ch_1", "payment_intent": {"id": "pi_1"}}, "payment", "pi_1"),
        ({"object": "dispute", "id": "du_1"}, "other", "du_1"),
        ({"object": "payment_intent", "id": "pi_1"}, "payment", "pi_1"),
        ({"object": "subscription", "id": "sub_1"}, "subscription", "sub_1"),
        ({"object": "invoice", "id": "in_1"}, "invoice", "in_1"),
        (
            {"object": "invoice", "parent": {"subscription_details": {"subscription": "sub_1"}}},
            "subscription",
            "sub_1",
        ),
        (
            {"object": "invoice", "id": "upcoming_in_1", "parent": {"subscription_details": 5}},
            "other",
            "upcoming_in_1",
        ),
        ({"object": "invoice", "parent": []}, "other", None),
        ({"object": "price", "id": "price_1"}, "price", "price_1"),
        ({"object": "credit_note", "id": "cn_1", "invoice": "in_1"}, "credit_note", "cn_1"),
        ({"object": "payout", "id": "po_1"}, "payout", "po_1"),
        ({"object": "invoice_payment", "id": "inpay_1", "invoice": {"id": "in_1"}}, "invoice", "in_1"),
        ({"object": "invoiceitem", "id": "ii_1", "invoice": "in_1"}, "invoice", "in_1"),
        ({"object": "invoiceitem", "id": "ii_1", "invoice": None}, "other", "ii_1"),
        ({"object": "subscription_schedule", "id": "s_1", "subscription": "sub_1"}, "subscription", "sub_1"),
        (
            {"object": "subscription_schedule", "id": "s_1", "released_subscription": "sub_1"},
            "subscription",
            "sub_1",
        ),
        ({"object": "subscription_schedule", "id": "s_1"}, "other", "s_1"),
        (
            {"object": "customer_balance_transaction", "id": "cbtxn_1", "customer": "cus_1"},
            "customer",
            "cus_1",
        ),
        ({"object": "balance"}, "other", None),
        ({"object": "refund", "id": 5}, "refund", None),
        ({"object": ["refund"], "id": "x"}, "other", "x"),
        ([], "other", None),
        (None, "other", None),
    ],
)
def test_an_event_of_any_object_is_read(object_: Any, about: str, object_id: str | None) -> None:
    delivery = read(body_of(payload("event_refund_updated", data={"object": object_})))
    assert (delivery.about, delivery.object_id) == (about, object_id)
    assert read(body_of(payload("event_refund_updated", data=object_))).about == "other"


def test_either_secret_and_any_of_several_signatures_will_do() -> None:
    body = body_of(payload("event_refund_updated"))
    new, old = signature(body), signature(body, secret="whsec_old")
    foreign = signature(body, secret="whsec_x").partition(",")[2]
    for header in (new, old, f"{new},{foreign}", f"{old},{foreign},v0=abc", new.replace(",", ",v1=00,", 1)):
        assert read(body, header).external_id == "evt_3Qa1"
    assert adapter().read(body, {"stripe-signature": new}, now=NOW).external_id == "evt_3Qa1"


def test_a_forged_header_is_not_authentic() -> None:
    body = body_of(payload("event_refund_updated"))
    good = signature(body)
    instant, _, rest = good.partition(",")
    for header in (
        "",
        ",",
        "t=",
        instant,
        rest,
        "t=1,v1=",
        signature(body, secret="whsec_other"),
        signature(body, secret=""),
        signature(body, scheme="v0"),
        signature(body, NOW - timedelta(seconds=301)),
        signature(body, NOW + timedelta(seconds=301)),
        f"{instant},{good}",
        f"t=1,{good}",
        good.replace("t=", "t=+"),
        good.replace("t=", "t= "),
        good.replace("t=", "t=٣"),
        good.replace("t=", "t=" + "9" * 400),
        good.replace("v1=", "v1=é"),
        good.replace("v1=", "v1=\udc80"),
        good.upper(),
        good[:-1],
        good + "0",
        good + ",v1=" + "a" * 5000,
        f"{instant},v1=" + "0" * 64,
    ):
        with pytest.raises(NotAuthentic):
            read(body, header)
    with pytest.raises(NotAuthentic):
        adapter().read(body, {}, now=NOW)
    with pytest.raises(NotAuthentic):
        adapter().read(body, {"Stripe-Signature": good, "stripe-signature": good}, now=NOW)
    with pytest.raises(NotAuthentic):
        adapter(webhook_secrets=[]).read(body, {"Stripe-Signature": good}, now=NOW)
    with pytest.raises(ValueError, match="empty"):
        adapter(webhook_secrets=["whsec_new", ""])


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": 5},
        {"id": ""},
        {"id": "ev"},
        {"id": "evt_" + "x" * 255},
        {"id": "evt_1\n"},
        {"id": "evt_1; DROP"},
        {"id": "evt_é"},
        {"id": "evt_\0"},
        {"type": None},
        {"type": ["refund.updated"]},
        {"type": "x" * 201},
        {"type": "refund updated"},
        {"type": "refund.updated\0"},
        {"type": "réfund"},
        {"object": "refund"},
        {"object": None},
        {"created": None},
        {"created": "soon"},
        {"created": True},
        {"created": 1.5},
        {"created": 10**15},
        {"created": -(10**15)},
        {"account": "acct_\0"},
        {"api_version": "x" * 501},
        {"data": {"object": {"object": "refund", "id": "re_\ud800"}}},
        {"data": {"object": {"object": "refund", "id": "re_\0"}}},
        {"data": {"object": {"object": "charge", "payment_intent": "pi_" + "x" * 600}}},
        {"data": {"object": {"object": "refund", "metadata": {"opsconsole_ref": "prm\0"}}}},
        {"data": {"object": {"object": "refund", "metadata": {"opsconsole_\udfff": "x"}}}},
    ],
)
def test_an_authentic_event_with_odd_fields_is_not_parseable(changes: dict[str, Any]) -> None:
    with pytest.raises(NotParseable):
        read(body_of(payload("event_refund_updated", **changes)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"\xef\xbb\xbf{}",
        b'{"id": "evt_1", "type": "x", "created": NaN}',
        b'{"id": "evt_1", "type": "x", "created": -Infinity}',
        b'{"id": "evt_1", "type": "x", "data": ' + b'{"a":' * 100_000,
        b'{"n": ' + b"9" * 5000 + b"}",
        b'{"id": "evt_1", "type": "\xff"}',
        b'{"id": "evt_1"} {"id": "evt_2"}',
    ],
)
def test_an_authentic_body_that_is_no_json_object_is_not_parseable(body: bytes) -> None:
    with pytest.raises(NotParseable):
        read(body)


def test_tags_are_only_ours_and_only_text() -> None:
    metadata = {"opsconsole_ref": "prm_1", "opsconsole_n": 5, "other": "x", "note": "\0"}
    object_ = {"object": "refund", "id": "re_1", "metadata": metadata}
    delivery = read(body_of(payload("event_refund_updated", data={"object": object_})))
    assert delivery.tags == {"opsconsole_ref": "prm_1"}


def test_an_event_without_an_instant_is_dated_when_it_came() -> None:
    event = payload("event_refund_updated")
    del event["created"]
    assert read(body_of(event)).occurred_at == NOW


def test_an_event_of_the_other_mode_is_refused_when_we_know_ours() -> None:
    live, test = (body_of(payload("event_refund_updated", livemode=mode)) for mode in (True, False))
    assert read(live, livemode=True).livemode is True
    assert read(test, livemode=None).livemode is False
    for body, mode in ((test, True), (live, False)):
        with pytest.raises(NotAuthentic):
            read(body, livemode=mode)


def test_reading_from_many_threads_is_safe() -> None:
    shared, body, failures = adapter(), body_of(payload("event_refund_updated")), []

    def work() -> None:
        for _ in range(50):
            delivery = shared.read(body, {"Stripe-Signature": signature(body)}, now=NOW)
            if delivery.external_id != "evt_3Qa1":
                failures.append(delivery)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


# events


def test_a_page_of_events_is_read_like_webhooks_and_an_odd_one_is_left_out() -> None:
    good, odd = payload("event_refund_updated"), payload("event_refund_updated", id=None)
    odd["id"] = "evt 2"
    canned = Canned({"events": {**a_list(good, odd), "has_more": True}})
    stripe_ = Stripe(api_key="sk_test_1", api_base=None, webhook_secrets=[], http_client=canned)
    page = stripe_.events(since=1790000000, after="evt_9")
    assert [item.external_id for item in page.items] == ["evt_3Qa1"]
    assert page.next == "evt 2"
    assert json.loads(page.items[0].body) == good
    assert canned.asked == ["events?created[gte]=1790000000&starting_after=evt_9&limit=100"]
    same = copy.deepcopy(good)
    assert read(body_of(same)).tags == page.items[0].tags


# the contract, over the sandbox

API_KEY, SECRET = "sk_test_sandbox", "whsec_sandbox"
DIALS: dict[str, dict[str, Any]] = {
    "lost answer": {"kind": "lost_answer", "side": "after"},
    "lost before": {"kind": "lost_answer", "side": "before"},
    "garbage": {"kind": "garbage", "side": "after"},
    "down": {"kind": "down"},
    "saved error": {"kind": "error_500", "side": "after"},
    "saved error without effect": {"kind": "error_500", "side": "before"},
    "slow down": {"kind": "rate_limit"},
    "locked": {"kind": "lock_timeout"},
    "bad key": {"kind": "unauthorized", "method": "*"},
    "forbidden": {"kind": "forbidden", "method": "*"},
    "slow": {"kind": "slow", "seconds": 0.3},
}
BANKS = {
    "says yes": "pm_card_visa",
    "says no": "pm_card_chargeCustomerFail",
    "has no money": "pm_card_visa_chargeDeclinedInsufficientFunds",
    "sees it expired": "pm_card_chargeDeclinedExpiredCard",
    "wants them": "pm_card_authenticationRequired",
}
CARDS = {"at once": "pm_card_visa", "later": "pm_card_pendingRefund", "fail": "pm_card_refundFail"}


class SandboxWorld:
    """The sandbox from behind: its own API to make things, its dials, its ledger."""

    def __init__(self) -> None:
        self.delivered: list[tuple[dict[str, str], bytes]] = []
        self.app: SandboxApp = sandbox_as_new(
            stripe_api_key=API_KEY,
            stripe_webhook_secret=SECRET,
            webhook_url="http://console.example.test",
            deliver=self._keep,
        )
        self.client = WsgiClient(self.app)
        self._shop = stripe.StripeClient(API_KEY, http_client=self.client).v1

    def _keep(self, url: str, headers: dict[str, str], body: bytes) -> int:
        self.delivered.append((headers, body))
        return 200

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> datetime:
        return datetime.fromtimestamp(self.app.sandbox.time()["now"], UTC)

    def later(self, hours: float) -> None:
        self.app.sandbox.advance(hours * 3600)
        self.app.sandbox.flush()

    def payment(self, amount: int = 10_000, *, refunds: str = "at once") -> str:
        intent = self._shop.payment_intents.create(
            {"amount": amount, "currency": "usd", "payment_method": CARDS[refunds], "confirm": True}
        )
        return intent.id

    def dispute(self, payment: str) -> None:
        self.app.sandbox.stripe.dispute(payment)

    def warn(self, payment: str) -> str:
        return str(self.app.sandbox.stripe.warn(payment)["id"])

    def customer(self, *, card: bool = False) -> str:
        made = self._shop.customers.create(
            {"email": "sam@example.test", "name": "Sam Example", "phone": "+15550100", "balance": -1250}
        )
        if card:
            method = self._shop.payment_methods.attach("pm_card_amex", {"customer": made.id})
            self._shop.customers.update(made.id, {"invoice_settings": {"default_payment_method": method.id}})
        return made.id

    def save(self, customer: str, bank: str = "says yes", *, default: bool = True) -> str:
        method = self._shop.payment_methods.attach(BANKS[bank], {"customer": customer})
        if default:
            self._shop.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})
        return method.id

    def relent(self, customer: str) -> None:
        self.app.sandbox.stripe.card_behaves(customer, None)

    def charges(self, ref: str) -> list[int]:
        entries = self.app.sandbox.ledger("payment")
        return [entry["amount"] for entry in entries if entry["metadata"].get("opsconsole_ref") == ref]

    def forget(self, customer: str) -> None:
        self._shop.customers.delete(customer)

    def effects(self, ref: str) -> list[int]:
        entries = self.app.sandbox.ledger("refund")
        return [entry["amount"] for entry in entries if entry["metadata"].get("opsconsole_ref") == ref]

    def fail(self, how: str, *, times: int | None = 1) -> None:
        for method in ("POST /v1/refunds", "POST /v1/payment_intents"):
            self.app.sandbox.fault(**{"method": method, "times": times, **DIALS[how]})

    def heal(self) -> None:
        self.app.sandbox.clear_faults()

    def event(self) -> bytes:
        self.customer()
        self.app.sandbox.flush()
        return self.delivered[-1][1]

    def sign(self, body: bytes, *, at: datetime, as_us: bool = True) -> dict[str, str]:
        return {"Stripe-Signature": signature(body, at, SECRET if as_us else "whsec_of_somebody_else")}


class TestStripe(PaymentsContract):
    @pytest.fixture
    def world(self) -> Iterator[SandboxWorld]:
        world = SandboxWorld()
        yield world

    @pytest.fixture
    def adapter(self, world: SandboxWorld) -> Stripe:
        return Stripe(api_key=API_KEY, api_base=None, webhook_secrets=[SECRET], http_client=world.client)

    def test_what_the_sandbox_signs_is_authentic(self, adapter: Stripe, world: SandboxWorld) -> None:
        world.event()
        for headers, body in world.delivered:
            assert adapter.read(body, headers, now=world.now()).body == body

    def test_without_asking_first_a_forgotten_key_would_pay_twice(
        self, adapter: Stripe, world: SandboxWorld
    ) -> None:
        """Why the port has `ask_first`, and proof that the sandbox does forget."""
        payment, promise = world.payment(), Promise()
        give_back(adapter, promise.attempt(), payment)
        world.later(hours=25)
        give_back(adapter, promise.attempt(), payment)
        assert world.effects("prm_1") == [1000, 1000]


class HangsUp(WSGIRequestHandler):
    """A lost answer is a ConnectionError in the application: end the connection without a word."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        self.close_connection = True

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class TestStripeOverHttp(TestStripe):
    """The same through our own wire and a real server."""

    @pytest.fixture
    def adapter(self, world: SandboxWorld) -> Iterator[Stripe]:
        server = make_server("127.0.0.1", 0, world.app, threaded=True, request_handler=HangsUp)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        base = f"http://127.0.0.1:{server.server_port}"
        yield Stripe(api_key=API_KEY, api_base=base, webhook_secrets=[SECRET], seconds=5)
        server.shutdown()
        thread.join()
        server.server_close()
