"""What every HTML page gets: its frame, its filters, and headers that leave browsers no room."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g, get_flashed_messages, request
from htmx_flask import Htmx
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.ext import Extension
from markupsafe import Markup

from ..config import Settings
from ..lib.duration import span_words
from ..models import REGISTRY, Holder, Staff, Team, locate
from ..services.staff import IDLE
from . import _cells
from ._edge import LARGEST_FORM, MOST_FIELDS
from ._headers import init_headers
from ._masking import broken_now, masking_filters, may_reveal
from ._nav import nav, place_of
from ._outage import down, kept_waiting
from ._page import asset
from ._page import now as now
from ._who import person, polled


class _Unindented(Extension):
    """Templates are indented for who writes them; what is sent is not."""

    _margin = re.compile(r"^[ \t]+", re.MULTILINE)

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return self._margin.sub("", source)


class _Compiled(BytecodeCache):
    """Templates are compiled once per process, however many apps it makes: a third of a second for each app."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._kept.get(bucket.key):
            bucket.bytecode_from_string(code)  # which looks whether the source is still the same

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


def init_browser(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="opsconsole" if settings.sandbox else "__Host-opsconsole",
        SESSION_COOKIE_SECURE=not settings.sandbox,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=MOST_FIELDS,
    )
    Htmx(app)
    app.jinja_env.bytecode_cache = _compiled
    app.jinja_env.add_extension(_Unindented)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        money=_cells.money_words, place=_place, colleague=_colleague, words=_cells.words, span=span_words, age=_cells.age,
        id_code=_cells.id_code, **masking_filters(),
    )  # fmt: skip
    app.jinja_env.globals.update(
        HOLDERS={one.value: one.words for one in Holder},
        TEAMS={one.value: one.words for one in Team},
        asset=asset,
        now=now,
        cells=_cells,
        broken_now=broken_now,
        may_reveal=may_reveal,
        kept_waiting=kept_waiting,
        sandbox=settings.sandbox,
    )
    # In every row of a table: half as dear as ui.badge(..), because nothing needs to be looked up to call it.
    app.jinja_env.filters["badge"] = app.jinja_env.get_template("_ui.html").make_module().badge  # type: ignore[attr-defined]
    app.context_processor(_frame)
    init_headers(app)


def _place(id: str) -> str | None:
    """The page of one of our ids; None for the noun of a record that is only being made."""
    return locate(id) if id.partition("_")[0] in REGISTRY and "_" in id else None


def _colleague(staff_id: str) -> str:
    found = Staff.get(staff_id)
    return found.name if found else staff_id


def _frame() -> dict[str, Any]:
    """What layout/page.html needs besides the view's own context."""
    me = person()
    grants = me.actor.grants if me else frozenset()
    return {
        "frame": {
            "nav": _rendered("layout/_nav.html", grants, place_of(request.path)) if me else "",
            "keys": _rendered("layout/_keys.html"),
            "trouble": _rendered("layout/_trouble.html"),
        },
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
        "down": down() if me else [],
    }


@lru_cache(1000)
def _rendered(template: str, grants: frozenset[str] = frozenset(), place: str = "") -> Markup:
    """A part of the frame: the same on every page, for everybody with these rights who is in that place."""
    written = current_app.jinja_env.get_template(template).render(nav=nav(grants, place))
    return Markup(re.sub("</(li|dt|dd)>", "", written))  # end tags that HTML does not need


def at(instant: datetime | None) -> str | None:
    """An instant as JSON carries it."""
    return instant.isoformat() if instant else None
