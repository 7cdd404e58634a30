"""People who may act: who they are, how they sign in, and what their role lets them do."""

from ._add import AlreadyThere, NoSuchRole, add
from ._factors import (
    LastFactor,
    NoFactor,
    codes_left,
    new_codes,
    oneself,
    passkey_offer,
    remove_factor,
    reset_factors,
    set_up,
    totp_offer,
)
from ._find import by_email, colleagues
from ._identity import (
    Admission,
    AlreadyLinked,
    ForeignDomain,
    NoAccount,
    NoRoleForYou,
    NotLinked,
    UnverifiedEmail,
    link_identity,
    sign_in_with,
    waiting_for,
)
from ._password import DEMO as DEMO_PASSWORD
from ._password import WeakPassword, change_password, hash_of, set_password
from ._roles import ROLES, install_roles
from ._rules import Rules
from ._second import (
    NotThatPassword,
    Proof,
    WrongProof,
    confirm,
    factors_of,
    passkey_question,
    require_password,
    show_second,
)
from ._sessions import NotSignedInAnywhere, Session, end_one, end_others, end_sessions, sessions_of
from ._sign_in import IDLE, Browser, SignedIn, WrongPassword, actor_of, end, sign_in, signed_in
from ._step_up import needs_fresh_proof
from ._throttle import TooManyTries

__all__ = [
    "DEMO_PASSWORD", "IDLE", "ROLES", "Admission", "AlreadyLinked", "AlreadyThere", "Browser", "ForeignDomain",
    "LastFactor", "NoAccount", "NoFactor", "NoRoleForYou", "NoSuchRole", "NotLinked", "NotSignedInAnywhere",
    "NotThatPassword", "Proof", "Rules", "Session", "SignedIn", "TooManyTries", "UnverifiedEmail",
    "WeakPassword", "WrongPassword", "WrongProof", "actor_of", "add", "by_email", "change_password",
    "codes_left", "colleagues", "confirm", "end", "end_one", "end_others", "end_sessions", "factors_of",
    "hash_of", "install_roles", "link_identity", "needs_fresh_proof", "new_codes", "oneself", "passkey_offer",
    "passkey_question", "remove_factor", "require_password", "reset_factors", "sessions_of", "set_password",
    "set_up", "show_second", "sign_in", "sign_in_with", "signed_in", "totp_offer", "waiting_for",
]  # fmt: skip
