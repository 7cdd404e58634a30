"""People who may act: who they are, how they sign in, and what their role lets them do."""

from ._access import SECOND, LastAdmin, NoSuchRole, NotYourself, keep_an_admin, reasoned, role_called
from ._add import AlreadyThere, add, first_password
from ._change_role import HasThatRole, change_role
from ._demo import demo_accounts
from ._disable import AlreadyDisabled, NotDisabled, disable, enable
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
from ._find import At, about, by_email, changes_of, colleagues, holders, people_with, roles, roles_with
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
from ._reset import (
    LinkOver,
    NoLinkFor,
    NoMail,
    answer_asks,
    ask_reset,
    choose,
    forget,
    mails_links,
    reset_password,
    whose_link,
)
from ._roles import ABOUT, LIMITS, MARKS, MATRIX, PERMISSIONS, ROLES, Alone, by_noun, install_roles, mark
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
    "ABOUT", "DEMO_PASSWORD", "IDLE", "LIMITS", "MARKS", "MATRIX", "PERMISSIONS", "ROLES", "SECOND", "Admission",
    "Alone", "AlreadyDisabled", "AlreadyLinked", "AlreadyThere", "At", "Browser", "ForeignDomain", "HasThatRole",
    "LastAdmin", "LastFactor", "LinkOver", "NoAccount", "NoFactor", "NoLinkFor", "NoMail", "NoRoleForYou",
    "NoSuchRole", "NotDisabled", "NotLinked", "NotSignedInAnywhere", "NotThatPassword", "NotYourself", "Proof",
    "Rules", "Session", "SignedIn", "TooManyTries", "UnverifiedEmail", "WeakPassword", "WrongPassword",
    "WrongProof", "about", "actor_of", "add", "answer_asks", "ask_reset", "by_email", "by_noun", "change_password",
    "change_role", "changes_of", "choose", "codes_left", "colleagues", "confirm", "demo_accounts", "disable",
    "enable", "end", "end_one", "end_others", "end_sessions", "factors_of", "first_password", "forget", "hash_of",
    "holders", "install_roles", "keep_an_admin", "link_identity", "mails_links", "mark", "needs_fresh_proof",
    "new_codes", "oneself", "passkey_offer", "passkey_question", "people_with", "reasoned", "remove_factor",
    "require_password", "reset_factors", "reset_password", "role_called", "roles", "roles_with", "sessions_of",
    "set_password", "set_up", "show_second", "sign_in", "sign_in_with", "signed_in", "totp_offer", "waiting_for",
    "whose_link",
]  # fmt: skip
