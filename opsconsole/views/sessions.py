"""Signing in and out: the password, the second step, and where one is signed in."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import logout_user
from wtforms import EmailField, Form, HiddenField, PasswordField, StringField

from .. import vendors
from ..lib import passwords
from ..lib.refusal import Refused
from ..services import staff
from ..vendors import Declined, Unavailable
from ..vendors.identity import Begun
from ._fields import text
from ._reading import read
from ._who import address, halfway, hold, own, public, rules

pages = Blueprint("sessions", __name__)
DEVICE_DAYS = 400  # the longest that browsers keep a cookie


class SignInForm(Form):
    email = EmailField("E-mail", text(320, needed=True))
    password = PasswordField("Password", text(1000, needed=True))


class SecondForm(Form):
    code = StringField("Code", text(40))
    passkey = HiddenField("Passkey", text(8192))


@pages.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    form = read(SignInForm)
    if request.method == "GET":
        return _page(form, None)
    if not form.validate():
        return _page(form, None), 422
    password = form.password.data or ""
    device = _device(played=rules().demo and password == staff.DEMO_PASSWORD)
    try:
        secret = staff.sign_in(
            form.email.data or "", password, address=address(), device=passwords.fingerprint(device),
            agent=request.user_agent.string, demo=rules().demo,
        )  # fmt: skip
    except Refused as refused:
        return _page(form, refused), 409
    return remembered(came_in(secret), device)


@pages.route("/sign-in/second", methods=["GET", "POST"])
@own("second")
def second(me: staff.SignedIn) -> ResponseReturnValue:
    form = read(SecondForm)
    refused = None
    if request.method == "POST" and form.validate():
        shown = staff.Proof(code=form.code.data or "", passkey=form.passkey.data or "")
        try:
            return came_in(staff.show_second(me, shown, rules()))
        except Refused as no:
            refused = no
    question = staff.passkey_question(me, rules())
    apps = any(factor.kind == "totp" for factor in staff.factors_of(me.actor.id))
    page = render_template(
        "sessions/second.html", form=form, refused=refused, question=question, apps=apps, email=me.email
    )
    return page, 409 if refused else 422 if form.errors else 200


@pages.get("/sign-in/oidc")
@public
def oidc() -> ResponseReturnValue:
    """Off to the identity provider. What its answer is held against stays in this browser's signed cookie."""
    if not current_app.config["SETTINGS"].oidc_issuer:
        return redirect("/sign-in", 303)
    try:
        begun = vendors.port("identity").begin(_back())
    except (Unavailable, Declined) as error:
        return _page(read(SignInForm), Refused(error.words)), 503
    session["oidc"] = vars(begun) | {"url": ""}
    return redirect(begun.url, 303)


@pages.get("/sign-in/oidc/back")
@public
def oidc_back() -> ResponseReturnValue:
    """Back from the identity provider. Each beginning is good for one answer."""
    begun = session.pop("oidc", None)
    state, code = request.args.get("state", ""), request.args.get("code", "")
    settings = current_app.config["SETTINGS"]
    if not (begun and code and settings.oidc_issuer and hmac.compare_digest(begun["state"], state)):
        return _page(SignInForm(), Refused("That sign-in was not finished. Begin again.")), 409
    device = _device()
    browser = staff.Browser(address(), passwords.fingerprint(device), request.user_agent.string)
    admission = staff.Admission(settings.oidc_allowed_domains, settings.oidc_groups)
    try:
        known = vendors.port("identity").finish(_back(), code=code, begun=Begun(**begun))
        secret = staff.sign_in_with(known, browser, admission)
    except (Unavailable, Declined) as error:
        return _page(SignInForm(), Refused(error.words)), 409
    except Refused as refused:
        return _page(SignInForm(), refused), 409
    return remembered(came_in(secret), device)


def _back() -> str:
    """Where the provider sends people: from the settings, never from what a request says of its host."""
    return f"{rules().site}/sign-in/oidc/back"


@pages.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    if me := halfway():
        staff.end(me.sign_in_id)
    logout_user()
    session.clear()
    return redirect("/sign-in", 303)


@pages.get("/sessions")
@own()
def list(me: staff.SignedIn) -> ResponseReturnValue:
    return render_template("sessions/list.html", sessions=staff.sessions_of(me))


@pages.post("/sessions/<sign_in_id>/end")
@own()
def end(me: staff.SignedIn, sign_in_id: str) -> ResponseReturnValue:
    staff.end_one(me, sign_in_id)
    flash("That session has ended.", "good")
    return redirect("/sessions", 303)


@pages.post("/sessions/end-others")
@own()
def end_others(me: staff.SignedIn) -> ResponseReturnValue:
    ended = staff.end_others(me)
    flash(f"{ended} other session{'s' if ended != 1 else ''} ended.", "good")
    return redirect("/sessions", 303)


def came_in(secret: str) -> Any:
    """The browser holds this session from now on, under a new cookie; on to where they wanted to go."""
    next_url = _inside(session.get("next"))
    session.clear()
    me = hold(secret)
    if me is None or me.stage != "in":
        session["next"] = next_url  # the second step is still to come
    return redirect(next_url, 303)


def remembered(answer: Any, device: str) -> Any:
    """The browser is known again, long after its session has ended."""
    secure = not current_app.config["SETTINGS"].sandbox
    answer.set_cookie(
        _device_cookie(), device, max_age=DEVICE_DAYS * 86400, httponly=True, secure=secure, samesite="Lax"
    )
    return answer


def known_device() -> str:
    """The browser's own secret; empty for one that nobody signed in with."""
    kept = request.cookies.get(_device_cookie(), "")
    return kept if 20 <= len(kept) <= 100 and kept.isascii() else ""


def _device(*, played: bool = False) -> str:
    """The browser's own secret. Whoever plays the demo's people on one machine has a new one for each of them, or nobody
    could show how one asks and another approves."""
    return (known_device() if not played else "") or passwords.new_secret("dev")


def _device_cookie() -> str:
    return "opsconsole-device" if current_app.config["SETTINGS"].sandbox else "__Host-opsconsole-device"


def _page(form: SignInForm, refused: Refused | None) -> Any:
    settings = current_app.config["SETTINGS"]
    return render_template(
        "sessions/sign_in.html", title="Sign in", form=form, refused=refused, demo=settings.env == "sandbox",
        elsewhere=bool(settings.oidc_issuer),
    )  # fmt: skip


def _inside(url: str | None) -> str:
    """Only ever back into the console: a path of our own."""
    parts = urlsplit(url or "/")
    safe = (
        url
        and url.startswith("/")
        and not url.startswith(("//", "/\\"))
        and not any(ord(letter) < 33 or letter == "\\" for letter in url)
        and not parts.netloc
        and not parts.scheme
    )
    return url if safe and url else "/"
