"""Two subscriptions of the same product, one of nobody, a payment of an invoice: found, kept from charging, and closed."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from opsconsole.db import db
from opsconsole.models import Subscription
from opsconsole.services import ACTS, CLOCK, payments, subscriptions, tokens
from opsconsole.services.banners import Blocked
from opsconsole.services.banners import check as banners_check
from opsconsole.services.subscriptions import Faulty
from opsconsole.services.subscriptions._guard import AT_ITS_DOOR, CHARGES, check

from ..banners.scenes import plant
from ..house import TOKENS, House
from ..payouts.scenes import Books
from ..scenes import cases_of

# A customer, a subscription and its item each; every seventh is canceled, and every customer has one that ended.
CLEAN = """
insert into customers (id, reference, name) select 'cst_g' || n, 'g' || n, 'Jo' from generate_series(1, {0}) n;
insert into external_ids (id, customer_id, system, external_id, as_of)
    select 'xid_g' || n, 'cst_g' || n, 'stripe', 'cus_g' || n, now() from generate_series(1, {0}) n;
insert into subscriptions (id, status, raw_status, effective, external_id, external_customer, customer_id, currency, started_at,
    anchor_at, next_charge_at, cancel_at, cancel_at_period_end, flexible, collects_by_itself, pending_update, fetched_at, created_at)
    select 'sbs_g' || k || '_' || n, case when k = 1 or n % 7 = 0 then 'canceled' else 'active' end, '', 'active',
        'sub_g' || k || '_' || n, 'cus_g' || n, 'cst_g' || n, 'usd', now(), now(), now() + interval '20 days',
        case when n % 11 = 0 then now() + interval '5 days' end, false, true, true, false, now(), now() - interval '1 day'
    from generate_series(1, {0}) n, generate_series(1, 2) k;
insert into subscription_items (id, subscription_id, external_id, price_key, quantity, currency, amount, period_start, period_end)
    select 'sbi_g' || k || '_' || n, 'sbs_g' || k || '_' || n, 'si_g' || k || '_' || n, 'price_' || n % 5, 1, 'usd', 5900,
        now(), now() from generate_series(1, {0}) n, generate_series(1, 2) k;
