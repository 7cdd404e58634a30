"""What a full page of every list weighs: what is sent twice in every row is paid for fifty times."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from opsconsole.db import db

from ..billing.facts import facts, settled
from ..fills.scenes import order, submitted
from ..house import House
from ..messages.scenes import bounced
from ..scenes import declined
from ..shipments.scenes import recorded
from ..subscriptions.scenes import subscribed

PAGE = 50  # rows
MOST = 40_000  # bytes
ROWS = 60
# The column beside the id of which there may be only one of a kind.
NOUNS = {
    "customers": "reference", "orders": "reference", "payments": "external_id", "refunds": "external_id",
    "messages": "external_id", "invoices": "external_id", "cases": "subject_id", "promises": "ref",
    "inbox_events": "external_id", "audit_entries": "id", "fills": "line_set", "shipments": "tracking_code",
    "subscriptions": "external_id",
}  # fmt: skip
FEWER = {"cases": 22, "fills": 46, "shipments": 46}  # rows of a page that tells more in each
URLS = {"inbox_events": "inbox", "audit_entries": "audit"}
LONGEST = {"cases": 75, "promises": 150, "audit_entries": 100}  # letters of a sentence in these


def copied(noun: str, unique: str) -> None:
    """More than a page of one noun: copies of its newest, each with an id and a name as long as a real one."""
    columns = """
        select column_name from information_schema.columns where table_name = :noun and is_generated = 'NEVER'
        and is_identity = 'NO' and table_schema = current_schema()
    """
    names = db.session.scalars(text(columns), {"noun": noun}).all()
    other = {
        unique: f"substr({unique}, 1, 4) || substr(md5('x' || n), 1, 24)",
        "id": "split_part(id, '_', 1) || '_' || substr(md5(n::text), 1, 26)",
    }
    if noun in LONGEST:
        other["says"] = f"rpad('', {LONGEST[noun]}, 'It cannot find the address. ')"
    if noun == "fills":
        other["number"] = "n + 1"
    values = ", ".join(other.get(name, name) for name in names)
    newest = f"select * from {noun} order by created_at desc limit 1"
    db.session.execute(
        text(
            f"insert into {noun} ({', '.join(names)}) select {values} from ({newest}) one, generate_series(1, {ROWS}) n"
        )
    )


@pytest.fixture
def full(house: House) -> House:
    declined(house)
    bounced(house)
    settled(house, facts(number="A1B2C3D4-0012"))
    recorded(house, house.order(customer="cust-9"))
    subscribed(house, customer="cust-8")
    submitted(house, order(house, customer="cust-8"))
    with house.app.app_context():
        for noun, unique in NOUNS.items():
            copied(noun, unique)
        db.session.commit()
    return house


def test_no_list_is_over_40_kb_for_whoever_sees_most_of_it(full: House) -> None:
    for role in ("ops_lead", "auditor"):
        page = full.page(role)
        for noun in NOUNS:
            url = f"/{URLS.get(noun, noun)}"
            said = page.get(url)
            assert said.count("<tr>") == FEWER.get(noun, PAGE) + 1, url
            assert len(said.encode()) < MOST, (role, url, len(said.encode()))
