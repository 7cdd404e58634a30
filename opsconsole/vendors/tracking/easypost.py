"""The tracking port over EasyPost: https://docs.easypost.com

EasyPost has no idempotency keys and needs none here: for the same number and carrier it answers with the tracker that
it made within the last three months. `docs/vendors/easypost.md` tells what that means.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from .. import Call, Declined, Fetched, Unavailable, each
from .._wire import DEADLINE_SECONDS, Answer, NoAnswer, TooLarge, Wire, deadline, is_loopback
from . import AddressFacts, PostalAddress, TrackerFacts, TrackerPage, TrackingDelivery
from . import _easypost_facts as facts

API_BASE = "https://api.easypost.com"
PAGE = 100  # trackers; the most that EasyPost lists at once
REACH = timedelta(days=90)  # how old a tracker may be that is still looked at
WORDS_LIMIT = 500

T = TypeVar("T")


class Exchange(Protocol):
    """The wire as the adapter sees it. Raises _wire.NoAnswer."""

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer: ...


class EasyPost:
    """The tracking port over EasyPost.

    The API key is the user name of Basic authentication. Several `webhook_secrets` are accepted at once, for rolling
    one. `wire` and `seconds` (the deadline of one port method) are there for tests.
    """

    name = "easypost"

    def __init__(
        self,
        *,
        api_key: str,
        webhook_secrets: Sequence[str],
        api_base: str | None = None,
        wire: Exchange | None = None,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        if not all(webhook_secrets):
            raise ValueError("A webhook secret is empty: anybody could sign with it.")
        self._base = (api_base or API_BASE).rstrip("/") + "/v2"
        self._authorization = f"Basic {base64.b64encode(f'{api_key}:'.encode()).decode()}"
        self._keys = tuple(facts.key_of(secret) for secret in webhook_secrets)
        self._wire = wire or Wire()
        self._seconds = seconds

    # parcels

    def follow(self, call: Call, *, carrier: str, tracking_code: str) -> TrackerFacts:
        """POST /v2/trackers: makes a tracker, or answers with the one that there is."""
        request = call.pin({"tracker": {"tracking_code": tracking_code, "carrier": carrier}})
        with deadline(self._seconds):
            return self._ask("POST", "/trackers", facts.tracker, body=request)

    def fetch(self, id: str) -> TrackerFacts | None:
        with deadline(self._seconds):
            try:
                return self._ask("GET", f"/trackers/{quote(id, safe='')}", facts.tracker)
            except Declined as refusal:
                if refusal.http_status == 404:
                    return None
                raise

    def fetch_each(self, ids: Sequence[str]) -> Fetched[TrackerFacts]:
        with deadline(self._seconds):
            return each(self.name, ids, self.fetch)

    def updated(self, since: int, after: str | None = None) -> TrackerPage:
        """GET /v2/trackers, newest first. It can be asked by when trackers were made only, so those that did not move
        are left out here."""
        moved = datetime.fromtimestamp(since, UTC)
        query = {"page_size": str(PAGE), "start_datetime": (moved - REACH).strftime("%Y-%m-%dT%H:%M:%SZ")}
        with deadline(self._seconds):
            asked = urlencode(query | ({"before_id": after} if after else {}))
            found, more = self._ask("GET", f"/trackers?{asked}", facts.page)
        items = tuple(one for one in found if one.updated_at is None or one.updated_at >= moved)
        return TrackerPage(items, found[-1].id if more and found else None)

    # addresses

    def verify(self, address: PostalAddress | Mapping[str, str]) -> AddressFacts:
        """POST /v2/addresses with `verify`. It keeps an address there that nothing refers to."""
        address = address if isinstance(address, PostalAddress) else PostalAddress.of(address)
        told = {
            "street1": address.line1, "street2": address.line2, "city": address.city, "state": address.state,
            "zip": address.zip, "country": address.country,
        }  # fmt: skip
        body = {"address": told, "verify": True}
        with deadline(self._seconds):
            return self._ask(
                "POST",
                "/addresses",
                lambda data: facts.address(data, asked=address),
                body=body,
                changes=False,
            )

    # what EasyPost tells us

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> TrackingDelivery:
        facts.check_signature(body, headers, self._keys)
        return facts.delivery(body)

    def health(self) -> Mapping[str, Any]:
        reachable, words = True, "EasyPost answers."
        try:
            with deadline(self._seconds):
                self._ask("GET", "/trackers?page_size=1", facts.page)
        except Unavailable as failure:
            reachable, words = failure.http_status is not None, failure.words
        except Declined as refusal:
            words = refusal.words
        base = urlsplit(self._base)
        return {
            "base_url": f"{base.scheme}://{base.netloc.rpartition('@')[2]}",
            "reachable": reachable,
            "words": words,
            "sandbox": is_loopback(base.hostname),
        }

    # asking

    def _ask(
        self, method: str, target: str, read: Callable[[Mapping[str, Any]], T], *, body: Any = None,
        changes: bool | None = None,
    ) -> T:  # fmt: skip
        """The answer to one request, read. Every failure leaves here as one of the port's two."""
        changes = method != "GET" if changes is None else changes
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        sent = None if body is None else json.dumps(body).encode()
        try:
            answer = self._wire.exchange(method, self._base + target, headers, sent)
        except NoAnswer as failure:
            raise _silence(failure, changes=changes) from None
        if answer.status not in (200, 201):
            raise _failure(answer, changes=changes)
        data = _json(answer.body)
        try:
            if not isinstance(data, dict):
                raise facts.WrongShape("not an object")
            return read(data)
        except facts.WrongShape as wrong:
            raise _nonsense(str(wrong), changes=changes) from None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


