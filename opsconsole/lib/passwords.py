"""Passwords and secrets: argon2id for what people choose, SHA-256 for what we make at random."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import unicodedata

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's minimum and more: RFC 9106's second profile. Tests use the cheapest one.
_cheap = os.environ.get("OPSCONSOLE_ENV") == "test"
_hasher = PasswordHasher.from_parameters(profiles.CHEAPEST if _cheap else profiles.RFC_9106_LOW_MEMORY)
_DECOY = _hasher.hash(secrets.token_urlsafe())


def hashed(password: str) -> str:
    return _hasher.hash(plain(password))


def plain(password: str) -> str:
    """The same password however the keyboard composed it (NIST 800-63B asks for NFKC or NFKD)."""
    return unicodedata.normalize("NFKC", password)


def stale(kept: str) -> bool:
    """Was it hashed with other parameters than today's? Then hash it anew at the next sign-in."""
    return _hasher.check_needs_rehash(kept)


def fits(password: str, kept: str | None) -> bool:
    """Does the password fit the kept hash? Takes as long when there is none."""
    try:
        return _hasher.verify(kept or _DECOY, plain(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def new_secret(prefix: str) -> str:
    """A random secret that can be recognised: ops_… for tokens."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def fingerprint(secret: str) -> str:
    """What is kept of a random secret. It needs no slow hash: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def derived(key: bytes, *parts: str) -> str:
    """A secret that is made again whenever it is needed, the same for the same parts, and so is kept nowhere."""
    made = hmac.digest(key, "\x00".join(parts).encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
