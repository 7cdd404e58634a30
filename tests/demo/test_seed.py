"""Demo data in a real database and a real sandbox: they agree, and making it again changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from opsconsole import vendors
from opsconsole.config import Settings
from opsconsole.db import db, now
from opsconsole.demo import CannotSeed, _parts, seed
from opsconsole.demo._cast import CAST
from opsconsole.demo._console import TABLES
from opsconsole.keyring import Keyring, place
from opsconsole.machine.postgres import RUNNER, Postgres
from opsconsole.models import Banner, Case, Fill, Order, OrderStatus, Payment, Refund, Staff
from opsconsole.services import STRIPE, Actor, audit, fills, payments, robot
from opsconsole.services.staff import ROLES, sign_in
from opsconsole.services.tokens import actor_of
from opsconsole.vendors import sandbox_load
from opsconsole.vendors.payments import DisputeState
from tests.conftest import settings_for
from tests.conftest_parts import TEMPLATE
from tests.house import House

AS_OF = date(2026, 6, 1)
CUSTOMERS = len(CAST) + 12
DEMO_TOKEN = "demo_" + "t" * 32


@pytest.fixture
def settings(house: House) -> Settings:
    found: Settings = house.app.config["SETTINGS"]
    return replace(found, demo_token=DEMO_TOKEN)


@pytest.fixture
def other_database(cluster: Postgres) -> Iterator[str]:
    cluster.create_database("demo_twin", template=TEMPLATE)
    yield cluster.url("demo_twin", RUNNER)
    cluster.drop_database("demo_twin")


FILE = re.compile(rb', "attachment": "atc_[^"]+"')


def everything(database_url: str) -> dict[str, list[Any]]:
    """All rows but those of sign-ins, what is sealed opened, and without the ids that staff and tokens got."""
    engine = create_engine(database_url)
    ring = Keyring(settings_for(database_url).masters(), engine.connect)
    with engine.connect() as connection:
        found = {}
        for model in TABLES:
            table = model.__table__
            columns = [column for column in table.c if column.name not in ("by_id", "staff_id")]
            query = select(*columns).order_by(table.c.id)
            if table.name == "audit_entries":
                query = query.where(table.c.by != "console")
            found[table.name] = [
                tuple(
                    value is not None
                    if column.info.get("index_of")  # two consoles have two keys
                    else ring.open(value, place(table.name, column.name, row.id))
                    if column.info.get("sealed") and value is not None
                    else value
                    for column, value in zip(columns, row, strict=True)
                )
                for row in connection.execute(query)
            ]
    found["visit_answers"] = [  # the files beside them have ids of their own, as uploads have
        tuple(FILE.sub(b"", one) if isinstance(one, bytes) else one for one in row)
        for row in found["visit_answers"]
    ]
    engine.dispose()
    return found


def test_every_payment_ties_and_settling_it_finds_nothing_to_correct(
    house: House, settings: Settings, sandbox_url: str
) -> None:
    seed(settings, CUSTOMERS, AS_OF, sandbox_url)
    before = everything(settings.database_url)
    with house.app.app_context():
        mirrored = list(db.session.scalars(select(Payment)))
        assert len(mirrored) > CUSTOMERS
        for payment in mirrored:
            facts = vendors.port("payments").fetch_payment(payment.external_id)
            held = sum(d.amount for d in facts.disputes if d.state in (DisputeState.OPEN, DisputeState.LOST))
            left = facts.captured - facts.refunded - held
            assert payment.remainder().refundable == left, payment.external_id
            payments.settle(payment.external_id, facts=facts, fetched_at=now(), by=STRIPE)
    after = everything(settings.database_url)
    for table in ("payments", "refunds"):
        assert _without_fetched_at(table, after) == _without_fetched_at(table, before)
    for table in ("orders", "cases", "banners"):
        assert after[table] == before[table]


def _without_fetched_at(table: str, rows: dict[str, list[Any]]) -> list[Any]:
    model = next(model for model in TABLES if model.__tablename__ == table)
    names = [column.name for column in model.__table__.c if column.name not in ("by_id", "staff_id")]
    left_out = names.index("fetched_at")
    return [row[:left_out] + row[left_out + 1 :] for row in rows[table]]


def test_the_same_arguments_make_the_same_rows(settings: Settings, other_database: str) -> None:
    seed(settings, CUSTOMERS, AS_OF, None)
    seed(settings_for(other_database), CUSTOMERS, AS_OF, None)
    made = everything(settings.database_url)
    assert all(made.values())
    assert everything(other_database) == made


def test_running_again_changes_nothing(house: House, settings: Settings, sandbox_url: str) -> None:
    def count() -> list[Any]:
        tables = ("audit_entries", "staff", "tokens", "grants", "roles")
        return [house.rows(f"select count(*) from {table}") for table in tables]

    seed(settings, 5, AS_OF, sandbox_url)
    made, counted, held = everything(settings.database_url), count(), house.sandbox.stripe.counts()
    seed(settings, 5, AS_OF, sandbox_url)
    seed(settings, 7, date(2026, 7, 1), sandbox_url)
    assert everything(settings.database_url) == made
    assert (count(), house.sandbox.stripe.counts()) == (counted, held)


def test_one_cut_short_leaves_nothing_and_the_next_one_makes_all_of_it(
    house: House, settings: Settings, sandbox_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_parts, "AT_ONCE", 10)
    loads: list[Callable[..., Any]] = [sandbox_load.load, sandbox_load.load]

    def fails_at_the_third(*given: Any) -> Any:
        if not loads:
            raise sandbox_load.NotLoaded("The sandbox is away.")
        return loads.pop()(*given)

    with monkeypatch.context() as trouble:
        trouble.setattr(sandbox_load, "load", fails_at_the_third)
        with pytest.raises(CannotSeed, match="The sandbox is away"):
            seed(settings, CUSTOMERS, AS_OF, sandbox_url)
    assert not any(everything(settings.database_url).values())
    assert house.sandbox.stripe.counts()["payment_intent"] > 0
    seed(settings, CUSTOMERS, AS_OF, sandbox_url)
    assert house.rows("select count(*) from customers")[0][0] == CUSTOMERS
    paid = house.rows("select count(*) from payments")[0][0]
    assert house.sandbox.stripe.counts()["charge"] == paid


def test_the_crm_knows_how_to_reach_the_people(house: House, settings: Settings, sandbox_url: str) -> None:
    seed(settings, 5, AS_OF, sandbox_url)
    people = house.rows("select id, email from customers")
    assert len(people) == 5 and any(email for _, email in people)
    for id, email in people:
        contact = vendors.port("crm").fetch_contact(id)
        assert contact is not None and contact.email == email


def test_only_in_a_sandbox(house: House, settings: Settings) -> None:
    with pytest.raises(CannotSeed, match="OPSCONSOLE_ENV is production"):
        seed(replace(settings, env="production"), 5, AS_OF, None)
    assert not any(everything(settings.database_url).values())


def test_the_pharmacies_hold_every_fill_as_we_do(house: House, settings: Settings, sandbox_url: str) -> None:
    """Taking in what they say changes no status, of neither the fill nor its order."""
    seed(settings, CUSTOMERS, AS_OF, sandbox_url)
    with house.app.app_context():
        held = {
            fill.id: (fill.status, fill.external_id, fill.pharmacy.port)
            for fill in db.session.scalars(select(Fill))
        }
        assert {status for status, *_ in held.values()} >= {"sent", "triage", "exception", "error", "shipped"}
        before = dict(db.session.execute(select(Order.id, Order.status)).tuples().all())
        for id, port in {(external_id, port) for _, external_id, port in held.values() if external_id}:
            fills.settle(id, facts=vendors.port(port).fetch_fill(id), fetched_at=now(), by=robot(port))
        db.session.expire_all()
        assert {fill.id: fill.status for fill in db.session.scalars(select(Fill))} == {
            id: status for id, (status, *_) in held.items()
        }
        assert dict(db.session.execute(select(Order.id, Order.status)).tuples().all()) == before


def test_a_little_of_everything(house: House, settings: Settings, sandbox_url: str) -> None:
    seed(settings, CUSTOMERS, AS_OF, sandbox_url)
    reader = Actor("staff", "stf_1", "Mo", frozenset(ROLES["auditor"][1]))
    with house.app.app_context():
        assert set(db.session.scalars(select(Order.status))) == {status.value for status in OrderStatus}
        assert set(db.session.scalars(select(Order.currency))) == {"usd", "jpy", "kwd"}
        refunds = set(db.session.scalars(select(Refund.status)))
        assert refunds == {"succeeded", "failed", "pending"}
        assert "made_elsewhere" in set(db.session.scalars(select(Refund.reason)))
        assert db.session.scalar(select(Payment.id).where(Payment.order_id.is_(None)))
        assert {"refund_failed", "bad_address", "out_of_stock"} <= set(
            db.session.scalars(select(Case.reason))
        )
        assert db.session.scalar(select(Payment.id).where(Payment.disputed > 0))
        kinds = {"dispute_open", "do_not_ship", "undeliverable_address", "minor"}
        assert set(db.session.scalars(select(Banner.kind))) == kinds
        for order in db.session.scalars(select(Order)):
            assert audit.timeline(order, by=reader).items, order.reference
        for payment in db.session.scalars(select(Payment)):
            assert audit.timeline(payment, by=reader).items, payment.external_id


def test_the_chosen_cards_send_refunds_back_and_make_them_wait(
    house: House, settings: Settings, sandbox_url: str
) -> None:
    seed(settings, CUSTOMERS, AS_OF, sandbox_url)
    for last4, comes_to in (("5126", "failed"), ("7726", "pending")):
        order = house.rows(f"select order_id from payments where card_last4 = '{last4}' limit 1")[0][0]
        asked = house.api().post(f"/orders/{order}/refund", {"amount": "5.00", "reason": "goodwill"}, 201)
        house.later(61)
        assert house.api().get(asked["subject"])["status"] == comes_to


def test_the_people_and_the_token_get_in(house: House, settings: Settings) -> None:
    with house.app.app_context():
        for person in db.session.scalars(select(Staff)):  # the tests' own people have other passwords
            person.email = f"tests.{person.email}"
        db.session.commit()
        seed(settings, 1, AS_OF, None)
        for login in ("sam", "lee", "ada", "finn", "mo", "root"):
            assert sign_in(f"{login}@example.test", "demo-password", address="127.0.0.1", demo=True)
        actor = actor_of(DEMO_TOKEN, address="127.0.0.1")
        assert actor
        assert actor.may("refunds.issue")
        assert actor.may("cases.dismiss")
