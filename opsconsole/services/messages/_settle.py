"""Writing to a customer, step three: the CRM tells what became of the e-mail, now or days later."""

from __future__ import annotations

from datetime import datetime

from ...models import Message, MessageStatus
from ...vendors.crm import MessageFacts
from .. import outbox
from .._act import act, say
from .._actor import Actor
from ..inbox import Lookup
from ._mirror import follow


@act(robots=("customerio",))
def settle(external_id: str, *, facts: MessageFacts, fetched_at: datetime, by: Actor) -> Message | None:
    """Take in a message as it stands at the CRM. It also settles a call whose answer was lost."""
    known = Message.by_external(external_id)
    if known is None:
        say(f"Message {external_id} is none of ours")
        return None
    message = Message.lock(known.id)
    if message.status == MessageStatus.SUBMITTED:
        outbox.proven(message.id)
    follow(message, facts, fetched_at=fetched_at)
    say(f"Message to the customer: {message.state.value}")
    return message


def lookup(external_id: str) -> Lookup | None:
    """How the CRM is asked for a message; None for one that we did not send."""
    message = Message.by_external(external_id)
    return Lookup((message.customer_id, external_id), message.trace_id) if message else None
