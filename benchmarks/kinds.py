"""One box for every identifier: each kind is asked for many times, and what it finds is what it should."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import psycopg

from .pages import SIGN_IN, get, signed_in
from .parts import Parts, free_port
from .statements import explained, statements_of
from .table import Row, percentile

REPEATS = 20
WITHIN_MS = 150.0  # p95


@dataclass(frozen=True)
class Kind:
    """`query` finds one such identifier in the demo; `writes` is how somebody types or pastes it."""

    name: str
    query: str
    writes: str = "{}"


_REFUND = "from refunds where by <> 'outside the console' and status = 'succeeded'"
KINDS = (
    Kind("our customer", "select id from customers"),
    Kind("our order", "select id from orders"),
    Kind("our order line", "select id from order_lines"),
    Kind("our payment", "select id from payments"),
    Kind("our refund", f"select id {_REFUND}"),
    Kind("our message", "select id from messages"),
    Kind("our case", "select id from cases"),
    Kind("our promise", "select id from promises"),
    Kind("the key a vendor shows", "select id from promises", "{}:1"),
    Kind("our event", "select id from inbox_events"),
    Kind("an audit entry", "select id from audit_entries"),
    Kind("a trace", f"select trace_id {_REFUND}"),
    Kind("an order number", "select reference from orders"),
    Kind("the shop's customer", "select reference from customers"),
    Kind("an e-mail address", "select email from customers where email is not null"),
    Kind("an e-mail fragment", "select left(email, 10) from customers where email is not null"),
    Kind("a name", "select name from customers where length(name) > 9"),
    Kind("a name fragment", "select substr(name, 3, 6) from customers where length(name) > 9"),
    Kind("a phone number", "select phone from customers where phone is not null"),
    Kind("a phone number in digits", r"select regexp_replace(phone, '\D', '', 'g') from customers where phone is not null"),
    Kind("a card's last four", "select card_last4 from payments"),
    Kind("Stripe's customer", "select external_id from external_ids where system = 'stripe'"),
    Kind("Stripe's payment", "select external_id from payments"),
    Kind("Stripe's charge", "select charge_id from payments where charge_id is not null"),
    Kind("Stripe's refund", f"select external_id {_REFUND}"),
    Kind("Stripe's event", "select external_id from inbox_events where source = 'stripe'"),
    Kind("Stripe's request", "select request_id from attempts where request_id is not null"),
    Kind("a page of Stripe's", "select external_id from payments", "https://dashboard.stripe.com/payments/{}?x=1"),
    Kind("the bank's number", "select reference_number from refunds where reference_number is not null"),
    Kind("Customer.io's delivery", "select external_id from messages where external_id is not null"),
)  # fmt: skip


def measure(parts: Parts, seconds: float) -> list[Row]:
    texts = {kind.name: _typed(parts, kind) for kind in KINDS}
    paths = {name: "/search?" + urlencode({"q": text}, quote_via=quote) for name, text in texts.items()}
    sent = statements_of(parts, paths.values(), SIGN_IN)
    print(explained(parts, sent), flush=True)
    web = free_port()
    with parts.console("web", web):
        cookie = signed_in(web)
        rows = [_row(name, path, web, cookie, len(sent[path])) for name, path in paths.items()]
    return rows


def _typed(parts: Parts, kind: Kind) -> str:
    """The same identifier in every run over the same data."""
    with psycopg.connect(parts.address()) as connection:
        found = connection.execute(f"{kind.query} order by 1 limit 1".encode()).fetchone()
    assert found, f"the demo has no {kind.name}"
    return kind.writes.format(found[0])


def _row(name: str, path: str, web: int, cookie: str, statements: int) -> Row:
    line = http.client.HTTPConnection("127.0.0.1", web, timeout=60)
    took = [get(line, path, cookie)[0] for _ in range(REPEATS + 2)][2:]
    line.close()
    p95 = percentile(took, 0.95)
    return Row(
        f"search: {name}, p50 / p95, statements",
        f"{percentile(took, 0.5):.1f} / {p95:.1f} ms, {statements}",
        goal=f"p95 < {WITHIN_MS:.0f} ms",
        met=p95 < WITHIN_MS,
    )
