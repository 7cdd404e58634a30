"""Reading messages."""

from __future__ import annotations

from ...models import Customer, Message, MessageStatus
from .._find import Listing, among, exactly, one_of_ours

LIST = Listing(
    Message,
    {
        "status": among(Message.status, MessageStatus, "How far it is on its way."),
        "template": exactly(Message.template, "What it says, as a code."),
        "customer": one_of_ours(Message.customer_id, "To whom; an id or its URL."),
        "order": one_of_ours(Message.order_id, "About which order; an id or its URL."),
        "refund": one_of_ours(Message.refund_id, "About which refund; an id or its URL."),
        "external_id": exactly(Message.external_id, "Customer.io's id.", few=True),
    },
    shown=(
        Message.id,
        Message.template,
        Message.status,
        Message.customer_id,
        Customer.name.label("customer"),
        Message.to_address,
        Message.by,
        Message.created_at,
    ),
    beside={Customer: Customer.id == Message.customer_id},
)
find = LIST.find
