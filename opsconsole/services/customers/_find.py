"""Reading customers."""

from __future__ import annotations

from ...models import Customer
from .. import outbox
from .._find import Listing, exactly

LIST = Listing(
    Customer,
    {
        "email": exactly(Customer.email, "The whole address, as it is written.", few=True),
        "reference": exactly(Customer.reference, "The shop's own id.", few=True),
        "name": exactly(Customer.name, "The whole name.", few=True),
        "waits_for": outbox.waiting_about(Customer),
    },
    sorts=("created_at", "name"),
    shown=(
        Customer.id,
        Customer.name,
        Customer.email,
        Customer.phone,
        Customer.reference,
        Customer.created_at,
    ),
)
find = LIST.find
