"""Signing in with the company's identity provider. Who that is, is issuer and subject; an e-mail address alone opens
nothing, for whoever may set one there could otherwise take an account over here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ...db import db, now
from ...lib.refusal import NotFound, Refused
from ...models import Identity, Role, Staff
from ...vendors.identity import Known
from .._act import act, say
from .._actor import Actor, robot
from .._transaction import transaction
from ._sign_in import Browser, begin

OPENID = robot("openid")


class UnverifiedEmail(Refused):
    """The provider does not say that the e-mail address is theirs."""


class ForeignDomain(Refused):
    """An address of somebody else's company."""


class NoRoleForYou(Refused):
    """None of their groups is a role here."""


class NotLinked(Refused):
    """There is an account of that address, and nobody said yet that it is the same person."""


class NoAccount(Refused):
    """Nobody of that address works here, or their account is disabled."""


class AlreadyLinked(Refused):
    """It was linked before."""


@dataclass(frozen=True)
class Admission:
    """Whom the provider may send: `domains` of e-mail addresses (none: any), and which group is which role, the first
    that fits. Without groups roles are given here, and accounts are made here."""

    domains: tuple[str, ...] = ()
    groups: tuple[tuple[str, str], ...] = ()

    def role_of(self, known: Known) -> str | None:
        return next((role for group, role in self.groups if group in known.groups), None)


def sign_in_with(known: Known, browser: Browser, admission: Admission) -> str:
    """Begin a session for somebody whom the provider knows. Returns its secret.

    Raises UnverifiedEmail, ForeignDomain, NoRoleForYou, NoAccount, and NotLinked, after which an admin can link them.
    """
    _admit(known, admission)
    with transaction():
        person = _person(known, admission.role_of(known))
        if person and (role := admission.role_of(known)) and Role.require(person.role_id).name != role:
            follow_groups(person.id, role=role, by=OPENID)
        secret = begin(person.id, browser, how="oidc", second=known.strong) if person else ""
    if not secret:
        raise NotLinked(
            f"There is an account of {known.email}, and it is not linked to this sign-in yet. Ask an admin to link it, on "
            "the page “Staff”. Until then, sign in with your password."
        )
    return secret


def waiting_for(staff_id: str) -> Sequence[Identity]:
    """Identities that somebody has to say whose they are."""
    query = select(Identity).where(Identity.staff_id == staff_id, Identity.linked_at.is_(None))
    return db.session.scalars(query.order_by(Identity.created_at)).all()


@act
def link_identity(staff_id: str, *, identity: str, by: Actor) -> Identity:
    """Say that an identity of the provider is this person: from now on it opens their account. Raises AlreadyLinked."""
    person = Staff.lock(staff_id)
    found = Identity.lock(identity)
    if found.staff_id != person.id:
        raise NotFound(f"That is no identity of {person.name}.")
    if found.linked_at:
        raise AlreadyLinked("It is linked already.", field="identity")
    found.linked_at = now()
    say(f"Linked {person.name} to {found.subject} at {found.issuer}")
    return found


@act(robots=("openid",))
def follow_groups(staff_id: str, *, role: str, by: Actor) -> Staff:
    """Give somebody the role that their groups at the provider say."""
    person = Staff.lock(staff_id)
    person.role_id = _role(role).id
    say(f"{person.name} is {role} now: so say their groups at the identity provider")
    return person


@act(robots=("openid",))
def welcome(*, email: str, name: str, role: str, issuer: str, subject: str, by: Actor) -> Staff:
    """An account for somebody new whom the provider vouches for. They never have a password here."""
    person = Staff(email=email, name=name, role_id=_role(role).id, password_hash=None).add()
    Identity(staff_id=person.id, issuer=issuer, subject=subject, email=email, linked_at=now()).add()
    say(f"Added {name} as {role}: so say their groups at the identity provider")
    return person


def _admit(known: Known, admission: Admission) -> None:
    if not (known.email and known.email_verified and known.email.isascii() and len(known.email) <= 320):
        raise UnverifiedEmail(
            "Your identity provider does not say that your e-mail address is verified. Verify it there, then try again."
        )
    if admission.domains and known.email.rpartition("@")[2] not in admission.domains:
        raise ForeignDomain(
            f"{known.email} is not an address of this company. Sign in with your work account."
        )
    if admission.groups and admission.role_of(known) is None:
        raise NoRoleForYou("None of your groups has a role here. Ask whoever runs your identity provider.")


def _person(known: Known, role: str | None) -> Staff | None:
    """Whose account that is; None when it waits for being linked, which is written down."""
    mine = (Identity.issuer == known.issuer, Identity.subject == known.subject)
    identity = db.session.scalar(select(Identity).where(*mine))
    if identity and not identity.linked_at:
        return None
    whose = Staff.id == identity.staff_id if identity else Staff.email == known.email
    person = db.session.scalar(select(Staff).where(whose))
    if (person and person.disabled_at) or (person is None and role is None):
        raise NoAccount(f"{known.email} has no account here. Ask an admin for one.")
    if person is None:
        return welcome(
            email=known.email,
            name=known.name,
            role=str(role),
            issuer=known.issuer,
            subject=known.subject,
            by=OPENID,
        )
    if identity is None:
        Identity(staff_id=person.id, issuer=known.issuer, subject=known.subject, email=known.email).add()
        return None
    return person


def _role(name: str) -> Role:
    found = db.session.scalar(select(Role).where(Role.name == name))
    if found is None:
        raise NoRoleForYou(f"There is no role {name!r}: OIDC_GROUPS names it.")
    return found
