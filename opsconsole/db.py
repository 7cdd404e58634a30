"""The database: one SQLAlchemy object, its naming convention, and the console's clock."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, DateTime, MetaData, NullPool, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, registry

from .config import Settings

NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


# What a transaction waits for unless it says otherwise: set once per connection, not in each transaction.
PATIENCE = "-c lock_timeout=3s -c statement_timeout=15s"
AT_ONCE = "at_once"  # db.engines[AT_ONCE]: each statement commits by itself


class Root(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMES), type_annotation_map={datetime: DateTime(timezone=True)}
    )


class Reading(Session):
    """A session that reads on AT_ONCE's connections while its `info` says so, else in transactions on the engine's."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **more: Any) -> Any:
        if bind is None and AT_ONCE in self.info:
            return db.engines[AT_ONCE]
        return super().get_bind(mapper, clause, bind, **more)


db = SQLAlchemy(model_class=Root, disable_autonaming=True, session_options={"class_": Reading})

if TYPE_CHECKING:
    Model = Root
else:
    Model = db.Model


def instant() -> Any:
    """SQL for the console's now: the database's clock, plus the sandbox's offset where there is one."""
    return func.instant()


def now() -> datetime:
    """The console's now, read from the database. Opens a transaction if none is open."""
    return db.session.scalar(select(instant()))  # type: ignore[return-value]


def touched(result: Any) -> int:
    """How many rows an update or delete touched. SQLAlchemy does not tell it of ORM inserts: return their ids."""
    if result.rowcount < 0:
        raise ValueError("The driver does not tell how many rows this statement touched.")
    return int(result.rowcount)


def own_connection() -> Connection:
    """A connection of one's own outside the pool, in autocommit: session advisory locks live on it."""
    engine = create_engine(db.engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    return engine.connect()


def init_database(app: Flask, settings: Settings) -> None:
    """Bind the app to its database. Connections are checked when taken, so a restart heals by itself."""
    options = {
        "hide_parameters": True,  # errors are logged; the values in them may be about patients
        "pool_size": 10,
        "max_overflow": 10,
        "pool_timeout": 5,
        "connect_args": {"connect_timeout": 3, "application_name": "opsconsole", "options": PATIENCE},
    }
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {**options, "pool_pre_ping": True}
    # Webhooks and what pages read are single statements on connections of their own: no transaction to open, none checked
    # first. Whoever sends the first one tries again when the connection is found dead.
    at_once = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None, "url": settings.database_url}
    app.config["SQLALCHEMY_BINDS"] = {AT_ONCE: {**options, **at_once}}
    db.init_app(app)
