"""Tokens: keys for programs, made and ended by two."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import Form, HiddenField, SelectField, StringField

from ..models import Role, Token
from ..services import tokens
from ._acting import Asked, performs
from ._browser import at
from ._fields import Reason, required, text
from ._listing import Acts, act_on, asked, common, listed, shown
from ._who import reads
from .staff import role_choices

pages = Blueprint("tokens", __name__)


def told(token: Token) -> dict[str, Any]:
    return common(token, acts_of(token)) | {
        "name": token.name,
        "role": Role.require(token.role_id).name,
        "last_act_at": at(tokens.last_act(token)),
        "revoked_at": at(token.revoked_at),
    }


def acts_of(token: Token) -> Acts:
    gone = "It is worth nothing as it is." if token.revoked_at else None
    return [act_on(token, "tokens.revoke", f"{token.url}/revoke", "Revoke it", why_not=gone)]


@pages.get("/tokens")
@reads("tokens", tokens.LIST)
def list() -> ResponseReturnValue:
    make = act_on(None, "tokens.create", "/tokens/create", "Make a token")
    found = tokens.find(**asked())
    roles = Role.each(one.role_id for one in found.items)
    return listed(found, told, "tokens/list.html", roles=roles, last_act=tokens.last_act, acts=[make])


@pages.get("/tokens/<token_id>")
@reads("tokens")
def show(token_id: str) -> ResponseReturnValue:
    token = Token.require(token_id)
    return shown(
        token,
        lambda: told(token),
        "tokens/show.html",
        lambda: _page(token) | {"acts": acts_of(token)},
    )


def _page(token: Token) -> dict[str, Any]:
    return {"token": token, "role": Role.require(token.role_id), "last_act": tokens.last_act(token)}


class CreateForm(Form):
    name = StringField("Name", text(100, needed=True), description="Which program uses it.")
    role = SelectField("Role", required("Choose a role."), validate_choice=False)
    secret_hash = HiddenField("Hash of the secret", text(64, needed=True))


@pages.route("/tokens/create", methods=["GET", "POST"])
@performs(tokens.create, CreateForm)
def create(form: CreateForm) -> Asked:
    """The secret is shown with the form, once, before it is worth anything; see tokens.first_secret."""
    form.role.choices = role_choices()
    secret = None
    if request.method == "GET" and not form.secret_hash.data:
        secret, form.secret_hash.data = tokens.first_secret()
    return Asked(
        None,
        lambda: {name: form[name].data for name in ("name", "role", "secret_hash")},
        context={"secret": secret, "submit": "Make the token"},
        done="The secret you copied works now.",
    )


@pages.route("/tokens/<token_id>/revoke", methods=["GET", "POST"])
@performs(tokens.revoke, Reason)
def revoke(form: Reason, token_id: str) -> Asked:
    return Asked(
        token_id,
        lambda: {"reason": form.reason.data},
        context=_page(Token.require(token_id)) | {"submit": "Revoke it"},
        done="The token is worth nothing any more.",
    )
