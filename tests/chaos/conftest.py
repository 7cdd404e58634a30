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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Minutes of chaos are asked for by name: `-m soak`."""
    if "soak" not in config.option.markexpr:
        for item in items:
            if item.get_closest_marker("soak"):
                item.add_marker(pytest.mark.skip(reason="minutes long: make chaos"))
