"""Keys for programs. A token has a role like a person, is an actor in the audit, and never approves."""

from ._create import actor_by_id, actor_of, create, new_secret

__all__ = ["actor_by_id", "actor_of", "create", "new_secret"]
