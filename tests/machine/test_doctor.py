from __future__ import annotations

import dataclasses
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from opsconsole.cli import main
from opsconsole.machine.doctor import Installation, examine
from opsconsole.machine.environment import remember, remembered, secrets_of
from opsconsole.machine.postgres import Postgres
from opsconsole.machine.valkey import Valkey


@pytest.fixture(scope="module")
def sound(module_home: Path) -> Iterator[Installation]:
    postgres, valkey = Postgres(module_home, durable=False), Valkey(module_home)
    postgres.start()
    valkey.start()
    yield Installation(
        env="sandbox",
        database_url=postgres.app_url,
        redis_url=valkey.url,
        vendors={},
        sandbox_url=None,
        migrations=lambda: None,
        behind=dict,
    )
    valkey.discard()
    postgres.discard()


@pytest.mark.parametrize(
    ("greets", "verdict"), [(b"220 mail", "ok"), (b"HTTP/1.1 400 what", "wrong"), (b"", "wrong")]
)
def test_a_mail_server_is_greeted_and_handed_nothing(
    sound: Installation, greets: bytes, verdict: str
) -> None:
    heard = []

    def serve(listening: socket.socket) -> None:
        line, _ = listening.accept()
        with line:
            line.sendall(greets + b"\r\n" if greets else b"")
            heard.append(line.recv(100) if greets else b"")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        base = f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        assert verdicts(dataclasses.replace(sound, vendors={"email": base}))["email"] == verdict
        thread.join()
    assert b"".join(heard) in (b"", b"QUIT\r\n")


def verdicts(installation: Installation) -> dict[str, str]:
    return {finding.what: finding.verdict for finding in examine(installation)}


def test_a_sound_installation_and_what_is_late(sound: Installation) -> None:
    found = list(examine(dataclasses.replace(sound, behind=lambda: {"promises": 3600, "events": 0})))
    trouble = dataclasses.replace(sound, incidents=lambda: ["Stripe does not answer."])
    [last] = [finding for finding in examine(trouble) if finding.what == "incident"]
    assert (last.verdict, last.says) == ("warning", "Stripe does not answer. See /incidents.")
    assert [finding.verdict for finding in found] == ["ok"] * 5 + ["warning", "ok", "ok", "ok"]
    assert "60 min late" in found[-4].says


def test_it_tells_when_nobody_has_looked_for_what_is_stuck(sound: Installation) -> None:
    for seconds, verdict, says in (
        (600, "ok", "within the last 10 min"), (660, "warning", "for 11 min"), (float("inf"), "warning", "ever looked"),
    ):  # fmt: skip
        found = examine(dataclasses.replace(sound, diagnosed=lambda seconds=seconds: seconds))
        [one] = [finding for finding in found if finding.what == "diagnosis"]
        assert one.verdict == verdict and says in one.says


def test_a_database_that_is_not_migrated_is_wrong_and_nothing_more_is_asked_of_it(
    sound: Installation,
) -> None:
    def never() -> dict[str, float]:
        raise AssertionError("asked a database that is not ready")

    broken = dataclasses.replace(sound, migrations=lambda: "Run opsconsole migrate.", behind=never)
    assert verdicts(broken)["migrations"] == "wrong"


def test_one_role_for_everything_is_a_warning(sound: Installation) -> None:
    owner = sound.database_url.replace("//opsconsole@", "//opsconsole_owner@")
    with psycopg.connect(owner.replace("+psycopg", "")) as connection:
        connection.execute("create table things ()")
    assert verdicts(sound)["roles"] == "ok"
    assert verdicts(dataclasses.replace(sound, database_url=owner))["roles"] == "warning"


def test_what_does_not_answer_is_wrong_and_no_secret_is_shown(sound: Installation) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        found = list(
            examine(
                dataclasses.replace(
                    sound,
                    database_url=f"postgresql+psycopg://me:hush-hush@127.0.0.1:{port}/db",
                    redis_url=f"redis://:hush-hush@127.0.0.1:{port}/0",
                    vendors={"stripe": f"http://127.0.0.1:{port}"},
                )
            )
        )
    assert {finding.what: finding.verdict for finding in found} == {
        "settings": "ok",
        "database": "wrong",
        "redis": "wrong",
        "stripe": "wrong",
    }
    assert "hush" not in " ".join(finding.says for finding in found)


def test_a_vendor_that_answers_anything_is_reachable_and_a_sandbox_is_named(sound: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

        def refuse_once() -> None:
            line, _ = server.accept()
            line.recv(1000)
            line.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
            line.close()

        threading.Thread(target=refuse_once, daemon=True).start()
        found = {
            f.what: f for f in examine(dataclasses.replace(sound, vendors={"stripe": url}, sandbox_url=url))
        }
    assert found["stripe"].verdict == "ok"
    assert "the sandbox" in found["stripe"].says


def test_the_command_names_a_missing_setting_and_fails(tmp_path: Path) -> None:
    empty = {"OPSCONSOLE_HOME": str(tmp_path), "OPSCONSOLE_DATABASE_URL": "", "OPSCONSOLE_ENV": "sandbox"}
    done = CliRunner().invoke(main, ["doctor", "--json"], env=empty)
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["ok"] is False
    assert told["findings"][0]["what"] == "settings"
    assert "OPSCONSOLE_DATABASE_URL" in told["findings"][0]["says"]


def test_secrets_are_made_once_and_for_us_only(tmp_path: Path) -> None:
    first = secrets_of(tmp_path)
    assert secrets_of(tmp_path) == first
    assert first["STRIPE_API_KEY"].startswith("sk_test_")
    assert first["STRIPE_WEBHOOK_SECRET"].startswith("whsec_")
    (tmp_path / "secrets.json").write_text('{"OPSCONSOLE_SECRET_KEY": "from an older version"}')
    assert secrets_of(tmp_path)["OPSCONSOLE_SECRET_KEY"] == "from an older version"
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_other_commands_find_what_up_uses(tmp_path: Path) -> None:
    assert remembered(tmp_path) == {}
    remember(tmp_path, {"OPSCONSOLE_DATABASE_URL": "postgresql+psycopg://x@/y"})
    assert remembered(tmp_path) == {"OPSCONSOLE_DATABASE_URL": "postgresql+psycopg://x@/y"}
    assert (tmp_path / "environment.json").stat().st_mode & 0o777 == 0o600
