"""Signing in with the company's own identity provider: what we need of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and what the answer is held against. `verifier` is PKCE's (RFC 7636)."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Known:
    """Somebody as the provider knows them, every claim checked. `strong` says that it asked for a second factor."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str
    groups: frozenset[str] = field(default_factory=frozenset)
    strong: bool = False


class IdentityPort(Protocol):
    """Raises Unavailable when the provider does not answer, Declined when its answer does not hold."""

    def begin(self, back: str) -> Begun:
        """Begin a sign-in that returns to the address `back`."""
        ...

    def finish(self, back: str, *, code: str, begun: Begun) -> Known:
        """Exchange the code for who it is."""
        ...
