"""Who may act: people, their roles and sessions, and tokens for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, db, instant
from ._classes import pii, public, secret
from ._record import Record


class Role(Record):
    __tablename__ = "roles"
    PREFIX, PLURAL = "rol", "roles"
    TOLD = ("name",)

    name: Mapped[str] = public(String(40), unique=True)
    about: Mapped[str] = mapped_column(String(200), default="")

    def permissions(self) -> frozenset[str]:
        return frozenset(db.session.scalars(select(Grant.permission).where(Grant.role_id == self.id)))


class Grant(Model):
    """A role may do an act, or read a noun's pages: "refunds.issue", "refunds.read"."""

    __tablename__ = "grants"

    role_id: Mapped[str] = mapped_column(ForeignKey("roles.id"), primary_key=True)
    permission: Mapped[str] = mapped_column(String(60), primary_key=True)

    @classmethod
    def of(cls, role_id: Any) -> ColumnElement[list[str]]:
        """The permissions of a role that an outer statement reads, as one of its columns."""
        held = select(cls.permission).where(cls.role_id == role_id).scalar_subquery()
        return func.array(held, type_=ARRAY(String))


class InstalledDefault(Model):
    """A grant or a limit that a start has installed for a role: never again, whatever people made of it since."""

    __tablename__ = "installed_defaults"

    role: Mapped[str] = mapped_column(String(40), primary_key=True)
    what: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=instant())


def _told_apart(field: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]] | None:
    """A role by its name, and the end of access as yes or no: an instant would be another one each time."""
    if field == "role_id":
        names = {role.id: role.name for role in Role.each([before, after]).values()}
        return iter([("role", names.get(before), names.get(after))])
    if field in ("disabled_at", "revoked_at"):
        return iter([("may come in", "no" if before else "yes", "no" if after else "yes")])
    return None


class Staff(Record):
    __tablename__ = "staff"
    PREFIX, PLURAL = "stf", "staff"
    TOLD = ("email", "name", "role_id", "disabled_at")

    email: Mapped[str] = pii(String(320), unique=True)
    name: Mapped[str] = public(String(200))
    person: Mapped[str] = pii(String(320))  # the same for all accounts of one human
    password_hash: Mapped[str | None] = secret(String(200))
    role_id: Mapped[str] = mapped_column(ForeignKey("roles.id"))
    disabled_at: Mapped[datetime | None]

    def __init__(self, **values: Any) -> None:
        values.setdefault("person", person_of(values.get("email", "")))
        super().__init__(**values)

    @classmethod
    def noun(cls) -> str:
        return "member of staff"

    def apart(self, field: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
        return _told_apart(field, before, after) or super().apart(field, before, after)


def person_of(email: str) -> str:
    """Whose mailbox that is: sam+2@example.com is sam@example.com, however it is written."""
    local, _, domain = email.lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}"


class SignIn(Record):
    """A person's session on one browser. Kept here, so that it can be ended here."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("sign_ins_staff_idx", "staff_id"),)
    PREFIX, PLURAL = "sgn", "sign-ins"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    secret_hash: Mapped[str] = secret(String(64), unique=True)
    address: Mapped[str | None] = pii(String(60))
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Token(Record):
    """A program's key. Only its hash is kept."""

    __tablename__ = "tokens"
    PREFIX, PLURAL = "tok", "tokens"
    TOLD = ("name", "role_id", "revoked_at")

    name: Mapped[str] = public(String(100))
    secret_hash: Mapped[str] = secret(String(64), unique=True)
    role_id: Mapped[str] = mapped_column(ForeignKey("roles.id"))
    revoked_at: Mapped[datetime | None]

    def apart(self, field: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
        return _told_apart(field, before, after) or super().apart(field, before, after)


class FailedSignIn(Model):
    """Counts wrong passwords per address and e-mail in a window of time, to slow guessing down."""

    __tablename__ = "failed_sign_ins"

    what: Mapped[str] = pii(String(400), primary_key=True)
    window: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
