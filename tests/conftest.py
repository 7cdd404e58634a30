"""The house as tests see it: HTTP in, a real database and the sandbox out.

Each test gets its own database, so what it commits is committed for real and touches nobody else.
"""

from __future__ import annotations

import os

os.environ["OPSCONSOLE_ENV"] = "test"  # before anything of ours is imported: cheap password hashes

import gc
import io
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

import psycopg
import pytest
import structlog
from flask import Flask
from sqlalchemy import Connection, event

from opsconsole import create_app, logs, vendors
from opsconsole.config import Settings
from opsconsole.db import db
from opsconsole.jobs import run
from opsconsole.keyring import init_keyring
from opsconsole.lib import passwords
from opsconsole.migrate import upgrade
from opsconsole.services import CONSOLE, staff, tokens
from opsconsole.services.home import _board
from opsconsole.services.incidents import _health
from opsconsole.vendors.billing.stripe import StripeBilling
from opsconsole.vendors.crm.customerio import CustomerIO
from opsconsole.vendors.crm.templates import TEMPLATES
from opsconsole.vendors.files.folder import Folder
from opsconsole.vendors.healthcare.fhir import Fhir
from opsconsole.vendors.payments.stripe import Stripe
from opsconsole.vendors.pharmacy.honeybee import Honeybee
from opsconsole.vendors.pharmacy.truepill import Truepill
from opsconsole.vendors.tracking.easypost import EasyPost

from . import conftest_parts
from .conftest_parts import as_new, cluster, database_owner_url, database_url, fresh_database, valkey_url
from .house import CRM, KEY, PARCELS, PASSWORD, PATIENTS, PEOPLE, PHARMACIES, SECRET, TOKENS, House
from .kept import Keeper
from .sandbox.shared import sandbox_as_new
from .sandbox.wsgi import WsgiClient, WsgiWire
from .web import web

__all__ = ["as_new", "cluster", "database_owner_url", "database_url", "fresh_database", "valkey_url", "web"]


