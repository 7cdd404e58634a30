"""Every way in which Stripe does not do what it was asked, as one of the port's two failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import stripe

from .. import Declined, Unavailable
from .._asking import WrongShape, clean, retry_after
from . import declines
from .http import NoAnswer, TooLarge

WORDS_LIMIT = 500


def nonsense(what: str, *, changes: bool, **told: Any) -> Unavailable:
    return Unavailable(
        f"Stripe's answer makes no sense ({what}).", maybe_done=changes, code="nonsense", **told
    )


def failure(
    error: stripe.StripeError, *, changes: bool, begun: Callable[[Any], Any] | None = None
) -> Unavailable | Declined:
    """https://docs.stripe.com/api/errors and https://docs.stripe.com/error-low-level.

    `.code` of the SDK's exceptions is set on two of them only, so the body is read. `begun` reads the PaymentIntent that
    the error carries.
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
        return Declined(code, words, facts=_begun(error, begun), **told)
    if status in (400, 402, 404) and said.get("type"):
        return _refusal(said, changes=changes, told=told)
    if status >= 500 or status == 424:
        saved = _header(error, "idempotent-replayed") == "true"
        code = "saved_failure" if saved else "server_error"
        return Unavailable("Stripe had an error.", maybe_done=changes, code=code, **told_wait)
    return nonsense(f"HTTP {status}", changes=changes, **told)


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


def _begun(error: stripe.StripeError, read: Callable[[Any], Any] | None) -> Any:
    """The payment that a card's no leaves behind; events tell of one that cannot be read here."""
    try:
        return read(_error_of(error).get("payment_intent")) if read else None
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
