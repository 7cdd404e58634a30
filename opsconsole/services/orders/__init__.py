"""What was bought, as the shop tells us."""

from ._find import find
from ._note import note
from ._record import LineFacts, OrderDiffers, record

__all__ = ["LineFacts", "OrderDiffers", "find", "note", "record"]
