"""People who may act: who they are, how they sign in, and what their role lets them do."""

from ._access import SECOND, LastAdmin, NoSuchRole, NotYourself, keep_an_admin, reasoned, role_called
from ._add import AlreadyThere, WeakPassword, add, first_password, hash_of
from ._change_role import HasThatRole, change_role
from ._demo import demo_accounts
from ._disable import AlreadyDisabled, NotDisabled, disable, enable
from ._find import At, about, changes_of, colleagues, holders, people_with, roles, roles_with
from ._roles import ABOUT, LIMITS, MARKS, MATRIX, PERMISSIONS, ROLES, Alone, by_noun, install_roles, mark
from ._sign_in import SignedIn, TooManyTries, WrongPassword, actor_of, end, sign_in, signed_in

__all__ = [
    "ABOUT", "LIMITS", "MARKS", "MATRIX", "PERMISSIONS", "ROLES", "SECOND", "Alone", "AlreadyDisabled",
    "AlreadyThere", "At", "HasThatRole", "LastAdmin", "NoSuchRole", "NotDisabled", "NotYourself", "SignedIn",
    "TooManyTries", "WeakPassword", "WrongPassword", "about", "actor_of", "add", "by_noun", "change_role",
    "changes_of", "colleagues", "demo_accounts", "disable", "enable", "end", "first_password", "hash_of", "holders",
    "install_roles", "keep_an_admin", "mark", "people_with", "reasoned", "role_called", "roles", "roles_with",
    "sign_in", "signed_in",
]  # fmt: skip
