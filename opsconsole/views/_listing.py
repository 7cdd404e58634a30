"""Lists and single things, as a page or as JSON, alike for every noun."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from ..lib.paging import Page
from ..models import Record, Stateful
from ..services import ACTS, Listing
from ._reading import wants_json
from ._standing import expect_banners, why_blocked
from ._who import actor

Told = Callable[[Any], dict[str, Any]]
Acts = list[dict[str, Any]]  # what may be done with a thing, as `act_on` makes them


def listing() -> Listing[Any]:
    """What the list at this address offers, as its route declares it."""
    view: Any = current_app.view_functions[str(request.endpoint)]
    found: Listing[Any] = view.listing
    return found


def asked() -> dict[str, str]:
    """What the URL asks of the list: its filters, sort, ids and after. Rows that are ticked come as ids each."""
    given = {name: value for name, value in request.args.items() if value}
    if ids := [one for one in request.args.getlist("ids") if one]:
        given["ids"] = ",".join(ids)
    return given


def found(given: Mapping[str, str] | None = None) -> Page[Any]:
    """The page of the list at this address that the URL asks for, or `given`: whole records for programs; for people no
    more than its table shows."""
    offered = listing()
    read = offered.rows if offered.shown and not wants_json() else offered.find
    return read(**(asked() if given is None else given))


def listed(page: Page[Any], told: Told, template: str, **context: Any) -> ResponseReturnValue:
    """A list: {"items", "next"} for programs, a table for people."""
    if wants_json():
        expect_banners(page.items)
        return jsonify({"items": [told(item) for item in page.items], "next": page.next})
    older = f"{request.path}?{_with(after=page.next)}" if page.next else ""
    newest = f"{request.path}?{_with(after=None)}".rstrip("?") if request.args.get("after") else ""
    return render_template(
        template, items=page.items, older_url=older, newest_url=newest, sorts=_sorts(),
        given={k: v for k, v in asked().items() if k != "after"}, **context,
    )  # fmt: skip


def _sorts() -> dict[str, dict[str, str | None]]:
    """For the header of each column that can be sorted by: where it leads and how it is sorted now.

    Words begin with A, instants and amounts with the newest and the largest; the same header again turns it around.
    """
    offered = listing()
    now = request.args.get("sort") or offered.default
    found: dict[str, dict[str, str | None]] = {}
    for name in offered.sorts:
        first, other = (name, f"-{name}") if offered.of_words(name) else (f"-{name}", name)
        url = f"{request.path}?{_with(after=None, sort=other if now == first else first)}"
        sorted_ = {name: "ascending", f"-{name}": "descending"}.get(now)
        found[name] = {"sort_url": url, "sorted": sorted_}
    return found


def shown(
    thing: Any, told: Callable[[], dict[str, Any]], template: str, context: Callable[[], dict[str, Any]]
) -> ResponseReturnValue:
    """One thing: flat JSON for programs, its page for people."""
    if wants_json():
        return jsonify(told())
    return render_template(template, **context())


def common(record: Record, acts: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """What the JSON of every noun begins with."""
    basics: dict[str, Any] = {"id": record.id, "url": record.url, "created_at": record.created_at.isoformat()}
    if isinstance(record, Stateful):
        basics |= {
            "status": record.status,
            "final": record.final,
            "status_since": record.status_since.isoformat(),
        }
    return basics | {"acts": [{k: act[k] for k in ("act", "url", "allowed", "why_not")} for act in acts]}


def act_on(
    record: Record | None, name: str, url: str, label: str, *, why_not: str | None = None
) -> dict[str, Any]:
    """An act as a page offers it: greyed with the reason when it does not apply, when a banner blocks it, or
    when the right is missing."""
    if why_not is None and record is not None:
        why_not = why_blocked(record, name)
    if not ACTS[name].permits(actor()):
        why_not = f"You need the right {name}: ask an admin."
    return {
        "act": name, "url": url, "label": label, "allowed": why_not is None, "why_not": why_not,
        "why_url": why_url(name, record.url if record is not None else None),
    }  # fmt: skip


def why_url(act: str, subject: str | None) -> str:
    """The page that explains why an act cannot be done now."""
    return f"/why?{urlencode({'act': act} | ({'subject': subject} if subject else {}))}"


def _with(**changes: str | None) -> str:
    """The URL's query with some of it changed. An empty filter stays: it may be the wish to see all."""
    return urlencode({k: v for k, v in {**request.args, **_ids(), **changes}.items() if v is not None})


def _ids() -> dict[str, str]:
    return {k: v for k, v in asked().items() if k == "ids"}
