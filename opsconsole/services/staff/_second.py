"""The second step of signing in, and proving anew who one is. Both take a code, a recovery code or a passkey."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlalchemy import func, select, update

from ...db import db, instant, touched
from ...lib import passwords
from ...lib.refusal import Refused
from ...models import Factor, RecoveryCode, SignIn, Staff
from .._transaction import transaction
from . import _passkeys, _throttle, _totp
from ._password import DEMO
from ._rules import Rules
from ._sign_in import ENROL, IN, SECOND, SignedIn


class WrongProof(Refused):
    """The code, the passkey or the password is not the right one, or was used before."""


class NotThatPassword(Refused):
    """The present password was asked for and is another."""


@dataclass(frozen=True)
class Proof:
    """What somebody shows. `passkey` is the browser's answer as JSON."""

    code: str = field(default="", repr=False)
    passkey: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def show_second(me: SignedIn, proof: Proof, rules: Rules) -> str:
    """The second step: the session is whole from now on, under a new secret, which is returned.

    Raises WrongProof, TooManyTries.
    """
    return _prove(me, proof, rules) if me.stage == SECOND else ""


def confirm(me: SignedIn, proof: Proof, rules: Rules) -> None:
    """Step up: prove again who one is, with the second factor; who has none (in a sandbox), with the password.

    Raises WrongProof, TooManyTries.
    """
    if me.stage == IN:
        _prove(me, proof, rules)


def require_password(me: SignedIn, password: str) -> None:
    """Raises NotThatPassword when it is not their present one, and TooManyTries."""
    with transaction():
        counted = _throttle.doors(me.email, address=me.actor.address or "", device=me.actor.device)
        _throttle.refuse_when_full(counted)
        fits = passwords.fits(password, Staff.require(me.actor.id).password_hash)
        if not fits:
            _throttle.count(counted)
    if not fits:
        raise NotThatPassword("That is not your present password.", field="present")


def passkey_question(me: SignedIn, rules: Rules) -> str:
    """What the browser is to ask the person's passkeys, as JSON; empty when they have none."""
    has = [factor for factor in factors_of(me.actor.id) if factor.kind == "passkey"]
    challenge = _passkeys.challenge_of(rules, me.sign_in_id, me.fresh_at)
    return _passkeys.to_sign_in(rules, challenge, has) if has and rules.site else ""


def factors_of(staff_id: str) -> list[Factor]:
    """A person's second factors, the oldest first."""
    return list(
        db.session.scalars(select(Factor).where(Factor.staff_id == staff_id).order_by(Factor.created_at))
    )


def renewed(sign_in_id: str, *, second: bool) -> str:
    """A session under a new secret, just proven, in the transaction that is open. Returns the secret."""
    secret = passwords.new_secret("sgn")
    values = {
        "secret_hash": passwords.fingerprint(secret), "fresh_at": func.clock_timestamp(), "seen_at": func.now(),
    }  # fmt: skip
    if second:
        values["second_at"] = func.now()
    db.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(**values))
    return secret


def _prove(me: SignedIn, proof: Proof, rules: Rules) -> str:
    secret = ""
    with transaction():
        here = me.actor.address or ""
        counted = _throttle.doors(me.email, address=here, device=me.actor.device, what="second ")
        _throttle.refuse_when_full(counted)
        if _fits(me, proof, rules):
            if me.stage == SECOND:
                secret = renewed(me.sign_in_id, second=True)
            else:
                fresh = {"fresh_at": func.clock_timestamp()}
                db.session.execute(update(SignIn).where(SignIn.id == me.sign_in_id).values(**fresh))
            proven = True
        else:
            _throttle.count(counted)
            proven = False
    if not proven:
        raise WrongProof(_wrong(proof), field="code" if proof.code else None)
    return secret


def _wrong(proof: Proof) -> str:
    if proof.code:
        return "That code is wrong, or was used before. Wait for the next one and try again."
    return "That passkey does not fit." if proof.passkey else "That is not your password."


def _fits(me: SignedIn, proof: Proof, rules: Rules) -> bool:
    if not me.enrolled:
        person = Staff.require(me.actor.id)
        demo = rules.demo or proof.password != DEMO
        return me.stage != ENROL and demo and passwords.fits(proof.password, person.password_hash)
    query = select(Factor).where(Factor.staff_id == me.actor.id).order_by(Factor.id).with_for_update()
    has = list(db.session.scalars(query))
    used: Factor | None = None
    if proof.passkey:
        challenge = _passkeys.challenge_of(rules, me.sign_in_id, me.fresh_at)
        passkeys = [factor for factor in has if factor.kind == "passkey"]
        used = _passkeys.fits(passkeys, proof.passkey, rules, challenge) if rules.site else None
    elif proof.code:
        apps = [factor for factor in has if factor.kind == "totp"]
        used = next((factor for factor in apps if _totp.fits(factor, proof.code, rules)), None)
        if used is None:
            return _recovery_code(me.actor.id, proof.code)
    if used:
        used.used_at = instant()
    return used is not None


def _recovery_code(staff_id: str, code: str) -> bool:
    """Use one up."""
    query = (
        update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.code_hash == passwords.fingerprint(bare(code)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=instant())
    )
    return touched(db.session.execute(query)) == 1


def bare(code: str) -> str:
    """A recovery code as it is kept: people write spaces, dashes and small letters."""
    return re.sub(r"[\s-]", "", code).upper()
