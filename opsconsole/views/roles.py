"""Roles: what each may do, and giving or taking a right."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField

from ..models import Role
from ..services import Listing, roles, staff
from ..services import limits as all_limits
from ._acting import Asked, performs
from ._fields import Reason, SelectChoice
from ._listing import Acts, act_on, asked, common, listed, shown
from ._who import reads

pages = Blueprint("roles", __name__)
LIST = Listing(Role)


def told(role: Role) -> dict[str, Any]:
    return common(role, acts_of(role)) | {
        "name": role.name,
        "about": role.about,
        "grants": sorted(role.permissions()),
    }


def acts_of(role: Role) -> Acts:
    return [act_on(role, "roles.change", f"{role.url}/change", "Change its rights")]


@pages.get("/roles")
@reads("roles", LIST)
def list() -> ResponseReturnValue:
    found = LIST.find(**asked())
    order = [*staff.ABOUT]
    known = sorted(found.items, key=lambda role: order.index(role.name) if role.name in order else 99)
    return listed(
        found,
        told,
        "roles/list.html",
        known=known,
        held={role.id: role.permissions() for role in known},
        nouns=staff.by_noun(),
        mark_of=lambda role, right: staff.mark(role.name, right),
        marks=staff.MARKS,
    )


@pages.get("/roles/<role_id>")
@reads("roles")
def show(role_id: str) -> ResponseReturnValue:
    role = Role.require(role_id)
    return shown(
        role,
        lambda: (
            told(role)
            | {"holders": staff.holders(role), "limits": [one.url for one in all_limits.of_role(role)]}
        ),
        "roles/show.html",
        lambda: _page(role) | {"acts": acts_of(role), "limits": all_limits.of_role(role)},
    )


def _page(role: Role) -> dict[str, Any]:
    return {
        "role": role,
        "held": role.permissions(),
        "nouns": staff.by_noun(),
        "holders": staff.holders(role),
        "changes": staff.changes_of(role),
    }


class ChangeForm(Reason):
    add = SelectMultipleField("Give", validate_choice=False)
    remove = SelectMultipleField("Take away", validate_choice=False)


@pages.route("/roles/<role_id>/change", methods=["GET", "POST"])
@performs(roles.change, ChangeForm)
def change(form: ChangeForm, role_id: str) -> Asked:
    role = Role.require(role_id)
    held = role.permissions()
    form.add.choices = [SelectChoice(one, one) for one in staff.PERMISSIONS if one not in held]
    form.remove.choices = [SelectChoice(one, one) for one in staff.PERMISSIONS if one in held]
    return Asked(
        role_id,
        lambda: {"add": form.add.data or [], "remove": form.remove.data or [], "reason": form.reason.data},
        context=_page(role) | {"submit": "Change the role"},
        done="The role was changed.",
    )
