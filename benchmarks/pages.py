"""The pages that staff see all day: how long, how many statements, how many bytes; beside the least that would do."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import psycopg

from opsconsole.lib.paging import PAGE, cursor

from .parts import SECRET, Parts, cpu_of, free_port
from .statements import Sent, explained, statements_of
from .table import Row, percentile

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SIGN_IN = {"email": "lee@example.test", "password": "demo-password"}
WARMING, REPEATS = 5, 30
WITHIN = 2.0  # of the floor
BYTES = 40_000
ORDER_MS = 15.0
DEEP = 5000  # the page of the list that must be as fast as the first
FLAT = 1.3  # of the first page


@dataclass(frozen=True)
class Page:
    """`floor` is the path of its like on the floor. One thing's page shows far more than its floor, so it has a limit
    in milliseconds instead of a ratio."""

    name: str
    path: str
    floor: str
    within_ms: float | None = None


@dataclass(frozen=True)
class Took:
    """Milliseconds of each answer and, on average, of the process's CPU; and the bytes of the last."""

    times: list[float]
    cpu: float
    size: int

    @property
    def p50(self) -> float:
        return percentile(self.times, 0.5)

    def __str__(self) -> str:
        return f"{self.p50:.1f} / {percentile(self.times, 0.95):.1f} ms"


def measure(parts: Parts, seconds: float) -> list[Row]:
    pages = _pages(parts)
    sent = statements_of(parts, [page.path for page in pages], SIGN_IN)
    web, bare = free_port(), free_port()
    took: dict[str, tuple[Took, Took]] = {}
    with (
        parts.console("web", web) as mine,
        parts.running("benchmarks.floor", bare, parts.address(), SECRET) as theirs,
    ):
        cookie = signed_in(web)
        for page in pages:
            took[page.name] = _in_turns((mine, web, page.path), (theirs, bare, page.floor), cookie)
    print(explained(parts, sent), flush=True)
    rows = [row for page in pages for row in _rows(page, *took[page.name], sent[page.path])]
    return [*rows, _flat(pages, took)]


def _pages(parts: Parts) -> list[Page]:
    with psycopg.connect(parts.address()) as connection:

        def one(query: str) -> tuple[str, ...]:
            row = connection.execute(query.encode()).fetchone()
            assert row, f"the demo data has an answer to {query}"
            return tuple(row)

        order, number, customer, email, name = one(_A_FULL_ORDER)
        deep, at, id = _deep(connection)
    after = urlencode({"after": cursor("-placed_at", at, id)})
    floor_after = urlencode({"at": at.isoformat(), "id": id})
    fragment, surname = email[:9], name.split()[-1].lower()
    return [
        Page("orders list", "/orders", "/orders"),
        Page("orders by status", "/orders?status=at_pharmacy", "/orders?status=at_pharmacy"),
        Page(f"page {deep:,} of the orders", f"/orders?{after}", f"/orders?{floor_after}"),
        Page("customers list", "/customers", "/customers"),
        Page("search: e-mail fragment", f"/search?q={fragment}", f"/found/customers?q={fragment}"),
        Page("search: name", f"/search?q={surname}", f"/found/customers?q={surname}"),
        Page("search: order number", f"/search?q={number}", f"/found/orders?q={number}"),
        Page("search: our id", f"/search?q={order}", f"/orders/{order}"),
        Page("order page", f"/orders/{order}", f"/orders/{order}", ORDER_MS),
        Page("refund page", f"/orders/{order}/refund", f"/orders/{order}", ORDER_MS),
        Page("customer page", f"/customers/{customer}", f"/customers/{customer}", ORDER_MS),
        *(
            Page(f"{noun} list", f"/{noun}", "/orders")
            for noun in ("payments", "refunds", "messages", "cases", "promises", "inbox", "audit")
        ),
    ]


# The order that has had the most refunds: a full page. Its customer can be written to.
_A_FULL_ORDER = """
select o.id, o.reference, c.id, c.email, c.name
from refunds r join orders o on o.id = r.order_id join customers c on c.id = o.customer_id
where c.email is not null group by o.id, c.id order by count(*) desc, o.id limit 1
"""


