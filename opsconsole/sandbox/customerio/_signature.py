"""X-CIO-Signature: hex HMAC-SHA256 of `v0:<X-CIO-Timestamp>:<body>`, always in real time."""

from __future__ import annotations

import hashlib
import hmac

STALE_SECONDS = 3600


def sign(body: bytes, secret: str, now: float, flaw: str | None = None) -> dict[str, str]:
    """Headers of one delivery. `flaw`: "wrong_secret" signs with another, "stale" is an hour old."""
    instant = int(now) - (STALE_SECONDS if flaw == "stale" else 0)
    if flaw == "wrong_secret":
        secret = "signing_key_of_somebody_else"
    message = f"v0:{instant}:".encode() + body
    return {
        "Content-Type": "application/json",
        "User-Agent": "Customer.io Web Hooks 1.0",
        "X-CIO-Timestamp": str(instant),
        "X-CIO-Signature": hmac.new(secret.encode(), message, hashlib.sha256).hexdigest(),
    }
