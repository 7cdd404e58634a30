"""Giving a person another role."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Role, Staff
from .._act import act, concerns, say
from .._actor import Actor
from ._access import SECOND, keep_an_admin, not_oneself, reasoned, role_called


class HasThatRole(Refused):
    """They have that role already."""


@act(second=SECOND)
def change_role(staff_id: str, *, role: str, reason: str, by: Actor) -> Staff:
    """From the next click on they may do what the new role may. Raises NotYourself, NoSuchRole, HasThatRole,
    LastAdmin, Invalid."""
    person = Staff.lock(staff_id)
    not_oneself(person, by)
    reason, before, after = reasoned(reason), Role.require(person.role_id), role_called(role)
    if before.id == after.id:
        raise HasThatRole(f"{person.name} has that role already.", field="role")
    person.role_id = after.id
    keep_an_admin()
    concerns(before.id, after.id)
    say(f"{person.name} is {after.name} now, no longer {before.name}: {reason}")
    return person
