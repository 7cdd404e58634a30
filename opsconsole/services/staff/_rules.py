"""How this installation signs people in: what the settings say, as the stories of this package need it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Rules:
    """`demo`: a sandbox, where nobody needs a second factor. `key` seals what must be kept secret. `site` is the
    console's own address, without which there are no passkeys; `breached` a list of passwords to refuse."""

    demo: bool
    key: bytes = field(repr=False)
    site: str | None = None
    breached: Path | None = None

    @property
    def host(self) -> str:
        """What a passkey belongs to."""
        return urlsplit(self.site or "").hostname or ""

    def made_of(self, purpose: str, *parts: str) -> bytes:
        """32 bytes that nobody else can know, the same for the same parts."""
        text = "\x00".join((purpose, *parts))
        return hmac.new(self.key, text.encode(), hashlib.sha256).digest()
