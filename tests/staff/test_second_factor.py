"""The second step: enrolling, codes once only, recovery codes, and what an admin can do when all are lost."""

from __future__ import annotations

import pytest
from flask import Flask

from ..house import PASSWORD, PEOPLE, House
from .sign_in_scenes import SAM, Phone, ago, enrol, page, production, signed_in

WRONG = "That code is wrong"


@pytest.fixture
def real(house: House) -> Flask:
    return production(house)


def test_who_has_no_second_factor_reaches_only_enrolment(house: House, real: Flask) -> None:
    sam = page(house, real)
    sam.client.get("/orders")
    signed_in(sam)
    assert sam.url == "/account/enrol" and "Set up a second factor" in sam.html
    for rule in real.url_map.iter_rules():
        public = getattr(real.view_functions[rule.endpoint], "permission", "") == "public"
        if "GET" in rule.methods and not rule.arguments and rule.endpoint != "static" and not public:
            answer = sam.client.get(rule.rule, headers={"Accept": "text/html"})
            assert answer.status_code in ((200,) if rule.rule == "/account/enrol" else (303, 405)), rule.rule
            assert sam.client.get(rule.rule, headers={"X-Poll": "1"}).status_code in (200, 401, 405)
    _, codes = enrol(sam)
    assert len(set(codes)) == 10
    assert "Orders" in sam.get("/orders")
    kept = str(house.rows("select * from factors") + house.rows("select * from recovery_codes"))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    said = house.rows("select says, inputs::text from audit_entries where act = 'staff.enrol'")
    assert said[0][0].startswith("Set up a second factor") and "sealed" not in said[0][1]


def test_the_second_step_is_asked_for_and_a_code_is_good_once(house: House, real: Flask) -> None:
    phone, _ = enrol(signed_in(page(house, real)))
    sam = signed_in(page(house, real))
    assert sam.url == "/sign-in/second"
    assert sam.client.get("/orders", headers={"Accept": "application/json"}).status_code == 401
    assert sam.client.get("/account/enrol").status_code == 303, "enrolling another is no way around"
    before = sam.client.get_cookie("__Host-opsconsole")
    code = phone.code()
    sam.submit("/sign-in/second", {"code": "000000"}, 409)
    assert WRONG in sam.html
    sam.submit("/sign-in/second", {"code": code})
    assert sam.get("/orders")
    after = sam.client.get_cookie("__Host-opsconsole")
    assert before and after and before.value != after.value and after.secure and after.http_only
    fixed = page(house, real)
    fixed.client.set_cookie("__Host-opsconsole", before.value, secure=True)
    assert fixed.client.get("/orders").status_code == 303, (
        "the id from before the second step is worth nothing"
    )
    again = signed_in(page(house, real))
    again.submit("/sign-in/second", {"code": code}, 409)
    assert WRONG in again.html
    again.submit("/sign-in/second", {"code": phone.code()})
    assert again.get("/orders")


def test_a_recovery_code_is_good_once_however_it_is_written(house: House, real: Flask) -> None:
    _, codes = enrol(signed_in(page(house, real)))
    sam = signed_in(page(house, real))
    sam.submit("/sign-in/second", {"code": codes[0].lower().replace("-", " ")})
    assert "9 of your recovery codes are left" in sam.get("/account")
    again = signed_in(page(house, real))
    again.submit("/sign-in/second", {"code": codes[0]}, 409)
    again.submit("/sign-in/second", {"code": codes[1]})
    again.get("/account")
    again.submit("/account/codes", {})
    third = signed_in(page(house, real))
    third.submit("/sign-in/second", {"code": codes[2]}, 409)


def test_guessing_codes_is_slowed_down_but_not_for_a_known_browser(house: House, real: Flask) -> None:
    mine = signed_in(page(house, real))
    phone, _ = enrol(mine)
    thief = signed_in(page(house, real))
    for _ in range(10):
        thief.submit("/sign-in/second", {"code": "000000"}, 409)
    code = phone.code()
    assert "Too many" in thief.submit("/sign-in/second", {"code": code}, 409)
    for _ in range(10):
        thief.client.set_cookie("__Host-opsconsole", "", secure=True)
        thief.get("/sign-in")
        thief.submit("/sign-in", {"email": SAM, "password": "wrong-password-1"}, 409)
    assert "Too many" in thief.submit("/sign-in", {"email": SAM, "password": PASSWORD}, 409)
    mine.submit("/sign-out", {})
    signed_in(mine)
    mine.submit("/sign-in/second", {"code": code})
    assert mine.get("/orders"), "the person's own browser has tries of its own"


def test_in_a_sandbox_it_is_voluntary_and_the_page_says_so(house: House) -> None:
    sam = house.page()
    assert "only a sandbox allows it" in sam.get("/orders")
    phone, _ = enrol(sam)
    assert "only a sandbox allows it" not in sam.get("/orders")
    again = signed_in(page(house))
    assert again.url == "/sign-in/second"
    again.submit("/sign-in/second", {"code": phone.code()})
    assert again.get("/orders")


