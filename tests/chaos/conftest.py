from __future__ import annotations

from collections.abc import Iterator

import pytest

from opsconsole.machine.environment import SANDBOX_PATHS, SECRETS

from ..machine.conftest import new_home
from .machine import Machine
from .worlds import Outside


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Real processes of a module's own: what happens to them happens to nobody else."""
    with new_home() as home, Machine(home) as started:
        yield started


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    """Real processes of a module's own, with all vendors and with one worker: it is the one that comes by."""
    vendors = ("CUSTOMERIO_", "PHARMACY_", "EASYPOST_", "HEALTHCARE_")
    with new_home() as home:
        machine = Machine(home, workers=1)
        machine.env |= {name: make() for name, make in SECRETS.items() if name.startswith(vendors)}
        machine.env |= {name: machine.sandbox_url + path for name, path in SANDBOX_PATHS.items()}
        with machine:
            yield Outside(machine)
