from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsconsole.machine import places


@pytest.fixture
def home() -> Iterator[Path]:
    with new_home() as made:
        yield made


@pytest.fixture(scope="module")
def module_home() -> Iterator[Path]:
    with new_home() as made:
        yield made


@contextlib.contextmanager
def new_home() -> Iterator[Path]:
    """A new home that any account can reach, as a checkout usually is; everything made for it is removed."""
    above = Path(tempfile.mkdtemp(prefix="opsc-test-"))
    above.chmod(0o755)
    made = places.make_home(above / "home")
    yield made
    if (made / "mark").exists():
        shutil.rmtree(f"/tmp/opsc-{places.tag(made)}", ignore_errors=True)
        shutil.rmtree(f"/var/tmp/opsconsole-{places.tag(made)}", ignore_errors=True)
    shutil.rmtree(above, ignore_errors=True)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
