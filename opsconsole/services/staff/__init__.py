"""People who may act: who they are, how they sign in, and what their role lets them do."""

from ._add import AlreadyThere, NoSuchRole, WeakPassword, add, hash_of
from ._demo import demo_accounts
from ._find import colleagues
from ._roles import ROLES, install_roles
from ._sign_in import SignedIn, TooManyTries, WrongPassword, actor_of, end, sign_in, signed_in

__all__ = [
    "ROLES", "AlreadyThere", "NoSuchRole", "SignedIn", "TooManyTries", "WeakPassword", "WrongPassword", "actor_of", "add",
    "colleagues", "demo_accounts", "end", "hash_of", "install_roles", "sign_in", "signed_in",
]  # fmt: skip
