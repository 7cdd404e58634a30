"""Payments through Stripe, API 2026-10-28.endive: https://docs.stripe.com/api

Beside this file `_stripe_facts` tells what objects mean, `_stripe_events` what webhooks are; how Stripe is asked at all
stands in `vendors/_stripe`. What Stripe's contract promises is told in `docs/vendors/stripe.md`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

import stripe

from ...lib import canonical
from .. import Call, Declined, NotAuthentic, NotParseable, Unavailable
from .._asking import object_in
from .._deliveries import parse
from .._stripe import declines
from .._stripe.api import ANSWERED_IN_DOUBT, Account, cursor_of, one_deadline, shaped
from .._wire import DEADLINE_SECONDS, is_loopback
from . import (
    CardFacts,
    CustomerFacts,
    Delivery,
    DeliveryPage,
    FraudWarningFacts,
    PaymentFacts,
    RefundFacts,
    RefundReason,
)
from . import _stripe_events as stripe_events
from . import _stripe_facts as facts

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, RefundCreateParams

log = logging.getLogger(__name__)

DASHBOARD = "https://dashboard.stripe.com"


class Stripe(Account):
    """The payments port over Stripe.

    `api_base` None is Stripe's own. Several `webhook_secrets` are accepted at once, for rolling one.
    With `livemode` set, deliveries of the other mode are refused. `http_client` replaces the wire in
    tests that run the sandbox in-process; `seconds` is the deadline of one port method.
    """

    name = "stripe"

    def __init__(
        self,
        *,
        api_key: str,
        api_base: str | None,
        webhook_secrets: Sequence[str],
        livemode: bool | None = None,
        http_client: stripe.HTTPClient | None = None,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        if not all(webhook_secrets):
            raise ValueError("A webhook secret is empty: anybody could sign with it.")
        super().__init__(
            api_key=api_key,
            api_base=api_base,
            http_client=http_client,
            seconds=seconds,
            begun=facts.new_payment,
        )
        self._live_key = "_live_" in api_key
        self._secrets = tuple(secret.encode() for secret in webhook_secrets)
        self._livemode = livemode

    # refunds

    @one_deadline
    def refund(self, call: Call, *, payment: str, amount: int, currency: str, reason: str) -> RefundFacts:
        """POST /v1/refunds under the promise's key. Stripe takes the currency from the payment."""
        request = call.pin(
            {
                "payment_intent": payment,
                "amount": amount,
                "reason": RefundReason(reason).value,
                "metadata": {
                    **call.tags,
                    "opsconsole_ref": call.ref,
                    "opsconsole_round": str(call.round),
                },
            }
        )
        if call.ask_first or call.round > 1:
            found = self._refund_of(call, request["payment_intent"])
            if found:
                return found
        try:
            return self._ask(
                lambda: self._v1.refunds.create(
                    cast("RefundCreateParams", request), {"idempotency_key": call.key}
                ),
                facts.refund_facts,
                changes=True,
            )
        except Unavailable as doubt:
            found = self._refund_in_doubt(call, request["payment_intent"], doubt)
            if found:
                return found
            raise doubt from None

    def _refund_of(self, call: Call, payment: str) -> RefundFacts | None:
        """The refund this promise has already led to. Lists: search lags behind by up to an hour."""
        mine = [r for r in self._refunds(payment) if facts.carries(r, call.ref, call.round)]
        return min(mine, key=lambda r: r.state in facts.GONE, default=None)

    def _refund_in_doubt(self, call: Call, payment: str, doubt: Unavailable) -> RefundFacts | None:
        """What the list knows after an answer that says nothing: Stripe saves a 500 and repeats it.

        When it repeats one and the list is complete without our refund, the doubt is told to be for ever.
        """
        if doubt.code not in ANSWERED_IN_DOUBT:
            return None
        try:
            found = self._refund_of(call, payment)
        except (Unavailable, Declined):
            return None
        doubt.repeats = found is None and doubt.code == "saved_failure"
        return found

    def _refunds(self, payment: str) -> Iterator[RefundFacts]:
        for item in self._all(self._v1.refunds.list, {"payment_intent": payment}):
            yield shaped(facts.refund_facts, item)

    @one_deadline
    def fetch_refund(self, id: str) -> RefundFacts | None:
        return self._find(lambda: self._v1.refunds.retrieve(id), facts.refund_facts)

    # charging a saved card

    @one_deadline
    def charge(
        self, call: Call, *, customer: str, payment_method: str, amount: int, currency: str, order: str
    ) -> PaymentFacts:
        """POST /v1/payment_intents, confirmed at once, under the promise's key.

        https://docs.stripe.com/payments/save-and-reuse#charge-saved-payment-method: with `off_session` a bank that wants
        the customer to confirm says no, and the answer to every no carries the PaymentIntent that stays.
        """
        request = call.pin(
            {
                "amount": amount,
                "currency": currency,
                "customer": customer,
                "payment_method": payment_method,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                "confirm": True,
                "off_session": True,
                "description": order,
                "metadata": {
                    **call.tags,
                    "opsconsole_ref": call.ref,
                    "opsconsole_round": str(call.round),
                },
                "expand": ["latest_charge"],
            }
        )
        if call.ask_first or call.round > 1:
            found = self._charge_of(call, request["customer"])
            if found:
                return found
        try:
            return self._ask(
                lambda: self._v1.payment_intents.create(
                    cast("PaymentIntentCreateParams", request), {"idempotency_key": call.key}
                ),
                facts.new_payment,
                changes=True,
            )
        except Unavailable as doubt:
            found = self._charge_in_doubt(call, request["customer"], doubt)
            if found:
                return found
            raise doubt from None

    def _charge_of(self, call: Call, customer: str) -> PaymentFacts | None:
        """The payment this promise has already led to. Raises Declined when this round's card did not pay it."""
        listed = self._all(self._v1.payment_intents.list, {"customer": customer})
        mine = [
            one
            for item in listed
            if facts.paid_by(one := shaped(facts.new_payment, item), call.ref, call.round)
        ]
        found = min(mine, key=lambda one: one.state in facts.UNPAID, default=None)
        if found and found.state in facts.UNPAID:
            code = found.failure_code or found.raw_status
            words = declines.in_words(code, found.failure_words or "The card was not charged.")
            raise Declined(code, words, facts=found)
        return self._payment(found.id) if found else None

    def _charge_in_doubt(self, call: Call, customer: str, doubt: Unavailable) -> PaymentFacts | None:
        """As `_refund_in_doubt`; that the card did not pay, the list tells too."""
        if doubt.code not in ANSWERED_IN_DOUBT:
            return None
        try:
            found = self._charge_of(call, customer)
        except Declined as no:
            if no.facts:
                raise
            return None
        except Unavailable:
            return None
        doubt.repeats = found is None and doubt.code == "saved_failure"
        return found

    @one_deadline
    def saved_card(self, customer: str) -> CardFacts | None:
        """GET /v1/customers/:id, and its newest card where no default is set: lists begin with what is newest."""
        expand = {"expand": ["invoice_settings.default_payment_method"]}
        found = self._find(
            lambda: self._v1.customers.retrieve(customer, expand),  # type: ignore[arg-type]
            object_in,
        )
        if found is None or found.get("deleted") is True:
            return None
        if card := shaped(facts.default_card, found):
            return card
        query = {"customer": customer, "type": "card", "limit": 1}
        items, _ = self._page(self._v1.payment_methods.list, query)
        return shaped(facts.card_facts, items[0]) if items else None

    # payments and customers

    @one_deadline
    def fetch_payment(self, id: str) -> PaymentFacts | None:
        return self._payment(id)

    def _payment(self, id: str) -> PaymentFacts | None:
        payment = self._find(
            lambda: self._v1.payment_intents.retrieve(id, {"expand": ["latest_charge"]}), object_in
        )
        if payment is None:
            return None
        refunds = tuple(self._refunds(id))
        disputes: Any = ()
        if facts.is_disputed(payment):
            disputes = self._all(self._v1.disputes.list, {"payment_intent": id})
        return shaped(
            lambda data: facts.payment_facts(
                data, refunds=refunds, disputes=tuple(facts.dispute_facts(item) for item in disputes)
            ),
            payment,
        )

    @one_deadline
    def fetch_fraud_warning(self, id: str) -> FraudWarningFacts | None:
        """GET /v1/radar/early_fraud_warnings/:id, then the payment it is about."""
        warning = self._find(lambda: self._v1.radar.early_fraud_warnings.retrieve(id), object_in)
        if warning is None:
            return None
        payment = shaped(facts.payment_warned_of, warning)
        of = self._payment(payment) if payment else None
        return shaped(lambda data: facts.warning_facts(data, of=of), warning)

    @one_deadline
    def fetch_customer(self, id: str) -> CustomerFacts | None:
        return self._find(
            lambda: self._v1.customers.retrieve(id, {"expand": ["invoice_settings.default_payment_method"]}),
            facts.customer_facts,
        )

    def customer_page(self, id: str) -> str:
        """https://docs.stripe.com/dashboard/basics: test mode has pages of its own."""
        return f"{DASHBOARD}{'' if self._live_key else '/test'}/customers/{quote(id, safe='')}"

    # what Stripe tells us

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> Delivery:
        stripe_events.check_signature(body, headers, self._secrets, now)
        delivery = stripe_events.delivery(parse(body), body, told_at=now)
        if self._livemode is not None and delivery.livemode != self._livemode:
            raise NotAuthentic("The event is of the other mode (live or test).")
        return delivery

    @one_deadline
    def events(self, *, since: int, after: str | None = None) -> DeliveryPage:
        """GET /v1/events. A page too large for the wire's limit is asked for again in smaller parts."""
        query: dict[str, Any] = {"created": {"gte": since}}
        if after is not None:
            query["starting_after"] = after
        items, more = self._page_that_fits(self._v1.events.list, query)
        return DeliveryPage(
            items=tuple(found for item in items if (found := _listed(item))),
            next=cursor_of(items) if more else None,
        )

    @one_deadline
    def health(self) -> Mapping[str, Any]:
        address = urlsplit(self._base)
        port = f":{address.port}" if address.port else ""
        reachable, words = True, "Stripe answers."
        try:
            self._page(self._v1.events.list, {"limit": 1})
        except Unavailable as failure:
            reachable, words = failure.http_status is not None, failure.words
        except Declined as refusal:
            words = refusal.words
        return {
            "base_url": f"{address.scheme}://{address.hostname}{port}",
            "reachable": reachable,
            "words": words,
            "sandbox": is_loopback(address.hostname),
        }


def _listed(event: Mapping[str, Any]) -> Delivery | None:
    """One event of a list. One that is odd is left out: it must not keep all later ones from us."""
    try:
        return stripe_events.delivery(event, canonical.dumps(event).encode(), told_at=None)
    except (NotParseable, ValueError) as error:
        log.warning("An event in Stripe's list is left out: %s", type(error).__name__)
        return None
