"""What the home page shows, and what the search box finds."""

from ._search import search
from ._today import Today, today

__all__ = ["Today", "search", "today"]