def settings_for(database: str, **changes: object) -> Settings:
    values: dict[str, object] = {
        "database_url": database,
        "secret_key": "x" * 40,
        "stripe_api_key": KEY,
        "stripe_webhook_secret": SECRET,
        "env": "test",
        "home": Path("/nonexistent"),
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


def _prepare(owner_url: str) -> None:
    """Migrations, roles, one person of each role, one token of each role."""
    runner_url = owner_url.replace("//opsconsole_owner@", "//opsconsole@", 1)
    settings = settings_for(runner_url, migration_database_url=owner_url)
    upgrade(settings)
    app = create_app(settings)
    with app.app_context():
        staff.install_roles(sandbox=True)
        hashed = passwords.hashed(PASSWORD)
        for role, (email, name) in PEOPLE.items():
            staff.add(email=email, name=name, role=role, password_hash=hashed, by=CONSOLE)
        for role, token in TOKENS.items():
            tokens.create(name=role, role=role, secret_hash=passwords.fingerprint(token), by=CONSOLE)
        db.session.remove()
        db.engine.dispose()


conftest_parts.prepare_with(_prepare)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew-pictures",
        action="store_true",
        help="write the pictures of tests/orders/lanes anew, to be looked at",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes minutes is asked for by name: `-m soak`."""
    if "soak" not in config.option.markexpr:
        for item in items:
            if item.get_closest_marker("soak"):
                item.add_marker(pytest.mark.skip(reason="minutes long: make chaos"))


def pytest_collection_finish() -> None:
    """Hundreds of thousands of objects live until the end from here on: the collector need not go through them again
    and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


@cache
def _shared(database: str) -> tuple[Flask, dict[str, Any], KeptConnections]:
    """One console for all tests of this process: routes, templates and statements are compiled once."""
    app = create_app(settings_for(database))
    kept = KeptConnections(app)
    conftest_parts.kept_with(kept)
    return app, dict(app.config), kept


class KeptConnections:
    """What the shared console and its worker keep open from one test to the next."""

    def __init__(self, app: Flask) -> None:
        self._open: WeakSet[psycopg.Connection[Any]] = WeakSet()
        self._worker: Connection | None = None
        with app.app_context():
            self._engines = [*db.engines.values()]
        for engine in self._engines:
            engine.pool._pre_ping = False  # `AsNew` has seen that they live; who cuts them has an `own_app`
            event.listen(engine, "connect", lambda connection, _: self._open.add(connection))

    def put_away(self) -> None:
        """The worker's is this console's: another one in this process may have another database."""
        self._worker, run._connection = run._connection, None

    def take_out(self) -> None:
        if run._connection is not None:
            run._connection.close()
        self._worker, run._connection = None, self._worker

    def pids(self) -> list[int]:
        if any(one.pool.checkedout() for one in self._engines):  # by a thread that is gone, or was killed
            self.close()
            return []
        worker = self._worker
        theirs = [] if worker is None or worker.closed or worker.invalidated else [worker.connection]
        everyone = [*self._open, *(one.driver_connection for one in theirs)]
        return [one.info.backend_pid for one in everyone if one and not one.closed]

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None
        for engine in self._engines:
            engine.dispose()


def _console(database: str) -> Flask:
    """The shared console, as if it had just started."""
    app, config, kept = _shared(database)
    kept.take_out()
    settings: Settings = config["SETTINGS"]
    logs.configure(settings)
    app.config.clear()
    app.config.update(config)
    _board._last.clear()
    _health._last.clear()
    init_keyring(app, settings)
    return app


@pytest.fixture
def house(fresh_database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """The console and the sandbox wired together in this process. Nothing moves until `drain()`."""
    own = request.node.get_closest_marker("own_app")
    app = create_app(settings_for(fresh_database)) if own else _console(fresh_database)
    sandbox = sandbox_as_new(
        stripe_api_key=KEY,
        stripe_webhook_secret=SECRET,
        webhook_url="http://console.test",
        deliver=lambda url, headers, body: house.deliver(url, headers, body),
        customerio_keys=CRM,
        pharmacy_keys=PHARMACIES,
        easypost_keys=PARCELS,
        healthcare_keys=PATIENTS,
    )
    vendors.connect(
        "payments",
        Stripe(
            api_key=KEY,
            api_base="http://sandbox.test",
            webhook_secrets=[SECRET],
            http_client=WsgiClient(sandbox),
        ),
    )
    vendors.connect(
        "billing",
        StripeBilling(api_key=KEY, api_base="http://sandbox.test", http_client=WsgiClient(sandbox)),
    )
    vendors.connect(
        "crm",
        CustomerIO(
            site_id=CRM.site_id,
            track_key=CRM.track_key,
            app_key=CRM.app_key,
            webhook_secrets=[CRM.webhook_secret],
            templates=TEMPLATES,
            track_base="http://sandbox.test/customerio/track",
            app_base="http://sandbox.test/customerio/app",
            now=lambda: datetime.fromtimestamp(sandbox.sandbox.clock.now(), UTC),
            wire=WsgiWire(sandbox),
        ),
    )
    wire = WsgiWire(sandbox)
    vendors.connect(
        "pharmacy-truepill",
        Truepill(api_key=PHARMACIES.truepill, base_url="http://sandbox.test/truepill", wire=wire),
    )
    vendors.connect(
        "pharmacy-honeybee",
        Honeybee(
            api_key=PHARMACIES.honeybee,
            webhook_secrets=[PHARMACIES.honeybee_webhook_secret],
            base_url="http://sandbox.test/honeybee",
            wire=wire,
        ),
    )
    vendors.connect(
        "tracking",
        EasyPost(
            api_key=PARCELS.api_key,
            webhook_secrets=[PARCELS.webhook_secret],
            api_base="http://sandbox.test/easypost",
            wire=WsgiWire(sandbox),
        ),
    )
    vendors.connect(
        "healthcare",
        Fhir(
            base_url="http://sandbox.test/fhir",
            client_id=PATIENTS.client_id,
            client_secret=PATIENTS.client_secret,
            webhook_secrets=[PATIENTS.webhook_secret],
            wire=WsgiWire(sandbox),
        ),
    )
    vendors.connect("files", Folder(tmp_path / "files"))
    house = House(app, sandbox)
    if not own:
        house.keeper = Keeper(request.getfixturevalue("as_new"), house, tmp_path / "files")
    yield house
    if own:
        house.close()
    else:
        _shared(fresh_database)[-1].put_away()


@pytest.fixture
def said(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged from here on, also by loggers that have logged before."""
    out = io.StringIO()
    for name, module in [*sys.modules.items()]:
        for logger in ("log", "security") if name.startswith("opsconsole.") else ():
            if hasattr(module, logger) and not isinstance(getattr(module, logger), logging.Logger):
                monkeypatch.setattr(module, logger, structlog.get_logger(name))
    stderr, sys.stderr = sys.stderr, out
    logs.configure(settings_for("postgresql+psycopg://nobody@localhost/none"))
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(out), cache_logger_on_first_use=False)
    try:
        yield out
    finally:
        sys.stderr = stderr
        logs.configure(settings_for("postgresql+psycopg://nobody@localhost/none"))
