"""Giving a role a right, or taking one away."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Grant, Limit, Role
from .. import approvals, staff
from .._act import act, say, tell_change
from .._actor import Actor


class NothingToChange(Refused):
    """The role is like that already."""


@act(second=staff.SECOND)
def change(role_id: str, *, add: Sequence[str], remove: Sequence[str], reason: str, by: Actor) -> Role:
    """Give the role the rights in `add`, take those in `remove`. Holds from everybody's next click on.

    The preview names who gets and who loses each. A right whose amounts are weighed begins with nothing allowed alone.
    Raises NothingToChange, LastAdmin, Invalid.
    """
    role = Role.lock(role_id)
    reason = staff.reasoned(reason)
    _known(add, remove)
    held = role.permissions()
    gets, loses = sorted(set(add) - held), sorted(set(remove) & held)
    if not gets and not loses:
        raise NothingToChange(f"{role.name} is like that already.")
    who = ", ".join(staff.holders(role)) or "nobody yet"
    for permission in gets:
        db.session.add(Grant(role_id=role.id, permission=permission))
        tell_change(role, permission, "denied", f"allowed to {who}")
        _begin_limits(role, permission)
    for permission in loses:
        tell_change(role, permission, f"allowed to {who}", "denied")
    db.session.execute(delete(Grant).where(Grant.role_id == role.id, Grant.permission.in_(loses)))
    staff.keep_an_admin()
    words = [f"gets {', '.join(gets)}"] * bool(gets) + [f"loses {', '.join(loses)}"] * bool(loses)
    say(f"The role {role.name} {' and '.join(words)}: {reason}")
    return role


def _known(add: Sequence[str], remove: Sequence[str]) -> None:
    errors = {}
    for field, asked in (("add", add), ("remove", remove)):
        if strange := sorted(set(asked) - set(staff.PERMISSIONS)):
            errors[field] = [f"There is no such right: {', '.join(strange)}."]
    if both := sorted(set(add) & set(remove)):
        errors.setdefault("remove", []).append(f"Given and taken away at once: {', '.join(both)}.")
    if errors:
        raise Invalid(errors)


def _begin_limits(role: Role, permission: str) -> None:
    """Each amount needs a second person until somebody sets a limit."""
    if permission not in staff.LIMITS:
        return
    query = select(Limit.measure).where(Limit.role_id == role.id, Limit.act == permission)
    for measure in sorted(approvals.MEASURES.keys() - set(db.session.scalars(query))):
        Limit(role_id=role.id, act=permission, measure=measure, alone=0, at_most=None).add()
