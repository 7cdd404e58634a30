"""A console that refuses many deliveries in a row: what leaves no trace in the inbox can share one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from opsconsole import create_app
from opsconsole.machine.postgres import RUNNER, Postgres
from opsconsole.sandbox import create_sandbox

from ..conftest import settings_for
from ..conftest_parts import TEMPLATE, WORKER
from ..house import KEY, SECRET, House


@pytest.fixture(scope="module")
def door(cluster: Postgres) -> Iterator[House]:
    """A house for all of a module's refusals: each test looks at what it adds."""
    name = f"door_{WORKER}"
    cluster.create_database(name, template=TEMPLATE)
    sandbox = create_sandbox(None, stripe_api_key=KEY, stripe_webhook_secret=SECRET, webhook_url=None)
    house = House(create_app(settings_for(cluster.url(name, RUNNER))), sandbox)
    yield house
    house.close()
    sandbox.sandbox.close()
    cluster.drop_database(name)
