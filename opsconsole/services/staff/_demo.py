"""Who must not be in a production: the people and the token of the demo data."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...models import Staff, Token
from ...models.staff import Role

DEMO_DOMAIN = "@example.test"  # reserved for tests (RFC 2606): nobody's mailbox
DEMO_ROLE = "demo"


def demo_accounts() -> list[str]:
    """What still can get in: e-mail addresses of the demo's people, names of tokens with the demo's role."""
    people = select(Staff.email).where(
        Staff.email.endswith(DEMO_DOMAIN, autoescape=True), Staff.disabled_at.is_(None)
    )
    keys = (
        select(Token.name)
        .join(Role, Role.id == Token.role_id)
        .where(Role.name == DEMO_ROLE, Token.revoked_at.is_(None))
    )
    return [*db.session.scalars(people), *db.session.scalars(keys)]
