"""What there was before anything was sealed: migration 0014 seals it, and going back opens it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from opsconsole import create_app, keyring, migrate
from opsconsole.machine.postgres import OWNER, Postgres

from ..conftest import settings_for

SAID = "A rash – after the tretinoin"


@pytest.fixture
def empty(cluster: Postgres) -> Iterator[str]:
    name = f"before_sealing_{id(cluster)}"
    cluster.create_database(name)
    yield cluster.url(name, OWNER)
    cluster.drop_database(name)


def test_notes_and_events_are_sealed_and_opened_again(empty: str) -> None:
    settings = settings_for(empty)
    config = migrate._config(empty)
    config.attributes["masters"] = settings.masters()
    command.upgrade(config, "0011")
    engine = create_engine(empty)
    with engine.begin() as connection:
        for n in range(3):
            row = {"id": f"nte_{n}", "said": f"{SAID} {n}"}
            connection.execute(text(
                "insert into notes (id, subject_noun, subject_id, about, text, version, phi, pinned, by, by_id, trace_id) "
                "values (:id, 'orders', 'ord_1', '{}', :said, 1, true, false, 'Sam', 'stf_1', 'trc_1')"), row)  # fmt: skip
            version = (
                "insert into note_versions (id, note_id, number, text, phi) values (:id, :id, 1, :said, true)"
            )
            connection.execute(text(version), row)
    command.upgrade(config, "head")

    def read(query: str) -> list[Any]:
        with engine.connect() as connection:
            return list(connection.execute(text(query)))

    app = create_app(settings)
    with app.app_context():
        for table in ("notes", "note_versions"):
            kept = read(f"select id, text from {table} order by id")
            assert not any(b"tretinoin" in bytes(value) for _, value in kept)
            opened = [
                keyring.ring().open(bytes(v), keyring.place(table, "text", id)).decode() for id, v in kept
            ]
            assert opened == [f"{SAID} {n}" for n in range(3)]
    command.downgrade(config, "0011")
    assert [row.text for row in read("select text from notes order by id")] == [
        f"{SAID} {n}" for n in range(3)
    ]
    with app.app_context():
        from opsconsole.db import db

        for bound in db.engines.values():
            bound.dispose()
    engine.dispose()
