"""How a customer can be reached, as it may be sent to whoever owns it."""

from __future__ import annotations

import re

from ...lib.refusal import Invalid

_PHONE = re.compile(r"\+?[0-9 ().-]{3,39}")


def address(text: str) -> str:
    """An e-mail address. Raises Invalid."""
    name, at, domain = text.strip().partition("@")
    if not (name and at and "." in domain) or any(c.isspace() for c in text.strip()) or "@" in domain:
        raise Invalid({"email": ["Write an e-mail address, like jo@example.com."]})
    return f"{name}@{domain}"


def number(text: str) -> str:
    """A phone number. Raises Invalid."""
    if not _PHONE.fullmatch(text.strip()):
        raise Invalid({"phone": ["Write a phone number: digits, with + ( ) - . or spaces."]})
    return text.strip()
