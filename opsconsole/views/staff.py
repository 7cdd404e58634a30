"""Staff and their roles."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField

from ..models import Role, Staff
from ..services import Listing, staff
from ._acting import Asked, performs
from ._browser import at
from ._fields import Reason, SelectChoice, required
from ._listing import asked, common, listed
from ._who import reads

pages = Blueprint("staff", __name__)


class LinkForm(Form):
    identity = SelectField("Which one", required(), choices=[], validate_choice=False)


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


@pages.route("/staff/<staff_id>/end_sessions", methods=["GET", "POST"])
@performs(staff.end_sessions, Reason)
def end_sessions(form: Reason, staff_id: str) -> Asked:
    return _about(form, staff_id, "Sign them out everywhere", "They are signed out everywhere.")


@pages.route("/staff/<staff_id>/reset_factors", methods=["GET", "POST"])
@performs(staff.reset_factors, Reason)
def reset_factors(form: Reason, staff_id: str) -> Asked:
    done = "Their second factors are gone. They set up a new one when they sign in next."
    return _about(form, staff_id, "Take away every second factor", done)


def _about(form: Reason, staff_id: str, submit: str, done: str) -> Asked:
    context = {"person": Staff.require(staff_id), "submit": submit}
    return Asked(staff_id, lambda: {"reason": form.reason.data}, context=context, done=done, then="/staff")


@pages.route("/staff/<staff_id>/link_identity", methods=["GET", "POST"])
@performs(staff.link_identity, LinkForm)
def link_identity(form: LinkForm, staff_id: str) -> Asked:
    waiting = staff.waiting_for(staff_id)
    form.identity.choices = [
        SelectChoice(one.id, f"{one.email} at {one.issuer}: {one.subject}") for one in waiting
    ]
    context = {"person": Staff.require(staff_id), "waiting": waiting, "submit": "Link it"}
    done = "Linked. They can sign in with it now."
    return Asked(
        staff_id, lambda: {"identity": form.identity.data}, context=context, done=done, then="/staff"
    )
