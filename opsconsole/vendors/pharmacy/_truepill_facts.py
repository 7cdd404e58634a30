"""Truepill's orders and events in our words.

Enumerations are open: a status that was added since is `UNKNOWN`, with Truepill's own word kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from .. import NotParseable
from .._asking import WrongShape, object_in
from .._deliveries import kept, parse
from . import CancelState, EventPage, FillFacts, FillPage, FillState, PharmacyDelivery
from ._shapes import goods, objects_in, text, texts, word
from .codes import ERRORS, TRIAGE, UNKNOWN

REF, ROUND = "opsconsole_ref", "opsconsole_round"

STATES = {
    "accepted": FillState.ACCEPTED,
    "success": FillState.ACKNOWLEDGED,
    "verified": FillState.ACKNOWLEDGED,
    "triage": FillState.TRIAGE,
    "filling": FillState.FILLING,
    "filled": FillState.DISPENSED,
    "partially_filled": FillState.PARTIAL,
    "error": FillState.ERROR,
    "canceled": FillState.CANCELED,
    "TRANSIT": FillState.SHIPPED,
    "DELIVERED": FillState.DELIVERED,
}
#: What ORDER and SHIPMENT events say. Both kinds of words are new from time to time.
WORDS = {
    "ORDER": frozenset(
        ("success", "error", "triage", "filling", "filled", "partially_filled", "canceled", "cancel_denied")
    ),
    "SHIPMENT": frozenset(("TRANSIT", "DELIVERED")),
}
KINDS = frozenset(f"{type}.{said}" for type, words in WORDS.items() for said in (*words, "unknown")) | {
    "unknown"
}
_CANCELS = {"requested": CancelState.ASKED, "denied": CancelState.DENIED}
_FIRST = re.compile(
    r"\b(TP-[0-9]+)\b"
)  # R1 names the order that was there first in its sentence, and nowhere else
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def order_facts(order: Mapping[str, Any]) -> FillFacts:
    """GET /v1/orders/{number}. While it is triaged or in error, the newest entry says why."""
    raw = word(order.get("status"), 60)
    shipment = object_in(order.get("shipment") or {})
    raw = text(shipment.get("status"), 60) or raw
    state = STATES.get(raw, FillState.UNKNOWN)
    vendor_code, code, due_on, first = None, None, None, None
    if state in (FillState.ERROR, FillState.TRIAGE):
        known = ERRORS if state is FillState.ERROR else TRIAGE
        why = object_in(order.get("error" if state is FillState.ERROR else "triage") or {})
        vendor_code = text(why.get("code"), 40)
        code = known.get(vendor_code or "", UNKNOWN)
        due_on = _day(why.get("next_fill_date"))
        if code == "duplicate_order" and (said := _FIRST.search(text(why.get("message"), 500) or "")):
            first = said[1]
    metadata = texts(order.get("metadata"))
    answers = objects_in(order.get("answers") or [])
    return FillFacts(
        id=word(order.get("order_number"), 100),
        state=state,
        raw_status=raw,
        ref=metadata.get(REF),
        tags=metadata,
        code=code,
        vendor_code=vendor_code,
        due_on=due_on,
        duplicate_of=first,
        carrier=text(shipment.get("carrier"), 60),
        tracking_number=text(shipment.get("tracking_number"), 100),
        cancel=_CANCELS.get(text(order.get("cancellation"), 40) or ""),
        answered=text(answers[-1].get("answer"), 60) if answers else None,
        order=text(order.get("reference"), 100),
        items=goods(order.get("medications"), "sku", "quantity"),
        state_to=text(object_in(order.get("shipping_address") or {}).get("state"), 40),
    )


def orders_found(data: Mapping[str, Any]) -> list[FillFacts]:
    """GET /v1/orders?metadata.opsconsole_ref=: oldest first."""
    return [order_facts(order) for order in objects_in(data.get("orders"))]


def orders_page(data: Mapping[str, Any]) -> FillPage:
    """GET /v1/orders?since=: {"orders": [..], "cursor": ..}"""
    return FillPage(tuple(orders_found(data)), text(data.get("cursor"), 200), "truepill")


def answers_of(order: Mapping[str, Any]) -> set[str]:
    """The refs of the answers that an order has had."""
    found = objects_in(order.get("answers") or [])
    return {ref for one in found if (ref := texts(one.get("metadata")).get(REF))}


def _day(value: Any) -> date | None:
    said = text(value, 20)
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise WrongShape("an odd day") from None


# events


def page(data: Mapping[str, Any]) -> EventPage:
    """GET /v1/events: {"events": [..], "cursor": ..}; an event that cannot be read keeps back no other."""
    found = []
    for event in objects_in(data.get("events")):
        try:
            found.append(delivery(event, json.dumps(event).encode()))
        except NotParseable:
            continue
    return EventPage(tuple(found), text(data.get("cursor"), 200))


def read(body: bytes) -> PharmacyDelivery:
    return delivery(parse(body), body)


def delivery(event: Mapping[str, Any], body: bytes) -> PharmacyDelivery:
    """One event as a PharmacyDelivery: unsigned, so nothing of it is believed but which order to ask about."""
    type, status = kept(event.get("type")), kept(event.get("status"))
    order, at = kept(event.get("order_number")), kept(event.get("timestamp"))
    if not type or not status or not at:
        raise NotParseable("The event lacks its type, status or instant.")
    metadata = event.get("metadata")
    tags = (
        {name: one for name in metadata if (one := kept(metadata[name]))}
        if isinstance(metadata, dict)
        else {}
    )
    return PharmacyDelivery(
        external_id=kept(event.get("id")) or "sha256:" + hashlib.sha256(body).hexdigest(),
        kind=_kind(type, status),
        about="fill" if order else "other",
        object_id=order or None,
        occurred_at=_instant(at),
        body=body,
        proven=False,
        tags=tags,
    )


def _kind(type: str, status: str) -> str:
    if type not in WORDS:
        return "unknown"
    return f"{type}.{status if status in WORDS[type] else 'unknown'}"


def _instant(said: str) -> datetime:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        found = _LATEST
    if found.tzinfo is None or not 1970 < found.year < 9000:
        raise NotParseable("The event's instant is odd.")
    return found