# failures


def _nonsense(what: str, *, changes: bool, **told: Any) -> Unavailable:
    words = f"EasyPost's answer makes no sense ({what})."
    return Unavailable(words, maybe_done=changes, code="nonsense", **told)


def _silence(failure: NoAnswer, *, changes: bool) -> Unavailable:
    """No answer. A request that never left cannot have been done."""
    if isinstance(failure, TooLarge):
        return Unavailable("EasyPost's answer is too large.", maybe_done=changes, code="too_large")
    if failure.sent:
        return Unavailable("EasyPost did not answer.", maybe_done=changes, code="no_answer")
    return Unavailable("EasyPost cannot be reached.", maybe_done=False, code="unreachable")


def _failure(answer: Answer, *, changes: bool) -> Unavailable | Declined:
    """https://docs.easypost.com/docs/errors: {"error": {"code", "message", "errors"}}. Who sends none is not EasyPost."""
    status = answer.status
    if status in (401, 403):
        words = "EasyPost refuses our key." if status == 401 else "Our key may not do this at EasyPost."
        return Unavailable(words, maybe_done=False, code="credentials", credentials=True, http_status=status)
    if status == 429:
        words, wait = "EasyPost asks us to slow down.", _retry_after(answer)
        return Unavailable(words, maybe_done=False, code="rate_limit", retry_after=wait, http_status=status)
    if status >= 500 or status == 408:
        return Unavailable(
            "EasyPost had an error.", maybe_done=changes, code="server_error", http_status=status
        )
    told = _json(answer.body)
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict) or not isinstance(code := error.get("code"), str):
        return _nonsense(f"HTTP {status}", changes=changes, http_status=status)
    return Declined(facts.clean(code)[:100], _said(error), http_status=status)


def _said(error: Mapping[str, Any]) -> str:
    """Its sentence with those about single fields, cut to what may be shown."""
    found: list[Any] = [error.get("message")]
    errors = error.get("errors")
    found += [
        one.get("message") for one in (errors if isinstance(errors, list) else []) if isinstance(one, dict)
    ]
    words = " ".join(dict.fromkeys(word for word in found if isinstance(word, str) and word))
    return facts.clean(words)[:WORDS_LIMIT] or "EasyPost said no."


def _retry_after(answer: Answer) -> float | None:
    value = answer.headers.get("Retry-After") or ""
    return float(min(int(value), 3600)) if value.isdecimal() and len(value) < 9 else None
