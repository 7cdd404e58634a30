"""Who may act: people, their roles and sessions, and tokens for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
    select,
)
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

    role: Mapped[str] = public(String(40), primary_key=True)
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
    def active(cls) -> list[Staff]:
        """Everybody who can sign in, by name."""
        return list(db.session.scalars(select(cls).where(cls.disabled_at.is_(None)).order_by(cls.name)))

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
    """A person's session on one browser. Kept here, so that it can be ended here.

    `device` is the fingerprint of the browser's long-lived cookie, `how` password or oidc. `second_at` is when a
    second factor was shown, `fresh_at` when they last proved who they are. `seen_at` and these two are in real time,
    for moving a sandbox's time is no absence.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (Index("sign_ins_staff_idx", "staff_id"),)
    PREFIX, PLURAL = "sgn", "sign-ins"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    secret_hash: Mapped[str] = secret(String(64), unique=True)
    address: Mapped[str | None] = pii(String(60))
    agent: Mapped[str] = pii(String(300), default="", server_default="")
    device: Mapped[str] = secret(String(64), default="", server_default="")
    how: Mapped[str] = public(String(20), default="password", server_default="password")
    second_at: Mapped[datetime | None]
    fresh_at: Mapped[datetime] = mapped_column(default=func.now(), server_default=func.now())
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Factor(Record):
    """What somebody has besides their password: an app that makes codes ("totp"), or a passkey.

    An app's secret is sealed, and `last_step` is the last 30 seconds whose code was taken. Of a passkey only public
    things are kept.
    """

    __tablename__ = "factors"
    __table_args__ = (Index("factors_staff_idx", "staff_id"),)
    PREFIX, PLURAL = "fac", "factors"
    TOLD = ("kind", "name")
    BELONGS_TO = ("staff_id",)

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = public(String(100))
    sealed: Mapped[bytes | None] = secret(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes | None] = public(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    used_at: Mapped[datetime | None]


class RecoveryCode(Model):
    """One way in when the phone is gone. Only its hash is kept, and it is good once."""

    __tablename__ = "recovery_codes"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    code_hash: Mapped[str] = secret(String(64), primary_key=True)
    used_at: Mapped[datetime | None]


class Identity(Record):
    """Somebody as their company's sign-in knows them. Good for nothing until it is linked to the account."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), Index("identities_staff_idx", "staff_id"))
    PREFIX, PLURAL = "idn", "identities"
    TOLD = ("issuer", "subject", "linked_at")
    BELONGS_TO = ("staff_id",)

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    issuer: Mapped[str] = public(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = pii(String(320))
    linked_at: Mapped[datetime | None]


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
