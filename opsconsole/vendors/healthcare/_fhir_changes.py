"""Records that changed, of all kinds one after the other: what rest-hooks may have missed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .. import Declined, Unavailable
from . import HealthcarePage
from . import _fhir_told as told
from ._fhir_server import Server, asked, sense

PAGE = 100  # records of one list
PATIENCE = 5.0  # seconds after which no further kind is begun: all of a port method share its deadline
#: A kind that the server does not have, or that our client may not read: `health` tells of the latter.
_NOT_THERE = (403, 404, 405, 410, 501)


def changes(server: Server, *, since: int, after: str | None) -> HealthcarePage:
    """A page that is not empty, or the last one, or what there was when it took too long. `next` is "[kind] [what is
    asked]", a kind alone where it begins."""
    kind, target = _resumed(after)
    begun_at = time.monotonic()
    while True:
        found, link = _page(server, kind, target, since)
        following = f"{kind} {link}" if link else _begin(kind)
        if found or following is None or time.monotonic() - begun_at > PATIENCE:
            with sense():
                return HealthcarePage(tuple(told.listed(found)), following)
        kind, target = _resumed(following)


def _resumed(after: str | None) -> tuple[str, str]:
    kind, _, target = (after or told.KINDS[0]).partition(" ")
    if kind not in told.KINDS:  # as it was told when there were patients only
        return "Patient", after or ""
    return kind, target


def _begin(kind: str) -> str | None:
    place = told.KINDS.index(kind) + 1
    return told.KINDS[place] if place < len(told.KINDS) else None


def _page(server: Server, kind: str, target: str, since: int) -> tuple[list[dict[str, Any]], str | None]:
    """Oldest first, where the server sorts. A kind that is not there has not changed."""
    if target:
        return server.page(kind, target)
    begun = {"_lastUpdated": f"gt{_instant(since - 1)}", "_count": str(PAGE)}  # as exact as a second
    queries: list[Mapping[str, str]] = [
        {"_lastUpdated": begun["_lastUpdated"], "_sort": "_lastUpdated", "_count": str(PAGE)},
        begun,
    ]
    for query in queries:
        try:
            return server.page(kind, asked(kind, query))
        except (Declined, Unavailable) as no:
            if kind != told.KINDS[0] and no.http_status in _NOT_THERE:
                break
            if query is queries[-1] or no.http_status != 400:
                raise
    return [], None


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
