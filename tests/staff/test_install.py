"""Roles are data: a start brings what the version adds, once, and leaves alone what people changed."""

from __future__ import annotations

import pytest

from opsconsole.db import db
from opsconsole.services import staff
from opsconsole.services.staff import _roles

from ..house import House

HELD = "select permission from grants join roles on roles.id = grants.role_id where roles.name = 'auditor' order by 1"


def held(house: House) -> set[str]:
    return {row.permission for row in house.rows(HELD)}


def start(house: House) -> None:
    with house.app.app_context():
        staff.install_roles(sandbox=True)
        db.session.remove()


def test_a_start_never_undoes_what_people_changed(house: House) -> None:
    with house.app.app_context():
        auditor = "(select id from roles where name = 'auditor')"
        db.session.execute(
            db.text(f"delete from grants where role_id = {auditor} and permission = 'inbox.read'")
        )
        db.session.execute(db.text(f"insert into grants values ({auditor}, 'inbox.sweep')"))
        db.session.execute(db.text("update limits set alone = 1 where measure = 'customer_7d'"))
        db.session.execute(db.text("delete from limits where measure = 'actor_day'"))
        db.session.commit()
    before = house.checksum()
    start(house)
    assert house.checksum() == before
    assert "inbox.sweep" in held(house) and "inbox.read" not in held(house)


def test_what_a_new_version_adds_comes_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    about, grants = staff.ROLES["auditor"]
    monkeypatch.setitem(_roles.ROLES, "auditor", (about, grants | {"parcels.read"}))
    start(house)
    assert "parcels.read" in held(house)
    with house.app.app_context():
        db.session.execute(db.text("delete from grants where permission = 'parcels.read'"))
        db.session.commit()
    start(house)
    assert "parcels.read" not in held(house)


def test_the_demo_exists_in_a_sandbox_only(house: House) -> None:
    with house.app.app_context():
        db.session.execute(
            db.text("delete from limits where role_id = (select id from roles where name = 'demo')")
        )
        db.session.execute(
            db.text("delete from grants where role_id = (select id from roles where name = 'demo')")
        )
        db.session.execute(db.text("delete from tokens where name = 'demo'"))
        db.session.execute(db.text("delete from roles where name = 'demo'"))
        db.session.execute(db.text("delete from installed_defaults where role = 'demo'"))
        db.session.commit()
        staff.install_roles(sandbox=False)
        db.session.remove()
    assert house.rows("select 1 from roles where name = 'demo'") == []
