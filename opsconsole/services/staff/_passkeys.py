"""Passkeys (WebAuthn): what the browser is asked, and whether its answer holds. The person must be verified by their
device, so that a stolen one is no way in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import (
    InvalidAuthenticationResponse,
    InvalidJSONStructure,
    InvalidRegistrationResponse,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ...models import Factor
from ._rules import Rules

MAX = 8192  # characters of an answer
_VERIFIED = UserVerificationRequirement.REQUIRED


def challenge_of(rules: Rules, session: str, fresh_at: datetime) -> bytes:
    """What the device signs. It changes whenever an answer was accepted, so that each is good once."""
    return rules.made_of("passkey", session, fresh_at.isoformat())


def to_register(rules: Rules, challenge: bytes, *, staff_id: str, email: str, has: Iterable[Factor]) -> str:
    """JSON for navigator.credentials.create()."""
    options = generate_registration_options(
        rp_id=rules.host,
        rp_name="OpsConsole",
        user_id=staff_id.encode(),
        user_name=email,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_each(has),
    )
    return options_to_json(options)


def to_sign_in(rules: Rules, challenge: bytes, has: Iterable[Factor]) -> str:
    """JSON for navigator.credentials.get()."""
    options = generate_authentication_options(
        rp_id=rules.host, challenge=challenge, allow_credentials=_each(has), user_verification=_VERIFIED
    )
    return options_to_json(options)


def registered(rules: Rules, challenge: bytes, answer: str) -> tuple[bytes, bytes, int] | None:
    """The new passkey's id, public key and count; None when the answer does not hold."""
    try:
        found = verify_registration_response(
            credential=answer[:MAX],
            expected_challenge=challenge,
            expected_rp_id=rules.host,
            expected_origin=rules.site or "",
            require_user_verification=True,
        )
    except (InvalidRegistrationResponse, InvalidJSONStructure, ValueError):
        return None
    return found.credential_id, found.credential_public_key, found.sign_count


def fits(has: Iterable[Factor], answer: str, rules: Rules, challenge: bytes) -> Factor | None:
    """Which passkey signed the challenge, with its count moved on; None when none did."""
    try:
        credential = parse_authentication_credential_json(answer[:MAX])
        factor = next((one for one in has if one.credential_id == credential.raw_id), None)
        if factor is None or factor.public_key is None:
            return None
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rules.host,
            expected_origin=rules.site or "",
            credential_public_key=factor.public_key,
            credential_current_sign_count=factor.sign_count,
            require_user_verification=True,
        )
    except (InvalidAuthenticationResponse, InvalidJSONStructure, ValueError):
        return None
    factor.sign_count = found.new_sign_count
    return factor


def _each(factors: Iterable[Factor]) -> list[PublicKeyCredentialDescriptor]:
    ids = [factor.credential_id for factor in factors if factor.credential_id]
    return [PublicKeyCredentialDescriptor(id=id) for id in ids]
