"""Signing in and out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user
from wtforms import EmailField, Form, PasswordField

from ..lib.refusal import Refused
from ..services import Actor, staff
from ._fields import text
from ._reading import read
from ._who import User, address, person, public

pages = Blueprint("sessions", __name__)


class SignInForm(Form):
    email = EmailField("E-mail", text(320, needed=True))
    password = PasswordField("Password", text(1000, needed=True))


@pages.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    form = read(SignInForm)
    if request.method == "GET":
        return _page(form, None)
    if not form.validate():
        return _page(form, None), 422
    try:
        secret = staff.sign_in(form.email.data or "", form.password.data or "", address=address())
    except Refused as refused:
        return _page(form, refused), 409
    next_url = _inside(session.get("next"))
    session.clear()
    login_user(User(Actor("staff", "", ""), secret))
    return redirect(next_url, 303)


@pages.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    if me := person():
        staff.end(me.sign_in_id)
    logout_user()
    session.clear()
    return redirect("/sign-in", 303)


def _page(form: SignInForm, refused: Refused | None) -> Any:
    demo = current_app.config["SETTINGS"].env == "sandbox"
    return render_template("sessions/sign_in.html", title="Sign in", form=form, refused=refused, demo=demo)


def _inside(url: str | None) -> str:
    """Only ever back into the console: a path of our own."""
    parts = urlsplit(url or "/")
    safe = (
        url
        and url.startswith("/")
        and not url.startswith(("//", "/\\"))
        and not parts.netloc
        and not parts.scheme
    )
    return url if safe and url else "/"
