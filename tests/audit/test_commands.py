"""`opsconsole audit verify`, and the clock that seals."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from opsconsole.cli import main
from opsconsole.machine.postgres import Postgres
from opsconsole.services import audit

from ..conftest import settings_for
from ..house import House


@pytest.fixture
def environment(house: House, fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {
        "OPSCONSOLE_DATABASE_URL": fresh_database.replace("postgresql+psycopg://", "postgresql://", 1),
        "OPSCONSOLE_SECRET_KEY": "x" * 40,
        "OPSCONSOLE_HOME": str(tmp_path),
        "OPSCONSOLE_ENV": "test",
        "STRIPE_API_KEY": "sk_test_1",
        "STRIPE_WEBHOOK_SECRET": "whsec_1",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def seal_all(database: str, home: Path) -> None:
    key, heads = settings_for(database).sealing_key(), audit.Heads(home / "audit-heads")
    with create_engine(database, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as hands:
        while audit.seal(hands, key, heads):
            pass


def test_an_audit_that_is_as_written_and_its_tail(
    environment: Path, house: House, fresh_database: str
) -> None:
    seal_all(fresh_database, environment)
    house.order("5.00")
    told = CliRunner().invoke(main, ["audit", "verify"])
    assert told.exit_code == 0, told.output
    assert (
        "entries are sealed and as they were written." in told.output
        and "wait for their seal: aud_" in told.output
    )


def test_an_entry_that_was_changed_is_named_and_the_command_fails(
    environment: Path, house: House, fresh_database: str, cluster: Postgres
) -> None:
    house.order("5.00")
    seal_all(fresh_database, environment)
    with cluster._connect(make_url(fresh_database).database or "") as root:
        root.execute("set session_replication_role = replica")
        query = "update audit_entries set says = 'nothing' where act = 'orders.record' returning id"
        [(touched,)] = root.execute(query).fetchall()
    told = CliRunner().invoke(main, ["audit", "verify"])
    assert told.exit_code == 1
    assert f"{touched} is not what was sealed as number" in told.output


def test_the_page_of_an_entry_tells_its_seal(environment: Path, house: House, fresh_database: str) -> None:
    house.order("5.00")
    [entry] = house.api().get("/audit?act=orders.record")["items"]
    assert house.api().get(entry["url"])["seal"] is None
    seal_all(fresh_database, environment)
    number = house.api().get(entry["url"])["seal"]
    assert number > 1 and f"number {number}" in house.page("auditor").get(entry["url"])
