"""Every way a request can fail, said in words: what happened, what was not lost, what to do."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from flask import Flask, jsonify, make_response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from ..db import db
from ..lib.paging import BadCursor
from ..lib.refusal import Denied, Invalid, NotFound, Refused
from ..models import REGISTRY, locate
from ..services import WorldChanged
from ..vendors import Declined, Unavailable
from ._edge import words_of
from ._listing import why_url
from ._masking import as_seen
from ._reading import wants_json
from ._who import NotSignedIn, polled, sign_in_page, suspicious

log = structlog.get_logger("web")
PLAIN = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} · OpsConsole</title>
<h1>{title}</h1><p>{kept}</p></html>"""
KEPT = "Nothing was changed and nothing was lost."
ONCE = "Nothing was lost. Send what you sent again: it will not be done twice."
# What the web server itself refuses: what happened, and what to do. Anything else is told by its own name.
TOLD = {
    400: ("This could not be read", "The browser sent something broken. Go back, load the page again and try once more."),
    403: ("This was refused", "Open the console itself, and try from there."),
    404: ("There is no such page", "The link may be old, or the address mistyped. The search box finds anything by its id."),
    405: ("This address cannot be used like that", "It takes a form's answer. Go back to the page the form is on."),
    413: ("That was too large", "At most 1 MB can be sent at once. Shorten it, or send it in parts."),
    414: ("The address is too long", "Ask for less at once: shorten what you search for, or leave out a filter."),
    415: ("This could not be read", "Programs send JSON here: Content-Type: application/json."),
    429: ("Too much at once", "Too many requests came from you. Wait a minute, then try again."),
    503: ("The console is not there for a moment", "It is usually back within seconds: try again."),
}  # fmt: skip


def init_errors(app: Flask) -> None:
    app.register_error_handler(NotSignedIn, _not_signed_in)
    app.register_error_handler(Denied, _denied)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(Invalid, _invalid)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(WorldChanged, _changed)
    app.register_error_handler(BadCursor, lambda error: _invalid(Invalid({"after": [str(error)]})))
    app.register_error_handler(Unavailable, _vendor_away)
    app.register_error_handler(Declined, _vendor_says_no)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(InterfaceError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)
    app.register_error_handler(Exception, _our_fault)


def _not_signed_in(_: NotSignedIn) -> Any:
    if wants_json():
        body = {
            "refused": {
                "code": "not_signed_in",
                "message": "Send a valid token: Authorization: Bearer …",
                "field": None,
            }
        }
        return jsonify(body), 401, {"WWW-Authenticate": "Bearer"}
    if request.headers.get("HX-Request") or polled():
        return "", 401  # the page's script says that the session has ended; what was typed stays
    return sign_in_page()


def _denied(error: Denied) -> Any:
    subject = _named_here()
    url = why_url(error.permission, subject)
    body = {"refused": error.as_json, "why": url}
    return _told(403, body, "You may not do this", error.as_json["message"] or "", KEPT, why=url)


def _named_here() -> str | None:
    """The URL of what this address names, there or not: whoever has no right does not learn which."""
    for id in (request.view_args or {}).values():
        if "_" in id and id.partition("_")[0] in REGISTRY:
            return locate(id)
    return None


def _not_found(error: NotFound) -> Any:
    message = str(error) or "There is nothing at this address."
    body = {"refused": {"code": "not_found", "message": message, "field": None}}
    return _told(
        404, body, "Not here", message, "It may have another address, or you may have no right to see it."
    )


def _invalid(error: Invalid) -> Any:
    words = " ".join(said for messages in error.errors.values() for said in messages)
    return _told(422, {"errors": error.errors}, "Something is not right with what was sent", words, KEPT)


def _refused(error: Refused) -> Any:
    return _told(409, {"refused": error.as_json}, "This cannot be done now", error.message, KEPT)


def _changed(error: WorldChanged) -> Any:
    refused = {
        "code": "world_changed",
        "message": "Something changed since you looked. Look again, then decide.",
        "field": None,
    }
    body = {"refused": refused, **as_seen(error.preview).as_json}
    return _told(
        409, body, "Something changed since you looked", "Go back to see what would happen now.", KEPT
    )


