"""The message that the CRM took in and never sent: most likely its campaign is not running."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from ... import vendors
from ...db import db, instant
from ...models import Message, MessageStatus, Promise
from ...vendors.crm import MessageFacts
from .. import cases
from .._act import act, say
from .._actor import Actor
from ..outbox import keeper, promise
from ._mirror import follow
from .templates import TEMPLATES

PATIENCE = timedelta(hours=1)


@act(robots=("worker",))
def chased(message_id: str, *, facts: MessageFacts | None, fetched_at: datetime, by: Actor) -> Message:
    """What the CRM shows of a message that is late; when nothing has left, a case."""
    message = Message.lock(message_id)
    if facts:
        follow(message, facts, fetched_at=fetched_at)
    if message.status != MessageStatus.SUBMITTED:
        say(f"Customer.io had sent the message: {message.state.value}")
        return message
    label = TEMPLATES[message.template].label
    cases.open_case(
        "message_not_sent",
        message.id,
        says=f"Customer.io took “{label}” in and has not sent it. Is its campaign running? To send it, make a new one.",
        suggests={"act": "cases.dismiss", "label": "Dismiss it once the customer knows"},
        about=message.related(),
    )
    say("Customer.io has not sent the message")
    return message


read = keeper("messages.read", call="crm.fetch_message", then=chased, changes=False)


def overdue(limit: int = 100) -> list[str]:
    """Messages that the CRM took in more than an hour ago and that nobody has asked about since."""
    if not vendors.connected("crm"):
        return []
    asked = select(Promise.id).where(Promise.subject_id == Message.id, Promise.kind == read.name).exists()
    late = select(Message.id).where(
        Message.status == MessageStatus.SUBMITTED, Message.fetched_at < instant() - PATIENCE, ~asked
    )
    return list(db.session.scalars(late.order_by(Message.fetched_at).limit(limit)))


@act(robots=("clock",))
def chase(message_id: str, *, by: Actor) -> Message:
    """Ask the CRM once what became of a message that is late."""
    message = Message.lock(message_id)
    promise(
        read,
        message,
        lane=f"crm:{message.customer_id}:read",
        says="Customer.io is asked what became of a message",
        arguments={"customer": message.customer_id, "id": message.external_id},
        due_in=timedelta(0),
    )
    say("The message is late: Customer.io is asked")
    return message
