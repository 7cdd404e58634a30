"""A forgotten password: asked for, mailed, chosen anew; and what a stranger can learn or break by it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import event, text

from opsconsole import create_app, vendors
from opsconsole.clock import Dispatcher
from opsconsole.db import db
from opsconsole.lib import passwords
from opsconsole.lib.refusal import Denied
from opsconsole.sandbox.email.server import MailServer
from opsconsole.services import CLOCK, CONSOLE, staff
from opsconsole.vendors.email import Links
from opsconsole.vendors.email.smtp import SMTP, Server
from opsconsole.worker import queue_of

from ..conftest import settings_for
from ..house import PASSWORD, PEOPLE, House, PageClient
from .sign_in_scenes import SAM, enrol, production, signed_in

BASE = "https://console.test"
NEW = "seven mauve otters hum"
FINN = PEOPLE["finance"][0]
ASKED = "If that address has an account here"


class Mails:
    """The console that sends mail, and the mailbox it goes to."""

    def __init__(self, house: House, app: Flask, server: MailServer) -> None:
        self.house, self.app, self.server = house, app, server

    def browser(self) -> PageClient:
        return PageClient(self.app.test_client())

    def ask(self, email: str = SAM, status: int = 200, who: PageClient | None = None, **more: Any) -> str:
        person = who or self.browser()
        person.get("/sign-in/forgot")
        return person.submit("/sign-in/forgot", {"email": email, **more}, status)

    def go_out(self) -> None:
        """The clock answers, workers send."""
        with self.app.app_context():
            staff.answer_asks()
        self.house.drain()

    def to(self, email: str = SAM) -> list[dict[str, Any]]:
        return [mail for mail in self.server.mailbox.mails()[::-1] if mail["to"] == email]

    def link(self, email: str = SAM) -> str:
        """The newest one, as the browser asks for it."""
        parts = urlsplit(self.to(email)[-1]["links"][0])
        assert f"{parts.scheme}://{parts.netloc}" == BASE
        return f"{parts.path}?{parts.query}"

    def choose(
        self, link: str, password: str = NEW, status: int = 200, again: str | None = None
    ) -> PageClient:
        person = self.browser()
        shown = person.client.get(link, headers={"Accept": "text/html"}, follow_redirects=True)
        person.html = shown.get_data(as_text=True)
        if "csrf_token" not in person.html:  # the link is over: try it all the same
            person.get("/sign-in")
        values = {"password": password, "again": password if again is None else again}
        person.submit("/sign-in/reset", values, status)
        return person


@pytest.fixture
def mails(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mails]:
    server = MailServer(house.sandbox.mailbox)
    server.begin()
    settings = settings_for(house.app.config["SETTINGS"].database_url, base_url=BASE)
    adapter = SMTP(
        server=Server.of(f"smtp://127.0.0.1:{server.port}"),
        sender="ops@example.test",
        links=Links(BASE, settings.sign_in_key()),
    )
    monkeypatch.setitem(vendors._ports, "email", adapter)
    payments = vendors.port("payments")
    app = create_app(settings)
    vendors.connect("payments", payments)
    yield Mails(house, app, server)
    with app.app_context():
        db.engine.dispose()
    server.end()


def works(mails: Mails, password: str, email: str = SAM) -> bool:
    return signed_in(mails.browser(), email, password).client.get("/orders").status_code == 200


def test_from_the_forgotten_password_to_the_new_one(mails: Mails, house: House) -> None:
    sam = signed_in(mails.browser(), SAM, PASSWORD)
    phone, _ = enrol(sam)
    assert ASKED in mails.ask()
    mails.go_out()
    [mail] = mails.to()
    assert (mail["subject"], mail["from"]) == ("Choose a new password for OpsConsole", "ops@example.test")
    assert "Sam Rivera" in mail["text"] and "127.0.0.1" in mail["text"]
    there = mails.choose(mails.link())
    assert there.url == "/sign-in" and "Your password is changed" in there.html
    assert sam.client.get("/orders").status_code == 303, "every session has ended"
    again = signed_in(mails.browser(), SAM, NEW)
    assert again.url == "/sign-in/second", "the second factor is as it was"
    again.submit("/sign-in/second", {"code": phone.code()})
    assert again.client.get("/orders").status_code == 200
    mails.go_out()
    told = mails.to()[-1]
    assert told["subject"] == "Your OpsConsole password was changed" and told["links"] == []
    acts = house.rows(
        "select act, by, address, says from audit_entries where act like 'staff.%reset%' order by created_at, id"
    )
    assert [(row.act, row.by, row.address) for row in acts] == [
        ("staff.ask_reset", "clock", "127.0.0.1"),
        ("staff.reset_password", "console", "127.0.0.1"),
    ]
    assert all("Sam Rivera" in row.says for row in acts)


def statements(mails: Mails, what: Callable[[], object]) -> list[str]:
    """Every statement that is run meanwhile, without its values."""
    heard: list[str] = []
    with mails.app.app_context():
        engine = db.engine

    def hear(*told: Any) -> None:
        heard.append(told[2])

    event.listen(engine, "before_cursor_execute", hear)
    try:
        what()
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    return heard


def test_nobody_learns_who_has_an_account(mails: Mails, house: House) -> None:
    """The same words after the same statements: of who it is, the request knows nothing at all."""
    with mails.app.app_context():
        db.session.execute(text("update staff set disabled_at = now() where email = :e"), {"e": FINN})
        db.session.commit()
    pages, work = [], []
    for email in (SAM, FINN, "nobody@example.test", "sаm@example.test"):
        person = mails.browser()
        person.get("/sign-in/forgot")
        work.append(statements(mails, lambda p=person, e=email: p.submit("/sign-in/forgot", {"email": e})))
        pages.append(re.sub(r'(value|content)="[^"]*"', "", person.html))
    assert len(set(pages)) == 1 and ASKED in pages[0]
    assert len({tuple(one) for one in work}) == 1 and any("reset_asks" in one for one in work[0])
    mails.go_out()
    assert [mail["to"] for mail in mails.server.mailbox.mails()] == [SAM]
    assert house.rows("select * from reset_asks") == []


def test_the_host_of_a_request_is_in_no_mail(mails: Mails) -> None:
    """Reset poisoning: whatever the request calls the console, the link leads to where the settings say."""
    person = mails.browser()
    person.get("/sign-in/forgot")
    token = re.search(r'name="csrf_token" value="([^"]+)"', person.html)
    assert token
    for evil in ({"Host": "evil.test"}, {"X-Forwarded-Host": "evil.test"}, {"Forwarded": "host=evil.test"}):
        person.client.post("/sign-in/forgot", data={"email": SAM, "csrf_token": token[1]}, headers=evil)
    mails.go_out()
    assert mails.to() and all(link.startswith(f"{BASE}/") for mail in mails.to() for link in mail["links"])
    assert "evil.test" not in json.dumps(mails.server.mailbox.mails())


def test_a_link_is_good_once_for_half_an_hour_and_only_the_newest(mails: Mails, house: House) -> None:
    mails.ask()
    mails.go_out()
    first = mails.link()
    mails.ask()
    mails.go_out()
    second = mails.link()
    assert first != second
    before = house.rows("select password_hash from staff order by id")
    assert "not good any more" in mails.browser().client.get(first, follow_redirects=True).text
    mails.choose(first, status=409)
    before_it, _, secret = second.partition("token=")
    other = ("B" if secret[0] == "A" else "A") + secret[1:]
    mails.choose(f"{before_it}token={other}", status=409)
    mails.choose(second.replace("of=rst_", "of=rst_0"), status=409)
    house.advance(31 * 60)
    mails.choose(second, status=409)
    assert house.rows("select password_hash from staff order by id") == before
    mails.ask()
    mails.go_out()
    mails.choose(mails.link())
    mails.choose(mails.link(), "another one altogether", 409)
    assert works(mails, NEW)


def test_whoever_follows_the_link_has_no_secret_in_the_address(mails: Mails) -> None:
    mails.ask()
    mails.go_out()
    person = mails.browser()
    answer = person.client.get(mails.link(), headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/reset")
    page = person.client.get("/sign-in/reset", headers={"Accept": "text/html"}).text
    assert SAM in page and mails.link().rpartition("=")[2] not in page


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short", "short", "at least 15"),
        (NEW, f"{NEW}!", "not the same"),
        ("sam-rivera-sam-rivera", None, "guessers"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays_good(
    mails: Mails, house: House, password: str, again: str | None, words: str
) -> None:
    mails.ask()
    mails.go_out()
    before = house.rows("select password_hash from staff order by id")
    assert words in mails.choose(mails.link(), password, 409, again).html
    assert house.rows("select password_hash from staff order by id") == before
    mails.choose(mails.link())
    assert works(mails, NEW)


def test_what_proves_it_is_kept_nowhere(mails: Mails, house: House, valkey_url: str, capfd: Any) -> None:
    """Not in the database, the queue, the audit, the log or any page that staff see: only in the mail."""
    import redis

    mails.ask()
    with mails.app.app_context():
        staff.answer_asks()
        line = redis.Redis.from_url(valkey_url)
        Dispatcher(queue_of(line)).announce()
        queue = repr([(key, line.dump(key)) for key in line.keys("*")])
        line.flushall()
    mails.house.drain()
    secret = mails.link().rpartition("=")[2]
    assert len(secret) == 43 and "rst_" not in queue and secret not in queue
    mails.choose(mails.link())
    mails.house.drain()
    tables = [row[0] for row in house.rows("select tablename from pg_tables where schemaname = 'public'")]
    everything = " ".join(
        house.rows(f"select coalesce(string_agg(t::text, '|'), '') from {table} t")[0][0] for table in tables
    )
    [promise, _] = house.rows("select id from promises where kind = 'staff.mail' order by position")
    lee = house.page("ops_lead").get(f"/promises/{promise.id}")
    assert "{link}" in everything and "staff.mail" in everything and "/sign-in/reset" in lee
    for place in (everything, lee, *capfd.readouterr()):
        assert secret not in place and passwords.fingerprint(secret) not in place and NEW not in place


def test_asking_often_is_slowed_down_and_locks_nobody_out(mails: Mails, house: House) -> None:
    for _ in range(5):
        mails.ask()
    assert "too often" in mails.ask(status=409)
    mails.go_out()
    assert len(mails.to()) == 4, "a full mailbox is no use, and the last of them is still good"
    mails.choose(mails.link())
    assert works(mails, NEW)
    house.advance(16 * 60)
    assert ASKED in mails.ask()


def test_a_stranger_uses_up_nothing_of_a_browser_that_is_known(mails: Mails, house: House) -> None:
    sam = signed_in(mails.browser(), SAM, PASSWORD)
    enrol(sam)
    sam.submit("/sign-out", {})
    for number in range(20):
        mails.ask(f"nobody-{number}@example.test")
    assert "too often" in mails.ask(status=409), "no more from this address"
    assert ASKED in mails.ask(who=sam)
    mails.go_out()
    assert len(mails.to()) == 1


def test_who_gets_no_link(mails: Mails, house: House) -> None:
    """Disabled, or without a password here; and one who is disabled after it was mailed."""
    mails.ask()
    mails.go_out()
    with mails.app.app_context():
        for change in (
            "password_hash = null where email = 'lee@example.test'",
            f"disabled_at = now() where email = '{SAM}'",
        ):
            db.session.execute(text(f"update staff set {change}"))
        db.session.commit()
        sam = staff.by_email(SAM)
        assert sam
        with pytest.raises(staff.NoLinkFor):
            staff.ask_reset(sam.id, address="x", by=CLOCK)
        for act in (staff.ask_reset, staff.reset_password):
            inputs = {"address": "x"} if act is staff.ask_reset else {"reset": "rst_1", "password_hash": "x"}
            with pytest.raises(Denied):
                act(sam.id, by=staff.actor_of(staff.by_email(PEOPLE["admin"][0]).id), **inputs)  # type: ignore[union-attr]
        with pytest.raises(staff.LinkOver):
            staff.reset_password(sam.id, reset="rst_1", password_hash="x", by=CONSOLE)
    for email in ("lee@example.test", SAM):
        mails.ask(email)
    mails.go_out()
    assert mails.to("lee@example.test") == [] and len(mails.to()) == 1
    mails.choose(mails.link(), status=409)


def test_another_way_of_changing_it_ends_the_link_and_tells_them(mails: Mails) -> None:
    sam = signed_in(mails.browser(), SAM, PASSWORD)
    mails.ask()
    mails.go_out()
    link = mails.link()
    sam.get("/account/password")
    sam.submit("/account/password", {"present": PASSWORD, "password": NEW, "again": NEW})
    mails.choose(link, "another one altogether", 409)
    mails.go_out()
    assert "by yourself" in mails.to()[-1]["text"] and mails.to()[-1]["links"] == []


def test_the_servers_no_becomes_a_case(mails: Mails, house: House) -> None:
    house.sandbox.fault(vendor="email", method="SMTP RCPT", kind="forbidden", times=1)
    mails.ask()
    mails.go_out()
    [case] = house.rows("select id, reason, says from cases")
    assert case.reason == "vendor_rejected" and mails.to() == []
    house.api("ops_lead").post(f"/cases/{case.id}/retry", {"reason": "The mailbox is there now"})
    house.drain()
    mails.choose(mails.link())
    assert works(mails, NEW)


def test_without_a_mail_server_the_page_says_whom_to_ask(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(vendors._ports, "email", raising=False)
    person = PageClient(house.app.test_client())
    assert "sends no mail" in person.get("/sign-in/forgot")
    before = house.checksum()
    person.get("/sign-in")  # for its token
    assert "sends no mail" in person.submit("/sign-in/forgot", {"email": SAM}, 409)
    assert house.checksum() == before


def test_forms_from_elsewhere_and_programs_reset_nothing(mails: Mails, house: House) -> None:
    real = production(house, base_url=BASE)
    for app in (mails.app, real):
        client = app.test_client()
        for url in ("/sign-in/forgot", "/sign-in/reset"):
            answer = client.post(
                url, data={"email": SAM}, headers={"Accept": "text/html"}, base_url="https://localhost"
            )
            assert answer.status_code in (400, 403)
    assert house.rows("select * from reset_asks") == []
