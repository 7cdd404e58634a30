"""The house as tests see it: HTTP in, a real database and the sandbox out.

Each test gets its own database, so what it commits is committed for real and touches nobody else.
"""

from __future__ import annotations

import os

os.environ["OPSCONSOLE_ENV"] = "test"  # before anything of ours is imported: cheap password hashes

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsconsole import create_app, vendors
from opsconsole.config import Settings
from opsconsole.db import db
from opsconsole.lib import passwords
from opsconsole.migrate import upgrade
from opsconsole.sandbox import create_sandbox
from opsconsole.services import CONSOLE, staff, tokens
from opsconsole.vendors.crm.customerio import CustomerIO
from opsconsole.vendors.crm.templates import TEMPLATES
from opsconsole.vendors.payments.stripe import Stripe
from opsconsole.vendors.pharmacy.honeybee import Honeybee
from opsconsole.vendors.pharmacy.truepill import Truepill

from . import conftest_parts
from .conftest_parts import cluster, database_owner_url, database_url, fresh_database, valkey_url
from .house import CRM, KEY, PASSWORD, PEOPLE, PHARMACIES, SECRET, TOKENS, House
from .sandbox.wsgi import WsgiClient, WsgiWire

__all__ = ["cluster", "database_owner_url", "database_url", "fresh_database", "valkey_url"]


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


@pytest.fixture
def house(fresh_database: str) -> Iterator[House]:
    """The console and the sandbox wired together in this process. Nothing moves until `drain()`."""
    settings = settings_for(fresh_database)
    app = create_app(settings)
    sandbox = create_sandbox(
        None,
        stripe_api_key=KEY,
        stripe_webhook_secret=SECRET,
        webhook_url="http://console.test",
        deliver=lambda url, headers, body: house.deliver(url, headers, body),
        customerio_keys=CRM,
        pharmacy_keys=PHARMACIES,
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
    house = House(app, sandbox)
    yield house
    house.close()
