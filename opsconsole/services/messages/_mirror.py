"""Taking in a message as the CRM holds it. Its lock is taken before."""

from __future__ import annotations

from datetime import datetime

from ...models import Message, MessageStatus
from ...vendors.crm import MessageFacts, MessageState
from .. import cases
from .templates import TEMPLATES

_STATUS = {
    MessageState.SENT: MessageStatus.SENT,
    MessageState.DELIVERED: MessageStatus.DELIVERED,
    MessageState.BOUNCED: MessageStatus.BOUNCED,
    MessageState.DROPPED: MessageStatus.FAILED,
    MessageState.FAILED: MessageStatus.FAILED,
}


def follow(message: Message, facts: MessageFacts, *, fetched_at: datetime) -> None:
    """Bring our message up to what the CRM says. An older fetch never overwrites a newer one."""
    if message.fetched_at and fetched_at < message.fetched_at:
        return
    message.fetched_at = fetched_at
    message.raw_status = facts.raw_status or facts.state.value
    if facts.state is MessageState.UNKNOWN:
        _case(message, "vendor_status_unknown", f"Customer.io calls this message “{facts.raw_status}”.")
        return
    if message.status == MessageStatus.WITHDRAWN:
        _case(message, "our_fault", "This message was undone here, yet Customer.io has it. Tell engineering.")
        return
    status = _STATUS.get(facts.state)
    if status is None:  # taken in, and nothing has left yet
        return
    cases.close_when_solved(
        {"message_not_sent", "vendor_status_unknown"}, message.id, "Customer.io told what became of it"
    )
    if status not in message.MOVES[message.state]:
        return  # what Customer.io knows of an e-mail only ever grows: there is no way back
    message.failure_reason = facts.failure_words
    message.move_to(status)
    if status in (MessageStatus.BOUNCED, MessageStatus.FAILED):
        _unreached(message)


def _unreached(message: Message) -> None:
    why = message.failure_reason or "no reason was given"
    label = TEMPLATES[message.template].label
    _case(
        message,
        "message_bounced",
        f"“{label}” did not reach the customer: {why}. Reach them otherwise, or have the address put right.",
    )


def _case(message: Message, reason: str, says: str) -> None:
    suggests = {"act": "cases.dismiss", "label": "Dismiss it once the customer knows"}
    cases.open_case(reason, message.id, says=says, suggests=suggests, about=message.related())
