"""What the home page shows."""

from ._today import Today, today

__all__ = ["Today", "today"]
