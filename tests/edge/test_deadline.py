"""No request takes for ever: it is given up between two statements, and nothing of it stays."""

from __future__ import annotations

import pytest
from flask import Flask

from opsconsole import create_app
from opsconsole.db import db
from opsconsole.views._who import public

from ..conftest import settings_for
from ..house import House

ASVS = {"16.5.2": "ends in words", "16.5.3": "fails closed"}


@pytest.fixture
def hurried(fresh_database: str) -> Flask:
    app = create_app(settings_for(fresh_database, request_seconds=1))

    @public
    def slow() -> str:
        db.session.execute(db.text("insert into failed_sign_ins values ('slow', now(), 1)"))
        for _ in range(40):
            db.session.execute(db.text("select pg_sleep(0.1)"))
        db.session.commit()
        return "done"

    app.add_url_rule("/slow", view_func=slow)
    return app


def test_it_ends_in_words_and_leaves_nothing(house: House, hurried: Flask) -> None:
    answer = hurried.test_client().get("/slow")
    assert answer.status_code == 503 and "took too long" in answer.text
    assert house.rows("select 1 from failed_sign_ins where what = 'slow'") == []
    assert hurried.test_client().get("/sign-in").status_code == 200, "the next one has its own time"


def test_work_outside_requests_has_its_own_time(hurried: Flask) -> None:
    with hurried.app_context():
        for _ in range(13):
            db.session.execute(db.text("select pg_sleep(0.1)"))
        db.session.remove()
