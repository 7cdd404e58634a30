"""Adding a member of staff."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Role, Staff
from .._act import act, say
from .._actor import Actor


class AlreadyThere(Refused):
    """Somebody has that e-mail address."""


class NoSuchRole(Refused):
    """There is no role of that name."""


@act(robots=("console",))
def add(*, email: str, name: str, role: str, password_hash: str | None, by: Actor) -> Staff:
    """Give a person an account. `password_hash` comes from `hash_of`; None for who never signs in by
    password. Raises AlreadyThere, NoSuchRole, Invalid."""
    if "@" not in email or not email.isascii() or len(email) > 320 or len(name) > 200:
        raise Invalid(
            {"email": ["Give an e-mail address (plain letters), and a name of at most 200 characters."]}
        )
    found = db.session.scalar(select(Role).where(Role.name == role))
    if found is None:
        names = ", ".join(db.session.scalars(select(Role.name).order_by(Role.name)))
        raise NoSuchRole(f"There is no role {role!r}. Choose one of: {names}.", field="role")
    if db.session.scalar(select(Staff.id).where(Staff.email == email.lower())):
        raise AlreadyThere(f"{email} has an account already.", field="email")
    say(f"Added {name} as {role}")
    return Staff(email=email.lower(), name=name, role_id=found.id, password_hash=password_hash).add()
