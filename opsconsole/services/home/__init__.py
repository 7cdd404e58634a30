"""What the home page shows."""

from ._board import Board, Owner, Row, Vendor, board

__all__ = ["Board", "Owner", "Row", "Vendor", "board"]
