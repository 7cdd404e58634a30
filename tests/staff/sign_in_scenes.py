"""Signing in for real: a console as it runs in production, and people with a phone that makes codes."""

from __future__ import annotations

import html
import re
import time
from typing import Any

import pyotp
from flask import Flask

from opsconsole import create_app

from ..conftest import settings_for
from ..house import PASSWORD, PEOPLE, House, PageClient

SAM = PEOPLE["support"][0]


def production(house: House, **settings: object) -> Flask:
    """The same database behind a console that is no sandbox, over HTTPS."""
    url = house.app.config["SETTINGS"].database_url
    app = create_app(settings_for(url, env="production", **{"trusted_hosts": ("localhost",), **settings}))
    app.extensions["no_demo"] = True  # the people of tests are the demo's
    app.config["PREFERRED_URL_SCHEME"] = "https"
    return app


class Phone:
    """An app that makes codes, never the same twice: it begins with the step before this one, three are good at once."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)
        self.last = 0

    def code(self) -> str:
        if time.time() % 30 > 27:  # a code that runs out on its way would be another test
            time.sleep(3.1)
        self.last = max(int(time.time()) // 30 - 1, self.last + 1)
        return self.totp.at(self.last * 30)


def page(house: House, app: Flask | None = None) -> PageClient:
    return PageClient((app or house.app).test_client())


def enrol(person: PageClient, url: str = "/account/enrol") -> tuple[Phone, list[str]]:
    """Set an app up, as the person who just signed in. Returns the phone and the recovery codes."""
    person.get(url)
    secret = re.search(r'<code class="id">([A-Z2-7]+)</code>', person.html)
    assert secret, person.html
    phone = Phone(secret[1])
    person.submit("/account/enrol", {"code": phone.code()})
    return phone, re.findall(r'<code class="id">([A-Z2-7-]{19})</code>', person.html)


def signed_in(person: PageClient, email: str = SAM, password: str = PASSWORD) -> PageClient:
    person.sign_in(email, password)
    return person


def ago(house: House, minutes: int, column: str = "seen_at") -> None:
    """Let real time have passed for every session."""
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(
            text(f"update sign_ins set {column} = {column} - make_interval(mins => :m)"), {"m": minutes}
        )
        db.session.commit()


def hidden(page: str) -> dict[str, Any]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}
