"""One's own account: password and second factors. Setting one up is also the end of a first sign-in."""

from __future__ import annotations

from typing import Any

import segno
from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import Form, HiddenField, PasswordField, StringField

from ..lib.refusal import Refused
from ..services import staff
from ._fields import text
from ._proving import proven
from ._reading import read
from ._who import halfway, hold, own, rules

pages = Blueprint("account", __name__)


class FactorForm(Form):
    name = StringField("What to call it", text(100))
    code = StringField("Code from the app", text(40))
    passkey = HiddenField("Passkey", text(8192))


class PasswordForm(Form):
    present = PasswordField("Present password", text(1000, needed=True))
    password = PasswordField("New password", text(1000, needed=True))
    again = PasswordField("The new one again", text(1000, needed=True))


@pages.get("/account")
@own()
def show(me: staff.SignedIn) -> ResponseReturnValue:
    return render_template(
        "account/show.html",
        factors=staff.factors_of(me.actor.id),
        codes_left=staff.codes_left(me.actor.id),
        email=me.email,
    )


@pages.route("/account/enrol", methods=["GET", "POST"])
@own("in", "enrol")
def enrol(me: staff.SignedIn) -> ResponseReturnValue:
    form = read(FactorForm)
    if me.stage == "in" and request.method == "POST" and (ask := proven()) is not None:
        return ask
    me = halfway() or me
    if me.stage == "in" and not me.fresh:
        return render_template("account/begin.html", enrolled=me.enrolled)
    refused = None
    given = form.code.data or form.passkey.data
    if request.method == "POST" and given and form.validate():
        try:
            secret, codes = staff.set_up(
                me,
                rules(),
                code=form.code.data or "",
                passkey=form.passkey.data or "",
                name=form.name.data or "",
            )
            hold(secret)
            return _codes(codes) if codes else _to_account("The second factor is set up.")
        except Refused as no:
            refused = no
    offer, address = staff.totp_offer(me, rules())
    page = render_template(
        "account/enrol.html", form=form, refused=refused, secret=offer, picture=_picture(address), stage=me.stage,
        question=staff.passkey_offer(me, rules()), frame=_shell(me),
    )  # fmt: skip
    return page, 409 if refused else 422 if form.errors else 200


@pages.post("/account/factors/<factor_id>/remove")
@own()
def remove(me: staff.SignedIn, factor_id: str) -> ResponseReturnValue:
    if (ask := proven()) is not None:
        return ask
    staff.remove_factor(factor_id, by=staff.oneself(me.actor))
    return _to_account("That second factor is gone.")


@pages.post("/account/codes")
@own()
def codes(me: staff.SignedIn) -> ResponseReturnValue:
    if (ask := proven()) is not None:
        return ask
    return _codes(staff.new_codes(halfway() or me))


@pages.route("/account/password", methods=["GET", "POST"])
@own()
def password(me: staff.SignedIn) -> ResponseReturnValue:
    form = read(PasswordForm)
    if request.method == "GET":
        return render_template("account/password.html", form=form)
    if not form.validate():
        return render_template("account/password.html", form=form), 422
    try:
        _change(me, form)
    except Refused as no:
        field = getattr(form, no.field or "", form.password)
        field.errors = [no.message]
        return render_template("account/password.html", form=form), 409
    return _to_account("Your password is changed. Every other session of yours has ended.")


def _change(me: staff.SignedIn, form: PasswordForm) -> None:
    staff.require_password(me, form.present.data or "")
    if form.password.data != form.again.data:
        raise staff.WeakPassword("The two are not the same.", field="again")
    kept = staff.hash_of(
        form.password.data or "", about=(me.email, me.actor.label), breached=rules().breached
    )
    staff.change_password(me.actor.id, password_hash=kept, keep=me.sign_in_id, by=staff.oneself(me.actor))


def _codes(codes: list[str]) -> ResponseReturnValue:
    return render_template("account/codes.html", codes=codes)


def _to_account(words: str) -> ResponseReturnValue:
    flash(words, "good")
    return redirect("/account", 303)


def _picture(address: str) -> dict[str, Any]:
    """The address as a square that an app scans: its size, and the path of its dark parts. Nobody else ever sees it."""
    code = segno.make(address, error="m", micro=False)
    dark = [(x, y) for y, row in enumerate(code.matrix) for x, cell in enumerate(row) if cell & 1]
    return {"size": len(code.matrix), "path": "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)}


def _shell(me: staff.SignedIn) -> str:
    return "layout/page.html" if me.stage == "in" else "layout/signed_out.html"
