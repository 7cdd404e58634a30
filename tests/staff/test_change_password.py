"""Choosing passwords: length, what is known, and changing one's own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from opsconsole.lib import passwords
from opsconsole.services import staff

from ..house import PASSWORD, House
from .sign_in_scenes import SAM, page, production, signed_in

NEW = "seven mauve otters hum"


def change(person: object, present: str, new: str, status: int = 200, again: str | None = None) -> str:
    person.get("/account/password")  # type: ignore[attr-defined]
    values = {"present": present, "password": new, "again": new if again is None else again}
    return person.submit("/account/password", values, status)  # type: ignore[attr-defined]


def test_a_new_password_ends_every_other_session(house: House) -> None:
    sam, elsewhere, lee = house.page(), house.page(), house.page("ops_lead")
    assert "Your password is changed" in change(sam, PASSWORD, NEW)
    statuses = [one.client.get("/orders").status_code for one in (sam, elsewhere, lee)]
    assert statuses == [200, 303, 200]
    assert signed_in(page(house), SAM, NEW).url != "/sign-in"
    old = page(house)
    old.get("/sign-in")
    old.submit("/sign-in", {"email": SAM, "password": PASSWORD}, 409)
    [(says, inputs)] = house.rows(
        "select says, inputs::text from audit_entries where act = 'staff.change_password'"
    )
    assert says.startswith("Changed their own password") and "argon2" not in inputs


@pytest.mark.parametrize(
    ("present", "new", "again", "words"),
    [
        ("not-the-present-one", NEW, NEW, "not your present password"),
        (PASSWORD, "short", "short", "at least 15"),
        (PASSWORD, NEW, NEW + "!", "not the same"),
        (PASSWORD, "sam-rivera-sam-rivera", "sam-rivera-sam-rivera", "guessers try first"),
        (PASSWORD, "demo-password", "demo-password", "at least 15"),
    ],
)
def test_what_is_refused_changes_nothing(
    house: House, present: str, new: str, again: str, words: str
) -> None:
    sam, other = house.page(), house.page()
    before = house.rows("select password_hash from staff order by id")
    assert words in change(sam, present, new, 409, again)
    assert house.rows("select password_hash from staff order by id") == before
    assert other.client.get("/orders").status_code == 200


def test_whoever_is_not_signed_in_and_programs_change_none(house: House) -> None:
    assert house.app.test_client().get("/account/password").status_code == 303
    house.api("demo").get("/account/password", 403)


def test_sending_it_twice_changes_nothing_more(house: House) -> None:
    sam = house.page()
    change(sam, PASSWORD, NEW)
    before = house.rows("select password_hash from staff order by id")
    change(sam, PASSWORD, NEW, 409)  # the old one is no longer the present one
    assert house.rows("select password_hash from staff order by id") == before


@pytest.mark.parametrize(
    "weak",
    [
        "Passw0rd2026!!!!", "password12345678", "qwertyuiop123456", "aaaaaaaaaaaaaaaa", "1qaz2wsx3edc4rfv",
        "opsconsole-2026-opsconsole", "abcdefghijklmnop", "SamRivera19901990", "999999999999999", "welcome welcome 1",
        "Summer2026Summer", "987654321098765", "x" * 201, "fourteen chars",
    ],
)  # fmt: skip
def test_what_guessers_try_first_is_refused(weak: str) -> None:
    with pytest.raises(staff.WeakPassword):
        staff.hash_of(weak, about=(SAM, "Sam Rivera"))


@pytest.mark.parametrize(
    "good",
    ["correct horse battery", "seven mauve otters hum", "zażółć gęślą jaźń", "пароль из леса 7", "x7#kQ!m2Zp9$wLr4",
     "y 2" * 5 + "quiz vex lumber"],
)  # fmt: skip
def test_length_counts_and_every_letter_is_welcome(good: str) -> None:
    assert passwords.fits(good, staff.hash_of(good, about=(SAM, "Sam Rivera")))


def test_however_a_keyboard_composes_it_and_to_the_last_letter() -> None:
    kept = staff.hash_of("cafe\u0301 under the linden")
    assert passwords.fits("caf\u00e9 under the linden", kept)
    long = "quiet lamp brings " * 11
    kept = staff.hash_of(long)
    assert not passwords.fits(long[:-1] + "x", kept)


def test_the_operators_list_is_refused_too(tmp_path: Path) -> None:
    plain, leaked = "Mauve Otters Hum Twice", "green lamps sing at noon"
    breached = tmp_path / "breached"
    mark = hashlib.sha1(leaked.encode()).hexdigest().upper()
    for lines in (f"{plain.lower()}\n{mark[:12]}\n", f"{plain}\n{mark}:42\n"):
        breached.write_text(lines)
        for password in (plain, leaked):
            with pytest.raises(staff.WeakPassword):
                staff.hash_of(password, breached=breached)
        assert staff.hash_of("another one altogether", breached=breached)


def test_the_demos_password_opens_nothing_outside_a_sandbox(house: House) -> None:
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        kept = passwords.hashed(staff.DEMO_PASSWORD)
        db.session.execute(text("update staff set password_hash = :h"), {"h": kept})
        db.session.commit()
    real = page(house, production(house))
    real.get("/sign-in")
    real.submit("/sign-in", {"email": SAM, "password": staff.DEMO_PASSWORD}, 409)
    assert signed_in(page(house), SAM, staff.DEMO_PASSWORD).client.get("/orders").status_code == 200


def test_an_old_hash_is_renewed_at_the_next_sign_in(house: House) -> None:
    from argon2 import PasswordHasher
    from sqlalchemy import text

    from opsconsole.db import db

    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with house.app.app_context():
        db.session.execute(text("update staff set password_hash = :h where email = :e"), {"h": old, "e": SAM})
        db.session.commit()
    house.page()
    [(now,)] = house.rows("select password_hash from staff where email = :e", e=SAM)
    assert now != old and passwords.fits(PASSWORD, now) and not passwords.stale(now)
