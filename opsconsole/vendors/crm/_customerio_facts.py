"""Customer.io's people, deliveries and webhooks in our words.

Enumerations are open: a metric that was added since is `UNKNOWN`, with Customer.io's own word kept.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .. import NotAuthentic, NotParseable
from .._asking import WrongShape, clean, object_in
from .._deliveries import TOLERANCE_SECONDS, kept, parse
from . import FACTS, ContactFacts, CrmDelivery, MessageFacts, MessageState

# https://docs.customer.io/integrations/api/webhooks, the metrics of an e-mail, the most telling first:
# a delivery carries all that it has been through. Who complains or opens has got it.
METRIC_STATES = {
    "bounced": MessageState.BOUNCED,
    "dropped": MessageState.DROPPED,
    "undeliverable": MessageState.DROPPED,
    "failed": MessageState.FAILED,
    "spammed": MessageState.DELIVERED,
    "unsubscribed": MessageState.DELIVERED,
    "converted": MessageState.DELIVERED,
    "clicked": MessageState.DELIVERED,
    "opened": MessageState.DELIVERED,
    "delivered": MessageState.DELIVERED,
    "sent": MessageState.SENT,
    "attempted": MessageState.ACCEPTED,
    "drafted": MessageState.ACCEPTED,
}

_SIGNATURE, _TIMESTAMP = "x-cio-signature", "x-cio-timestamp"
_HEX = re.compile(r"[0-9a-f]{64}")
_INSTANT = re.compile(r"[0-9]{1,12}")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,99}")
_ID = re.compile(r"[A-Za-z0-9_:=.-]{3,255}")


#: The attributes that are shown. Whatever else a workspace keeps of people may be health information.
NEUTRAL = ("first_name", "last_name", "language", "timezone", *FACTS)


# answers


def contact_facts(customer: str, data: Mapping[str, Any]) -> ContactFacts:
    """GET /v1/customers/{id}/attributes: attribute values are text, `unsubscribed` also stands beside them."""
    person = object_in(data.get("customer"))
    attributes = object_in(person.get("attributes"))
    flag = person.get("unsubscribed", attributes.get("unsubscribed", False))
    if flag not in (True, False, None, "", "true", "false"):
        raise WrongShape("unsubscribed is neither yes nor no")
    return ContactFacts(
        customer=customer,
        email=_text(attributes.get("email")),
        phone=_text(attributes.get("phone")),
        unsubscribed=flag in (True, "true"),
        attributes={name: value for name in NEUTRAL if (value := _text(attributes.get(name)))},
    )


def people_found(data: Mapping[str, Any]) -> list[str]:
    """GET /v1/customers?email=: the ids of those who have that address."""
    found = data.get("results")
    if not isinstance(found, list):
        raise WrongShape("not a list of people")
    return [id for person in found if isinstance(id := object_in(person).get("id"), str)]


def page_of_messages(data: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], str]:
    """The deliveries of one page and the token of the next, empty on the last."""
    messages, after = data.get("messages"), data.get("next") or ""
    if not isinstance(messages, list) or not isinstance(after, str):
        raise WrongShape("not a page of messages")
    return [object_in(message) for message in messages], after


def message_facts(customer: str, id: str, message: Mapping[str, Any]) -> MessageFacts:
    metrics = object_in(message.get("metrics"))
    word = next((metric for metric in METRIC_STATES if metrics.get(metric)), None)
    raw = word or next((str(metric)[:100] for metric in metrics), "")
    state = METRIC_STATES[word] if word else MessageState.UNKNOWN if raw else MessageState.ACCEPTED
    delivery, created = message.get("id"), message.get("created")
    if not isinstance(delivery, str) or type(created) is not int:
        raise WrongShape("a message without id or instant")
    return MessageFacts(
        id=id,
        customer=customer,
        state=state,
        raw_status=raw,
        delivery=delivery,
        created_at=_instant(created),
        failure_words=_text(message.get("failure_message")),
    )


def _text(value: Any) -> str | None:
    """Text fit for a database, or None. Raises WrongShape for what is neither text nor nothing."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise WrongShape("not text")
    return clean(value)[:500]


def _instant(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise WrongShape("an odd instant") from None


# webhooks


def check_signature(body: bytes, headers: Mapping[str, str], secrets: Sequence[bytes], now: datetime) -> None:
    """Raises NotAuthentic unless one of the secrets signed these bytes within the tolerance.

    https://docs.customer.io/integrations/api/webhooks: hex HMAC-SHA256 of `v0:<timestamp>:<body>`.
    """
    instant = _header(headers, _TIMESTAMP, _INSTANT)
    signature = _header(headers, _SIGNATURE, _HEX).encode()
    if abs(now.timestamp() - int(instant)) > TOLERANCE_SECONDS:
        raise NotAuthentic("The signature is too old or of the future.")
    message = b"v0:" + instant.encode() + b":" + body
    genuine = False
    for secret in secrets:
        expected = hmac.digest(secret, message, "sha256").hex().encode()
        genuine |= hmac.compare_digest(expected, signature)
    if not genuine:
        raise NotAuthentic("No signature matches.")


def _header(headers: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    found = [value for key, value in headers.items() if key.lower() == name]
    if len(found) != 1 or not pattern.fullmatch(found[0]):
        raise NotAuthentic(f"There is not exactly one sound {name} header.")
    return found[0]


def delivery(body: bytes) -> CrmDelivery:
    """A reporting webhook as a CrmDelivery. Raises NotParseable."""
    event = parse(body)
    data = event.get("data")
    if not isinstance(data, dict):
        raise NotParseable("The event carries no data.")
    kind, metric = _matching(event, "object_type", _WORD), _matching(event, "metric", _WORD)
    customer, message = _customer(data), kept(data.get("trigger_event_id"))
    about, object_id = "other", kept(data.get("delivery_id"))
    if kind == "email" and message:
        about, object_id = "message", message
    elif kind == "customer" and customer:
        about, object_id = "contact", customer
    return CrmDelivery(
        external_id=_matching(event, "event_id", _ID),
        kind=f"{kind}.{metric}",
        about=about,
        object_id=object_id,
        occurred_at=_told_at(event.get("timestamp")),
        body=body,
        customer=customer,
        delivery=kept(data.get("delivery_id")),
        state=METRIC_STATES.get(metric, MessageState.UNKNOWN) if about == "message" else None,
        failure_words=kept(data.get("failure_message")),
    )


def _customer(data: Mapping[str, Any]) -> str | None:
    """Our id of the customer: in `identifiers`, and in `customer_id` as it was done before."""
    identifiers = data.get("identifiers")
    found = identifiers.get("id") if isinstance(identifiers, dict) else None
    return kept(found) or kept(data.get("customer_id")) or None


def _matching(event: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    value = event.get(key)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise NotParseable(f"The event's {key} is missing or odd.")
    return value


def _told_at(timestamp: Any) -> datetime:
    try:
        if type(timestamp) is int:
            return _instant(timestamp)
    except WrongShape:
        pass
    raise NotParseable("The event's instant is missing or odd.")
