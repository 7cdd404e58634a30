"""Signing in with a real OpenID Connect provider on this machine, and whose account that opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import oidc_provider_mock
import pytest
import requests
from flask import Flask
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from opsconsole import vendors
from opsconsole.config import Misconfigured, Settings
from opsconsole.services import staff
from opsconsole.vendors import Declined, Unavailable
from opsconsole.vendors.identity.openid import OpenID

from ..house import House, PageClient
from .sign_in_scenes import SAM, page, production

BASE = "https://console.test"
GROUPS = (("leads", "ops_lead"), ("desk", "support"))


def user(
    subject: str, email: str = SAM, *, verified: object = True, **claims: object
) -> oidc_provider_mock.User:
    told = {"email": email, "email_verified": verified, "name": "Sam R.", **claims}
    return oidc_provider_mock.User(sub=subject, claims=told)


PEOPLE = [
    user("sam-1"),
    user("sam-2"),
    user("sam-strong", amr=["pwd", "mfa"]),
    user("unverified", verified=False),
    user("verified-in-words", verified="true"),
    user("foreign", "sam@elsewhere.test"),
    user("new", "new@example.test", groups=["desk"]),
    user("nobody", "nobody@example.test"),
]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread(user_claims=PEOPLE) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def real(house: House, provider: str) -> Flask:
    return console(house, provider)


def console(house: House, provider: str, **settings: object) -> Flask:
    return production(
        house, base_url=BASE, oidc_issuer=provider, oidc_client_id="console", oidc_client_secret="s",
        oidc_allowed_domains=("example.test",), **settings,
    )  # fmt: skip


def agree(url: str, subject: str) -> str:
    """At the provider: sign in as that person. Returns the path and query that the browser comes back to."""
    asked = parse_qs(urlsplit(url).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["nonce"] and asked["state"]
    assert asked["redirect_uri"] == [f"{BASE}/sign-in/oidc/back"]
    back = requests.post(url, data={"sub": subject}, allow_redirects=False, timeout=10).headers["Location"]
    return f"{urlsplit(back).path}?{urlsplit(back).query}"


def come(person: PageClient, subject: str) -> PageClient:
    answer = person.client.get("/sign-in/oidc", headers={"Host": "localhost"})
    back = person.client.get(
        agree(answer.headers["Location"], subject), headers={"Accept": "text/html"}, follow_redirects=True
    )
    person.html, person.url = back.get_data(as_text=True), back.request.path
    return person


def link(house: House, subject: str) -> None:
    root = house.page("admin")
    [(identity, person)] = house.rows("select id, staff_id from identities where subject = :s", s=subject)
    form = root.get(f"/staff/{person}/link_identity")
    assert subject in form
    root.submit(f"/staff/{person}/link_identity", {"identity": identity})


def test_a_known_address_alone_opens_nothing_until_an_admin_links_it(house: House, real: Flask) -> None:
    sam = come(page(house, real), "sam-1")
    assert "Ask an admin to link it" in sam.html
    assert house.rows("select * from sign_ins") == []
    link(house, "sam-1")
    assert come(page(house, real), "sam-1").url == "/account/enrol", "and it counts as one factor only"
    again = come(page(house, real), "sam-2")
    assert "Ask an admin to link it" in again.html, "another subject with the same address is somebody else"
    [(says, about)] = house.rows(
        "select says, about::text from audit_entries where act = 'staff.link_identity'"
    )
    assert says.startswith("Linked Sam Rivera to sam-1 at http://localhost")
    assert house.rows("select staff_id from identities where subject = 'sam-1'")[0][0] in about


def test_the_providers_second_factor_counts_when_it_says_so(house: House, real: Flask) -> None:
    come(page(house, real), "sam-strong")
    link(house, "sam-strong")
    sam = come(page(house, real), "sam-strong")
    assert sam.url == "/" and sam.client.get("/orders").status_code == 200
    assert house.rows("select how from sign_ins where second_at is not null") == [("oidc",)]


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("unverified", "is verified"),
        ("verified-in-words", "is verified"),
        ("foreign", "not an address of this company"),
        ("nobody", "has no account here"),
    ],
)
def test_who_is_refused_and_nothing_is_written(house: House, real: Flask, subject: str, words: str) -> None:
    before = house.checksum()
    person = come(page(house, real), subject)
    assert words in person.html and person.client.get("/orders").status_code == 303
    assert house.checksum() == before


def test_groups_make_accounts_and_roles_at_each_sign_in(house: House, provider: str) -> None:
    real = console(house, provider, oidc_groups=GROUPS)
    assert come(page(house, real), "new").url == "/account/enrol"
    [(role, password)] = house.rows(
        "select r.name, s.password_hash from staff s join roles r on r.id = s.role_id where email = 'new@example.test'"
    )
    assert (role, password) == ("support", None)
    other = console(house, provider, oidc_groups=(("desk", "ops_lead"),))
    come(page(house, other), "new")
    come(page(house, other), "new")
    found = house.rows(
        "select by, says from audit_entries where act in ('staff.welcome', 'staff.follow_groups')"
    )
    assert [by for by, _ in found] == ["openid", "openid"] and "is ops_lead now" in str(found)
    assert "None of your groups" in come(page(house, real), "sam-1").html
    typed = page(house, real)
    typed.get("/sign-in")
    typed.submit("/sign-in", {"email": "new@example.test", "password": "no password at all"}, 409)


def test_a_disabled_person_does_not_come_in_this_way(house: House, real: Flask) -> None:
    come(page(house, real), "sam-1")
    link(house, "sam-1")
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(text("update staff set disabled_at = now() where email = :e"), {"e": SAM})
        db.session.commit()
    assert "has no account here" in come(page(house, real), "sam-1").html


def test_an_answer_is_good_for_its_own_browser_and_once(house: House, real: Flask) -> None:
    sam, victim = page(house, real), page(house, real)
    back = agree(sam.client.get("/sign-in/oidc").headers["Location"], "sam-strong")
    assert victim.client.get(back).status_code == 409, "no sign-in was begun here"
    victim.client.get("/sign-in/oidc")
    assert victim.client.get(back).status_code == 409, "another one was"
    begun = re.sub(r"state=[^&]+", "state=x", back)
    assert sam.client.get(begun).status_code == 409
    assert sam.client.get(back).status_code == 409, "a beginning is good for one answer"


def test_linking_is_refused_twice_and_for_others_identities(house: House, real: Flask) -> None:
    come(page(house, real), "sam-1")
    [(identity, sam)] = house.rows("select id, staff_id from identities")
    [(lee,)] = house.rows("select id from staff where email like 'lee@%'")
    root = house.page("admin")
    root.get(f"/staff/{sam}/link_identity")
    before = house.checksum()
    root.submit(f"/staff/{lee}/link_identity", {"identity": identity}, 404)
    assert house.checksum() == before
    for _ in range(2):
        root.submit(f"/staff/{sam}/link_identity", {"identity": identity, "idempotency_key": "once"})
        root.get(f"/staff/{sam}/link_identity")
    root.submit(f"/staff/{sam}/link_identity", {"identity": identity, "idempotency_key": "other"}, 409)
    assert house.rows("select count(*) from audit_entries where act = 'staff.link_identity'") == [(1,)]


def test_only_an_admin_links_and_no_program(house: House) -> None:
    [(sam,)] = house.rows("select id from staff where email = :e", e=SAM)
    house.page("ops_lead").get(f"/staff/{sam}/link_identity", 403)
    house.api("demo").post(f"/staff/{sam}/link_identity", {"identity": "idn_1"}, 403)


def test_a_token_that_is_not_the_providers_is_refused(provider: str) -> None:
    """No algorithm, a shared secret, another's key, another audience, issuer, nonce, or one that has run out."""
    adapter = OpenID(issuer=provider, client_id="console", client_secret="s")
    own = RSAKey.generate_key(2048, {"kid": "k"})
    keys = {"keys": [own.as_dict(private=False)]}
    import time

    good = {"iss": provider, "sub": "a", "aud": "console", "nonce": "n", "iat": int(time.time())}
    good["exp"] = good["iat"] + 300

    def check(claims: dict[str, object], key: object = own, alg: str = "RS256") -> object:
        token = jwt.encode({"alg": alg, "kid": "k"}, claims, key, algorithms=["RS256", "HS256", "none"])  # type: ignore[arg-type]
        return adapter._checked({"id_token": token}, keys, "n")

    assert check(good)
    for claims in (
        good | {"exp": good["iat"] - 120},
        good | {"iss": "http://evil.test"}, good | {"aud": "other"}, good | {"nonce": "m"},
        {name: value for name, value in good.items() if name != "nonce"},
        {name: value for name, value in good.items() if name != "exp"},
    ):  # fmt: skip
        with pytest.raises(Exception, match=r".+"):
            check(claims)
    with pytest.raises(Exception, match=r".+"):
        check(good, RSAKey.generate_key(2048, {"kid": "k"}))
    for alg in ("HS256", "none"):
        with pytest.raises(Exception, match=r".+"):
            check(good, OctKey.import_key("x" * 32), alg)


