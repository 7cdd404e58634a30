"""Named points where a process can be made to die, so that a test can prove that nothing is lost there.

Set OPSCONSOLE_CRASH to "point" or "point:n": the process kills itself the n-th time it comes by.
It does nothing anywhere else than in a sandbox or a test.
"""

from __future__ import annotations

import os
import signal

_WHERE, _, _NTH = os.environ.get("OPSCONSOLE_CRASH", "").partition(":")
_LEFT = [int(_NTH or 1)]
POINTS = (
    "act.before_commit", "act.after_commit", "dispatch.before", "dispatch.after", "claim.before", "claim.after",
    "pin.after", "call.before", "call.after", "record.before", "record.inside", "record.after", "inbox.before",
    "inbox.after", "settle.claimed", "settle.fetched", "settle.after",
)  # fmt: skip


def point(name: str) -> None:
    """Die here with SIGKILL if the environment says so, and only once if a flag file is named."""
    if name != _WHERE or os.environ.get("OPSCONSOLE_ENV") not in ("sandbox", "test"):
        return
    _LEFT[0] -= 1
    flag = os.environ.get("OPSCONSOLE_CRASH_ONCE")
    if _LEFT[0] > 0 or (flag and os.path.exists(flag)):
        return
    if flag:
        with open(flag, "x"):
            pass
    os.kill(os.getpid(), signal.SIGKILL)
