"""Signing in and out, as people do it in a browser without JavaScript."""

from __future__ import annotations

import re

import pytest

from opsconsole.lib import passwords
from opsconsole.services import CONSOLE, staff, tokens

from ..house import PASSWORD, PEOPLE, House, PageClient

SAM = PEOPLE["support"][0]


def browser(house: House) -> PageClient:
    return PageClient(house.app.test_client())


def test_in_and_out(house: House) -> None:
    sam = browser(house)
    assert sam.client.get("/orders", headers={"Accept": "text/html"}).status_code == 303
    sam.sign_in(SAM.upper(), PASSWORD)
    assert sam.url == "/orders" and "Sam Rivera" in sam.html  # where they wanted to go
    cookie = sam.client.get_cookie("opsconsole")
    assert cookie and cookie.http_only and cookie.same_site == "Lax"
    copy = browser(house)
    copy.client.set_cookie("opsconsole", cookie.value)
    assert copy.client.get("/orders").status_code == 200
    sam.submit("/sign-out", {})
    assert sam.client.get("/orders").status_code == 303
    assert copy.client.get("/orders").status_code == 303  # the session itself has ended, not only a cookie


def test_wrong_words_tell_nothing(house: House) -> None:
    pages = []
    for email, password in ((SAM, "wrong-password-1"), ("nobody@example.test", PASSWORD)):
        person = browser(house)
        person.get("/sign-in")
        page = person.submit("/sign-in", {"email": email, "password": password}, 409)
        assert "The e-mail address or the password is wrong." in page and password not in page
        assert person.client.get("/orders").status_code == 303
        pages.append(re.sub(r'(value|content)="[^"]*"', "", page))
    assert pages[0] == pages[1]
    assert house.rows("select * from sign_ins") == []


def test_guessing_is_slowed_down_and_time_heals(house: House) -> None:
    guesser = browser(house)
    guesser.get("/sign-in")
    for _ in range(10):
        guesser.submit("/sign-in", {"email": SAM, "password": "wrong-password-1"}, 409)
    assert "Too many wrong passwords" in guesser.submit("/sign-in", {"email": SAM, "password": PASSWORD}, 409)
    house.advance(16 * 60)
    guesser.submit("/sign-in", {"email": SAM, "password": PASSWORD})
    assert guesser.client.get("/orders").status_code == 200


def test_a_session_ends_by_itself_and_with_the_account(house: House) -> None:
    sam, lee = house.page("support"), house.page("ops_lead")
    from sqlalchemy import text

    from opsconsole.db import db

    with house.app.app_context():
        db.session.execute(text("update staff set disabled_at = now() where email = :email"), {"email": SAM})
        db.session.commit()
    assert sam.client.get("/orders").status_code == 303 and lee.client.get("/orders").status_code == 200
    house.advance(13 * 3600)
    assert lee.client.get("/orders").status_code == 303


def test_forms_from_elsewhere_are_not_taken(house: House) -> None:
    stranger = browser(house)
    answer = stranger.client.post(
        "/sign-in", data={"email": SAM, "password": PASSWORD}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 403
    sam = house.page("support")
    url = house.order("60.00")["url"]
    answer = sam.client.post(
        f"{url}/refund", data={"amount": "1.00", "reason": "goodwill"}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 403 and house.rows("select * from refunds") == []


@pytest.mark.parametrize("elsewhere", ["//evil.test", "/\\evil.test", "https://evil.test", "evil"])
def test_after_signing_in_one_stays_here(house: House, elsewhere: str) -> None:
    sam = browser(house)
    with sam.client.session_transaction() as kept:
        kept["next"] = elsewhere
    sam.get("/sign-in")
    hidden = re.search(r'name="csrf_token" value="([^"]+)"', sam.html)
    assert hidden
    answer = sam.client.post("/sign-in", data={"email": SAM, "password": PASSWORD, "csrf_token": hidden[1]})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_accounts_and_tokens_are_made_on_the_console_only(house: House) -> None:
    with house.app.app_context():
        new = {
            "email": "New@example.test",
            "name": "New",
            "password_hash": staff.hash_of("a-long-enough-password"),
        }
        assert staff.add(role="support", by=CONSOLE, **new).email == "new@example.test"
        for refusal, call in (
            (staff.AlreadyThere, lambda: staff.add(role="support", by=CONSOLE, **new)),
            (staff.NoSuchRole, lambda: staff.add(role="king", by=CONSOLE, **new)),
            (staff.WeakPassword, lambda: staff.hash_of("short")),
            (
                staff.NoSuchRole,
                lambda: tokens.create(name="x", role="king", secret_hash="0" * 64, by=CONSOLE),
            ),
        ):
            with pytest.raises(refusal):
                call()
        secret = tokens.new_secret()
        made = tokens.create(name="x", role="shop", secret_hash=passwords.fingerprint(secret), by=CONSOLE)
        assert tokens.create(name="x", role="shop", secret_hash=made.secret_hash, by=CONSOLE).id == made.id
    client = house.app.test_client(use_cookies=False)
    assert client.get("/orders", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    kept = " ".join(
        str(tuple(row))
        for table in ("tokens", "audit_entries", "staff")
        for row in house.rows(f"select * from {table}")
    )
    assert secret not in kept and "a-long-enough-password" not in kept


def test_somebody_unknown_costs_the_same_work(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One slow hash and the same statements, whether there is such an account, it is disabled, or has no password."""
    from sqlalchemy import event, text

    from opsconsole.db import db

    verified: list[str] = []
    really = passwords._hasher.verify
    monkeypatch.setattr(
        "argon2.PasswordHasher.verify", lambda self, kept, given: verified.append(kept) or really(kept, given)
    )
    statements: list[str] = []
    with house.app.app_context():
        db.session.execute(text("update staff set disabled_at = now() where email like 'finn@%'"))
        db.session.execute(text("update staff set password_hash = null where email like 'lee@%'"))
        db.session.commit()
        event.listen(db.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
        work = set()
        for email in (
            SAM,
            "nobody@example.test",
            "finn@example.test",
            "lee@example.test",
            "sаm@example.test",
        ):
            verified.clear()
            statements.clear()
            with pytest.raises(staff.WrongPassword):
                staff.sign_in(email, "wrong-password-1", address="10.0.0.1")
            kinds = {kept.rsplit("$", 2)[0] for kept in verified}  # algorithm and its costs
            work.add((len(verified), *kinds, *statements))
    assert len(work) == 1 and next(iter(work))[0] == 1
