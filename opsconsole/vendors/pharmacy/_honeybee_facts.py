"""Honeybee's orders and webhooks in our words.

Enumerations are open: a status that was added since is `UNKNOWN`, with Honeybee's own word kept.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from .. import NotAuthentic, NotParseable
from .._asking import object_in
from .._deliveries import TOLERANCE_SECONDS, kept, parse
from . import CancelState, EventPage, FillFacts, FillPage, FillState, PharmacyDelivery
from ._shapes import goods, objects_in, text, texts, word
from .codes import EXCEPTIONS, UNKNOWN

ROUND = "opsconsole_round"
STATES = {
    "Received": FillState.ACCEPTED,
    "Processing": FillState.ACKNOWLEDGED,
    "Filling": FillState.FILLING,
    "Filled": FillState.DISPENSED,
    "Partially Filled": FillState.PARTIAL,
    "On Hold": FillState.EXCEPTION,
    "Shipped": FillState.SHIPPED,
    "Delivered": FillState.DELIVERED,
    "Canceled": FillState.CANCELED,
}
WEBHOOKS = frozenset(("RX_RECEIVED", "RX_UPDATED", "SHIPMENT_UPDATED", "ORDER_EXCEPTION"))
KINDS = WEBHOOKS | {"unknown"}
_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([A-Za-z0-9+/]{43}=)")


def order_facts(data: Mapping[str, Any]) -> FillFacts:
    """{"order": {..}}: while it is on hold, its open exception says why."""
    return facts_of(object_in(data.get("order")))


def facts_of(order: Mapping[str, Any]) -> FillFacts:
    raw = word(order.get("status"), 60)
    state = STATES.get(raw, FillState.UNKNOWN)
    asked = open_exception(order) if state is FillState.EXCEPTION else None
    vendor_code = (
        text(asked.get("type"), 60)
        if asked
        else text(order.get("cancelReason"), 60)
        if state is FillState.CANCELED
        else None
    )
    code = EXCEPTIONS.get(vendor_code or "", UNKNOWN) if asked or vendor_code else None
    shipped = objects_in(order.get("shipments") or [])
    shipment = shipped[-1] if shipped else {}
    metadata = texts(order.get("partnerMetadata"))
    answered = [one for one in objects_in(order.get("exceptions") or []) if one.get("response")]
    return FillFacts(
        id=word(order.get("orderId"), 100),
        state=state,
        raw_status=raw,
        ref=text(order.get("externalReference"), 100),
        tags=metadata,
        code=code,
        vendor_code=vendor_code,
        carrier=text(shipment.get("carrier"), 60),
        tracking_number=text(shipment.get("trackingNumber"), 100),
        answered=text(answered[-1].get("response"), 60) if answered else None,
        order=text(order.get("orderNumber"), 100),
        items=goods(order.get("products"), "sku", "qty"),
        state_to=text(object_in(order.get("shipTo") or {}).get("state"), 40),
    )


def open_exception(order: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What it waits for, the newest first."""
    waiting = [one for one in objects_in(order.get("exceptions") or []) if one.get("status") == "OPEN"]
    return waiting[-1] if waiting else None


def exception_id(data: Mapping[str, Any]) -> tuple[FillFacts, str | None]:
    """The order, and the id of the exception that waits for an answer."""
    order = object_in(data.get("order"))
    waiting = open_exception(order)
    return facts_of(order), word(waiting.get("exceptionId")) if waiting else None


def orders_found(data: Mapping[str, Any]) -> list[FillFacts]:
    """GET /orders?externalReference=: oldest first."""
    return [facts_of(order) for order in objects_in(data.get("orders"))]


def orders_page(data: Mapping[str, Any]) -> FillPage:
    """GET /orders?page=: {"orders": [..], "page", "pages"}."""
    return FillPage(tuple(orders_found(data)), _following(data), "honeybee")


def denied(now: FillFacts) -> FillFacts:
    """Its orders do not say that a wish to stop was refused: only the answer to it does."""
    return replace(now, cancel=CancelState.DENIED)


# webhooks


def page(data: Mapping[str, Any]) -> EventPage:
    """GET /webhook-events?page=: {"events": [..], "page", "pages"}."""
    found = []
    for event in objects_in(data.get("events")):
        try:
            found.append(delivery(event, json.dumps(event).encode()))
        except NotParseable:
            continue
    return EventPage(tuple(found), _following(data))


def _following(data: Mapping[str, Any]) -> str | None:
    """The number of the next page; None at the last one."""
    here, last = data.get("page"), data.get("pages")
    return str(here + 1) if type(here) is int and type(last) is int and here < last else None


def check_signature(body: bytes, headers: Mapping[str, str], secrets: Sequence[bytes], now: datetime) -> None:
    """Raises NotAuthentic unless one of the secrets signed these bytes within the tolerance.

    `X-Honeybee-Signature: t=<seconds>,v1=<base64 of HMAC-SHA256 over "<seconds>.<body>">`.
    """
    given = [value for name, value in headers.items() if name.lower() == "x-honeybee-signature"]
    read = _SIGNATURE.fullmatch(given[0]) if len(given) == 1 else None
    if read is None:
        raise NotAuthentic("There is not exactly one sound signature.")
    if abs(now.timestamp() - int(read[1])) > TOLERANCE_SECONDS:
        raise NotAuthentic("The signature is too old or of the future.")
    genuine = False
    for secret in secrets:
        expected = base64.b64encode(hmac.digest(secret, read[1].encode() + b"." + body, "sha256"))
        genuine |= hmac.compare_digest(expected, read[2].encode())
    if not genuine:
        raise NotAuthentic("No signature matches.")


def read(body: bytes) -> PharmacyDelivery:
    return delivery(parse(body), body)


def delivery(event: Mapping[str, Any], body: bytes) -> PharmacyDelivery:
    """{"eventId", "eventType", "createdAt", "data": {"orderId", "partnerMetadata"}}"""
    id, type = kept(event.get("eventId")), kept(event.get("eventType"))
    data, at = event.get("data"), event.get("createdAt")
    if not id or not type or not isinstance(data, dict):
        raise NotParseable("The event lacks its id, type or data.")
    order, metadata = kept(data.get("orderId")), data.get("partnerMetadata")
    tags = (
        {name: one for name in metadata if (one := kept(metadata[name]))}
        if isinstance(metadata, dict)
        else {}
    )
    return PharmacyDelivery(
        external_id=id,
        kind=type if type in WEBHOOKS else "unknown",
        about="fill" if order else "other",
        object_id=order or None,
        occurred_at=_instant(at),
        body=body,
        proven=True,
        tags=tags,
    )


def _instant(milliseconds: Any) -> datetime:
    if type(milliseconds) is not int or not 0 < milliseconds < 200_000_000_000_000:
        raise NotParseable("The event's instant is missing or odd.")
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
