"""Staff and their roles."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from ..lib.paging import Page
from ..models import Role, Staff
from ..services import newest
from ._browser import at
from ._listing import after, common, filters, listed
from ._who import reads

pages = Blueprint("staff", __name__)


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
@reads("staff")
def list() -> ResponseReturnValue:
    filters()
    return listed(
        newest(select(Staff), Staff, after()),
        told,
        "staff/list.html",
        role_of=lambda p: Role.require(p.role_id),
    )


@pages.get("/roles")
@reads("roles")
def list_roles() -> ResponseReturnValue:
    filters()
    page: Page[Role] = newest(select(Role), Role, after())
    return listed(page, told_role, "staff/list_roles.html")
