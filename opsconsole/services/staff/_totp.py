"""Codes that an app makes anew every 30 seconds (RFC 6238)."""

from __future__ import annotations

import base64
import hmac
import secrets
import time

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ...models import Factor
from ._rules import Rules

STEP = 30
_NONCE = 12


def secret_of(rules: Rules, mark: str) -> str:
    """A secret that nobody can guess, the same for the same mark."""
    return base64.b32encode(rules.made_of("totp", mark)[:20]).decode()


def address_of(secret: str, email: str) -> str:
    """What the picture says to the app: otpauth://…"""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="OpsConsole")


def step_of(secret: str, code: str, *, after: int = 0) -> int | None:
    """Which 30 seconds the code belongs to: these, those before, or those after; None for a wrong code, and for one
    that is not newer than `after`. A code is good once."""
    code, totp = code.replace(" ", ""), pyotp.TOTP(secret)
    if not (code.isascii() and code.isdigit()):
        return None
    now = int(time.time()) // STEP
    fits = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(totp.at(step * STEP), code)]
    return next((step for step in fits if step > after), None)


def sealed(secret: str, rules: Rules, staff_id: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_key(rules)).encrypt(nonce, secret.encode(), _about(staff_id))


def fits(factor: Factor, code: str, rules: Rules) -> bool:
    """Take the code, once. The factor is locked by the caller."""
    kept = factor.sealed or b""
    try:
        secret = AESGCM(_key(rules)).decrypt(kept[:_NONCE], kept[_NONCE:], _about(factor.staff_id)).decode()
    except (InvalidTag, ValueError):  # the secret key was changed: the app has to be set up anew
        return False
    step = step_of(secret, code, after=factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    return True


def _key(rules: Rules) -> bytes:
    return rules.made_of("factors")


def _about(staff_id: str) -> bytes:
    """A sealed secret that is moved to another account does not open there."""
    return f"factors|sealed|{staff_id}".encode()
