"""Writing to a customer by itself: what the console's own policy has them told, in the act that finds it due."""

from __future__ import annotations

from collections.abc import Mapping

from ... import vendors
from ...models import Customer, Message, MessageStatus, Profile
from .._act import performing
from ._send import owe
from .templates import TEMPLATES


def why_not_write(customer: Customer | None) -> str | None:
    """Why nothing can be written to them from here; None when it can."""
    if not vendors.connected("crm"):
        return "No CRM is connected."
    if customer is None or not customer.email:
        return "We know no e-mail address of the customer."
    return None


def opted_out(customer: Customer) -> bool:
    """Whether they want nothing but what they have to be told, as the CRM told us last."""
    told = Profile.of(customer.id).get("customerio")
    return told is not None and told.facts.get("unsubscribed") is True


def write(
    customer: Customer, *, template: str, data: Mapping[str, str], subscription_id: str | None = None
) -> Message:
    """In an act: owe the customer one of the messages that the console sends by itself, with the values it names.

    The caller has asked `why_not_write`. It goes out when the act's undo window is over: at once in a robot's.
    """
    chosen = TEMPLATES[template]
    if not chosen.by_itself:
        raise ValueError(f"{template} is for people to send.")
    now = performing()
    message = Message(
        status=MessageStatus.PLANNED,
        customer_id=customer.id,
        subscription_id=subscription_id,
        template=chosen.code,
        data={name: data[name] for name in sorted(chosen.fields)},
        to_address=customer.email,
        by=now.by.label,
        trace_id=now.trace,
        created_at=now.now,
    ).add()
    owe(message)
    return message
