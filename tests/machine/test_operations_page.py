"""docs/operations.md says what is true."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from opsconsole.cli import main

ROOT = Path(__file__).parents[2]


def test_every_setting_is_described() -> None:
    config = (ROOT / "opsconsole" / "config.py").read_text()
    settings = set(
        re.findall(
            r'"((?:OPSCONSOLE|STRIPE|HEALTHCARE|PHARMACY|EASYPOST|CUSTOMERIO|SMTP|FILES|OIDC)_[A-Z_]+)"',
            config,
        )
    )
    assert "OPSCONSOLE_DATABASE_URL" in settings
    page = (ROOT / "docs" / "operations.md").read_text()
    described = set(re.findall(r"`([A-Z_]+)`", page.partition("## Settings")[2].partition("\n## ")[0]))
    assert settings - described == set()


def test_the_compose_file_runs_our_commands_with_the_settings_they_need() -> None:
    services = yaml.safe_load((ROOT / "docs" / "compose.yaml").read_text())["services"]
    ours = {name: service for name, service in services.items() if "build" in service}
    assert set(ours) == {"migrate", "web", "worker", "clock"}
    for name, service in ours.items():
        program, command, *_ = service["command"].split()
        assert (program, command) == ("opsconsole", name)
        assert command in main.commands
        assert {"OPSCONSOLE_DATABASE_URL", "OPSCONSOLE_REDIS_URL", "STRIPE_API_KEY"} <= set(
            service["environment"]
        )
    owners = [
        name
        for name, service in ours.items()
        if "OPSCONSOLE_MIGRATION_DATABASE_URL" in service["environment"]
    ]
    assert owners == ["migrate"], "nothing else may change tables"