def _deep(connection: psycopg.Connection) -> tuple[int, object, str]:
    """The number of a deep page, with the instant and the id of the row before it. Found by an offset, this once."""
    row = connection.execute("select count(*) from orders").fetchone()
    deep = min(DEEP, (row[0] if row else 0) // PAGE)
    query = "select placed_at, id from orders order by placed_at desc, id desc offset %s limit 1"
    last = connection.execute(query, ((deep - 1) * PAGE - 1,)).fetchone()
    assert last, "there are as many orders"
    return deep, last[0], last[1]


def _in_turns(ours: tuple[int, int, str], floor: tuple[int, int, str], cookie: str) -> tuple[Took, Took]:
    """Of both, given as process, port and path. In turns, so that a busy moment of the machine hits both."""
    lines = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _, port, _ in (ours, floor)]
    mine: list[float] = []
    theirs: list[float] = []
    for nth in range(WARMING + REPEATS):
        if nth == WARMING:
            began = cpu_of(ours[0]), cpu_of(floor[0])
        took, size = get(lines[0], ours[2], cookie)
        mine.append(took)
        took, floor_size = get(lines[1], floor[2], "")
        theirs.append(took)
    used = [
        (cpu_of(process) - before) / REPEATS
        for (process, *_), before in zip((ours, floor), began, strict=True)
    ]
    for line in lines:
        line.close()
    return Took(mine[WARMING:], used[0], size), Took(theirs[WARMING:], used[1], floor_size)


def _rows(page: Page, ours: Took, floor: Took, sent: Sequence[Sent]) -> list[Row]:
    ratio = ours.p50 / floor.p50
    if page.within_ms is None:
        goal, met = f"<= {WITHIN:.0f}x the floor", ratio <= WITHIN
    else:
        goal, met = f"<= {page.within_ms:.0f} ms", ours.p50 <= page.within_ms
    told = f"{len(sent)}, {ours.size:,}"
    cpu = Row("  CPU of the web process", f"{ours.cpu:.2f} ms", f"{floor.cpu:.2f} ms", ours.cpu / floor.cpu)
    return [
        Row(f"{page.name}, p50 / p95", str(ours), str(floor), ratio, goal, met),
        cpu,
        Row("  statements, bytes", told, f"1, {floor.size:,}", goal=f"< {BYTES:,} bytes", met=ours.size < BYTES),
    ]  # fmt: skip


def _flat(pages: Sequence[Page], took: dict[str, tuple[Took, Took]]) -> Row:
    first, deep = took[pages[0].name][0].p50, took[pages[2].name][0].p50
    return Row(
        f"{pages[2].name} beside the first",
        f"{deep:.1f} ms",
        f"{first:.1f} ms",
        deep / first,
        f"<= {FLAT}",
        deep / first <= FLAT,
    )


def get(line: http.client.HTTPConnection, path: str, cookie: str) -> tuple[float, int]:
    """Milliseconds and bytes of one page, or of the way to it. Raises RuntimeError for anything else."""
    began = time.perf_counter()
    line.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
    answer = line.getresponse()
    body = answer.read()
    took = (time.perf_counter() - began) * 1000
    if answer.status not in (200, 303) or answer.headers.get("Location", "").startswith("/sign-in"):
        raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
    return took, len(body)


def signed_in(port: int) -> str:
    """The cookies of the ops lead's session."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", "/sign-in", headers={"Accept": "text/html"})
    answer = line.getresponse()
    token = csrf(answer.read().decode())
    cookie = _cookies(answer)
    fields = urlencode({**SIGN_IN, "csrf_token": token})
    line.request("POST", "/sign-in", fields, {**FORM, "Cookie": cookie})
    answer = line.getresponse()
    answer.read()
    if answer.status != 303:
        raise RuntimeError(f"cannot sign in: {answer.status}")
    return _cookies(answer)


def _cookies(answer: http.client.HTTPResponse) -> str:
    return "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie", []))


def csrf(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the sign-in page has a token"
    return found[1]
