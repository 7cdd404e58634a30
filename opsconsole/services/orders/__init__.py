"""What was bought, as the shop tells us."""

from ._find import LIST, find
from ._record import LineFacts, OrderDiffers, record

__all__ = ["LIST", "LineFacts", "OrderDiffers", "find", "record"]
