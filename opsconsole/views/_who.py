"""Who asks: a person with a session, or a program with a bearer token. Deny by default."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import CSRFProtect

from ..config import Settings
from ..lib.refusal import Denied
from ..services import Actor, Listing, read_first, staff, tokens

security = structlog.get_logger("security")
csrf = CSRFProtect()
login = LoginManager()


class NotSignedIn(Exception):
    """Nobody known asks: 401 for programs, the sign-in page for people."""


class User(UserMixin):
    """What Flask-Login carries: an actor; of a person also the session, with its secret as the id."""

    def __init__(self, actor: Actor, secret: str = "", signed_in: staff.SignedIn | None = None) -> None:
        self.actor = actor
        self.secret = secret
        self.signed_in = signed_in

    def get_id(self) -> str:
        return self.secret


def init_who(app: Flask, settings: Settings) -> None:
    app.extensions["sign_in"] = staff.Rules(
        demo=settings.sandbox,
        key=settings.sign_in_key(),
        site=settings.base_url,
        breached=settings.breached_passwords,
    )
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_SSL_STRICT"] = (
        False  # it asks for a Referer, which our pages tell browsers never to send
    )
    csrf.init_app(app)
    login.init_app(app)
    login.session_protection = None
    login.user_loader(_person)
    login.request_loader(_program)
    app.before_request(_guard)


def actor() -> Actor:
    """Who asks. Only behind `reads` and `performs`, which made sure that somebody does."""
    return current_user.actor


def person() -> staff.SignedIn | None:
    """The member of staff who is signed in, None for a program."""
    return current_user.signed_in if current_user.is_authenticated else None


def rules() -> staff.Rules:
    """How people sign in here."""
    return current_app.extensions["sign_in"]


def halfway() -> staff.SignedIn | None:
    """Whoever holds this browser's session, also while their second factor is still missing."""
    if "halfway" not in g:
        secret = session.get("_user_id")
        g.halfway = _held(secret) if isinstance(secret, str) and not by_token() else None
    return g.halfway


def hold(secret: str) -> staff.SignedIn | None:
    """This browser holds that session from now on."""
    g.halfway = found = _held(secret)
    if found:
        login_user(User(found.actor, secret, found))
    return found


def by_token() -> bool:
    return request.headers.get("Authorization", "").startswith("Bearer ")


def polled() -> bool:
    """Did a page ask by itself, while somebody may be looking or not? Such a request is no sign of life."""
    return request.headers.get("X-Poll") == "1"


def _person(secret: str) -> User | None:
    if by_token():
        return None
    g.halfway = found = _held(secret)
    if found is None or found.stage != "in":
        return None
    g.now = found.at  # the request's one now, see _page.now
    return User(found.actor, secret, found)


def _held(secret: str) -> staff.SignedIn | None:
    return read_first(lambda: staff.signed_in(secret, address=address(), demo=rules().demo, polled=polled()))


def _program(_: Any) -> User | None:
    if not by_token():
        return None
    secret = request.headers["Authorization"].removeprefix("Bearer ").strip()
    found = read_first(lambda: tokens.actor_of(secret, address=address())) if secret.isascii() else None
    return User(found) if found else None


def address() -> str:
    return request.remote_addr or "unknown"


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """A route that anybody may ask for."""
    view.permission = "public"  # type: ignore[attr-defined]
    return view


def own(*stages: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A page about oneself, which needs no right. `stages` are those in which one gets there; signed in, unless said."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if by_token() and current_user.is_authenticated:
                raise Denied("own", actor().label)
            me = halfway()
            if me is None or me.stage not in (stages or ("in",)):
                raise NotSignedIn
            return view(me, *args, **kwargs)

        checked.permission = "own"  # type: ignore[attr-defined]
        return checked

    return mark


def reads(
    noun: str, lists: Listing[Any] | None = None, *, right: str = "read"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A page of a noun: needs the right "<noun>.read", or another of its own. `lists` is what a list's URL may ask for."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            require(f"{noun}.{right}")
            return view(*args, **kwargs)

        checked.permission = f"{noun}.{right}"  # type: ignore[attr-defined]
        checked.listing = lists  # type: ignore[attr-defined]
        return checked

    return mark


def require(permission: str) -> None:
    """Raises NotSignedIn, or Denied when the actor has no such right."""
    if not current_user.is_authenticated:
        raise NotSignedIn
    if not actor().may(permission):
        suspicious("denied", act=permission, by=actor().id)
        raise Denied(permission, actor().label)


def suspicious(what: str, **facts: Any) -> None:
    """A line of the security log. It names routes and not addresses as they were typed: people type anything."""
    security.warning(
        what, route=request.url_rule.rule if request.url_rule else None, remote=address(), **facts
    )


def _guard() -> Any:
    """A browser's writes carry its CSRF token; a program's carry its own."""
    if request.blueprint == "webhooks" or request.endpoint == "static" or request.routing_exception:
        return None
    if request.method not in ("GET", "HEAD", "OPTIONS") and not by_token():
        csrf.protect()
    return None


def sign_in_page() -> Any:
    """Where people go when nobody is known, and back afterwards."""
    if request.endpoint not in ("sessions.second", "account.enrol"):
        session["next"] = request.full_path.rstrip("?") if request.method == "GET" else "/"
    if (me := halfway()) and me.stage != "in":
        return redirect(url_for("sessions.second" if me.stage == "second" else "account.enrol"), 303)
    return redirect(url_for("sessions.sign_in"), 303)
