"""What is done when an order moves, by those who stand above orders and go with one."""

from __future__ import annotations

from ...models.order import FOLLOWERS, Follows


def when_moved(do: Follows) -> Follows:
    """Mark what is done, in the same commit, once an order has moved, whoever moved it. The order is locked. It refuses
    nothing: the order has gone there."""
    FOLLOWERS.append(do)
    return do
