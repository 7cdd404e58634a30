"""The pharmacy port over an API of Honeybee's shape.

Keys on everything that changes something, remembered for a day; an order that cannot go on is On Hold until we answer
its exception; webhooks are signed; what was missed is read by page numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from .. import Call, Declined, Fetched, each
from .._asking import Asking, Failures, WrongShape, object_in
from .._wire import DEADLINE_SECONDS, Exchange, deadline
from . import EventPage, FillFacts, FillPage, FillState, PharmacyDelivery
from . import _honeybee_facts as facts
from ._shapes import text
from .codes import EXCEPTIONS, words_of

BASE = "https://api.honeybeehealth.com"
PAGE = 100
GONE = (FillState.CANCELED, FillState.SHIPPED, FillState.DELIVERED)


class Honeybee:
    """Several `webhook_secrets` are accepted at once, for rolling one. `wire` and `seconds` are there for tests."""

    name = "honeybee"

    def __init__(
        self,
        *,
        api_key: str,
        webhook_secrets: Sequence[str],
        base_url: str | None = None,
        wire: Exchange | None = None,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        if not all(webhook_secrets):
            raise ValueError("A webhook secret is empty: anybody could sign with it.")
        self._api = Asking(Failures("Honeybee"), base_url or BASE, f"Bearer {api_key}", _refusal, wire)
        self._secrets = tuple(secret.encode() for secret in webhook_secrets)
        self._seconds = seconds

    def submit_fill(
        self,
        call: Call,
        *,
        order: str,
        patient: str,
        prescription: str,
        fill_number: int,
        items: Sequence[Mapping[str, Any]],
        ship_to: Mapping[str, str],
        replaces: str | None = None,
    ) -> FillFacts:
        """POST /orders under the promise's key; once that may be forgotten, the orders of our ref are read first."""
        fresh = {
            "externalReference": call.ref,
            "orderNumber": order,
            "patient": {"externalId": patient},
            "rx": {"number": prescription, "fill": fill_number}
            | ({"remakeOf": replaces} if replaces else {}),
            "products": [{"sku": item["sku"], "qty": item["quantity"]} for item in items],
            "shipTo": _address(ship_to),
            "partnerMetadata": {**call.tags, facts.ROUND: str(call.round)},
        }
        with deadline(self._seconds):
            request = call.pin(fresh)
            found = self._of_this_round(call) if call.ask_first or call.round > 1 else None
            return found or self._api.ask("POST", "/orders", facts.order_facts, body=request, key=call.key)

    def _of_this_round(self, call: Call) -> FillFacts | None:
        """What an earlier attempt made. A canceled one is the outcome of its own round, and of no other."""
        found = self._found(call.ref)
        live = [one for one in found if one.state is not FillState.CANCELED]
        ended = [one for one in found if one.tags.get(facts.ROUND) == str(call.round)]
        return next(iter([*live, *ended[::-1]]), None)

    def find_fill(self, ref: str) -> FillFacts | None:
        with deadline(self._seconds):
            found = self._found(ref)
        return found[-1] if found else None

    def _found(self, ref: str) -> list[FillFacts]:
        return self._api.ask("GET", f"/orders?{urlencode({'externalReference': ref})}", facts.orders_found)

    def fetch_fill(self, id: str) -> FillFacts | None:
        with deadline(self._seconds):
            return self._api.find(_order(id), facts.order_facts)

    def fetch_fills(self, ids: Sequence[str]) -> Fetched[FillFacts]:
        with deadline(self._seconds):
            return each(self.name, ids, self.fetch_fill)

    def fills(self, *, since: int, after: str | None = None, order: str | None = None) -> FillPage:
        """GET /orders by page number, oldest first."""
        query = {"from": str(since), "page": after or "1", "perPage": str(PAGE)}
        query |= {"orderNumber": order} if order else {}
        with deadline(self._seconds):
            return self._api.ask("GET", f"/orders?{urlencode(query)}", facts.orders_page)

    def cancel_fill(self, call: Call, *, id: str) -> FillFacts:
        """POST /orders/{id}/cancel is answered at once: yes, or 409."""
        with deadline(self._seconds):
            try:
                return self._api.ask("POST", f"{_order(id)}/cancel", facts.order_facts, body={}, key=call.key)
            except Declined as no:
                if no.http_status != 409:
                    raise
            now = self._api.ask("GET", _order(id), facts.order_facts)
            return now if now.state in GONE else facts.denied(now)

    def answer_exception(self, call: Call, *, id: str, code: str, answer: str) -> FillFacts:
        """POST to the exception that is open. Which one that is, is stored: a second try asks the same one."""
        with deadline(self._seconds):
            now, waiting = self._api.ask("GET", _order(id), facts.exception_id)
            request = call.pin({"exception": waiting if now.code == code else None, "response": answer})
            if not request["exception"]:
                raise Declined("not_asked", "The pharmacy does not ask this any more.")
            target = f"{_order(id)}/exceptions/{quote(request['exception'], safe='')}/response"
            body = {"response": request["response"]}
            return self._api.ask("POST", target, facts.order_facts, body=body, key=call.key)

    def change_address(self, call: Call, *, id: str, ship_to: Mapping[str, str]) -> FillFacts:
        """PATCH /orders/{id}"""
        with deadline(self._seconds):
            request = call.pin({"shipTo": _address(ship_to)})
            return self._api.ask("PATCH", _order(id), facts.order_facts, body=request, key=call.key)

    def events(self, *, since: int, after: str | None = None) -> EventPage:
        """GET /webhook-events by page number, oldest first."""
        query = {"from": str(since), "page": after or "1", "perPage": str(PAGE)}
        with deadline(self._seconds):
            return self._api.ask("GET", f"/webhook-events?{urlencode(query)}", facts.page)

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> PharmacyDelivery:
        facts.check_signature(body, headers, self._secrets, now)
        return facts.read(body)

    def health(self) -> Mapping[str, Any]:
        return self._api.health("/ping", self._seconds)


def _order(id: str) -> str:
    return f"/orders/{quote(id, safe='')}"


def _address(ship_to: Mapping[str, str]) -> dict[str, str]:
    names = {"name": "recipient", "line1": "street1", "line2": "street2", "zip": "postalCode"}
    return {names.get(name, name): value for name, value in ship_to.items()}


def _refusal(status: int, data: Mapping[str, Any]) -> tuple[str, str] | None:
    """{"errorCode", "errorMessage"}: the code is enough, the message may name the drug."""
    try:
        code = text(object_in(data).get("errorCode"), 60)
    except WrongShape:
        return None
    if not code:
        return None
    if ours := EXCEPTIONS.get(code):
        return ours, words_of(ours)
    return code.lower(), _REFUSALS.get(
        code, "The pharmacy refuses this request. What it said is in its own log."
    )


_REFUSALS = {
    "NOT_FOUND": "The pharmacy does not know this fill.",
    "VALIDATION": "The pharmacy cannot read this request: something of it is missing or malformed.",
    "CANNOT_CANCEL": "The pharmacy cannot stop it any more.",
    "ALREADY_SHIPPED": "It is on its way: the pharmacy can change nothing any more.",
    "ALREADY_ANSWERED": "The pharmacy does not ask this any more.",
    "KEY_REUSED": "The stored request was not sent: this is a fault of ours.",
}
