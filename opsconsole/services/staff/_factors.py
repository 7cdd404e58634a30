"""One's own second factors: set one up, take one away, new recovery codes. And an admin's way out when all are lost."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, select, update

from ...db import db, instant
from ...lib import passwords
from ...lib.refusal import Denied, Invalid, Refused
from ...models import Factor, RecoveryCode, SignIn, Staff
from .._act import act, say
from .._actor import Actor
from .._transaction import transaction
from . import _passkeys, _totp
from ._rules import Rules
from ._second import WrongProof, bare, factors_of, renewed
from ._sign_in import IN, SignedIn

CODES = 10
_OWN = frozenset({"staff.enrol", "staff.remove_factor", "staff.renew_codes", "staff.change_password"})


class LastFactor(Refused):
    """Without it there would be none left."""


class NoFactor(Refused):
    """There is none to take away."""


def oneself(actor: Actor) -> Actor:
    """Everybody may do these to their own account, whatever their role."""
    return replace(actor, grants=actor.grants | _OWN)


def totp_offer(me: SignedIn, rules: Rules) -> tuple[str, str]:
    """The secret that a new app is to hold, and the address that a picture tells it."""
    secret = _offered(me, rules)
    return secret, _totp.address_of(secret, me.email)


def _offered(me: SignedIn, rules: Rules) -> str:
    """The same for as long as the session has the same factors: nothing has to be kept until it is taken."""
    return _totp.secret_of(
        rules, " ".join([me.sign_in_id, *(factor.id for factor in factors_of(me.actor.id))])
    )


def passkey_offer(me: SignedIn, rules: Rules) -> str:
    """What the browser is to ask for a new passkey, as JSON; empty where there can be none."""
    if not rules.site:
        return ""
    challenge = _passkeys.challenge_of(rules, me.sign_in_id, me.fresh_at)
    has = factors_of(me.actor.id)
    return _passkeys.to_register(rules, challenge, staff_id=me.actor.id, email=me.email, has=has)


def set_up(
    me: SignedIn, rules: Rules, *, code: str = "", passkey: str = "", name: str = ""
) -> tuple[str, list[str]]:
    """Take a new factor, proven by its first code or answer. The session is whole from now on, under a new secret.

    Returns the secret, and the recovery codes when this is the person's first factor. Raises WrongProof; Denied for
    who has one and did not show it.
    """
    if me.stage == "second" or (me.stage == IN and not me.fresh):
        raise Denied("staff.enrol", me.actor.label)
    if len(name) > 100:
        raise Invalid({"name": ["At most 100 characters."]})
    kept = _passkey(me, rules, passkey) if passkey else _app(me, rules, code)
    with transaction():
        by = oneself(me.actor)
        kind = "passkey" if passkey else "totp"
        enrol(
            me.actor.id,
            kind=kind,
            name=name or ("Passkey" if passkey else "Authenticator app"),
            kept=kept,
            by=by,
        )
        codes = [] if me.enrolled else _new_codes()
        if codes:
            renew_codes(me.actor.id, hashes=[passwords.fingerprint(bare(code)) for code in codes], by=by)
        secret = renewed(me.sign_in_id, second=True)
    return secret, codes


def _app(me: SignedIn, rules: Rules, code: str) -> dict[str, Any]:
    secret = _offered(me, rules)
    step = _totp.step_of(secret, code)
    if step is None:
        raise WrongProof(
            "That code does not fit. Scan the picture again and type what the app shows.", field="code"
        )
    return {"sealed": _totp.sealed(secret, rules, me.actor.id), "last_step": step}


def _passkey(me: SignedIn, rules: Rules, answer: str) -> dict[str, Any]:
    challenge = _passkeys.challenge_of(rules, me.sign_in_id, me.fresh_at)
    found = _passkeys.registered(rules, challenge, answer) if rules.site else None
    if found is None:
        raise WrongProof("The browser's answer does not hold. Try again.")
    credential_id, public_key, sign_count = found
    return {"credential_id": credential_id, "public_key": public_key, "sign_count": sign_count}


def new_codes(me: SignedIn) -> list[str]:
    """New recovery codes, shown once; the old ones are worth nothing. Needs a fresh proof."""
    if not (me.stage == IN and me.fresh and me.enrolled):
        raise Denied("staff.renew_codes", me.actor.label)
    codes = _new_codes()
    hashes = [passwords.fingerprint(bare(code)) for code in codes]
    renew_codes(me.actor.id, hashes=hashes, by=oneself(me.actor))
    return codes


def codes_left(staff_id: str) -> int:
    query = select(func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query) or 0


def _new_codes() -> list[str]:
    """80 random bits each: XXXX-XXXX-XXXX-XXXX."""
    made = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(CODES)]
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in made]


@act(robots=("console",), private=("kept",))
def enrol(staff_id: str, *, kind: str, name: str, kept: dict[str, Any], by: Actor) -> Factor:
    """Give one's own account a second factor. `kept` is what the console keeps of it."""
    Staff.lock(staff_id)
    _only_own(staff_id, by, "staff.enrol")
    say(f"Set up a second factor: {name}")
    return Factor(staff_id=staff_id, kind=kind, name=name, used_at=instant(), **kept).add()


@act(robots=("console",))
def remove_factor(factor_id: str, *, by: Actor) -> Staff:
    """Take one of one's own second factors away, but not the last. Raises LastFactor."""
    factor = Factor.require(factor_id)
    _only_own(factor.staff_id, by, "staff.remove_factor")
    person = Staff.lock(factor.staff_id)
    if len(factors_of(person.id)) < 2:
        raise LastFactor("This is your only second factor. Set up another one first.")
    say(f"Took away a second factor: {factor.name}")
    db.session.delete(factor)
    return person


@act(robots=("console",), private=("hashes",))
def renew_codes(staff_id: str, *, hashes: list[str], by: Actor) -> Staff:
    """Replace one's own recovery codes."""
    person = Staff.lock(staff_id)
    _only_own(staff_id, by, "staff.renew_codes")
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    db.session.add_all(RecoveryCode(staff_id=staff_id, code_hash=code) for code in hashes)
    say("Made new recovery codes")
    return person


@act
def reset_factors(staff_id: str, *, reason: str, by: Actor) -> Staff:
    """Somebody lost all their second factors: take them away, end their sessions. They set up a new one next time.

    Raises NoFactor, and for oneself Denied.
    """
    person = Staff.lock(staff_id)
    if person.id == by.id:
        raise Denied("staff.reset_factors", by.label)
    if not factors_of(person.id):
        raise NoFactor(f"{person.name} has no second factor.")
    for table in (Factor, RecoveryCode):
        db.session.execute(delete(table).where(table.staff_id == staff_id))
    running = (SignIn.staff_id == staff_id, SignIn.ended_at.is_(None))
    db.session.execute(update(SignIn).where(*running).values(ended_at=instant()))
    say(f"Took away every second factor of {person.name}: {reason}")
    return person


def _only_own(staff_id: str, by: Actor, permission: str) -> None:
    if by.id != staff_id:
        raise Denied(permission, by.label)
