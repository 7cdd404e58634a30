"""Staff: who may come in, with which role; and changing that, which always needs two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import EmailField, Form, HiddenField, SelectField, StringField

from ..models import Role, Staff
from ..services import Listing, staff
from ..services import limits as all_limits
from ._acting import Asked, performs
from ._browser import at
from ._fields import Reason, SelectChoice, required, text
from ._listing import Acts, act_on, asked, common, listed, shown
from ._who import actor, reads

pages = Blueprint("staff", __name__)
LIST = Listing(Staff)


class LinkForm(Form):
    identity = SelectField("Which one", required(), choices=[], validate_choice=False)


@dataclass(frozen=True)
class Now:
    """Why some acts do not apply to somebody now; a list does not ask, for each asks the database."""

    no_session: str | None = None
    no_factor: str | None = None
    no_identity: str | None = None


AT_ANY_TIME = Now()


def told(person: Staff, now: Now = AT_ANY_TIME) -> dict[str, Any]:
    return common(person, acts_of(person, now)) | {
        "email": person.email,
        "name": person.name,
        "role": Role.require(person.role_id).name,
        "disabled_at": at(person.disabled_at),
    }


def acts_of(person: Staff, now: Now = AT_ANY_TIME) -> Acts:
    mine = "This is your own access: ask another admin." if actor().id == person.id else None
    out = "They cannot come in as it is." if person.disabled_at else None
    within = None if person.disabled_at else "They can come in as it is."
    return [
        act_on(person, "staff.change_role", f"{person.url}/change_role", "Change role", why_not=mine),
        act_on(person, "staff.disable", f"{person.url}/disable", "Take access away", why_not=mine or out),
        act_on(person, "staff.enable", f"{person.url}/enable", "Give access back", why_not=mine or within),
        act_on(
            person,
            "staff.end_sessions",
            f"{person.url}/end_sessions",
            "Sign out everywhere",
            why_not=now.no_session,
        ),
        act_on(
            person,
            "staff.reset_factors",
            f"{person.url}/reset_factors",
            "Take second factors away",
            why_not=mine or now.no_factor,
        ),
        act_on(
            person,
            "staff.link_identity",
            f"{person.url}/link_identity",
            "Link a company account",
            why_not=now.no_identity,
        ),
    ]


@pages.get("/staff")
@reads("staff", LIST)
def list() -> ResponseReturnValue:
    add = act_on(None, "staff.add", "/staff/add", "Add a person")
    return listed(
        LIST.find(**asked()), told, "staff/list.html", role_of=lambda p: Role.require(p.role_id), acts=[add]
    )


@pages.get("/staff/<staff_id>")
@reads("staff")
def show(staff_id: str) -> ResponseReturnValue:
    person = Staff.require(staff_id)
    return shown(person, lambda: _told_whole(person), "staff/show.html", lambda: _page(person))


def _told_whole(person: Staff) -> dict[str, Any]:
    page = _page(person)
    return told(person, page["applies"]) | {
        "grants": page["grants"],
        "limits": [one.url for one in page["limits"]],
        "sessions": page["at"].sessions,
        "recent": [entry.url for entry in page["at"].acts],
        "asked": [one.url for one in page["at"].asked],
        "decided": [one.url for one in page["at"].decided],
    }


def _page(person: Staff) -> dict[str, Any]:
    role = Role.require(person.role_id)
    at, factors = staff.about(person), staff.factors_of(person.id)
    now = Now(
        no_session=None if at.sessions else "They are not signed in anywhere.",
        no_factor=None if factors else "They have no second factor.",
        no_identity=None
        if staff.waiting_for(person.id)
        else "No company account with their address has come yet.",
    )
    return {
        "person": person,
        "role": role,
        "grants": sorted(role.permissions()),
        "limits": all_limits.of_role(role),
        "at": at,
        "factors": factors,
        "applies": now,
        "acts": acts_of(person, now),
    }


def role_choices() -> Any:
    return [SelectChoice("", "Choose…"), *(SelectChoice(one.name, one.name) for one in staff.roles())]


class AddForm(Form):
    email = EmailField("E-mail", text(320, needed=True))
    name = StringField("Name", text(200, needed=True), description="As colleagues see it.")
    role = SelectField("Role", required("Choose a role."), validate_choice=False)
    password_hash = HiddenField("Hash of the first password", text(200, needed=True))


@pages.route("/staff/add", methods=["GET", "POST"])
@performs(staff.add, AddForm)
def add(form: AddForm) -> Asked:
    form.role.choices = role_choices()
    password = None
    if request.method == "GET" and not form.password_hash.data:
        password, form.password_hash.data = staff.first_password()
    return Asked(
        None,
        lambda: {name: form[name].data for name in ("email", "name", "role", "password_hash")},
        context={"password": password, "submit": "Add them"},
        done="They can sign in.",
    )


class ChangeRoleForm(Reason):
    role = SelectField("New role", required("Choose a role."), validate_choice=False)


@pages.route("/staff/<staff_id>/change_role", methods=["GET", "POST"])
@performs(staff.change_role, ChangeRoleForm)
def change_role(form: ChangeRoleForm, staff_id: str) -> Asked:
    form.role.choices = role_choices()
    return Asked(
        staff_id,
        lambda: {"role": form.role.data, "reason": form.reason.data},
        context=_page(Staff.require(staff_id)) | {"submit": "Change the role"},
        done="The role was changed.",
    )


@pages.route("/staff/<staff_id>/disable", methods=["GET", "POST"])
@performs(staff.disable, Reason)
def disable(form: Reason, staff_id: str) -> Asked:
    return _about(form, staff_id, "Take access away", "They are out, at once.")


@pages.route("/staff/<staff_id>/enable", methods=["GET", "POST"])
@performs(staff.enable, Reason)
def enable(form: Reason, staff_id: str) -> Asked:
    return _about(form, staff_id, "Give access back", "They can sign in again.")


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
    person = Staff.require(staff_id)
    context = {"person": person, "role": Role.require(person.role_id), "submit": submit}
    return Asked(staff_id, lambda: {"reason": form.reason.data}, context=context, done=done)


@pages.route("/staff/<staff_id>/link_identity", methods=["GET", "POST"])
@performs(staff.link_identity, LinkForm)
def link_identity(form: LinkForm, staff_id: str) -> Asked:
    waiting = staff.waiting_for(staff_id)
    form.identity.choices = [
        SelectChoice(one.id, f"{one.email} at {one.issuer}: {one.subject}") for one in waiting
    ]
    person = Staff.require(staff_id)
    context = {"person": person, "waiting": waiting, "submit": "Link it"}
    done = "Linked. They can sign in with it now."
    return Asked(
        staff_id, lambda: {"identity": form.identity.data}, context=context, done=done, then=person.url
    )
