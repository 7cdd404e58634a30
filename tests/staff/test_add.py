"""A person gets an account: asked for by one admin, agreed to by another, with a password neither of them keeps."""

from __future__ import annotations

import re

from opsconsole.lib import passwords

from ..house import House, PageClient
from ..scenes import invalid, refused
from .scenes import person, second_admin, takes_two

NEW = {"email": "New@example.test", "name": "Nel New", "role": "support"}


def test_two_admins_add_a_person(house: House) -> None:
    secret = "a-first-password-to-hand-over"
    seen, done = takes_two(house, "/staff/add", NEW | {"password_hash": passwords.hashed(secret)})
    assert {change["field"]: change["to"] for change in seen["changes"]}["role"] == "support"
    told = house.api("admin").get(done["subject"])
    assert (told["email"], told["role"], told["sessions"]) == ("new@example.test", "support", 0)
    nel = PageClient(house.app.test_client())
    nel.sign_in("new@example.test", secret)
    assert nel.client.get("/orders").status_code == 200


def test_in_the_browser_the_password_is_shown_once_and_kept_nowhere(house: House) -> None:
    root, ann = house.page("admin"), second_admin(house)
    page = root.get("/staff/add")
    [secret] = re.findall(r"first_[\w-]{40,}", page)[:1]
    [hashed] = re.findall(r'name="password_hash" value="([^"]+)"', page)
    page = root.submit("/staff/add", NEW | {"role": "", "password_hash": hashed}, 422)
    assert secret not in page and "begin anew" in page
    root.submit("/staff/add", NEW | {"password_hash": hashed})
    assert "Nothing was done yet" in root.html and secret not in root.html
    ann.get(f"{root.url}/approve")
    ann.submit(f"{root.url}/approve", {"note": "Known."})
    nel = PageClient(house.app.test_client())
    nel.sign_in("new@example.test", secret)
    assert nel.client.get("/orders").status_code == 200
    for table in ("approvals", "audit_entries", "answers_kept", "staff"):
        kept = " ".join(str(tuple(row)) for row in house.rows(f"select * from {table}"))
        assert secret not in kept
    assert hashed not in str([tuple(row) for row in house.rows("select * from audit_entries")])


def test_what_is_refused(house: House) -> None:
    api, hashed = house.api("admin"), passwords.hashed("x" * 20)
    asked = NEW | {"password_hash": hashed}
    refused(house, api, "/staff/add", asked | {"email": "sam@example.test"}, "already_there", "email")
    refused(house, api, "/staff/add", asked | {"role": "king"}, "no_such_role", "role")
    invalid(house, api, "/staff/add", asked | {"password_hash": "hunter2"}, "password_hash")
    invalid(house, api, "/staff/add", asked | {"email": "nobody"}, "email")
    invalid(house, api, "/staff/add", {}, "email", "name", "role", "password_hash")


def test_the_page_of_a_person_tells_what_they_may_and_did(house: House) -> None:
    sam = house.api("auditor").get(person(house, "support"))
    [theirs] = house.rows(
        "select count(*) as n from limits join roles on roles.id = role_id where name = 'support'"
    )
    assert "refunds.issue" in sam["grants"] and len(sam["limits"]) == theirs.n >= 3 and sam["sessions"] == 0
    page = house.page("auditor").get(person(house, "support"))
    assert "Sam Rivera" in page and "$100.00 alone" in page and "What they decided on" in page
