"""What reports may read: the views, and nothing of anybody's health or person."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import JSON, LargeBinary, String, Text

from opsconsole import migrate
from opsconsole.db import db, now
from opsconsole.machine.postgres import OWNER
from opsconsole.models import Attempt, OrderStatus, RecipeRun, Stuck
from opsconsole.models._classes import PUBLIC, data_class
from opsconsole.services import transaction

from ..conftest_parts import AsNew
from ..house import House
from ..stuck.plant import Plant

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reporting.md").read_text()
CANARY = "zq7canary"
# Told in the console to whoever may see the record: who did something, and what people or vendors wrote.
PROSE = {
    "by",
    "says",
    "words",
    "last_words",
    "why",
    "note",
    "error_words",
    "expected_words",
    "pharmacy_why",
    "worker",
}
READ = """
    select distinct v.relname, t.relname, a.attname
    from pg_depend d join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
    join pg_class v on v.oid = r.ev_class and v.relnamespace = 'reporting'::regnamespace
    join pg_class t on t.oid = d.refobjid and t.relkind = 'r' and d.refclassid = 'pg_class'::regclass
    join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
"""
SHOWN = "select table_name, column_name from information_schema.columns where table_schema = 'reporting' order by 1, 2"


@pytest.fixture
def owner(house: House, as_new: AsNew) -> Iterator[psycopg.Connection[Any]]:
    """The database's administrator, who may become anybody."""
    with as_new.cluster._connect(as_new.name) as connection:
        yield connection


def columns(owner: psycopg.Connection[Any]) -> dict[str, set[str]]:
    """Of each view, the columns that it shows."""
    found: dict[str, set[str]] = defaultdict(set)
    for view, column in owner.execute(SHOWN).fetchall():
        found[view].add(column)
    return found


def test_views_read_public_columns_and_are_described(owner: psycopg.Connection[Any]) -> None:
    read = owner.execute(READ).fetchall()
    assert len(read) > 150
    for view, table, name in read:
        column = db.metadata.tables[table].c[name]
        wordless = data_class(column) == PUBLIC and not isinstance(column.type, Text | JSON)
        assert wordless and name not in PROSE, (view, table, name)
    described = {}
    for section in PAGE.partition("## The views")[2].split("\n### ")[1:]:
        rows = re.findall(r"^\| (`.*?) \|", section, re.M)
        described[section.partition("\n")[0]] = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert described == columns(owner)


def test_nothing_of_anybody_is_in_any_view_and_the_examples_answer(
    house: House, owner: psycopg.Connection[Any]
) -> None:
    with house.app.app_context(), transaction():
        _stands(Plant(now()))
    hidden = _plant_canaries(owner)
    assert hidden > 20
    owner.execute(f"set role {migrate.REPORTING}")
    for view in columns(owner):
        rows = [str(row) for (row,) in owner.execute(f"select v::text from reporting.{view} v")]
        assert rows, view
        for canary in (CANARY, CANARY.encode().hex()):
            assert not [row for row in rows if canary in row], view
    causes, back, shipped = (
        [dict(zip([column.name for column in found.description or ()], row, strict=True)) for row in found]
        for found in map(owner.execute, re.findall(r"```sql\n(.*?);\n```", PAGE, re.S))
    )
    owner.execute("reset role")
    assert [(row["code"], row["spells"], float(row["in_time"])) for row in causes] == [("PHA.NO_ACK", 2, 0.5)]
    assert [(row["reason"], row["refunds"], float(row["refunded"])) for row in back] == [
        ("goodwill", 1, 12.5)
    ]
    assert [(row["orders"], row["median"].total_seconds() / 3600) for row in shipped] == [(1, 20)]


def _stands(plant: Plant) -> None:
    """Something of everything: an order that shipped, a refund of it that arrived, two spells that ended."""
    order, rx = plant.prescribed(OrderStatus.SHIPPED, plant.ago(hours=24))
    order.placed_at = plant.ago(hours=24)
    plant.moved(order, "at_pharmacy", "shipped", plant.ago(hours=4))
    plant.refund("succeeded", plant.ago(hours=1), order=order, amount=1250)
    plant.asked(rx, "cancel", "requested", plant.ago(hours=5))
    plant.visit("submitted", plant.ago(hours=30), order=order)
    plant.invoice()
    plant.incident("crm", plant.ago(hours=2), "breaker", "silent")
    plant.case("refund_failed", order.id, plant.ago(hours=2))
    promise = plant.promise(order.payments()[0], "kept", plant.ago(hours=1), [order.id])
    Attempt(promise_id=promise.id, round=1, fence=1, worker="w", started_at=plant.ago(hours=1)).add()
    for breach_at in (plant.ahead(hours=1), plant.ago(hours=1)):
        spell = Stuck(
            status="cleared", subject_id=order.id, subject_noun="order", code="PHA.NO_ACK", ball="pharmacy", team="ops",
            since=plant.ago(hours=9), began_at=plant.ago(hours=8), warn_at=plant.ago(hours=8), breach_at=breach_at,
            ended_at=plant.now, ended="cleared", details={}, fingerprint="", urgency=0,
        ).add()  # fmt: skip
    RecipeRun(
        stuck_id=spell.id, code=spell.code, act="orders.hold", suggested=True, answers={}, by="Sam", by_id="usr_sam",
        trace_id="trc_test",
    ).add()  # fmt: skip