def test_a_provider_that_is_away_or_another_is_told(house: House, provider: str) -> None:
    away = page(house, console(house, "http://localhost:9"))
    answer = away.client.get("/sign-in/oidc")
    assert answer.status_code == 503 and b"does not answer" in answer.data
    with pytest.raises(Unavailable):
        OpenID(issuer="http://localhost:9", client_id="c", client_secret="s").begin(BASE)
    other = OpenID(issuer=provider.replace("localhost", "127.0.0.1"), client_id="c", client_secret="s")
    other.begin(BASE)  # the same provider names itself after the host it is called by
    begun = replace(other.begin(BASE), nonce="m")
    with pytest.raises(Declined):
        other.finish(BASE, code="not-a-code", begun=begun)
    assert not vendors.connected("nothing")


ENVIRON = {
    "OPSCONSOLE_DATABASE_URL": "postgresql://h/d", "OPSCONSOLE_SECRET_KEY": "x" * 40, "STRIPE_API_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1", "OPSCONSOLE_ENV": "test", "OPSCONSOLE_BASE_URL": BASE, "OIDC_ISSUER": "https://id.test/",
    "OIDC_CLIENT_ID": "c", "OIDC_CLIENT_SECRET": "s",
}  # fmt: skip


def test_the_settings_are_all_there_or_none() -> None:
    given = Settings.from_environment(
        ENVIRON
        | {"OIDC_ALLOWED_DOMAINS": "@Example.test, two.test", "OIDC_GROUPS": "leads=ops_lead, desk=support"}
    )
    assert given.oidc_issuer == "https://id.test" and given.oidc_allowed_domains == (
        "example.test",
        "two.test",
    )
    assert given.oidc_groups == GROUPS
    for missing in ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OPSCONSOLE_BASE_URL"):
        with pytest.raises(Misconfigured, match=missing):
            Settings.from_environment({**ENVIRON, missing: ""})
    with pytest.raises(Misconfigured, match="OIDC_GROUPS"):
        Settings.from_environment(ENVIRON | {"OIDC_GROUPS": "leads"})
    assert staff.Admission((), GROUPS)
