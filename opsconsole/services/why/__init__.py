"""Why somebody cannot do something now, and who could: from the same rows and rules that decide it."""

from ._explain import Explained, Hurdle, Spent, explain

__all__ = ["Explained", "Hurdle", "Spent", "explain"]
