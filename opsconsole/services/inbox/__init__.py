"""What the outside tells us: recorded in the request, settled by an act later, found again when lost.

`record` is all that a webhook does; `settle` is a worker's; `fill` takes in what a sweep found.
"""

from . import _remedy as _remedy  # registers what cases can do about events
from ._find import LIST, find, rejected
from ._record import record, reject
from ._replay import NothingToReplay, replay
from ._settle import IGNORED, ROUTES, Lookup, Route, about_now, due, ignores, route, settle
from ._sweep import LISTED, fill, listed, read_lately, sweep, sweep_nightly

__all__ = [
    "IGNORED",
    "LIST", "LISTED", "ROUTES",
    "Lookup",
    "NothingToReplay",
    "Route",
    "about_now",
    "due",
    "fill",
    "find",
    "ignores",
    "listed",
    "read_lately",
    "record",
    "reject",
    "rejected",
    "replay",
    "route",
    "settle",
    "sweep",
    "sweep_nightly",
]  # fmt: skip
