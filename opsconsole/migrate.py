"""Bringing a database to the version of this code, and telling whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import Connection, make_url

from . import models as models  # all tables
from .config import Settings
from .db import db

SCRIPTS = Path(__file__).parent.parent / "migrations"
REPORTING = (
    "opsconsole_reporting"  # the role that reads the views of the schema `reporting`, and nothing else
)


def upgrade(settings: Settings) -> None:
    """Run the migrations as the owner, then let the running role, and who makes reports, use what they made."""
    owner = settings.migration_database_url or settings.database_url
    config = _config(owner)
    config.attributes["masters"] = settings.masters()  # migration 0014 seals what there is
    command.upgrade(config, "head")
    role = make_url(settings.database_url).username
    if role and role != make_url(owner).username:
        _grant(owner, role)
    _grant_reporting(owner)


def behind(connection: Connection) -> str | None:
    """Why the database cannot be used yet, None when it is at this code's version."""
    head = ScriptDirectory(str(SCRIPTS)).get_current_head()
    at = MigrationContext.configure(connection).get_current_revision()
    return (
        None
        if at == head
        else f"The database is at {at or 'no'} migration, the code wants {head}: run opsconsole migrate."
    )


def differences(settings: Settings) -> list[str]:
    """Where models and migrations disagree, in a database that has been migrated."""
    engine = create_engine(settings.migration_database_url or settings.database_url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, db.metadata)]


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = url
    return config


_ONLY_ADDED_TO = (
    "audit_entries", "audit_seals", "status_moves", "note_versions", "phi_views", "decisions",
)  # fmt: skip


def _grant(owner: str, role: str) -> None:
    """The running role reads and writes rows and owns nothing; what happened it can only add to."""
    quoted = '"' + role.replace('"', '""') + '"'
    statements = [
        f"grant usage on schema public to {quoted}",
        f"grant select, insert, update, delete on all tables in schema public to {quoted}",
        f"grant usage on all sequences in schema public to {quoted}",
        f"revoke update, delete on {', '.join(_ONLY_ADDED_TO)} from {quoted}",
        f"grant update (text) on note_versions to {quoted}",  # only to seal it anew with another key
        f"grant update (content) on decisions to {quoted}",  # the same
        f"revoke insert, update, delete on alembic_version from {quoted}",
    ]
    with create_engine(owner, poolclass=NullPool).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _grant_reporting(owner: str) -> None:
    """Each time anew: a view that a migration made anew has lost its grant, and the role may be younger than all of them."""
    with create_engine(owner, poolclass=NullPool).begin() as connection:
        if connection.scalar(text("select true from pg_roles where rolname = :role"), {"role": REPORTING}):
            connection.execute(text(f"grant usage on schema reporting to {REPORTING}"))
            connection.execute(text(f"grant select on all tables in schema reporting to {REPORTING}"))
