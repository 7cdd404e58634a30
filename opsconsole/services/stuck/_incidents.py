"""Which outside systems are down: what waits for one of them is one incident's, not a cause each."""

from __future__ import annotations

from collections.abc import Mapping


def down() -> Mapping[str, str]:
    """The id of the open incident of each port that is down."""
    return {}
