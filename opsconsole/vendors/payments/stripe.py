"""Payments through Stripe, API 2026-10-28.endive: https://docs.stripe.com/api

Three files beside this one do the rest: `_stripe_http` the SDK's wire, `_stripe_facts` what objects mean,
`_stripe_events` webhooks. What Stripe's contract promises is told in `docs/vendors/stripe.md`.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote, urlsplit

import stripe

from ...lib import canonical
from .. import Call, Declined, NotAuthentic, NotParseable, Unavailable
from .._asking import WrongShape, clean, object_in, retry_after
from .._deliveries import parse
from .._wire import DEADLINE_SECONDS, deadline, is_loopback
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
from . import _stripe_declines as declines
from . import _stripe_events as stripe_events
from . import _stripe_facts as facts
from ._stripe_http import DeadlineClient, NoAnswer, TooLarge

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, RefundCreateParams

log = logging.getLogger(__name__)

DASHBOARD = "https://dashboard.stripe.com"
API_VERSION = "2026-10-28.endive"
PAGE = 100
WORDS_LIMIT = 500

# What Stripe answered although the outcome is unknown: worth a look at the list before giving up.
_ANSWERED_IN_DOUBT = frozenset({"server_error", "saved_failure", "nonsense", "idempotency_error"})

# Its telemetry writes a file into the home directory and tells Stripe about this machine.
stripe.enable_telemetry = False
# At DEBUG the SDK logs whole answers, with names and e-mails in them.
logging.getLogger("stripe").setLevel(logging.WARNING)

T = TypeVar("T")
Method = TypeVar("Method", bound=Callable[..., Any])


def _one_deadline(method: Method) -> Method:
    """All requests of one port method end within the adapter's seconds."""

    @functools.wraps(method)
    def timed(self: Stripe, *args: Any, **kwargs: Any) -> Any:
        with deadline(self._seconds):
            return method(self, *args, **kwargs)

    return cast(Method, timed)