def _plant_canaries(owner: psycopg.Connection[Any]) -> int:
    """Into each column of the tables that views read, that no view may show; how many columns."""
    owner.execute("set session_replication_role = replica")
    hidden = 0
    for table in {table for _, table, _ in owner.execute(READ).fetchall()}:
        for column in db.metadata.tables[table].columns:
            if column.computed or (data_class(column) == PUBLIC and column.name not in PROSE):
                continue
            kind, value = column.type, f"'{CANARY}'"
            if isinstance(kind, JSON):
                value = f"""'{{"told": "{CANARY}"}}'"""
            elif isinstance(kind, LargeBinary):
                value += "::bytea"
            elif not isinstance(kind, String) or (kind.length or 99) < len(CANARY):
                assert (table, column.name) == ("incidents", "ports")  # names of vendors
                continue
            owner.execute(f'update {table} set "{column.name}" = {value}')
            hidden += 1
    owner.execute("set session_replication_role = origin")
    return hidden


def test_the_role_reads_the_views_and_nothing_else(
    house: House, owner: psycopg.Connection[Any], as_new: AsNew
) -> None:
    with house.app.app_context(), transaction():
        Plant(now()).order()
    role, views = migrate.REPORTING, sorted(columns(owner))
    may = """
        select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'v', 'm', 'p', 'f') and n.nspname not like 'pg\\_%%' and n.nspname <> 'information_schema'
            and has_table_privilege(%s, c.oid, %s) order by 1
    """
    assert [name for (name,) in owner.execute(may, (role, "select"))] == [
        f"reporting.{view}" for view in views
    ]
    assert (
        owner.execute(may, (role, "insert, update, delete, truncate, references, trigger")).fetchall() == []
    )
    owner.execute(f"set role {role}")
    assert owner.execute("select count(*) from reporting.orders").fetchone() == (1,)
    for refused in (
        "select from orders", "select from public.customers", "update reporting.orders set status = 'canceled'",
        "insert into reporting.cases (id) values ('x')", "delete from reporting.refunds", "create table mine ()",
        "create view reporting.mine as select 1 as one", "select from public.alembic_version",
    ):  # fmt: skip
        with pytest.raises(errors.InsufficientPrivilege):
            owner.execute(refused)
    owner.execute("reset role")
    _a_later_migration(owner, as_new)


def _a_later_migration(owner: psycopg.Connection[Any], as_new: AsNew) -> None:
    """As docs/adding.md says: the view goes, the column changes, the view comes again, and the role still reads it."""
    [(query,)] = owner.execute("select pg_get_viewdef('reporting.recipe_runs')").fetchall()
    with as_new.cluster._connect(as_new.name) as owning:
        owning.execute(f"set role {OWNER}")
        with pytest.raises(errors.FeatureNotSupported):
            owning.execute("alter table recipe_runs alter act type varchar(61)")
        owning.execute("drop view reporting.recipe_runs")
        owning.execute("alter table recipe_runs alter act type varchar(60)")
        owning.execute(f"create view reporting.recipe_runs as {query}")
    owner.execute(f"set role {migrate.REPORTING}")
    with pytest.raises(errors.InsufficientPrivilege):
        owner.execute("select from reporting.recipe_runs")
    migrate._grant_reporting(as_new.cluster.url(as_new.name, OWNER))
    assert owner.execute("select code from reporting.recipe_runs").fetchall() == []


def test_a_server_that_denies_roles_is_migrated_all_the_same(owner: psycopg.Connection[Any]) -> None:
    [file] = (ROOT / "migrations" / "versions").glob("*_reporting.py")
    spec = spec_from_file_location("reporting_migration", file)
    assert spec and spec.loader
    migration = module_from_spec(spec)
    spec.loader.exec_module(migration)
    assert migration.ROLE == migrate.REPORTING
    there = "select count(*) from pg_roles where rolname = 'reports_of_a_test'"
    owner.execute(f"set role {OWNER}")
    owner.execute(migration.making("reports_of_a_test"))
    assert owner.execute(there).fetchone() == (0,)
    owner.execute("reset role")
    try:
        for _ in range(2):
            owner.execute(migration.making("reports_of_a_test"))
            assert owner.execute(there).fetchone() == (1,)
    finally:
        owner.execute("drop role if exists reports_of_a_test")
