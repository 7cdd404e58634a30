"""The import rules hold, and each of them is shown to trip: a rule that cannot fail is no rule."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

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
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "1000"},  # each rule's name on one line
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


def test_each_import_rule_trips_at_its_own_offence(tmp_path: Path) -> None:
    """All offences at once, for reading the whole package takes longest: each is told of under its rule."""
    shutil.copytree(
        ROOT / "opsconsole", tmp_path / "opsconsole", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for where, line in OFFENCES.values():
        file = tmp_path / "opsconsole" / where
        whole = file.read_text()
        assert "from __future__ import annotations\n" in whole, file
        file.write_text(whole.replace("annotations\n", f"annotations\n{line}\n", 1))
    _, told = _lint(tmp_path).split("Broken contracts", 1)
    broken = dict(re.findall(r"^([^\n]+)\n-{4,}\n(.*?)(?=^[^\n]+\n-{4,}\n|\Z)", told, re.M | re.S))
    for rule, (where, line) in OFFENCES.items():
        [said] = [said for name, said in broken.items() if name.startswith(rule)] or [""]
        offender = "opsconsole." + where.removesuffix(".py").replace("/", ".")
        offence = rf"{re.escape(offender)} -> {re.escape(line.split()[1])}\b"
        assert re.search(offence, said), (rule, said or told)


def test_no_http_client_of_the_standard_library_outside_vendors_and_what_starts_processes() -> None:
    allowed = {"vendors", "machine", "sandbox"}
    for file in (ROOT / "opsconsole").rglob("*.py"):
        if file.relative_to(ROOT / "opsconsole").parts[0] not in allowed:
            assert not re.search(r"urllib\.request|http\.client|urlopen", file.read_text()), file
