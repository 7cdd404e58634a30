"""What every HTML page gets: its frame, its filters, and headers that leave browsers no room."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, g, get_flashed_messages, request
from htmx_flask import Htmx

from ..config import Settings
from ..db import now as console_now
from ..lib.duration import span_words
from ..lib.money import Money
from ..models import REGISTRY, Staff, locate
from ..services.staff import IDLE
from ._who import person, polled

STATIC = Path(__file__).parent.parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# label, endpoint, icon, the letter after "g", the right it needs
NAV = (
    ("Home", "/", "home", "h", None),
    ("Orders", "/orders", "orders", "o", "orders.read"),
    ("Customers", "/customers", "customers", "u", "customers.read"),
    ("Products", "/products", "products", "d", "products.read"),
    ("Payments", "/payments", "payments", "y", "payments.read"),
    ("Refunds", "/refunds", "refunds", "r", "refunds.read"),
    ("Messages", "/messages", "message", "m", "messages.read"),
    ("Banners", "/banners", "warning", "b", "banners.read"),
    ("Cases", "/cases", "cases", "c", "cases.read"),
    ("Approvals", "/approvals", "approvals", "v", "approvals.read"),
    ("Inbox", "/inbox", "inbox", "i", "inbox.read"),
    ("Promises", "/promises", "promises", "p", "promises.read"),
    ("Audit", "/audit", "audit", "a", "audit.read"),
)


def init_browser(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="opsconsole" if settings.sandbox else "__Host-opsconsole",
        SESSION_COOKIE_SECURE=not settings.sandbox,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=500,
    )
    Htmx(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        money=_money, place=_place, colleague=_colleague, words=_words, span=span_words
    )
    app.jinja_env.globals.update(asset=_asset, now=now, sandbox=settings.sandbox)
    app.context_processor(_frame)
    app.after_request(_headers)


def now() -> datetime:
    """The console's now, read once per request: a table of ages asks for it in every row."""
    if "now" not in g:
        g.now = console_now()
    return g.now


def _place(id: str) -> str | None:
    """The page of one of our ids; None for the noun of a record that is only being made."""
    return locate(id) if id.partition("_")[0] in REGISTRY and "_" in id else None


def _colleague(staff_id: str) -> str:
    found = Staff.get(staff_id)
    return found.name if found else staff_id


def _money(amount: Money | tuple[int, str]) -> str:
    return str(amount if isinstance(amount, Money) else Money(*amount))


@lru_cache(1000)
def _words(code: str) -> str:
    """ "awaiting_rx" as people read it: "Awaiting Rx"."""
    words = str(code).replace("_", " ").capitalize()
    return f"{words} ".replace(" rx ", " Rx ").strip()


@lru_cache
def _digest(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def _asset(path: str) -> str:
    return f"/static/{path}?v={_digest(path)}"


def _frame() -> dict[str, Any]:
    """What layout/page.html needs besides the view's own context."""
    me = person()
    return {
        "nav": [
            {"label": label, "url": url, "icon": icon, "key": key, "current": _current(url)}
            for label, url, icon, key, right in NAV
            if me and (right is None or me.actor.may(right))
        ],
        "may": me.actor.may if me else lambda permission: False,
        "me": {
            "id": me.actor.id,
            "name": me.actor.label,
            "email": me.email,
            "roles": [me.role],
            "mentions": me.mentions,
            "second": me.second,
            "idle": int(IDLE.total_seconds()),
        }
        if me
        else None,
        "flashes": []
        if polled()
        else get_flashed_messages(with_categories=True),  # the next page's, not a poll's
        "live": g.get("live"),
    }


def _current(url: str) -> bool:
    return request.path == url or (url != "/" and request.path.startswith(f"{url}/"))


def _headers(response: Any) -> Any:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint == "static" and request.args.get("v"):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    response.headers.add("Vary", "HX-Request, Accept, Cookie")
    return response


def at(instant: datetime | None) -> str | None:
    """An instant as JSON carries it."""
    return instant.isoformat() if instant else None
