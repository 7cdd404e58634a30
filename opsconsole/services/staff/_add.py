"""Adding a member of staff."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...lib import passwords
from ...lib.refusal import Invalid, Refused
from ...models import Staff
from .._act import act, say
from .._actor import Actor
from ._access import SECOND, role_called


class AlreadyThere(Refused):
    """Somebody has that e-mail address."""


@act(robots=("console",), second=SECOND, private=("password_hash",))
def add(*, email: str, name: str, role: str, password_hash: str | None, by: Actor) -> Staff:
    """Give a person an account. `password_hash` comes from `hash_of` or `first_password`; None for who never
    signs in by password.

    Raises AlreadyThere, NoSuchRole, Invalid.
    """
    if "@" not in email or not email.isascii() or len(email) > 320 or len(name) > 200:
        raise Invalid(
            {"email": ["Give an e-mail address (plain letters), and a name of at most 200 characters."]}
        )
    found = role_called(role)
    if db.session.scalar(select(Staff.id).where(Staff.email == email.lower())):
        raise AlreadyThere(f"{email} has an account already.", field="email")
    if password_hash is not None and (not password_hash.startswith("$argon2id$") or len(password_hash) > 200):
        raise Invalid({"password_hash": ["Send an argon2id hash, as the page makes one."]})
    say(f"Added {name} as {role}")
    return Staff(email=email.lower(), name=name, role_id=found.id, password_hash=password_hash).add()


def first_password() -> tuple[str, str]:
    """A password made for a new person, and its hash. Shown once, to whoever adds them; only the hash travels on."""
    password = passwords.new_secret("first")
    return password, passwords.hashed(password)
