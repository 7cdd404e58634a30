"""A production starts safe or not at all, and what is secret stays so."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from opsconsole import create_app, production
from opsconsole.cli import main
from opsconsole.config import Misconfigured, Settings, from_files

from ..conftest import settings_for
from ..house import House

ASVS = {
    "6.3.2": "no default accounts", "11.5.1": "random keys", "12.3.1": "TLS", "12.3.2": "TLS is checked",
    "13.3.1": "secrets outside the code", "13.4.2": "no debugger", "16.2.5": "no secrets in logs",
}  # fmt: skip
KEY = "mC7hQx2vT9pLr4zWb8Kd1sYfJ6nGa3uE5oVi0RkH"
SAFE = {
    "OPSCONSOLE_ENV": "production",
    "OPSCONSOLE_DATABASE_URL": "postgresql://runner:pw-canary-7Q@db.example/opsconsole?sslmode=verify-full",
    "OPSCONSOLE_REDIS_URL": "rediss://:redis-canary-7Q@redis.example/0",
    "OPSCONSOLE_SECRET_KEY": KEY,
    "OPSCONSOLE_BASE_URL": "https://console.example",
    "OPSCONSOLE_PROXIES": "1",
    "STRIPE_API_KEY": "sk_live_canary7Qcanary7Qcanary7Q",
    "STRIPE_WEBHOOK_SECRET": "whsec_canary7Qcanary7Qcanary7Q",
}


def said(**changes: str) -> str:
    settings = Settings.from_environment({k: v for k, v in (SAFE | changes).items() if v})
    try:
        production.check(settings, web=True)
    except Misconfigured as problem:
        return str(problem)
    return ""


def test_a_safe_one_starts() -> None:
    assert said() == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"OPSCONSOLE_SECRET_KEY": "x" * 40}, "OPSCONSOLE_SECRET_KEY is not random"),
        (
            {"OPSCONSOLE_SECRET_KEY": "change-me-please-0123456789-abcdefghij"},
            "OPSCONSOLE_SECRET_KEY is not random",
        ),
        ({"OPSCONSOLE_AUDIT_KEY": "ab" * 20}, "OPSCONSOLE_AUDIT_KEY is not random"),
        ({"OPSCONSOLE_BASE_URL": ""}, "OPSCONSOLE_BASE_URL is not an https address"),
        ({"OPSCONSOLE_BASE_URL": "http://console.example"}, "OPSCONSOLE_BASE_URL is not an https address"),
        ({"OPSCONSOLE_PROXIES": ""}, "OPSCONSOLE_PROXIES is 0"),
        ({"STRIPE_API_KEY": "sk_live_1"}, "STRIPE_API_KEY is shorter"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_1"}, "STRIPE_WEBHOOK_SECRET is shorter"),
        ({"STRIPE_API_BASE": "http://stripe.example"}, "STRIPE_API_BASE"),
        ({"STRIPE_API_BASE": "https://127.0.0.1:8001"}, "STRIPE_API_BASE"),
        ({"OPSCONSOLE_DATABASE_URL": "postgresql://a@db.example/b"}, "OPSCONSOLE_DATABASE_URL leads"),
        (
            {"OPSCONSOLE_DATABASE_URL": "postgresql://a@db.example/b?sslmode=require"},
            "OPSCONSOLE_DATABASE_URL leads",
        ),
        ({"OPSCONSOLE_DATABASE_URL": "postgresql://a@/b?host=db.example"}, "OPSCONSOLE_DATABASE_URL leads"),
        ({"OPSCONSOLE_DATABASE_URL": "postgresql://a@/b?host=/run/postgresql"}, ""),
        ({"OPSCONSOLE_DATABASE_URL": "postgresql://a@127.0.0.1/b"}, ""),
        ({"OPSCONSOLE_REDIS_URL": "redis://redis.example/0"}, "OPSCONSOLE_REDIS_URL leads"),
        ({"OPSCONSOLE_REDIS_URL": "redis://localhost/0"}, ""),
        ({"OPSCONSOLE_REDIS_URL": "redis://redis.example/0", "OPSCONSOLE_UNENCRYPTED": "redis"}, ""),
    ],
)
def test_what_is_refused(changes: dict[str, str], words: str) -> None:
    found = said(**changes)
    assert words in found and bool(found) == bool(words), found
    assert "canary7Q" not in found and "canary-7Q" not in found and KEY not in found


@pytest.mark.parametrize("name", ["OPSCONSOLE_DEMO_TOKEN", "OPSCONSOLE_SANDBOX_URL"])
def test_nothing_of_a_sandbox(name: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        said(**{name: "https://x.example"})


@pytest.mark.parametrize("command", ["web", "worker", "clock"])
def test_the_commands_refuse_with_all_reasons(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (SAFE | {"OPSCONSOLE_SECRET_KEY": "x" * 40, "STRIPE_API_KEY": "sk_live_1"}).items():
        monkeypatch.setenv(name, value)
    ended = CliRunner().invoke(main, [command])
    assert ended.exit_code == 1
    assert "OPSCONSOLE_SECRET_KEY" in ended.output and "STRIPE_API_KEY" in ended.output
    assert "sk_live_1" not in ended.output and "xxxx" not in ended.output


def test_a_database_with_demo_accounts_is_not_served(house: House, fresh_database: str) -> None:
    """The people of these tests are the demo's."""
    live = create_app(settings_for(fresh_database, env="production", stripe_api_key="sk_live_1"))
    client = live.test_client()
    answer = client.get("/sign-in", base_url="https://localhost")
    assert answer.status_code == 503 and "demo accounts" in answer.text
    assert client.get("/healthz").status_code == 200
    assert house.app.test_client().get("/sign-in").status_code == 200, "a sandbox has them"


