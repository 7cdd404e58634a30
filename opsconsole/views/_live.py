"""Pages that keep themselves up to date: static/live.js asks for the same URL again, with the version it shows.

An answer is HTML only when something moved; else it is a 304 that cost what the version costs. Programs that
poll a thing's JSON use the same ETag.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, make_response, request
from flask.typing import ResponseReturnValue

from ..lib import canonical
from ..services import sight
from ._outage import down
from ._reading import wants_json
from ._who import actor, by_token

THING = 2  # seconds between two looks at a thing that is under way; live.js slows down when nothing moves
PAGE = 5  # the same for a thing that may move at any time
BOARD = 15  # and for what stands open all day


def live(
    looks: Any, answer: Callable[[], ResponseReturnValue], *, every: int = THING, final: bool = False
) -> ResponseReturnValue:
    """The page or JSON with an ETag, or 304 for whoever has it. `looks` are few values that change whenever
    the answer does; who asks and what they may see is added. `final` ends the asking."""
    rights = [actor().id, sorted(actor().grants), sorted(sight.open_glass(actor()))]
    around = [] if by_token() else [one.looks for one in down()]  # the strip over every page
    version = canonical.digest([looks, final, wants_json(), rights, around])[:20]
    if request.if_none_match.contains_weak(version):
        unchanged = make_response("", 304)
        unchanged.set_etag(version)
        return unchanged
    if not final:
        g.live = {"version": version, "every": every}
    response = make_response(answer())
    response.set_etag(version)
    return response
