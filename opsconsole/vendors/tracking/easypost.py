"""The tracking port over EasyPost: https://docs.easypost.com

EasyPost has no idempotency keys and needs none here: for the same number and carrier it answers with the tracker that
it made within the last three months. `docs/vendors/easypost.md` tells what that means.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from .. import Call, Fetched, each
from .._asking import Asking, Failures, clean
from .._wire import DEADLINE_SECONDS, Exchange, deadline
from . import AddressFacts, PostalAddress, TrackerFacts, TrackerPage, TrackingDelivery
from . import _easypost_facts as facts

API_BASE = "https://api.easypost.com"
PAGE = 100  # trackers; the most that EasyPost lists at once
REACH = timedelta(days=90)  # how old a tracker may be that is still looked at
WORDS_LIMIT = 500

FAILURES = Failures("EasyPost", forbids="Our key may not do this at EasyPost.")


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
        basic = f"Basic {base64.b64encode(f'{api_key}:'.encode()).decode()}"
        base = (api_base or API_BASE).rstrip("/") + "/v2"
        self._api = Asking(FAILURES, base, basic, _refusal, wire, fine=(200, 201))
        self._keys = tuple(facts.key_of(secret) for secret in webhook_secrets)
        self._seconds = seconds

    # parcels

    def follow(self, call: Call, *, carrier: str, tracking_code: str) -> TrackerFacts:
        """POST /v2/trackers: makes a tracker, or answers with the one that there is."""
        request = call.pin({"tracker": {"tracking_code": tracking_code, "carrier": carrier}})
        with deadline(self._seconds):
            return self._api.ask("POST", "/trackers", facts.tracker, body=request)

    def fetch(self, id: str) -> TrackerFacts | None:
        with deadline(self._seconds):
            return self._api.find(f"/trackers/{quote(id, safe='')}", facts.tracker)

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
            found, more = self._api.ask("GET", f"/trackers?{asked}", facts.page)
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
            return self._api.ask(
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
        return self._api.health("/trackers?page_size=1", self._seconds, facts.page)


def _refusal(status: int, told: Mapping[str, Any]) -> tuple[str, str] | None:
    """https://docs.easypost.com/docs/errors: {"error": {"code", "message", "errors"}}. Who sends none is not EasyPost."""
    error = told.get("error")
    if not isinstance(error, dict) or not isinstance(code := error.get("code"), str):
        return None
    return clean(code)[:100], _said(error)


def _said(error: Mapping[str, Any]) -> str:
    """Its sentence with those about single fields, cut to what may be shown."""
    found: list[Any] = [error.get("message")]
    errors = error.get("errors")
    found += [
        one.get("message") for one in (errors if isinstance(errors, list) else []) if isinstance(one, dict)
    ]
    words = " ".join(dict.fromkeys(word for word in found if isinstance(word, str) and word))
    return clean(words)[:WORDS_LIMIT] or "EasyPost said no."
