"""What takes minutes is asked for by name here, too."""

from __future__ import annotations

from ..chaos.conftest import pytest_collection_modifyitems

__all__ = ["pytest_collection_modifyitems"]
