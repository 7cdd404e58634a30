"""The floor: the least that answers the same. `python -m benchmarks.floor --port N DATABASE SECRET`."""

from __future__ import annotations

import argparse
import hmac
import json
import logging

import waitress
from flask import Flask, request
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

EVENTS = """
create table if not exists floor_events (
    source text, external_id text, kind text, body bytea, received_at timestamptz default now(),
    primary key (source, external_id)
);
grant all on floor_events to public;
"""
INSERT = """
insert into floor_events (source, external_id, kind, body) values ('stripe', %s, %s, %s)
on conflict do nothing returning external_id
"""
SHOWN = "o.id, o.reference, o.status, o.total, o.currency, o.placed_at, c.name, c.email"
ORDERS = f"select {SHOWN} from orders o join customers c on c.id = o.customer_id"
NEWEST = "order by o.placed_at desc, o.id desc limit 50"
LIST = f"{ORDERS} {NEWEST}"
FILTERED = f"{ORDERS} where o.status = %s {NEWEST}"
AFTER = f"{ORDERS} where (o.placed_at, o.id) < (%s, %s) {NEWEST}"
ORDER = f"""
select {SHOWN}, p.card_last4, p.captured
from orders o join customers c on c.id = o.customer_id left join payments p on p.order_id = o.id where o.id = %s
"""
CUSTOMERS = "select id, reference, name, email, phone, created_at from customers"
CUSTOMER_LIST = f"{CUSTOMERS} order by created_at desc, id desc limit 50"
CUSTOMER = f"{ORDERS} where c.id = %s {NEWEST}"
# The search column and its trigram index are the console's own: what is measured is what stands above them.
FOUND_CUSTOMERS = f"{CUSTOMERS} where search like %s order by created_at desc, id desc limit 21"
FOUND_ORDERS = f"{ORDERS} where o.reference = %s"
NEWEST_CASE = "select id from cases where status = 'open' order by created_at desc, id desc limit 1"
ROWS = """<!doctype html><title>Orders</title><h1>Orders</h1><table>{% for row in rows %}<tr>
{% for value in row.values() %}<td>{{ value }}</td>{% endfor %}</tr>{% endfor %}</table>"""


def create(database: str, secret: bytes) -> Flask:
    app = Flask(__name__)
    pool = ConnectionPool(
        database, min_size=8, max_size=8, kwargs={"autocommit": True, "row_factory": dict_row}
    )
    page = app.jinja_env.from_string(ROWS)

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    @app.post("/webhook")
    def webhook() -> tuple[dict[str, bool], int]:
        body = request.get_data()
        instant, signature = (
            part.partition("=")[2] for part in request.headers["Stripe-Signature"].split(",")
        )
        expected = hmac.digest(secret, instant.encode() + b"." + body, "sha256").hex()
        if not hmac.compare_digest(expected, signature):
            return {"recorded": False}, 400
        event = json.loads(body)
        with pool.connection() as connection:
            new = connection.execute(INSERT, (event["id"], event["type"], body)).fetchone() is not None
        return {"recorded": new}, 200

    def shown(statement: str, *values: object) -> str:
        with pool.connection() as connection:
            return page.render(rows=connection.execute(statement.encode(), values).fetchall())

    @app.get("/orders")
    def orders() -> str:
        if status := request.args.get("status"):
            return shown(FILTERED, status)
        if "at" in request.args:
            return shown(AFTER, request.args["at"], request.args["id"])
        return shown(LIST)

    app.add_url_rule("/orders/<id>", "order", lambda id: shown(ORDER, id))
    app.add_url_rule("/customers", "customers", lambda: shown(CUSTOMER_LIST))
    app.add_url_rule("/customers/<id>", "customer", lambda id: shown(CUSTOMER, id))
    app.add_url_rule("/found/customers", "some", lambda: shown(FOUND_CUSTOMERS, f"%{request.args['q']}%"))
    app.add_url_rule("/found/orders", "one", lambda: shown(FOUND_ORDERS, request.args["q"]))

    @app.get("/unchanged")
    def unchanged() -> tuple[str, int]:
        with pool.connection() as connection:
            connection.execute(NEWEST_CASE).fetchone()
        return "", 304

    return app


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("secret")
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    waitress.serve(
        create(given.database, given.secret.encode()), host="127.0.0.1", port=given.port, threads=8
    )


if __name__ == "__main__":
    main()
