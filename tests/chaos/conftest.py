from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..machine.conftest import new_home
from .machine import Machine


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Real processes of a module's own: what happens to them happens to nobody else."""
    with new_home() as home, Machine(home) as started:
        yield started
