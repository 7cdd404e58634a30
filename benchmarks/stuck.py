"""python -m benchmarks.stuck: how long it takes to say of everything what does not go on, and of one customer.

The orders are rows made in the database itself, in minutes; they stay in a directory of their own for the next run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from opsconsole import create_app
from opsconsole.config import Settings
from opsconsole.db import db, now
from opsconsole.machine import places
from opsconsole.machine.postgres import Postgres
from opsconsole.models import Order, OrderStatus
from opsconsole.services import stuck, transaction

from .table import Row, percentile, show

WORST = 3
#: In which status the open ones stand, as parts of 1,000.
OPEN = (
    ("delivered", 300), ("shipped", 250), ("at_pharmacy", 150), ("awaiting_payment", 75), ("in_review", 50),
    ("awaiting_visit", 50), ("manual_intervention", 40), ("submitted", 30), ("ready", 30), ("awaiting_rx", 25),
)  # fmt: skip
_SPREAD = " ".join(
    f"when place < {sum(part for _, part in OPEN[: at + 1])} then '{status}'"
    for at, (status, _) in enumerate(OPEN)
)
#: `:orders` and `:open` are how many; what is open is the newest. Each part stands on those before it.
ROWS = (
    "insert into customers (id, reference, name, email, created_at) select 'cst_b' || i, 'bench-' || i, 'Jo Field', "
    "i || '@example.test', now() - interval '400 days' from generate_series(1, :orders / 3) i",
    "insert into pharmacies (id, name, adapter, active, rank, replaces_free) select 'pha_b' || i, 'Pharmacy ' || i, "
    "(array['truepill', 'honeybee'])[i % 2 + 1], true, i, false from generate_series(1, 6) i",
    "insert into products (id, sku, name, kind, needs_prescription, active) select 'prd_b' || i, 'B' || i, 'Cream ' || i, "
    "'prescription', true, true from generate_series(1, 20) i",
    "insert into prescriptions (id, status, customer_id, external_id, drug, sku, refills_authorised, fills_used, "
    "raw_status, days_supply, expires_on) select 'rx_b' || i, 'active', 'cst_b' || i, 'erx-' || i, '', 'B' || (i % 20 + 1), "
    "5, 1, 'active', 60, current_date + (i % 330) from generate_series(1, :orders / 3) i",
    f"""insert into orders (id, customer_id, reference, status, status_since, created_at, placed_at, currency, subtotal,
        shipping, tax, discount, total, kind, payment_status, address_verdict)
    select 'ord_b' || i, 'cst_b' || (i % (:orders / 3) + 1), 'B' || i,
        case when i > :orders - :open then case {_SPREAD} else 'delivered' end
             when i % 50 = 0 then 'canceled' when i % 500 = 1 then 'returned' else 'closed' end,
        at + interval '6 hours', at, at, 'usd', 6000, 0, 0, 0, 6000, 'first_order', 'paid', 'verified'
    from (select i, (i * 37) % 1000 as place, now() - case when i > :orders - :open then (i % 96) * interval '1 hour'
        else interval '5 days' + (i % 360) * interval '1 day' end as at from generate_series(1, :orders) i) o""",
    "insert into order_lines (id, order_id, position, sku, name, quantity, currency, unit_price, amount) select "
    "'lin_b' || i, 'ord_b' || i, 1, 'B' || (i % 20 + 1), 'Cream', 1, 'usd', 6000, 6000 from generate_series(1, :orders) i",
    "insert into payments (id, status, status_since, order_id, customer_id, external_id, raw_status, currency, amount, "
    "captured, disputed, fetched_at) select 'pay_b' || substr(id, 6), 'succeeded', created_at, id, customer_id, 'pi_' || "
    "id, 'succeeded', 'usd', 6000, 6000, 0, now() from orders where id like 'ord_b%' and status <> 'awaiting_payment'",
    """insert into fills (id, status, status_since, created_at, order_id, customer_id, pharmacy_id, prescription_id, number,
        items, line_set, why, by, trace_id, raw_status, tracking_number, external_id, code)
    select 'fil_b' || substr(id, 6), case status when 'submitted' then 'sent' when 'manual_intervention' then 'error'
        when 'at_pharmacy' then (array['acknowledged', 'filling', 'filling', 'dispensed', 'exception'])[n % 5 + 1]
        when 'canceled' then 'canceled' else 'shipped' end, status_since + interval '20 hours', status_since, id,
        customer_id, 'pha_b' || (n % 6 + 1), 'rx-' || id, 1, '[]', '', '', 'x', 'trc_b', '', 'T' || id, 'X' || id,
        case when status = 'manual_intervention' or n % 5 = 4 and status = 'at_pharmacy' then 'out_of_stock' end
    from (select *, substr(id, 6)::int as n from orders where id like 'ord_b%') o where id like 'ord_b%'
        and status in ('submitted', 'manual_intervention', 'at_pharmacy', 'shipped', 'delivered', 'closed', 'canceled')""",
    "insert into status_moves (id, record_id, at, before, after, by, cause) select 'mov_b' || id, id, created_at, 'queued', "
    "'sent', 'x', 'x' from fills where id like 'fil_b%'",
    """insert into shipments (id, status, status_since, created_at, order_id, customer_id, fill_id, carrier, service,
        tracking_code, raw_status, labelled_at, scans_from, last_scan_at, delivered_at, promised_on)
    select 'shp_b' || substr(id, 6), case when status <> 'shipped' then 'delivered' else
        (array['label_created', 'in_transit', 'in_transit', 'out_for_delivery', 'attempted', 'exception'])
        [substr(id, 6)::int % 6 + 1] end, status_since, created_at, id, customer_id, 'fil_b' || substr(id, 6), 'USPS',
        'Priority', 'T' || id, '', created_at, created_at, case when substr(id, 6)::int % 6 > 0 then status_since end,
        case when status <> 'shipped' then status_since end, (created_at + interval '3 days')::date
    from orders where id like 'ord_b%' and status in ('shipped', 'delivered', 'closed', 'returned')""",
    "insert into dispenses (id, status, status_since, customer_id, prescription_id, external_id, pharmacy, raw_status, "
    "dispensed_at, days_supply, fetched_at) select 'dsp_b' || substr(f.id, 6), 'dispensed', f.created_at, f.customer_id, "
    "r.id, f.id, '', '', f.created_at, 60, now() from fills f join prescriptions r on r.customer_id = f.customer_id "
    "where f.id like 'fil_b%' and f.status = 'shipped'",
    """insert into promises (id, status, status_since, created_at, kind, port, method, arguments, subject_id, lane, says,
        trace_id, entry_id, about, due_at, ref, round, attempts, faults, maybe_done, fence)
    select 'prm_b' || id, 'kept', created_at, created_at, 'fills.submit', 'pharmacy-truepill', 'submit_fill', '{}', id, id,
        '', 'trc_b', 'aud_b', array[id, order_id], created_at, 'prf_' || id, 1, 1, 0, false, 1
    from fills where id like 'fil_b%'""",
    "insert into cases (id, status, status_since, created_at, reason, subject_id, says, trace_id, about, outcome, "
    "resolved_at) select 'cas_b' || i, 'resolved', now(), now() - i * interval '2 minutes', 'parcel_late', 'shp_b' || i, "
    "'', 'trc_b', array['shp_b' || i, 'ord_b' || i], 'solved', now() from generate_series(1, :orders / 3) i",
    "insert into visits (id, status, status_since, created_at, kind, customer_id, order_id, says, raw_status, by) select "
    "'vis_b' || id, case status when 'in_review' then 'submitted' else 'in_progress' end, status_since, created_at, "
    "'initial', customer_id, id, '', '', 'x' from orders where id like 'ord_b%' "
    "and status in ('in_review', 'awaiting_visit')",
)  # fmt: skip


@contextmanager
def console(orders: int, open: int) -> Iterator[Postgres]:
    """A console of this process on so many orders."""
    above = Path(tempfile.gettempdir()) / f"opsc-bench-stuck-{orders}"
    places.private_directory(above, passable=True)
    home = places.make_home(above / "home")
    postgres = Postgres(home, durable=True)
    try:
        postgres.start()
        env = {
            "OPSCONSOLE_ENV": "sandbox", "OPSCONSOLE_HOME": str(home), "OPSCONSOLE_SECRET_KEY": "benchmark" * 5,
            "OPSCONSOLE_DATABASE_URL": postgres.app_url, "OPSCONSOLE_MIGRATION_DATABASE_URL": postgres.owner_url,
            "STRIPE_API_KEY": "sk_test_of_the_benchmarks", "STRIPE_WEBHOOK_SECRET": "whsec_of_the_benchmarks",
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "-m", "opsconsole.cli", "migrate"], env={**os.environ, **env}, check=True
        )
        _load(postgres.owner_url.replace("+psycopg", "", 1), orders, open)
        app = create_app(Settings.from_environment({**os.environ, **env}))
        with app.app_context():
            yield postgres
            for engine in db.engines.values():
                engine.dispose()
    finally:
        postgres.stop()


def _load(url: str, orders: int, open: int) -> None:
    with psycopg.connect(url) as connection:
        if connection.execute("select 1 from orders where id = 'ord_b1'").fetchone():
            return
        for table in ("orders", "payments"):
            connection.execute(f"alter table {table} disable trigger user".encode())
        for statement in ROWS:
            began = time.monotonic()
            told = statement.replace(":orders", str(orders)).replace(":open", str(open))
            made = connection.execute(told.encode()).rowcount
            print(f"  {made:>9,} {statement.split()[2]:16} {time.monotonic() - began:6.1f} s", flush=True)
        for table in ("orders", "payments"):
            connection.execute(f"alter table {table} enable trigger user".encode())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def slowest() -> list[tuple[float, str, Select[Any]]]:
    """Each rule's statement about everybody, as long as it takes; the slowest first."""
    found = []
    with transaction():
        scope = stuck.Scope(now())
        for rule in stuck.RULES.values():
            query, began = rule.find(scope), time.monotonic()
            db.session.connection().execute(query).all()
            found.append((time.monotonic() - began, rule.code, query))
    return sorted(found, key=lambda one: -one[0])


