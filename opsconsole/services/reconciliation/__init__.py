"""What we hold against what others hold: run -> read it page by page -> finish; repair or dismiss what differs."""

from . import _remedy as _remedy  # registers what cases can do about findings
from ._answered import answered, refused, seen, told
from ._dismiss import dismiss
from ._find import FINDINGS, LIST, find, findings, of_run, open_by_kind, repaired_by
from ._kinds import KINDS, Kind, Repair
from ._pages import fetched, listed, moved, tracked
from ._repair import asking, repair, why_not_repair
from ._run import Running, begin, ports, reconcile, run

__all__ = [
    "FINDINGS", "KINDS", "LIST", "Kind", "Repair", "Running", "answered", "asking", "begin", "dismiss", "fetched", "find",
    "findings", "listed", "moved", "of_run", "open_by_kind", "ports", "reconcile", "refused", "repair",
    "repaired_by", "run", "seen", "told", "tracked", "why_not_repair",
]  # fmt: skip
