"""The files port: where large things are kept that the database need not hold. What comes here is sealed already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Files(Protocol):
    """Names are ours: letters, digits, "_" and ".". Every method ends within 20 s and raises only Unavailable."""

    name: str

    def put(self, name: str, content: bytes) -> None:
        """Keep these bytes under that name, durable when this returns. Again is the same; other bytes replace them."""
        ...

    def get(self, name: str) -> bytes | None:
        """What is kept under that name, None for nothing."""
        ...

    def health(self) -> Mapping[str, Any]:
        """Where files go and whether they can be kept there: {"base_url", "reachable", "words", "sandbox"}."""
        ...
