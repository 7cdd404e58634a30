"""A forgotten password: asking for a link, and choosing a new one with it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from wtforms import EmailField, Form, PasswordField

from ..lib import passwords
from ..lib.refusal import Refused
from ..services import staff
from ._fields import text
from ._reading import read
from ._who import address, public, rules
from .sessions import known_device

pages = Blueprint("passwords", __name__)


class ForgotForm(Form):
    email = EmailField("E-mail", text(320, needed=True))


class ChooseForm(Form):
    password = PasswordField("New password", text(1000, needed=True))
    again = PasswordField("The new one again", text(1000, needed=True))


@pages.route("/sign-in/forgot", methods=["GET", "POST"])
@public
def forgot() -> ResponseReturnValue:
    form = read(ForgotForm)
    refused = None
    if request.method == "POST" and form.validate():
        try:
            device = passwords.fingerprint(known_device())
            staff.forget(form.email.data or "", rules(), address=address(), device=device)
            return redirect("/sign-in/forgot?asked=yes", 303)
        except Refused as no:
            refused = no
    page = render_template(
        "passwords/forgot.html", form=form, refused=refused, mails=staff.mails_links(rules()),
        asked=request.args.get("asked") == "yes" and request.method == "GET",
    )  # fmt: skip
    return page, 409 if refused else 422 if form.errors else 200


@pages.route("/sign-in/reset", methods=["GET", "POST"])
@public
def reset() -> ResponseReturnValue:
    """What proves it leaves the address at once, for this browser's signed cookie."""
    if "token" in request.args:
        session["reset"] = {name: request.args.get(name, "")[:100] for name in ("of", "token")}
        return redirect("/sign-in/reset", 303)
    proof = session.get("reset") or {"of": "", "token": ""}
    form = read(ChooseForm)
    try:
        person = staff.whose_link(proof["of"], proof["token"], rules())
        if request.method == "GET":
            return render_template("passwords/reset.html", form=form, person=person)
        if not form.validate():
            return render_template("passwords/reset.html", form=form, person=person), 422
        _same(form)
        staff.choose(**proof, password=form.password.data or "", rules=rules(), address=address())
    except staff.LinkOver as over:
        session.pop("reset", None)
        return render_template("passwords/over.html", refused=over), 409
    except staff.WeakPassword as weak:
        form[weak.field or "password"].errors = [weak.message]
        return render_template("passwords/reset.html", form=form, person=person), 409
    session.clear()
    flash("Your password is changed. Sign in with the new one.", "good")
    return redirect("/sign-in", 303)


def _same(form: ChooseForm) -> None:
    if form.password.data != form.again.data:
        raise staff.WeakPassword("The two are not the same.", field="again")
