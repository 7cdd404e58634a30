"""Sessions: idle end, the list of one's own, ending them, and what changes with the next request."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from opsconsole.db import db

from ..house import PASSWORD, PEOPLE, House
from .sign_in_scenes import SAM, ago, page, production, signed_in


@pytest.fixture(autouse=True)
def signed_in_just_now(house: House) -> None:
    """Absence is told by the machine's time, which no scene that was kept brings back."""
    house.keeper = None


def write(house: House, statement: str, **values: object) -> None:
    with house.app.app_context():
        db.session.execute(text(statement), values)
        db.session.commit()


def ids(house: House) -> dict[str, str]:
    return dict(house.rows("select email, id from staff"))  # type: ignore[arg-type]


def test_after_fifteen_minutes_without_anybody_a_session_ends(house: House) -> None:
    sam = house.page()
    ago(house, 14)
    assert sam.client.get("/orders").status_code == 200
    ago(house, 14)
    assert sam.client.get("/orders").status_code == 200, "each visit counts anew"
    ago(house, 14)
    assert sam.client.get("/orders", headers={"X-Poll": "1"}).status_code in (200, 304)
    ago(house, 2)
    assert sam.client.get("/orders").status_code == 303, "what a page asks by itself is no sign of life"


def test_moving_the_sandbox_forward_is_no_absence_but_twelve_hours_are_enough(house: House) -> None:
    sam = house.page()
    house.advance(3600)
    assert sam.client.get("/orders").status_code == 200
    house.advance(12 * 3600)
    assert sam.client.get("/orders").status_code == 303


def test_last_seen_is_written_at_most_once_a_minute(house: House) -> None:
    sam = house.page()
    seen = house.rows("select seen_at from sign_ins")
    sam.get("/orders")
    assert house.rows("select seen_at from sign_ins") == seen
    ago(house, 2)
    sam.get("/orders")
    moved = house.rows("select seen_at from sign_ins")
    assert moved > seen


def test_the_list_says_where_one_is_signed_in_and_ends_any(house: House) -> None:
    here = house.page()
    phone = page(house)
    phone.client.environ_base["HTTP_USER_AGENT"] = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/605"
    )
    signed_in(phone)
    lee = house.page("ops_lead")
    listed = here.get("/sessions")
    assert "Safari on an iPhone" in listed and "127.0.0.1" in listed and listed.count("this one") == 1
    [other] = re.findall(r'action="/sessions/(sgn_\w+)/end"', listed)
    here.submit(f"/sessions/{other}/end", {})
    assert phone.client.get("/orders").status_code == 303
    lees = house.rows("select id from sign_ins where staff_id = :s", s=ids(house)[PEOPLE["ops_lead"][0]])[0][
        0
    ]
    here.get("/sessions")
    here.submit(f"/sessions/{lees}/end", {}, 404)
    assert lee.client.get("/orders").status_code == 200
    more = [house.page() for _ in range(2)]
    here.get("/sessions")
    assert "2 other sessions ended" in here.submit("/sessions/end-others", {})
    assert [one.client.get("/orders").status_code for one in (*more, here)] == [303, 303, 200]


def test_an_admin_signs_somebody_out_everywhere(house: House) -> None:
    sam, root = house.page(), house.page("admin")
    url = f"/staff/{ids(house)[SAM]}/end_sessions"
    root.get(url)
    root.submit(url, {"reason": "Lost their laptop"})
    answers = [
        sam.client.get("/orders", headers=headers).status_code
        for headers in ({"HX-Request": "true"}, {"Accept": "application/json"}, {"X-Poll": "1"})
    ]
    assert answers == [401, 401, 401], "the next request, of whatever kind"
    [(says, about)] = house.rows("select says, about from audit_entries where act = 'staff.end_sessions'")
    assert says == "Signed Sam Rivera out everywhere: Lost their laptop" and ids(house)[SAM] in about


def test_signing_out_who_is_not_signed_in_is_refused_and_writes_nothing(house: House) -> None:
    root = house.page("admin")
    url = f"/staff/{ids(house)[SAM]}/end_sessions"
    root.get(url)
    before = house.checksum()
    assert "not signed in anywhere" in root.submit(url, {"reason": "Why not"}, 409)
    assert house.checksum() == before


