"""What nobody could settle becomes a case that somebody sees, owns and fixes: the one worklist.

What stands behind a case (a promise, an event) registers its `Remedy` here: that is how a case can be
retried or settled without this package knowing what a promise is.
"""

from ._claim import (
    IDLE,
    NobodyHasIt,
    NothingLeft,
    NotYours,
    claim,
    free,
    idle,
    next_,
    release,
    teams_of,
)
from ._clock import fingerprint, limit_of, team_of, urgency
from ._close import AlreadyResolved, EndedOtherwise, NothingToRetry, NothingToSettle, dismiss, retry, settle
from ._find import AGES, DONE, DUE, LIST, NOBODY, aged, find, of
from ._fix_group import AT_ONCE, FIXES, NEEDS, Each, NotYoursToRun, fixes_of, prepare_fix, run_fix, says
from ._groups import Group, groups, vendor_name, vendors_of_open
from ._hand_over import HasItAlready, hand_over, receivers
from ._looks import Onlooker, looked, works_on
from ._note import note
from ._open import (
    REASONS,
    Remedy,
    Where,
    allowed,
    behind,
    close_when_solved,
    come_back,
    open_case,
    remedy,
    resolve,
)
from ._snooze import NotSnoozed, bring_back, snooze, to_bring_back, wake
from ._team_board import Line, TeamBoard, team_board

__all__ = [
    "AGES", "AT_ONCE", "DONE", "DUE", "FIXES", "IDLE", "LIST", "NEEDS", "NOBODY", "REASONS", "AlreadyResolved", "Each",
    "EndedOtherwise", "Group", "HasItAlready", "Line", "NobodyHasIt", "NotSnoozed", "NotYours", "NotYoursToRun",
    "NothingLeft", "NothingToRetry", "NothingToSettle", "Onlooker", "Remedy", "TeamBoard", "Where", "aged", "allowed",
    "behind", "bring_back", "claim", "close_when_solved", "come_back", "dismiss", "find", "fingerprint", "fixes_of",
    "free", "groups", "hand_over", "idle", "limit_of", "looked", "next_", "note", "of", "open_case", "prepare_fix",
    "receivers", "release", "remedy", "resolve", "retry", "run_fix", "says", "settle", "snooze", "team_board", "team_of",
    "teams_of", "to_bring_back", "urgency", "vendor_name", "vendors_of_open", "wake", "works_on",
]  # fmt: skip
