"""The pharmacy port over an API of Truepill's shape.

No idempotency keys: whoever is not sure asks by `ref` first, and an order that is there twice comes back as error R1,
which names the first one. A 202 says "taken in" and no more. Its webhooks are not signed: they are hints.
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
from . import _truepill_facts as facts
from ._shapes import text, word
from .codes import ERRORS, words_of

BASE = "https://rxapi.truepill.com"
LIVE_NO_MORE = (FillState.ERROR, FillState.CANCELED)


class Truepill:
    """`wire` and `seconds` (the deadline of one port method) are there for tests."""

    name = "truepill"

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str | None = None,
        wire: Exchange | None = None,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._api = Asking(Failures("Truepill"), base_url or BASE, f"ApiKey {api_key}", _refusal, wire)
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
        """GET by our ref, then POST /v1/orders unless that found one."""
        fresh = {
            "reference": order,
            "patient_reference": patient,
            "prescription": {"id": prescription, "fill_number": fill_number}
            | ({"replaces": replaces} if replaces else {}),
            "medications": [{"sku": item["sku"], "quantity": item["quantity"]} for item in items],
            "shipping_address": dict(ship_to),
            "metadata": {**call.tags, facts.REF: call.ref, facts.ROUND: str(call.round)},
        }
        with deadline(self._seconds):
            request = call.pin(fresh)
            found = self._of_this_round(call)
            return found or self._api.ask("POST", "/v1/orders", _taken, body=request)

    def _of_this_round(self, call: Call) -> FillFacts | None:
        """What an earlier attempt made. One that ended is the outcome of its own round, and of no other."""
        found = self._found(call.ref)
        live = [one for one in found if one.state not in LIVE_NO_MORE]
        ended = [one for one in found if one.tags.get(facts.ROUND) == str(call.round)]
        return next(iter([*live, *ended[::-1]]), None)

    def find_fill(self, ref: str) -> FillFacts | None:
        with deadline(self._seconds):
            found = self._found(ref)
        return found[-1] if found else None

    def _found(self, ref: str) -> list[FillFacts]:
        target = f"/v1/orders?{urlencode({'metadata.' + facts.REF: ref})}"
        return self._api.ask("GET", target, facts.orders_found)

    def fetch_fill(self, id: str) -> FillFacts | None:
        with deadline(self._seconds):
            return self._api.find(_order(id), facts.order_facts)

    def fetch_fills(self, ids: Sequence[str]) -> Fetched[FillFacts]:
        with deadline(self._seconds):
            return each(self.name, ids, self.fetch_fill)

    def fills(self, *, since: int, after: str | None = None, order: str | None = None) -> FillPage:
        """GET /v1/orders by cursor, oldest first."""
        query = {"since": str(since)} | ({"cursor": after} if after else {})
        query |= {"reference": order} if order else {}
        with deadline(self._seconds):
            return self._api.ask("GET", f"/v1/orders?{urlencode(query)}", facts.orders_page)

    def cancel_fill(self, call: Call, *, id: str) -> FillFacts:
        """POST /v1/orders/{number}/cancel: asking twice asks once. The answer comes as an event."""
        with deadline(self._seconds):
            now = self._api.ask("GET", _order(id), facts.order_facts)
            if now.cancel or now.state in (FillState.CANCELED, FillState.SHIPPED, FillState.DELIVERED):
                return now
            self._api.ask("POST", f"{_order(id)}/cancel", _accepted, body={})
            return self._api.ask("GET", _order(id), facts.order_facts)

    def answer_exception(self, call: Call, *, id: str, code: str, answer: str) -> FillFacts:
        """POST /v1/orders/{number}/answers, unless it shows our answer already: there are no keys."""
        with deadline(self._seconds):
            request = call.pin({"answer": answer, "metadata": {**call.tags, facts.REF: call.ref}})
            now, given = self._api.ask(
                "GET", _order(id), lambda o: (facts.order_facts(o), facts.answers_of(o))
            )
            if call.ref in given:
                return now
            if now.code != code:
                raise Declined("not_asked", "The pharmacy does not ask this any more.")
            self._api.ask("POST", f"{_order(id)}/answers", _accepted, body=request)
            return self._api.ask("GET", _order(id), facts.order_facts)

    def change_address(self, call: Call, *, id: str, ship_to: Mapping[str, str]) -> FillFacts:
        """POST /v1/orders/{number}/address sets it: doing so twice does no harm."""
        with deadline(self._seconds):
            request = call.pin({"shipping_address": dict(ship_to)})
            self._api.ask("POST", f"{_order(id)}/address", _accepted, body=request)
            return self._api.ask("GET", _order(id), facts.order_facts)

    def events(self, *, since: int, after: str | None = None) -> EventPage:
        """GET /v1/events by cursor, oldest first."""
        query = {"cursor": after} if after else {"since": str(since)}
        with deadline(self._seconds):
            return self._api.ask("GET", f"/v1/events?{urlencode(query)}", facts.page)

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> PharmacyDelivery:
        """Truepill signs nothing: what comes in is a hint, and proves nothing."""
        return facts.read(body)

    def health(self) -> Mapping[str, Any]:
        return self._api.health("/v1/status", self._seconds)


def _order(id: str) -> str:
    return f"/v1/orders/{quote(id, safe='')}"


def _taken(data: Mapping[str, Any]) -> FillFacts:
    """202: {"request_id", "order_number", "status": "accepted"}."""
    _accepted(data)
    return FillFacts(id=word(data.get("order_number"), 100), state=FillState.ACCEPTED, raw_status="accepted")


def _accepted(data: Mapping[str, Any]) -> None:
    word(data.get("request_id"))


def _refusal(status: int, data: Mapping[str, Any]) -> tuple[str, str] | None:
    """{"error": {"code", "message"}}: the code is enough, the message may name the drug."""
    try:
        code = text(object_in(data.get("error") or {}).get("code"), 60)
    except WrongShape:
        return None
    if not code:
        return None
    if ours := ERRORS.get(code):
        return ours, words_of(ours)
    return code, _REFUSALS.get(code, "The pharmacy refuses this request. What it said is in its own log.")


_REFUSALS = {
    "not_found": "The pharmacy does not know this fill.",
    "invalid_request": "The pharmacy cannot read this request: something of it is missing or malformed.",
    "already_shipped": "It is on its way: the pharmacy can change nothing any more.",
    "not_triaged": "The pharmacy does not ask this any more.",
}