def test_only_an_admin_signs_others_out_and_no_program(house: House) -> None:
    url = f"/staff/{ids(house)[SAM]}/end_sessions"
    house.page("ops_lead").get(url, 403)
    house.api("demo").post(url, {"reason": "x"}, 403)


def test_signing_out_twice_is_once(house: House) -> None:
    house.page()
    root = house.page("admin")
    url = f"/staff/{ids(house)[SAM]}/end_sessions"
    for _ in range(2):
        root.get(url)
        root.submit(url, {"reason": "Left", "idempotency_key": "once"})
    assert house.rows("select count(*) from audit_entries where act = 'staff.end_sessions'") == [(1,)]


def test_a_stolen_cookie_is_worth_nothing_after_signing_out(house: House) -> None:
    sam, thief = house.page(), page(house)
    cookie = sam.client.get_cookie("opsconsole")
    assert cookie
    thief.client.set_cookie("opsconsole", cookie.value)
    assert thief.client.get("/orders").status_code == 200
    sam.get("/orders")
    sam.submit("/sign-out", {})
    assert thief.client.get("/orders").status_code == 303


def test_a_session_id_that_somebody_planted_is_not_taken_over(house: House) -> None:
    attacker = house.page("ops_lead")
    planted = attacker.client.get_cookie("opsconsole")
    victim = page(house)
    assert planted
    victim.client.set_cookie("opsconsole", planted.value)
    signed_in(victim)
    mine = victim.client.get_cookie("opsconsole")
    assert mine and mine.value != planted.value
    assert "Lee Okafor" in attacker.get("/orders") and "Sam Rivera" in victim.get("/orders")


def test_another_role_and_a_disabled_account_count_from_the_next_request(house: House) -> None:
    sam = house.page()
    assert sam.client.get("/audit").status_code == 403
    write(
        house,
        "update staff set role_id = (select id from roles where name = 'auditor') where email = :e",
        e=SAM,
    )
    assert sam.client.get("/audit").status_code == 200
    write(house, "update staff set disabled_at = now() where email = :e", e=SAM)
    assert sam.client.get("/audit", headers={"HX-Request": "true"}).status_code == 401


def test_approving_needs_another_device_too(house: House) -> None:
    from ..approvals.scenes import decide, waiting  # a request made by a program has no device

    asked = waiting(house)
    sam = house.page()
    [(device,)] = house.rows("select device from sign_ins")
    assert len(device) == 64
    write(house, "update approvals set device = :d where id = :i", d=device, i=asked["id"])
    sam.submit("/sign-out", {})
    signed_in(sam, PEOPLE["ops_lead"][0])
    answer = decide(sam, asked)
    assert answer.status_code == 409 and "from this device" in answer.get_json()["refused"]["message"]
    assert decide(house.page("ops_lead"), asked).status_code == 200


@pytest.mark.parametrize(
    "email", ["ſam@example.test", "sam@example.test\u200b", "ＳＡＭ@example.test", "sаm@example.test"]
)
def test_look_alike_addresses_are_nobodys(house: House, email: str) -> None:
    person = page(house)
    person.get("/sign-in")
    person.submit("/sign-in", {"email": email, "password": PASSWORD}, 409)
    assert house.rows("select * from sign_ins") == []


ELSEWHERE = [
    "//evil.test", "/\\evil.test", "https://evil.test", "https:evil.test", "javascript:alert(1)", "/\t/evil.test",
    "\\\\evil.test", "///evil.test", "/ /evil.test", "evil.test", "/\n/evil.test", "",
]  # fmt: skip


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nothing_leads_out_of_the_console(url: str) -> None:
    from opsconsole.views.sessions import _inside

    assert _inside(url) == "/"
    assert _inside("/orders?status=paid&after=x") == "/orders?status=paid&after=x"


def test_the_cookies_of_production(house: House) -> None:
    sam = page(house, production(house))
    sam.get("/sign-in")
    answer = sam.client.post(
        "/sign-in",
        data={
            "email": SAM,
            "password": PASSWORD,
            "csrf_token": sam.html.split('name="csrf_token" value="')[1].split('"')[0],
        },
        headers={"Host": "localhost"},
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {
        "__Host-opsconsole",
        "__Host-opsconsole-device",
    }
    for cookie in cookies:
        assert "Secure" in cookie and "HttpOnly" in cookie and "Path=/" in cookie and "Domain" not in cookie
