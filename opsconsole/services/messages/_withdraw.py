"""Undoing a message before the CRM is asked."""

from __future__ import annotations

from ...models import Message, MessageStatus
from .. import outbox
from .._act import act, say
from .._actor import Actor
from .templates import TEMPLATES


@act
def withdraw(message_id: str, *, by: Actor) -> Message:
    """Take a planned message back.

    Raises AlreadyWithdrawn, and NotWithdrawable once the customer may have been written to.
    """
    message = Message.lock(message_id)
    if message.status == MessageStatus.WITHDRAWN:
        raise outbox.AlreadyWithdrawn("This message was undone already.")
    if message.waits_for:  # nobody was asked, and nothing is owed yet
        message.waits_for = None
    else:
        outbox.withdraw(message)
    message.move_to(MessageStatus.WITHDRAWN)
    say(f"Undid the message: {TEMPLATES[message.template].label.lower()}")
    return message


def take_back(message: Message) -> bool:
    """In an act: it is not so any more. False when the customer may have been written to already."""
    message = Message.lock(message.id)
    if message.status != MessageStatus.PLANNED:
        return False
    try:
        outbox.withdraw(message)
    except outbox.NotWithdrawable:
        return False
    message.move_to(MessageStatus.WITHDRAWN)
    return True
