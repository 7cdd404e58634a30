"""What a request reads first finds out whether its connection still lives."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from opsconsole.db import own_connection

from ..house import House

CUT = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and application_name = 'opsconsole'
"""


@pytest.mark.own_app
def test_pages_and_programs_are_answered_after_the_database_cut_every_connection(house: House) -> None:
    sam, api = house.page("support"), house.api()
    for ask in (lambda: sam.get("/orders"), lambda: api.get("/orders")):
        ask()
        with house.app.app_context(), own_connection() as connection:
            assert connection.scalar(text(CUT)) >= 1
        assert ask()  # answered with 200, or this raises
