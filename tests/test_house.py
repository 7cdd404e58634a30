"""The import rules hold, and each of them is shown to trip: a rule that cannot fail is no rule."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINT = Path(sys.executable).with_name("lint-imports")

# contract's first words -> a file and the forbidden line put into it
OFFENCES = {
    "The house": ("models/refund.py", "import opsconsole.services.refunds"),
    "Inside services": ("services/cases/_open.py", "import opsconsole.services.refunds"),
    "Services and models know no web": ("services/orders/_find.py", "import flask"),
    "Vendor SDKs": ("services/refunds/_issue.py", "import stripe"),
    "Adapters are named by config": ("jobs/run.py", "import opsconsole.vendors.payments.stripe"),
    "The sandbox is the outside world": ("sandbox/_ledger.py", "import opsconsole.lib.money"),
    "Only the commands know": ("jobs/run.py", "import opsconsole.sandbox"),
    "One machine's parts": ("machine/valkey.py", "import opsconsole.models"),
}


def _lint(root: Path) -> str:
    run = subprocess.run(
        [LINT, "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    return run.stdout + run.stderr


def test_the_import_rules_hold_and_all_have_an_offence() -> None:
    said = _lint(ROOT)
    assert re.search(r"Contracts: \d+ kept, 0 broken", said), said
    names = re.findall(
        r'\[\[tool\.importlinter\.contracts\]\]\nname = "([^"]+)"', (ROOT / "pyproject.toml").read_text()
    )
    assert len(names) == len(OFFENCES) and all(
        any(name.startswith(key) for name in names) for key in OFFENCES
    )


@pytest.mark.parametrize("contract", OFFENCES)
def test_each_import_rule_trips(contract: str, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "opsconsole", tmp_path / "opsconsole", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    where, line = OFFENCES[contract]
    file = tmp_path / "opsconsole" / where
    file.write_text(
        file.read_text().replace(
            "from __future__ import annotations\n", f"from __future__ import annotations\n{line}\n", 1
        )
    )
    broken = re.findall(
        r"^(.*?) BROKEN",
        _lint(tmp_path).replace("\n", " ").replace("KEPT", "KEPT\n").replace("BROKEN", "BROKEN\n"),
        re.M,
    )
    assert any(contract in name for name in broken), broken


def test_no_http_client_of_the_standard_library_outside_vendors_and_what_starts_processes() -> None:
    allowed = {"vendors", "machine", "sandbox"}
    for file in (ROOT / "opsconsole").rglob("*.py"):
        if file.relative_to(ROOT / "opsconsole").parts[0] not in allowed:
            assert not re.search(r"urllib\.request|http\.client|urlopen", file.read_text()), file