def test_the_last_factor_stays_and_others_can_be_taken_away(house: House) -> None:
    sam = house.page()
    enrol(sam)
    [(first,)] = house.rows("select id from factors")
    sam.get("/account")
    assert "only second factor" in sam.submit(f"/account/factors/{first}/remove", {}, 409)
    enrol(sam)
    sam.get("/account")
    sam.submit(f"/account/factors/{first}/remove", {})
    assert house.rows("select count(*) from factors where id <> :id", id=first) == [(1,)]
    lee = house.page("ops_lead")
    [(left,)] = house.rows("select id from factors")
    lee.get("/account")
    lee.submit(f"/account/factors/{left}/remove", {}, 403)


def test_what_needs_care_asks_for_a_fresh_proof_and_keeps_what_was_typed(house: House) -> None:
    root = house.page("admin")
    house.page()
    [(sam,)] = house.rows("select id from staff where email = :e", e=SAM)
    url = f"/staff/{sam}/end_sessions"
    root.get(url)
    ago(house, 6, "fresh_at")
    root.submit(url, {"reason": "Left <the> company"}, 403)
    assert "Is it you?" in root.html and 'value="Left &lt;the&gt; company"' in root.html
    assert house.rows("select count(*) from sign_ins where ended_at is not null") == [(0,)]
    program = root.client.post(url, json={"reason": "x"}, headers={"X-CSRFToken": _csrf(root.html)})
    assert (program.status_code, program.get_json()["refused"]["code"]) == (403, "step_up")
    root.submit(url, {"reason": "Left <the> company", "proof_password": "not-the-password"}, 409)
    root.submit(url, {"reason": "Left <the> company", "proof_password": PASSWORD})
    assert house.rows("select says from audit_entries where act = 'staff.end_sessions'")[0][0].endswith(
        "Left <the> company"
    )
    phone, _ = enrol(root)
    ago(house, 6, "fresh_at")
    root.get("/account")
    root.submit("/account/codes", {}, 403)
    root.submit("/account/codes", {"proof_password": PASSWORD}, 409)  # who has a second factor shows that
    root.submit("/account/codes", {"proof_code": phone.code()})
    assert "recovery codes" in root.html


def _csrf(page: str) -> str:
    return page.split('name="csrf-token" content="')[1].split('"')[0]


def test_an_admin_takes_lost_factors_away(house: House, real: Flask) -> None:
    sam = signed_in(page(house, real))
    enrol(sam)
    root = house.page("admin")
    [(id,)] = house.rows("select id from staff where email = :e", e=SAM)
    root.get(f"/staff/{id}/reset_factors")
    root.submit(f"/staff/{id}/reset_factors", {"reason": ""}, 422)
    root.submit(f"/staff/{id}/reset_factors", {"reason": "Phone in the lake"})
    assert sam.client.get("/orders").status_code == 303
    assert house.rows("select * from factors") == house.rows("select * from recovery_codes") == []
    assert signed_in(page(house, real)).url == "/account/enrol"


def test_taking_factors_away_is_refused_and_writes_nothing(house: House) -> None:
    root = house.page("admin")
    [(id,)] = house.rows("select id from staff where email = :e", e=SAM)
    [(own,)] = house.rows("select id from staff where email = :e", e=PEOPLE["admin"][0])
    root.get(f"/staff/{id}/reset_factors")
    before = house.checksum()
    assert "has no second factor" in root.submit(f"/staff/{id}/reset_factors", {"reason": "Lost"}, 409)
    root.submit(f"/staff/{own}/reset_factors", {"reason": "Lost"}, 403)
    assert house.checksum() == before


def test_only_admins_take_factors_away_and_no_program(house: House) -> None:
    [(id,)] = house.rows("select id from staff where email = :e", e=SAM)
    for role in ("support", "ops_lead", "auditor"):
        house.page(role).get(f"/staff/{id}/reset_factors", 403)
    house.api("demo").post(f"/staff/{id}/reset_factors", {"reason": "x"}, 403)


def test_taking_them_away_twice_is_once(house: House) -> None:
    enrol(house.page())
    root = house.page("admin")
    [(id,)] = house.rows("select id from staff where email = :e", e=SAM)
    root.get(f"/staff/{id}/reset_factors")
    form = {"reason": "Lost", "idempotency_key": "once"}
    root.submit(f"/staff/{id}/reset_factors", form)
    root.get(f"/staff/{id}/reset_factors")
    root.submit(f"/staff/{id}/reset_factors", form)
    assert house.rows("select count(*) from audit_entries where act = 'staff.reset_factors'") == [(1,)]


def test_a_sealed_secret_opens_only_in_its_own_account(house: House) -> None:
    sam, lee = house.page(), house.page("ops_lead")
    phone, _ = enrol(sam)
    enrol(lee)
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(
            text("update factors set sealed = (select sealed from factors order by id limit 1)")
        )
        db.session.commit()
    again = signed_in(page(house), PEOPLE["ops_lead"][0])
    again.submit("/sign-in/second", {"code": Phone(phone.totp.secret).code()}, 409)
