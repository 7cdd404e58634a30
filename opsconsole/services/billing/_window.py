"""When a customer's charges go to Stripe, and how fast all of them together may."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from ...db import db
from ...models import ExternalId
from ..outbox import Pace

# Long enough that a customer's many small charges become one item, 24 a day at most; short enough that what Stripe shows is
# never older than an hour for whoever looks there. Whoever looks through us is shown all of it (see _sync.py).
WINDOW = timedelta(hours=1)
# A draft that goes out in less takes along what is still here: https://docs.stripe.com/billing/invoices/overview has it
# open for an hour, and half of that is left for trying again.
BEFORE_FINALISING = timedelta(minutes=30)
# Stripe allows 25 calls a second of one endpoint (https://docs.stripe.com/rate-limits). Twenty, and three at once after a
# rest, leave room for calls that a slow worker makes late.
PACE = Pace("billing.charge", every=timedelta(milliseconds=50), burst=3, spread=timedelta(milliseconds=60))


def next_turn(customer_id: str, now: datetime) -> datetime:
    """When a customer's charges go to Stripe next: once in each window, each customer at a moment of their own."""
    window = WINDOW.total_seconds()
    digest = hashlib.blake2b(customer_id.encode(), digest_size=8).digest()
    own = int.from_bytes(digest, "big") / 2**64 * window
    turns = (now.timestamp() - own) // window + 1
    return datetime.fromtimestamp(own + turns * window, UTC)


def stripe_id(customer_id: str) -> str | None:
    """Stripe's id of a customer; the latest, should there be several."""
    query = select(ExternalId.external_id).where(
        ExternalId.customer_id == customer_id, ExternalId.system == "stripe"
    )
    return db.session.scalar(query.order_by(ExternalId.created_at.desc()).limit(1))
