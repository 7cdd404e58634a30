"""X-Hmac-Signature: "hmac-sha256-hex=" and the HMAC-SHA256 of the body, keyed with the NFKD form of the secret."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata


def sign(body: bytes, secret: str, flaw: str | None = None) -> dict[str, str]:
    """Headers of one delivery. `flaw`: "wrong_secret" signs with another. There is no instant in it to be stale."""
    if flaw == "wrong_secret":
        secret = "secret of somebody else"
    key = unicodedata.normalize("NFKD", secret).encode()
    signature = hmac.new(key, body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "EasyPost Webhook",
        "X-Hmac-Signature": f"hmac-sha256-hex={signature}",
    }
