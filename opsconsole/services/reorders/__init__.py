"""The same again at today's price: what stands in the way, all at once; a new order, charged to the saved card; its undo."""

from ._place import Blocked, NotReorderable, place, why_not_reorder
from ._prices import Priced, Today, today
from ._withdraw import may_withdraw, withdraw

__all__ = [
    "Blocked", "NotReorderable", "Priced", "Today", "may_withdraw", "place", "today",
    "why_not_reorder", "withdraw",
]  # fmt: skip
