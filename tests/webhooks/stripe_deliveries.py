"""Stripe's deliveries made by hand: bodies as odd as anybody could send them, signed as Stripe signs."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from typing import Any

from ..house import SECRET

_numbers = itertools.count(1)


def an_event(kind: str = "refund.updated", subject: dict[str, Any] | None = None, **changes: Any) -> Any:
    """An event object with an id of its own, about `subject`."""
    event = {
        "id": f"evt_{next(_numbers):016}",
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": subject or {"id": "re_nowhere", "object": "refund"}},
    }
    return {**event, **changes}


def body_of(event: Any) -> bytes:
    """The bytes on the wire, indented as Stripe's are."""
    return json.dumps(event, indent=2).encode()


def signature(body: bytes, *, secret: str = SECRET, age: float = 0) -> str:
    """A Stripe-Signature header made `age` seconds ago."""
    at = int(time.time() - age)
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"
