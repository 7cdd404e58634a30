"""The edge: what a request must be before anything looks at what it wants.

For the right host, over the right scheme, from one of our own pages, of a size and shape that can be read,
not too many of them, and done in time. Each refusal is a 4xx (or 503) in words; none of them touches data.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from math import ceil
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, request
from flask_login import current_user
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    HTTPException,
    RequestEntityTooLarge,
    RequestURITooLarge,
    ServiceUnavailable,
    TooManyRequests,
)
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from ..config import Settings
from ..lib.duration import span_words
from ..services import staff
from ._rates import ADDRESS, POLL, PROGRAM, READS, WRITES, Buckets, household
from ._who import actor, address, by_token, person, polled

LONGEST_URL = 8000  # characters, path and query
LARGEST_FORM = 256 * 1024  # bytes
LARGEST_UPLOAD = 11 * 1024 * 1024  # bytes; a file of 10 MB with what stands around it
MOST_FIELDS = 500  # of a form or a query
ALIVE = ("watch.healthz", "watch.readyz")  # asked by machines that know no name and no TLS
READING = ("GET", "HEAD", "OPTIONS")

_due: ContextVar[float | None] = ContextVar("due", default=None)


class TooSlow(ServiceUnavailable):
    """The request took longer than any may. What it was writing was not written."""


SLOW = "This took too long and was given up. What it would have changed was not changed."
ELSEWHERE = "Another site made your browser send this. Open the console itself, and try again."


def init_edge(app: Flask, settings: Settings) -> None:
    """Wire the edge before everything else that looks at requests."""
    if settings.proxies:  # exactly so many: what stands before their entries was written by whoever asks
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=1)  # type: ignore[method-assign]
    app.extensions["edge"] = Buckets(settings.rate_limits, time.monotonic) if settings.rate_limits else None
    app.before_request(_start_the_clock)
    app.before_request(_right_door)
    app.before_request(_readable)
    app.before_request(_from_our_pages)
    app.before_request(_not_too_many)
    app.teardown_request(_stop_the_clock)
    if settings.env == "production":
        app.before_request(_no_demo_accounts)


def init_edge_of_people(app: Flask) -> None:
    """What needs to know who asks: after sign-in was wired."""
    app.before_request(_not_too_many_of_one)


def words_of(error: HTTPException) -> str | None:
    """The sentence of a refusal of the edge, None for those of the web framework."""
    return getattr(error, "words", None)


def _said(error: HTTPException) -> HTTPException:
    error.words = error.description  # type: ignore[attr-defined]
    return error


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


# ------------------------------------------------------------------ where it came to


def _right_door() -> None:
    settings = _settings()
    if request.endpoint in ALIVE:
        return
    if settings.trusted_hosts and not host_is_trusted(
        request.environ.get("HTTP_HOST", ""), settings.trusted_hosts
    ):
        raise _said(BadRequest("The console does not answer to this name."))
    if (settings.base_url or "").startswith("https:") and not request.is_secure and not settings.sandbox:
        raise _said(Forbidden(f"The console is only there over HTTPS: {settings.base_url}/"))


def _no_demo_accounts() -> None:
    """Asked again until it was told once: the database may come up after us."""
    if current_app.extensions.get("no_demo") or request.endpoint in ALIVE or request.blueprint == "webhooks":
        return
    try:
        found = staff.demo_accounts()
    except SQLAlchemyError:
        return
    if found:
        raise _said(
            ServiceUnavailable("There are demo accounts in this database: a production does not serve them.")
        )
    current_app.extensions["no_demo"] = True


# ------------------------------------------------------------------ what it looks like


def _readable() -> None:
    query = request.query_string
    if len(request.environ.get("PATH_INFO", "")) + len(query) > LONGEST_URL:
        raise _said(RequestURITooLarge(f"An address has at most {LONGEST_URL} characters."))
    try:
        request.environ.get("PATH_INFO", "").encode("latin-1").decode()
        unquote_to_bytes(query).decode()
    except UnicodeError:
        raise _said(BadRequest("The address is not UTF-8.")) from None
    if query.count(b"&") >= MOST_FIELDS:
        raise _said(BadRequest(f"An address asks for at most {MOST_FIELDS} things."))
    if request.blueprint in ("attachments", "replacements"):
        request.max_content_length = LARGEST_UPLOAD
    if request.blueprint != "webhooks" and request.mimetype == "application/x-www-form-urlencoded":
        _readable_form(request.get_data(cache=True))


def _readable_form(body: bytes) -> None:
    if len(body) > LARGEST_FORM:
        raise _said(RequestEntityTooLarge(f"A form has at most {LARGEST_FORM // 1024} KB."))
    if body.count(b"&") >= MOST_FIELDS:
        raise _said(RequestEntityTooLarge(f"A form has at most {MOST_FIELDS} fields."))
    try:
        unquote_to_bytes(body).decode()
    except UnicodeError:
        raise _said(BadRequest("The form is not UTF-8.")) from None


# ------------------------------------------------------------------ who made the browser send it


def _from_our_pages() -> None:
    """Browsers say which site made them ask (Fetch Metadata). Other sites may link to us, and nothing else."""
    if request.blueprint == "webhooks" or by_token() or request.routing_exception:
        return
    site = request.headers.get("Sec-Fetch-Site", "")
    if site in ("cross-site", "same-site"):
        linked = request.method in ("GET", "HEAD") and request.headers.get("Sec-Fetch-Mode") == "navigate"
        if not linked or request.headers.get("Sec-Fetch-Dest", "document") != "document":
            raise _said(Forbidden(ELSEWHERE))
    origin = request.headers.get("Origin", "null")
    if not site and request.method not in READING and origin not in ("null", request.host_url.rstrip("/")):
        raise _said(Forbidden(ELSEWHERE))


# ------------------------------------------------------------------ how many there were


def _take(who: str, rate: Any) -> None:
    buckets: Buckets | None = current_app.extensions["edge"]
    if buckets and (wait := buckets.take(who, rate, POLL if polled() and request.method == "GET" else 1.0)):
        seconds = max(1, ceil(wait))
        words = f"Too many requests came at once. Wait {span_words(seconds)}, then try again."
        raise _said(TooManyRequests(words, retry_after=seconds))


def _not_too_many() -> None:
    """Vendors' deliveries are never held up by where they come from, nor are files and health."""
    if request.blueprint != "webhooks" and request.endpoint not in ("static", *ALIVE):
        _take(household(address()), ADDRESS)


def _not_too_many_of_one() -> None:
    buckets = current_app.extensions["edge"]
    if buckets is None or request.blueprint in (None, "webhooks", "watch", "sessions"):
        return
    if current_user.is_authenticated:
        rate = PROGRAM if person() is None else READS if request.method in READING else WRITES
        _take(actor().id, rate)


# ------------------------------------------------------------------ how long it takes


def _start_the_clock() -> None:
    _due.set(time.monotonic() + _settings().request_seconds)


def _stop_the_clock(_: BaseException | None) -> None:
    _due.set(None)


@event.listens_for(Engine, "before_cursor_execute")
def _in_time(*_: Any) -> None:
    """Between two statements of a request: a single one has its own, shorter patience (db.PATIENCE)."""
    due = _due.get()
    if due is not None and time.monotonic() > due:
        _due.set(None)  # what tells of it may take its time
        raise _said(TooSlow(SLOW))
