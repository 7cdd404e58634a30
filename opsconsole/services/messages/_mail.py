"""Writing to a customer, step two: a worker hands the message to the CRM, and its answer is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...lib.refusal import Invalid
from ...models import Message, MessageStatus
from ...vendors.crm import MessageFacts
from .._act import act, say
from .._actor import Actor
from ..outbox import Reopened, keeper
from ._mirror import follow
from .templates import TEMPLATES, text


@act(robots=("worker",))
def sent(message_id: str, *, facts: MessageFacts, fetched_at: datetime, by: Actor) -> Message:
    """The CRM took the message in. That it left is told later, by webhook."""
    message = Message.lock(message_id)
    follow(message, facts, fetched_at=fetched_at)
    say(f"Customer.io took the message: {facts.state.value}")
    return message


@act(robots=("worker",))
def declined(message_id: str, *, code: str, words: str, by: Actor) -> Message:
    """The CRM said no, and nobody was written to. The outbox opens the case."""
    message = Message.lock(message_id)
    message.failure_reason = words
    message.move_to(MessageStatus.FAILED)
    say(f"Customer.io declined the message: {words}")
    return message


def _reopened(message_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened | None:
    """A person tries a declined message again, perhaps to the address that the CRM holds now."""
    message = Message.lock(message_id)
    if message.status != MessageStatus.FAILED:
        return None  # the outcome is unknown: the same request goes out again, unchanged
    if "to" in fix:
        message.to_address = _address(fix["to"])
    message.failure_reason = None
    message.move_to(MessageStatus.PLANNED)
    return asks(message)


def asks(message: Message) -> Reopened:
    """What the CRM is asked, and how people read it."""
    arguments = {
        "customer": message.customer_id,
        "to": message.to_address,
        "template": message.template,
        "data": dict(message.data),
    }
    label = TEMPLATES[message.template].label
    return Reopened(f"Customer.io e-mails “{label}”: {text(message.template, message.data)}", arguments)


def _address(text: Any) -> str:
    """The CRM sends to no other address than its own of this customer, so a slip harms nobody."""
    name, at, domain = str(text).strip().partition("@")
    if not (name and at and domain) or len(str(text)) > 320 or any(c.isspace() for c in str(text).strip()):
        raise Invalid({"fix": ["Write an e-mail address."]})
    return f"{name}@{domain}"


def _done_outside(message_id: str, *, external_id: str, by: Actor) -> None:
    """Somebody told the customer by other means, and says where that can be seen."""
    message = Message.lock(message_id)
    message.raw_status = "done outside"
    message.failure_reason = None
    message.move_to(MessageStatus.SENT)


def _dropped(message_id: str) -> None:
    """Somebody found out that it was not sent, and that it need not be."""
    message = Message.lock(message_id)
    if message.status in (MessageStatus.PLANNED, MessageStatus.SUBMITTED):
        message.failure_reason = "given up"
        message.move_to(MessageStatus.FAILED)


mail = keeper(
    "messages.send",
    call="crm.send",
    then=sent,
    declined=declined,
    locks=Message.lock,
    reopened=_reopened,
    done_outside=_done_outside,
    dropped=_dropped,
    fixable=("to",),
    expects=("message.sent", "message.delivered"),
)
