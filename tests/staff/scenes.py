"""Who is who, for stories about access: the admins' token asks, the admin in a browser agrees."""

from __future__ import annotations

from typing import Any

from opsconsole.services import CONSOLE, staff

from ..approvals.scenes import agreed, decide
from ..house import PASSWORD, PEOPLE, House, PageClient
from ..scenes import denied, nothing_written

WHY = {"reason": "A new season"}


def person(house: House, role: str) -> str:
    """The URL of the house's person of a role."""
    [found] = house.rows("select id from staff where email = :email", email=PEOPLE[role][0])
    return f"/staff/{found.id}"


def role_url(house: House, name: str) -> str:
    [found] = house.rows("select id from roles where name = :name", name=name)
    return f"/roles/{found.id}"


def limit_url(house: House, role: str, measure: str) -> str:
    [found] = house.rows(
        "select limits.id from limits join roles on roles.id = role_id where roles.name = :role and measure = :measure "
        "and act = 'refunds.issue'",
        role=role, measure=measure,
    )  # fmt: skip
    return f"/limits/{found.id}"


def second_admin(house: House, email: str = "ann@example.test") -> PageClient:
    with house.app.app_context():
        hashed = staff.hash_of(PASSWORD)
        staff.add(email=email, name="Ann Second", role="admin", password_hash=hashed, by=CONSOLE)
    client = PageClient(house.app.test_client())
    client.sign_in(email, PASSWORD)
    return client


def takes_two(house: House, url: str, body: Any) -> Any:
    """An act on access: only admins may ask, nothing happens by asking, another admin's word does it, once.
    Returns the request's answer and what was done."""
    for role in ("support", "ops_lead", "auditor", "shop"):
        denied(house, role, url, body)
    api = house.api("admin")
    with nothing_written(house):
        seen = api.post(f"{url}?preview=1", body, 200)["preview"]
    assert "never changed by one person alone" in seen["approval"]["why"]
    tables = ("staff", "roles", "grants", "limits", "tokens", "sign_ins")
    before = house.checksum()
    asked = api.post(url, body, 202, key="once", match=seen["hash"])
    after = house.checksum()
    assert {table: after[table] for table in tables} == {table: before[table] for table in tables}
    assert decide(house.page("ops_lead"), asked["approval"]).status_code == 403
    done = agreed(house, asked, "admin")
    assert decide(house.page("admin"), asked["approval"]).status_code == 409
    assert api.post(url, body, 202, key="once") == asked
    return seen, done