def _vendor_away(error: Unavailable) -> Any:
    body = {"refused": {"code": "vendor_unavailable", "message": error.words, "field": None}}
    return _told(503, body, "The vendor does not answer", error.words, KEPT, {"Retry-After": "5"})


def _vendor_says_no(error: Declined) -> Any:
    body = {"refused": {"code": "vendor_declined", "message": error.words, "field": None}}
    return _told(409, body, "The vendor said no", error.words, KEPT)


def _stale_form(_: CSRFError) -> Any:
    if wants_json() and not current_user.is_authenticated:
        return _not_signed_in(NotSignedIn())  # a program that forgot its token
    suspicious("form_without_its_token")
    words = "This page was open for too long, or came from somewhere else. Load it again, then try once more."
    return _told(
        403,
        {"refused": {"code": "csrf", "message": words, "field": None}},
        "Load the page again",
        words,
        KEPT,
    )


def _http(error: HTTPException) -> Any:
    if error.code and error.code < 400:
        return error
    code = error.code or 500
    title, what = TOLD.get(code, (error.name, error.description or ""))
    if words_of(error) and code in (400, 403):
        suspicious("refused_at_the_edge", status=code)
    what = words_of(error) or what
    body = {
        "refused": {"code": error.name.lower().replace(" ", "_"), "message": error.description, "field": None}
    }
    answer = _told(code, body, title, what, KEPT, plain=code == 429)  # no work for who asks too much
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer[0].headers[name] = value
    return answer


def _database_away(error: Exception) -> Any:
    _let_go()
    log.warning("database_away", error=type(error).__name__)
    body = {
        "refused": {
            "code": "database_unavailable",
            "message": "The database does not answer. Try again in a moment.",
            "field": None,
        }
    }
    return _told(
        503,
        body,
        "The database does not answer",
        "It is usually back within seconds: try again.",
        ONCE,
        {"Retry-After": "2"},
    )


def _our_fault(error: Exception) -> Any:
    _let_go()
    reference = f"err_{uuid.uuid4().hex[:12]}"
    log.error(
        "fault", reference=reference, path=request.url_rule.rule if request.url_rule else "?", exc_info=error
    )
    body = {"refused": {"code": "our_fault", "message": f"A fault of ours: {reference}.", "field": None}}
    return _told(
        500,
        body,
        "Something broke on our side",
        "Tell an engineer the reference below.",
        ONCE,
        reference=reference,
    )


def _ways_on(code: int) -> list[tuple[str, str]]:
    """Where people go from here: label and URL, the likeliest first."""
    asked = "/" + request.full_path.lstrip("/").rstrip("?")  # never to another host
    if code >= 500 or code == 429:  # it passes by itself; a form is sent again from its own page
        return [("Try again", asked if request.method == "GET" else request.path), ("Home", "/")]
    if code == 403:
        return [("Home", "/"), ("Sign in as somebody else", "/sign-in")]
    if (
        request.method == "POST"
        and code != 404
        and request.url_rule
        and "GET" in (request.url_rule.methods or ())
    ):
        return [("Back to the form", request.path), ("Home", "/")]
    return [("Home", "/"), ("All orders", "/orders")]


def _let_go() -> None:
    try:
        db.session.rollback()
    except DBAPIError:
        db.session.remove()


def _told(
    code: int, body: dict[str, Any], title: str, what: str, kept: str,
    headers: dict[str, str] | None = None, *, reference: str = "", plain: bool = False, why: str = "",
) -> Any:  # fmt: skip
    if wants_json():
        answer = jsonify(body)
    elif plain:
        answer = make_response(PLAIN.format(title=title, kept=f"{escape(what)} {kept}"))
    else:
        try:
            page = render_template(
                "layout/error.html",
                title=title,
                what=what,
                kept=kept,
                code=code,
                reference=reference,
                next=[("Why, and who can?", why)] * bool(why) + _ways_on(code),
            )
        except (DBAPIError, PoolTimeout):  # the frame needs the database; these words do not
            _let_go()
            page = PLAIN.format(title=title, kept=kept)
        answer = make_response(page)
    answer.headers.extend(headers or {})
    return answer, code