def explained(query: Select[Any]) -> str:
    compiled = query.compile(
        dialect=postgresql.psycopg.dialect(), compile_kwargs={"render_postcompile": True}
    )
    with transaction():
        plan = db.session.connection().exec_driver_sql(
            f"explain (analyze, buffers) {compiled}", compiled.params
        )
        return "\n".join(f"  {row[0]}" for row in plan)


def _timed(scope: stuck.Scope | None = None) -> tuple[float, stuck.Looked]:
    began = time.monotonic()
    with transaction():
        looked = stuck.diagnose(scope)
    return time.monotonic() - began, looked


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stuck", description=__doc__)
    parser.add_argument("--orders", type=int, default=600_000)
    parser.add_argument("--open", type=int, default=20_000)
    given = parser.parse_args()
    with console(given.orders, given.open):
        fresh, looked = _timed()
        again, same = _timed()
        print(
            f"Of {looked.subjects:,} that wait, {looked.began:,} are stuck; then {same.began + same.ended} changed."
        )
        at = now()
        some = db.select(Order.customer_id).where(Order.status == OrderStatus.SHIPPED).limit(20)
        ticks = sorted(
            _timed(stuck.Scope(at, frozenset([customer])))[0] for customer in db.session.scalars(some)
        )
        db.session.rollback()
        rules = slowest()
        show([
            Row("look at everything, first", f"{fresh:.2f} s", goal="seconds", met=fresh < 10),
            Row("look at everything, again", f"{again:.2f} s", goal="seconds", met=again < 10),
            Row("look at one customer, p50", f"{percentile(ticks, 0.5) * 1000:.0f} ms", goal="300 ms"),
            Row("statements of all rules", f"{sum(took for took, _, _ in rules):.2f} s"),
        ])  # fmt: skip
        for took, code, query in rules[:WORST]:
            print(f"\n{code}: {took * 1000:.0f} ms\n{explained(query)}")
        print("\n" + ", ".join(f"{code} {took * 1000:.0f}" for took, code, _ in rules[:20]) + " ms")


if __name__ == "__main__":
    main()
