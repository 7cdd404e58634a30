"""What is done when a visit moves, by those who go with one."""

from __future__ import annotations

from ...models.visit import FOLLOWERS, Follows


def when_moved(do: Follows) -> Follows:
    """Mark what is done, in the same commit, once a visit has moved, whoever moved it. The visit is locked. It refuses
    nothing: the visit has gone there."""
    FOLLOWERS.append(do)
    return do
