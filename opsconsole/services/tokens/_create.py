"""Making a token, and knowing one when it comes."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, select

from ...db import db
from ...lib import passwords
from ...lib.refusal import Invalid, Refused
from ...models import Grant, Token
from .._act import act, say
from .._actor import Actor
from ..staff import SECOND, role_called


class SecretInUse(Refused):
    """Another token has that secret, or had it."""


def new_secret() -> str:
    """A secret to hand out, once."""
    return passwords.new_secret("ops")


def first_secret() -> tuple[str, str]:
    """A secret for a token that is yet to be approved, and its hash.

    Whoever asks sees the secret on the form, before it is worth anything; only the hash goes into the request. So
    nothing secret waits for the approval, and whoever approves never sees it.
    """
    secret = new_secret()
    return secret, passwords.fingerprint(secret)


@act(robots=("console",), second=SECOND, private=("secret_hash",))
def create(*, name: str, role: str, secret_hash: str, by: Actor) -> Token:
    """Make a token with a role. Only the hash of its secret is kept: 64 hexadecimal digits, SHA-256.

    Raises NoSuchRole, SecretInUse, Invalid.
    """
    if not 0 < len(name) <= 100:
        raise Invalid({"name": ["Give the token a name of at most 100 characters."]})
    if not re.fullmatch(r"[0-9a-f]{64}", secret_hash):
        raise Invalid({"secret_hash": ["Send the SHA-256 of the secret: 64 hexadecimal digits."]})
    found = role_called(role)
    known = db.session.scalar(select(Token).where(Token.secret_hash == secret_hash))
    if known and (known.name, known.role_id, known.revoked_at) != (name, found.id, None):
        raise SecretInUse("Another token has that secret, or had it: begin anew.", field="secret_hash")
    if known:
        say(f"The token {name} was made already")
        return known
    say(f"Made the token {name} with the role {role}")
    return Token(name=name, role_id=found.id, secret_hash=secret_hash).add()


def actor_of(secret: str, *, address: str) -> Actor | None:
    """The token of that secret as an actor, None if there is none or it was revoked."""
    return _actor(Token.secret_hash == passwords.fingerprint(secret), address)


def actor_by_id(token_id: str) -> Actor | None:
    """The token with today's rights, for what is done in its name."""
    return _actor(Token.id == token_id, None)


def _actor(which: ColumnElement[bool], address: str | None) -> Actor | None:
    found = db.session.execute(
        select(Token.id, Token.name, Token.role_id, Grant.of(Token.role_id)).where(
            which, Token.revoked_at.is_(None)
        )
    ).first()
    if found is None:
        return None
    token_id, name, role_id, grants = found
    return Actor("token", token_id, f"token {name}", frozenset(grants), address, role=role_id)
