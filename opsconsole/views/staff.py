"""Staff and their roles."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import Role, Staff
from ..services import Listing
from ._browser import at
from ._listing import asked, common, listed
from ._who import reads

pages = Blueprint("staff", __name__)
STAFF, ROLES = Listing(Staff), Listing(Role)


def told(person: Staff) -> dict[str, Any]:
    return common(person) | {
        "email": person.email,
        "name": person.name,
        "role": Role.require(person.role_id).name,
        "disabled_at": at(person.disabled_at),
    }


def told_role(role: Role) -> dict[str, Any]:
    return common(role) | {"name": role.name, "about": role.about, "grants": sorted(role.permissions())}


@pages.get("/staff")
@reads("staff", STAFF)
def list() -> ResponseReturnValue:
    return listed(STAFF.find(**asked()), told, "staff/list.html", role_of=lambda p: Role.require(p.role_id))


@pages.get("/roles")
@reads("roles", ROLES)
def list_roles() -> ResponseReturnValue:
    return listed(ROLES.find(**asked()), told_role, "staff/list_roles.html")
