"""What tests do with the house: knock at its doors, let its workers work, move its time."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import stripe
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from werkzeug.test import TestResponse

from opsconsole import jobs
from opsconsole.db import db
from opsconsole.jobs import run
from opsconsole.models import SandboxClock
from opsconsole.sandbox import CustomerIOKeys, EasyPostKeys, HealthcareKeys, PharmacyKeys, SandboxApp
from opsconsole.services import inbox, outbox

from .kept import Keeper, scene, scene_for
from .sandbox.wsgi import WsgiClient

KEY = "sk_test_house"
SECRET = "whsec_house"
CRM = CustomerIOKeys("site_house", "track_house", "app_house", "signing_house")
PHARMACIES = PharmacyKeys("truepill_house", "honeybee_house", "honeybee_signing_house")
PARCELS = EasyPostKeys("EZTK_house", "easypost_house")
PATIENTS = HealthcareKeys("console_house", "healthcare_house", "healthcare_signing_house")
PASSWORD = "a-password-for-tests"
PEOPLE = {
    "support": ("sam@example.test", "Sam Rivera"),
    "ops_lead": ("lee@example.test", "Lee Okafor"),
    "clinician": ("ada@example.test", "Ada Lindqvist"),
    "finance": ("finn@example.test", "Finn Marsh"),
    "admin": ("root@example.test", "Root Admin"),
    "auditor": ("mo@example.test", "Mo Haddad"),
}
TOKENS = {role: f"ops_test_{role}" for role in (*PEOPLE, "shop", "demo")}


class House:
    def __init__(self, app: Flask, sandbox_app: SandboxApp) -> None:
        self.app = app
        self.sandbox_app = sandbox_app
        self.sandbox = sandbox_app.sandbox
        self.orders = 0
        self._sums = ""  # of every table, as SQL
        self.keeper: Keeper | None = None  # of scenes that others have set before

    # ------------------------------------------------------------ doors

    def api(self, role: str = "demo") -> Api:
        """A program with that role's token."""
        return Api(self.app.test_client(use_cookies=False), TOKENS[role])

    def page(self, role: str = "support") -> PageClient:
        """A person of that role, signed in, in a browser without JavaScript."""
        client = PageClient(self.app.test_client())
        client.client._cookies, client.html, client.url = self._signed_in(role)
        return client

    @scene_for(45)  # that somebody was seen is written again after a minute
    def _signed_in(self, role: str) -> tuple[Any, str, str]:
        client = PageClient(self.app.test_client())
        client.sign_in(PEOPLE[role][0], PASSWORD)
        return client.client._cookies, client.html, client.url

    def deliver(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """The sandbox's webhooks come in through the front door."""
        answer = self.app.test_client(use_cookies=False).post(urlsplit(url).path, headers=headers, data=body)
        return answer.status_code

    # ------------------------------------------------------------ time and work

    def work(self) -> int:
        """Do everything that is due now, as workers would. Returns how many jobs that were."""
        with self.app.app_context():
            return self._work()

    def _work(self) -> int:
        done = 0
        while due := [*(("keep", id) for id, _ in outbox.due()), *(("settle", id) for id, _ in inbox.due())]:
            db.session.rollback()
            before = done
            for job, id in due:
                done += getattr(jobs, job)(id) is not None
            if done == before:
                break
        db.session.rollback()
        return done

    def drain(self) -> None:
        """Work and deliver webhooks until nothing is left to do now."""
        while self.work() + self.sandbox.flush():
            pass

    def advance(self, seconds: float) -> None:
        """Move the one time that the console and the sandbox share."""
        self.sandbox.advance(seconds)
        ahead = timedelta(seconds=self.sandbox.clock.offset)
        row = insert(SandboxClock).values(single=True, ahead=ahead)
        with self.app.app_context():
            db.session.execute(row.on_conflict_do_update(index_elements=["single"], set_={"ahead": ahead}))
            db.session.commit()

    def later(self, seconds: float) -> None:
        """Let time pass, then do what fell due."""
        self.advance(seconds)
        self.drain()

    def lift_limits(self) -> None:
        """Everybody may refund any amount alone: for stories that are about something else."""
        with self.app.app_context():
            db.session.execute(text("update limits set alone = 10000000000, at_most = null"))
            db.session.commit()

    def close(self) -> None:
        if run._connection is not None:
            run._connection.close()
            run._connection = None
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose()

    # ------------------------------------------------------------ scenes

    @scene
    def order(
        self,
        amount: str = "60.00",
        *,
        currency: str = "usd",
        method: str = "pm_card_visa",
        customer: str = "cust-1",
    ) -> dict[str, Any]:
        """A paid order, told by the shop as a shop would tell it. Returns its JSON."""
        self.orders += 1
        shop = self.api("shop")
        minor = int(amount.replace(".", ""))
        paid = self.pay(minor, currency=currency, method=method)
        shop.post(
            "/customers",
            {"reference": customer, "name": "Jo Field", "email": f"{customer}@example.test"},
            201,
        )
        made = shop.post(
            "/orders",
            {
                "reference": f"R{self.orders:04}",
                "customer": customer,
                "currency": currency,
                "lines": [
                    {"sku": "NC60", "name": "Night cream, 60 days", "quantity": 1, "unit_price": amount}
                ],
                "total": amount,
                "payment": paid,
            },
            201,
        )
        self.drain()
        return self.api().get(made["subject"])

    def pay(self, minor: int, *, currency: str = "usd", method: str = "pm_card_visa") -> str:
        """A payment at the processor, as a checkout makes it. Returns its id."""
        client = stripe_client(WsgiClient(self.sandbox_app))
        intent = client.v1.payment_intents.create(
            {
                "amount": minor, "currency": currency, "confirm": True, "payment_method": method,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            }
        )  # fmt: skip
        return intent.id

    def contact(self, customer: str, email: str) -> None:
        """What the shop tells the CRM of a customer: their address."""
        answer = self.sandbox_app.test_client().put(
            f"/customerio/track/api/v1/customers/{customer}",
            json={"email": email},
            auth=(CRM.site_id, CRM.track_key),
        )
        assert answer.status_code == 200, answer.text

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What the database holds, for checks that no door shows."""
        with self.app.app_context():
            return list(db.session.execute(text(query), values))

    def checksum(self) -> dict[str, str]:
        """A checksum of every table: equal before and after means that nothing was written. Who saw what is apart:
        looking is written down, also where it changes nothing."""
        if not self._sums:
            tables = self.rows(
                "select tablename from pg_tables where schemaname = 'public'"
                " and tablename not in ('phi_views', 'case_looks')"
            )
            row = "select '{0}', concat(count(*), ' ', sum(hashtextextended(t::text, 0))) from {0} t"
            self._sums = " union all ".join(row.format(table) for (table,) in tables)
        with self.app.app_context(), db.engine.connect() as connection:
            return dict(map(tuple, connection.exec_driver_sql(self._sums)))


def stripe_client(http: Any) -> Any:
    return stripe.StripeClient(
        KEY, base_addresses={"api": "http://sandbox.test"}, http_client=http, max_network_retries=0
    )


class Api:
    """JSON with a bearer token. Each call may say which status it expects."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self.last: TestResponse | None = None

    def get(self, url: str, status: int = 200) -> Any:
        return self._done(self.client.get(url, headers=self.headers), status)

    def post(
        self,
        url: str,
        body: Any = None,
        status: int = 201,
        *,
        key: str | None = None,
        match: str | None = None,
    ) -> Any:
        extra = {
            k: v for k, v in (("Idempotency-Key", key), ("If-Match", f'"{match}"' if match else None)) if v
        }
        return self._done(self.client.post(url, json=body or {}, headers={**self.headers, **extra}), status)

    def _done(self, answer: TestResponse, status: int) -> Any:
        self.last = answer
        assert answer.status_code == status, (
            f"{answer.request.path}: {answer.status_code} {answer.get_data(as_text=True)[:600]}"
        )
        assert answer.is_json, answer.content_type
        return answer.get_json()


class PageClient:
    """A browser without JavaScript. Every page it sees must hold what holds on all pages."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.html = ""
        self.url = ""

    def sign_in(self, email: str, password: str) -> None:
        self.get("/sign-in")
        self.submit("/sign-in", {"email": email, "password": password})

    def get(self, url: str, status: int = 200) -> str:
        return self._seen(self.client.get(url, headers={"Accept": "text/html"}), status)

    def submit(self, url: str, values: dict[str, Any], status: int = 200) -> str:
        """POST a form, with the hidden fields of the page it stands on, and follow where it leads."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.html))
        known = {
            k: html.unescape(v)
            for k, v in hidden.items()
            if k in ("csrf_token", "idempotency_key", "expect", "hash")
        }
        answer = self.client.post(
            url, data={**known, **values}, headers={"Accept": "text/html"}, follow_redirects=True
        )
        return self._seen(answer, status)

    def _seen(self, answer: TestResponse, status: int) -> str:
        page = answer.get_data(as_text=True)
        assert answer.status_code == status, f"{answer.request.path}: {answer.status_code}\n{page[:3000]}"
        self.html, self.url = page, answer.request.path
        if answer.mimetype == "text/html" and "<html" in page:
            holds_on_every_page(page, answer)
        return page


def holds_on_every_page(page: str, answer: TestResponse) -> None:
    """One h1 that the title begins with, labelled inputs, forms with CSRF, no braces left, strict headers."""
    h1 = re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    assert len(h1) == 1, f"{len(h1)} h1 on {answer.request.path}"
    title = re.search(r"<title>(.*?)</title>", page, re.S)
    words = re.sub(r"<[^>]+>", "", h1[0]).strip()
    assert title and html.unescape(title[1]).strip().startswith(html.unescape(words)), (
        title and title[1],
        words,
    )
    assert "{{" not in page and "{%" not in page
    assert 'lang="en"' in page
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=", page), "inline style or script"
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.S):
        assert 'name="csrf_token"' in form
    for id in re.findall(
        r'<(?:input|select|textarea)(?![^>]*type="(?:hidden|submit|checkbox|radio)")[^>]*\bid="([^"]+)"', page
    ):
        assert f'for="{id}"' in page or re.search(
            rf'id="{id}"[^>]*aria-label=|aria-label=[^>]*id="{id}"', page
        ), f"no label: {id}"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