class Stripe:
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
        self._live_key = "_live_" in api_key
        self._base = (api_base or stripe.DEFAULT_API_BASE).rstrip("/")
        self._secrets = tuple(secret.encode() for secret in webhook_secrets)
        self._livemode = livemode
        self._seconds = seconds
        self._v1 = stripe.StripeClient(
            api_key,
            base_addresses={"api": self._base},
            stripe_version=API_VERSION,
            max_network_retries=0,  # the promise is the retry
            http_client=http_client or DeadlineClient(),
        ).v1

    # refunds

    @_one_deadline
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
        if doubt.code not in _ANSWERED_IN_DOUBT:
            return None
        try:
            found = self._refund_of(call, payment)
        except (Unavailable, Declined):
            return None
        doubt.repeats = found is None and doubt.code == "saved_failure"
        return found

    def _refunds(self, payment: str) -> Iterator[RefundFacts]:
        for item in self._all(self._v1.refunds.list, {"payment_intent": payment}):
            yield _shaped(facts.refund_facts, item)

    @_one_deadline
    def fetch_refund(self, id: str) -> RefundFacts | None:
        return self._find(lambda: self._v1.refunds.retrieve(id), facts.refund_facts)

    # charging a saved card

    @_one_deadline
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
            if facts.paid_by(one := _shaped(facts.new_payment, item), call.ref, call.round)
        ]
        found = min(mine, key=lambda one: one.state in facts.UNPAID, default=None)
        if found and found.state in facts.UNPAID:
            code = found.failure_code or found.raw_status
            words = declines.in_words(code, found.failure_words or "The card was not charged.")
            raise Declined(code, words, facts=found)
        return self._payment(found.id) if found else None

    def _charge_in_doubt(self, call: Call, customer: str, doubt: Unavailable) -> PaymentFacts | None:
        """As `_refund_in_doubt`; that the card did not pay, the list tells too."""
        if doubt.code not in _ANSWERED_IN_DOUBT:
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

    @_one_deadline
    def saved_card(self, customer: str) -> CardFacts | None:
        """GET /v1/customers/:id, and its newest card where no default is set: lists begin with what is newest."""
        expand = {"expand": ["invoice_settings.default_payment_method"]}
        found = self._find(
            lambda: self._v1.customers.retrieve(customer, expand),  # type: ignore[arg-type]
            object_in,
        )
        if found is None or found.get("deleted") is True:
            return None
        if card := _shaped(facts.default_card, found):
            return card
        query = {"customer": customer, "type": "card", "limit": 1}
        items, _ = self._page(self._v1.payment_methods.list, query)
        return _shaped(facts.card_facts, items[0]) if items else None

    # payments and customers

    @_one_deadline
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
        return _shaped(
            lambda data: facts.payment_facts(
                data, refunds=refunds, disputes=tuple(facts.dispute_facts(item) for item in disputes)
            ),
            payment,
        )

    @_one_deadline
    def fetch_fraud_warning(self, id: str) -> FraudWarningFacts | None:
        """GET /v1/radar/early_fraud_warnings/:id, then the payment it is about."""
        warning = self._find(lambda: self._v1.radar.early_fraud_warnings.retrieve(id), object_in)
        if warning is None:
            return None
        payment = _shaped(facts.payment_warned_of, warning)
        of = self._payment(payment) if payment else None
        return _shaped(lambda data: facts.warning_facts(data, of=of), warning)

    @_one_deadline
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

    @_one_deadline
    def events(self, *, since: int, after: str | None = None) -> DeliveryPage:
        """GET /v1/events. A page too large for the wire's limit is asked for again in smaller parts."""
        query: dict[str, Any] = {"created": {"gte": since}}
        if after is not None:
            query["starting_after"] = after
        limit = PAGE
        while True:
            try:
                items, more = self._page(self._v1.events.list, {**query, "limit": limit})
                break
            except Unavailable as failure:
                if failure.code != "too_large" or limit == 1:
                    raise
                limit //= 10
        return DeliveryPage(
            items=tuple(found for item in items if (found := _listed(item))),
            next=_cursor(items) if more else None,
        )

    @_one_deadline
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

    # asking

    def _ask(self, request: Callable[[], Any], read: Callable[[Any], T], *, changes: bool = False) -> T:
        """The answer to one request, read. Every failure leaves here as one of the port's two."""
        try:
            answer = request()
        except stripe.StripeError as error:
            raise _failure(error, changes=changes) from None
        except Exception as error:  # the SDK stumbles in many ways over odd JSON
            raise _nonsense(type(error).__name__, changes=changes) from None
        # not the SDK's object: it hides what is missing, and has no types for what is wrong
        return _shaped(read, getattr(getattr(answer, "last_response", None), "data", None), changes=changes)

    def _find(self, request: Callable[[], Any], read: Callable[[Any], T]) -> T | None:
        try:
            return self._ask(request, read)
        except Declined as refusal:
            if refusal.http_status == 404:
                return None
            raise

    def _page(
        self, list_: Callable[[Any], Any], query: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], bool]:
        return self._ask(lambda: list_(dict(query)), _list)

    def _all(self, list_: Callable[[Any], Any], query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        cursor: dict[str, str] = {}
        while True:
            items, more = self._page(list_, {**query, "limit": PAGE, **cursor})
            yield from items
            if not more:
                return
            cursor = {"starting_after": _cursor(items)}


def _list(data: Any) -> tuple[list[dict[str, Any]], bool]:
    """The items of a list object and whether there are more."""
    data = object_in(data)
    items, more = data.get("data"), data.get("has_more")
    if data.get("object") != "list" or not isinstance(items, list) or not isinstance(more, bool):
        raise WrongShape("not a list")
    if more and (not items or not object_in(items[-1]).get("id")):
        raise WrongShape("a list that goes on from nowhere")
    return [object_in(item) for item in items], more


def _cursor(items: Sequence[Mapping[str, Any]]) -> str:
    return str(items[-1]["id"])


def _listed(event: Mapping[str, Any]) -> Delivery | None:
    """One event of a list. One that is odd is left out: it must not keep all later ones from us."""
    try:
        return stripe_events.delivery(event, canonical.dumps(event).encode(), told_at=None)
    except (NotParseable, ValueError) as error:
        log.warning("An event in Stripe's list is left out: %s", type(error).__name__)
        return None


def _shaped(read: Callable[[Any], T], data: Any, *, changes: bool = False) -> T:
    try:
        return read(data)
    except WrongShape as wrong:
        raise _nonsense(str(wrong), changes=changes) from None


# failures


def _nonsense(what: str, *, changes: bool, **told: Any) -> Unavailable:
    return Unavailable(
        f"Stripe's answer makes no sense ({what}).", maybe_done=changes, code="nonsense", **told
    )


def _failure(error: stripe.StripeError, *, changes: bool) -> Unavailable | Declined:
    """https://docs.stripe.com/api/errors and https://docs.stripe.com/error-low-level.

    `.code` of the SDK's exceptions is set on two of them only, so the body is read.
    """
    if isinstance(error, stripe.APIConnectionError):
        return _silence(error, changes=changes)
    status = error.http_status or 0
    said = _said(error)
    told: dict[str, Any] = {"http_status": status or None, "request_id": _header(error, "request-id")}
    code = said.get("code")
    if status in (401, 403):
        # Stripe's own words would repeat a part of the key
        words = "Stripe refuses our API key." if status == 401 else "Our API key may not do this at Stripe."
        return Unavailable(words, maybe_done=False, code="credentials", credentials=True, **told)
    told_wait = {**told, "retry_after": retry_after(_header(error, "retry-after"))}
    if status == 429 or code == "rate_limit":
        return Unavailable(
            "Stripe asks us to slow down.", maybe_done=False, code=code or "rate_limit", **told_wait
        )
    if status == 409:
        words = "The same request is still running at Stripe."
        return Unavailable(words, maybe_done=changes, code=code or "conflict", **told_wait)
    if status == 402 and said.get("type") == "card_error":
        code = said.get("decline_code") or code or "card_declined"
        words = declines.in_words(code, said.get("message", "The card was declined."))
        return Declined(code, words, facts=_begun(error), **told)
    if status in (400, 402, 404) and said.get("type"):
        return _refusal(said, changes=changes, told=told)
    if status >= 500 or status == 424:
        saved = _header(error, "idempotent-replayed") == "true"
        code = "saved_failure" if saved else "server_error"
        return Unavailable("Stripe had an error.", maybe_done=changes, code=code, **told_wait)
    return _nonsense(f"HTTP {status}", changes=changes, **told)


def _silence(error: stripe.APIConnectionError, *, changes: bool) -> Unavailable:
    """No answer. A request that never left cannot have been done."""
    sent = error.sent if isinstance(error, NoAnswer) else True
    if isinstance(error, TooLarge):
        return Unavailable("Stripe's answer is too large.", maybe_done=changes, code="too_large")
    if sent:
        return Unavailable("Stripe did not answer.", maybe_done=changes, code="no_answer")
    return Unavailable("Stripe cannot be reached.", maybe_done=False, code="unreachable")


def _refusal(said: Mapping[str, str], *, changes: bool, told: Mapping[str, Any]) -> Unavailable | Declined:
    """A typed 400, 402 or 404: a definite no, save for three that say nothing about the outcome."""
    words = said.get("message", "Stripe gave no reason.")
    if said["type"] == "idempotency_error":
        return Unavailable(words, maybe_done=changes, code="idempotency_error", **told)
    if said["type"] == "api_error":
        return Unavailable("Stripe had an error.", maybe_done=changes, code="server_error", **told)
    if told["http_status"] == 404 and words.startswith("Unrecognized request URL"):
        return Unavailable("This address is not Stripe's API.", maybe_done=False, code="not_stripe", **told)
    code = said.get("code") or said.get("decline_code") or said["type"]
    return Declined(code, words, **told)


def _begun(error: stripe.StripeError) -> PaymentFacts | None:
    """The PaymentIntent that a card's no leaves behind; events tell of one that cannot be read here."""
    try:
        return facts.new_payment(_error_of(error).get("payment_intent"))
    except WrongShape:
        return None


def _error_of(error: stripe.StripeError) -> Mapping[str, Any]:
    body = error.json_body
    hash_ = body.get("error") if isinstance(body, dict) else None
    return hash_ if isinstance(hash_, dict) else {}


def _said(error: stripe.StripeError) -> dict[str, str]:
    """The strings in the body's `error` hash, cut to what may be shown."""
    hash_ = _error_of(error)
    return {
        key: clean(hash_[key])[:WORDS_LIMIT]
        for key in ("type", "code", "decline_code", "message")
        if isinstance(hash_.get(key), str) and hash_[key]
    }


def _header(error: stripe.StripeError, name: str) -> str | None:
    # the SDK (16.1) hands the headers over as the body when the body is not JSON
    headers = next((h for h in (error.headers, error.json_body) if isinstance(h, Mapping) and h), {})
    return next((str(value)[:255] for key, value in headers.items() if key.lower() == name), None)
