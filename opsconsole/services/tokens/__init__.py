"""Keys for programs. A token has a role like a person, is an actor in the audit, and never approves."""

from ._create import SecretInUse, actor_by_id, actor_of, create, first_secret, new_secret
from ._find import LIST, find, last_act
from ._revoke import AlreadyRevoked, revoke

__all__ = [
    "LIST", "AlreadyRevoked", "SecretInUse", "actor_by_id", "actor_of", "create", "find", "first_secret", "last_act",
    "new_secret", "revoke",
]  # fmt: skip
