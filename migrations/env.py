"""Runs migrations for `opsconsole migrate`. Short lock and statement timeouts: old code still serves."""

from __future__ import annotations

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from opsconsole.db import db

engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
with engine.connect() as connection:
    connection.execute(text("set lock_timeout = '4s'"))
    connection.execute(text("set statement_timeout = '60s'"))
    connection.commit()
    context.configure(connection=connection, target_metadata=db.metadata, compare_type=True)
    with context.begin_transaction():
        connection.execute(
            text("select pg_advisory_xact_lock(8302711)")
        )  # two migrating processes take turns
        context.run_migrations()
