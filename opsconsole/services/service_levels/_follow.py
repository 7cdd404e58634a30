"""Who works out instants from limits or hours is told when they change."""

from __future__ import annotations

from collections.abc import Callable

Follows = Callable[[str | None], None]
_FOLLOWERS: list[Follows] = []


def when_changed(do: Follows) -> Follows:
    """Mark what is done, in the same commit, once a limit or a calendar has changed: with the code, or with None when the
    hours of somebody have, which may concern any code."""
    _FOLLOWERS.append(do)
    return do


def tell_followers(code: str | None) -> None:
    for follow in _FOLLOWERS:
        follow(code)
