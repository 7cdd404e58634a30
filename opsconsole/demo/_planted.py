"""Which customers are planted for what: to find each oddity in the demo, and to test that it is there."""

from __future__ import annotations

from collections import defaultdict

from ._cast import CAST


def planted() -> dict[str, list[str]]:
    """The shop's references of the customers that show each oddity: {"twins": ["C-100046", "C-100047"], ..}."""
    found: dict[str, list[str]] = defaultdict(list)
    for i, plan in enumerate(CAST):
        if plan.shows:
            found[plan.shows].append(reference(i))
    return dict(found)


def reference(i: int) -> str:
    """The shop's own id of customer number `i`."""
    return f"C-{100000 + i}"