"""  # noqa: E501
LEAVES = "update subscriptions set status = 'canceled' where id = 'sbs_g1_1'"


def clean(house: House, customers: int) -> None:
    run(house, CLEAN.format(customers))


def run(house: House, sql: str) -> None:
    with house.app.app_context():
        for statement in filter(str.strip, sql.split(";")):
            db.session.execute(text(statement))
        db.session.commit()


def broken(house: House) -> None:
    """The three faults: two live ones of a product, one of nobody, a charge that no order and no invoice claims."""
    run(house, "update subscriptions set status = 'active' where id = 'sbs_g1_1'")
    run(
        house,
        "update subscriptions set customer_id = null, external_customer = 'cus_nobody' where id = 'sbs_g2_2'",
    )
    books = Books()
    books.invoice(1000, books.charge(1000, at=ago(house)), at=ago(house))
    books.charge(1500, at=ago(house))
    books.write(house)


def ago(house: House) -> Any:
    return house.rows("select instant() as now")[0].now - timedelta(minutes=20)


def guard(house: House) -> dict[str, str]:
    """What the clock does each hour. Returns subject -> reason of the open cases."""
    with house.app.app_context():
        if subscriptions.to_guard():
            subscriptions.guard(by=CLOCK)
        for payment_id in payments.unclaimed():
            payments.miss(payment_id, by=CLOCK)
    return {
        row.subject_id: row.reason
        for row in house.rows("select subject_id, reason from cases where status = 'open'")
    }


def test_three_faults_are_found_and_nothing_else(house: House) -> None:
    clean(house, 300)
    assert guard(house) == {}
    assert (
        house.rows("select 1 from audit_entries where act = 'subscriptions.guard'") == []
    )  # nothing to write down
    broken(house)
    found = guard(house)
    assert (
        found.pop("sbs_g2_1") == "double_subscription"
        and found.pop("sbs_g2_2") == "subscription_without_customer"
    )
    [(payment, reason)] = found.items()
    assert reason == "payment_without_order"
    assert house.api().get(f"/payments/{payment}")["amount"]["amount"] == "15.00"
    [case] = cases_of(house, "/subscriptions/sbs_g2_1")
    assert "sub_g1_1" in case["says"] and case["suggests"]["url"] == "/subscriptions/sbs_g2_1/cancel"
    assert len(guard(house)) == 3  # each is one case, however often one looks
    run(house, LEAVES)
    run(house, "insert into external_ids (id, customer_id, system, external_id, as_of) values"
               " ('xid_x', 'cst_g2', 'stripe', 'cus_nobody', now())")  # fmt: skip
    with house.app.app_context():
        paid = db.session.execute(
            text("select external_id from payments where id = :id"), {"id": payment}
        ).scalar_one()
    books = Books()
    books.invoice(1500, paid)
    books.write(house)
    assert guard(house) == {}
    assert (
        house.rows("select customer_id from subscriptions where id = 'sbs_g2_2'")[0].customer_id == "cst_g2"
    )


def test_what_is_faulty_is_not_made_to_charge(house: House) -> None:
    clean(house, 3)
    broken(house)
    with house.app.app_context():
        by = tokens.actor_of(TOKENS["demo"], address="127.0.0.1")
        twice, nobodys, fine = (Subscription.require(f"sbs_g2_{n}") for n in (1, 2, 3))
        for name in CHARGES & set(ACTS) - AT_ITS_DOOR:
            with pytest.raises(Faulty, match="cus_nobody"):
                check(ACTS[name], nobodys.id, by)
            check(ACTS[name], fine.id, by)
        for name in ("resume", "keep"):
            with pytest.raises(Faulty, match="sub_g1_1"):
                check(ACTS[f"subscriptions.{name}"], twice.id, by)
        check(ACTS["subscriptions.swap"], twice.id, by)  # for something else: that solves it
        same = subscriptions.blocked_by(fine, "subscriptions.swap", product_id="price_3")
        assert same is None  # nothing else of theirs goes on
        taken = subscriptions.blocked_by(nobodys, "subscriptions.reactivate")
        assert taken and "cus_nobody" in taken
        assert subscriptions.blocked_by(twice, "subscriptions.reactivate")
        check(ACTS["subscriptions.pause"], twice.id, by)
        assert subscriptions.blocked_by(twice, "subscriptions.swap", product_id="prd_other") is None


def test_one_that_ends_before_it_charges_again_is_no_double(house: House) -> None:
    clean(house, 3)
    broken(house)
    run(house, "update subscriptions set cancel_at = now() + interval '3 days' where id = 'sbs_g1_1'")
    assert "sbs_g2_1" not in guard(house)
    run(house, "update subscriptions set cancel_at = now() + interval '90 days' where id = 'sbs_g1_1'")
    assert guard(house)["sbs_g2_1"] == "double_subscription"


def test_a_dispute_of_any_order_keeps_all_that_renews_from_charging(house: House) -> None:
    order = house.order("60.00")
    clean(house, 1)
    customer = order["customer"].rsplit("/", 1)[-1]
    run(house, f"update subscriptions set customer_id = '{customer}'")
    plant(house, "dispute_open", order)
    with house.app.app_context():
        by = tokens.actor_of(TOKENS["demo"], address="127.0.0.1")
        with pytest.raises(Blocked, match="Dispute open"):
            banners_check(ACTS["subscriptions.resume"], "sbs_g2_1", by)
        banners_check(ACTS["subscriptions.pause"], "sbs_g2_1", by)


@pytest.mark.soak
def test_sixty_thousand_clean_ones_raise_nothing(house: House) -> None:
    clean(house, 60_000)
    with house.app.app_context():
        db.session.execute(text("analyze subscriptions"))
        db.session.commit()
    began = time.monotonic()
    assert guard(house) == {}
    assert time.monotonic() - began < 3
    broken(house)
    assert sorted(guard(house).values()) == [
        "double_subscription", "payment_without_order", "subscription_without_customer",
    ]  # fmt: skip
