"""Stripe-Signature: `t=<unix>,v1=<hex hmac_sha256(secret, "t.body")>`, always in real time."""

from __future__ import annotations

import hashlib
import hmac

STALE_SECONDS = 3600


def sign(body: bytes, secret: str, now: float, flaw: str | None = None) -> dict[str, str]:
    """Headers of one delivery. `flaw`: "wrong_secret" signs with another, "stale" is an hour old."""
    t = int(now) - (STALE_SECONDS if flaw == "stale" else 0)
    if flaw == "wrong_secret":
        secret = "whsec_of_somebody_else"
    v1 = hmac.new(secret.encode(), f"{t}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": f"t={t},v1={v1}",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Accept": "*/*; q=0.5, application/xml",
        "Cache-Control": "no-cache",
    }
