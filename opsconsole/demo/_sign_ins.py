"""The demo's people and tokens."""

from __future__ import annotations

import contextlib

from sqlalchemy import ColumnElement, select

from ..config import Settings
from ..db import db
from ..lib import passwords
from ..models import Staff, Token
from ..services import CONSOLE, staff, tokens
from ._console import SHOP

PEOPLE = {
    "sam": ("Sam Rivera", "support"),
    "lee": ("Lee Okafor", "ops_lead"),
    "ada": ("Dr. Ada Lindqvist", "clinician"),
    "finn": ("Finn Marsh", "finance"),
    "mo": ("Mo Haddad", "auditor"),
    "root": ("Root Admin", "admin"),
    "ann": ("Ann Birch", "admin"),  # access is never changed by one admin alone
}


def install(settings: Settings) -> None:
    """Roles, people, the demo's token and the shop's, whose secret nobody has. What is there stays."""
    staff.install_roles(sandbox=True)
    for login, (name, role) in PEOPLE.items():
        with contextlib.suppress(staff.AlreadyThere):
            staff.add(
                email=f"{login}@example.test",
                name=name,
                role=role,
                password_hash=passwords.hashed(staff.DEMO_PASSWORD),
                by=CONSOLE,
            )
    if settings.demo_token:
        secret_hash = passwords.fingerprint(settings.demo_token)
        if not _has_token(Token.secret_hash == secret_hash):
            tokens.create(name="demo", role="demo", secret_hash=secret_hash, by=CONSOLE)
    if not _has_token(Token.name == "shop"):
        secret_hash = passwords.fingerprint(tokens.new_secret())
        tokens.create(name="shop", role="shop", secret_hash=secret_hash, by=CONSOLE)


def _has_token(condition: ColumnElement[bool]) -> bool:
    return db.session.scalar(select(Token.id).where(condition)) is not None


def actors() -> dict[str, str]:
    """The ids of those who may have done something in the story, by the label that the audit gives them."""
    ids = {person.email: person.id for person in db.session.scalars(select(Staff))}
    people = {name: ids[f"{login}@example.test"] for login, (name, _) in PEOPLE.items()}
    shop = db.session.scalars(select(Token.id).where(Token.name == "shop")).first()
    return {**people, SHOP: str(shop), "stripe": "stripe"}