# ------------------------------------------------------------------ secrets


def test_secrets_come_from_files(tmp_path: Path) -> None:
    kept = tmp_path / "key"
    kept.write_text(f"{KEY}\n")
    environ = {k: v for k, v in SAFE.items() if k != "OPSCONSOLE_SECRET_KEY"} | {
        "OPSCONSOLE_SECRET_KEY_FILE": str(kept)
    }
    assert Settings.from_environment(environ).secret_key == KEY
    for name in (
        "STRIPE_API_KEY",
        "PHARMACY_NORTH_API_KEY",
        "HEALTHCARE_CLIENT_SECRET",
        "SMTP_URL",
        "OIDC_CLIENT_SECRET",
    ):
        assert from_files({f"{name}_FILE": str(kept)}) == {name: KEY}
    assert from_files({"PROFILE": "x", "OTHER_FILE": "y"}) == {"PROFILE": "x", "OTHER_FILE": "y"}


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe", b"x" * 20_000])
def test_a_file_that_holds_no_secret_is_named(tmp_path: Path, content: bytes | None) -> None:
    kept = tmp_path / "key"
    if content is not None:
        kept.write_bytes(content)
    with pytest.raises(Misconfigured, match="STRIPE_API_KEY_FILE names a file"):
        from_files({"STRIPE_API_KEY_FILE": str(kept)})


def test_both_at_once_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="both set"):
        from_files({"STRIPE_API_KEY_FILE": str(tmp_path), "STRIPE_API_KEY": "sk_test_1"})


def test_no_secret_in_a_repr() -> None:
    settings = Settings.from_environment(SAFE | {"CUSTOMERIO_SITE_ID": "site"} | dict.fromkeys(
        ("CUSTOMERIO_API_KEY", "CUSTOMERIO_APP_API_KEY", "CUSTOMERIO_WEBHOOK_SECRET", "OPSCONSOLE_AUDIT_KEY"), "canary7Q" * 5
    ))  # fmt: skip
    for told in (repr(settings), str(settings), repr(replace(settings, migration_database_url="canary7Q"))):
        assert "canary7Q" not in told and KEY not in told
    shown = {one.name for one in fields(settings) if one.repr}
    assert not [
        name for name in shown if any(word in name for word in ("key", "secret", "token", "database"))
    ]
    assert "redis_url" not in shown, "it may hold a password"


def test_no_secret_in_what_doctor_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SAFE.items():
        monkeypatch.setenv(
            name, value.replace("db.example", "127.0.0.1:9").replace("redis.example", "127.0.0.1:9")
        )
    monkeypatch.setenv("STRIPE_API_BASE", "https://127.0.0.1:9")
    told = CliRunner().invoke(main, ["doctor", "--json"]).output
    assert json.loads(told)["findings"] and "7Q" not in told and KEY not in told


def test_no_secret_is_a_command_line_argument() -> None:
    """Anybody on the machine reads those: `up` hands settings on in the environment."""
    from opsconsole.machine.environment import SECRETS
    from opsconsole.machine.up import _Machine

    code = Path(sys.modules[_Machine.__module__].__file__ or "").read_text()
    assert "secrets_of" in code and "*arguments" in code
    given = [line for line in code.splitlines() if "self._program(" in line or "arguments" in line]
    assert given and not [line for line in given for name in SECRETS if name in line]
    asked = subprocess.run(
        [sys.executable, "-m", "opsconsole.cli", "--help"], capture_output=True, text=True, check=True
    )
    assert "secret" not in asked.stdout.lower()
