"""Every list: sorted as the URL says, paged without a gap or a twin, and always read through an index."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import event, text

from opsconsole.db import db
from opsconsole.lib.paging import cursor
from opsconsole.services import Listing

from ..house import Api, House


def lists(house: House) -> dict[str, Listing[Any]]:
    """Every list by its address."""
    return {
        rule.rule: view.listing
        for rule in house.app.url_map.iter_rules()
        if (view := house.app.view_functions[rule.endpoint]) and getattr(view, "listing", None)
    }


def walk(api: Api, url: str, sort: str) -> list[Any]:
    """Every item of a list, page after page."""
    items, after = [], ""
    while after is not None:
        page = api.get(f"{url}?sort={sort}" + (f"&after={after}" if after else ""))
        items += page["items"]
        after = page["next"]
    return items


@pytest.mark.parametrize(
    ("sort", "key"),
    [("total", "total"), ("-total", "total"), ("placed_at", "placed_at"), ("-placed_at", "placed_at")],
)
def test_pages_lose_nothing_though_amounts_and_instants_tie(house: House, sort: str, key: str) -> None:
    with house.app.app_context():
        db.session.execute(
            text(
                "insert into customers (id, reference, name) values ('cst_1', 'c', 'Jo'), ('cst_2', 'd', 'Al')"
            )
        )
        db.session.execute(
            text(
                "insert into orders (id, customer_id, status, reference, currency, subtotal, shipping, tax, discount, total,"
                " placed_at) select 'ord_' || n, 'cst_1', 'ready', n::text, 'usd', n / 40, 0, 0, 0, n / 40,"
                " timestamptz '2026-11-01' + (n / 60) * interval '1 day' from generate_series(1, 130) n"
            )
        )
        db.session.commit()
    items = walk(house.api(), "/orders", sort)
    assert len({one["id"] for one in items}) == len(items) == 130
    keys = [
        (float(one["total"]["amount"]) if key == "total" else one["placed_at"], one["id"]) for one in items
    ]
    assert keys == sorted(keys, reverse=sort.startswith("-"))


def test_words_are_sorted_too_and_any_of_them_can_stand_in_a_cursor(house: House) -> None:
    api = house.api()
    names = ["Zoë\u200b", "al", "Al", "ßé🙂", "  x", "O'Neil, 50 %"] * 9
    for number, name in enumerate(names):
        api.post("/customers", {"reference": f"c{number}", "name": name})
    with house.app.app_context():
        wanted = db.session.execute(text("select id from customers order by name, id")).scalars().all()
    assert [one["id"] for one in walk(api, "/customers", "name")] == wanted
    assert [one["id"] for one in walk(api, "/customers", "-name")] == wanted[::-1]


def test_what_the_url_cannot_ask_is_said_in_words(house: House) -> None:
    api = house.api()
    for url, offered in lists(house).items():
        said = api.get(f"{url}?sort=colour", 422)["errors"]["sort"]
        assert said == [
            "The list cannot be sorted by that. It can by "
            + ", ".join(f"{one} or -{one}" for one in offered.sorts)
            + "."
        ]
        assert "cannot be sorted" in house.api().get(f"{url}?sort=--created_at", 422)["errors"]["sort"][0]
        other = f"-{offered.sorts[0]}"
        key = api.get(f"{url}?after={cursor(offered.sorts[0], 'x', 'x_1')}", 422)["errors"]["after"]
        assert "first page" in key[0]
        instant = cursor(other, "2026-11-21T10:00:00+00:00", "x_1")
        assert api.get(f"{url}?after={instant}")["items"] is not None
        wrong = api.get(f"{url}?sort={offered.sorts[0]}&after={instant}", 422)["errors"]["after"]
        assert wrong == ["Start again from the first page: this cursor belongs to the list sorted otherwise."]
        assert set(api.get(f"{url}?self=1&noun=2", 422)["errors"]) == {"self", "noun"}
    for strange in (cursor("total", 2**63, "x"), cursor("total", True, "x"), cursor("total", "1", "x")):
        assert set(api.get(f"/orders?sort=total&after={strange}", 422)["errors"]) == {"after"}
    assert api.get("/payments?captured=yes", 422)["errors"] == {
        "captured": ["This filter goes with customer."]
    }
    assert set(api.get("/payments?disputed=no", 422)["errors"]) == {"disputed"}


def test_headers_sort_and_say_how_they_are_sorted(house: House) -> None:
    house.order("60.00")
    sam = house.page("support")
    heads = dict(
        re.findall(r"<th ([^>]*)><a href=\"([^\"]+)\">(?:Total|Placed)", sam.get("/orders?status=ready"))
    )
    assert {
        html.unescape(url): re.findall('aria-sort="([a-z]+)"', attributes)
        for attributes, url in heads.items()
    } == {
        "/orders?status=ready&sort=-total": [],
        "/orders?status=ready&sort=placed_at": ["descending"],
    }
    assert 'aria-sort="ascending"' in sam.get("/orders?status=ready&sort=total")
    assert "/orders?status=ready&amp;sort=-total" in sam.html
    assert '<input type="hidden" name="sort" value="total">' in sam.html  # filtering keeps the sort


def test_cases_that_nobody_has(house: House) -> None:
    lee = house.page("ops_lead")
    assert "owner=none" in html.unescape(lee.get("/cases"))
    assert "Somebody has every case" in lee.get("/cases?status=open&owner=nobody&sort=created_at")


def test_openapi_describes_what_every_list_takes(house: House) -> None:
    paths = house.api().get("/openapi.json")["paths"]
    for url, offered in lists(house).items():
        takes = {one["name"]: one for one in paths[url]["get"]["parameters"]}
        assert set(takes) == {*offered.filters, "sort", "ids", "after"}, url
        assert takes["sort"]["schema"]["enum"] == [
            way for name in offered.sorts for way in (name, f"-{name}")
        ]
        assert all(takes[name]["description"].endswith(".") for name in takes)


LAST_RESORTS = ("seqscan", "sort", "incremental_sort", "bitmapscan")


def plan(
    offered: Listing[Any], asked: dict[str, str], sort: str, last_resorts: tuple[str, ...] = LAST_RESORTS
) -> str:
    """How the database would read it when these ways, a whole table first of all, are the last it takes."""
    seen: list[Any] = []

    def note(_c: Any, _cu: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        offered.find(sort=sort, **asked)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    statement, parameters = next(one for one in reversed(seen) if one[0].startswith("SELECT"))
    raw = db.session.connection().connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor_:
        for way in last_resorts:
            cursor_.execute(f"set local enable_{way} = off")
        cursor_.execute(f"explain {statement}", parameters)
        return "\n".join(row[0] for row in cursor_.fetchall())


def test_every_filter_with_every_sort_is_read_through_an_index(house: House) -> None:
    for url, offered in lists(house).items():
        if url in ("/staff", "/roles", "/tokens"):
            continue  # a handful of rows
        with house.app.app_context():
            for name, sort in [(n, s) for n in [None, *offered.filters] for s in offered.sorts]:
                asked = {}
                few = False
                if name:
                    one = offered.filters[name]
                    few = one.few or one.only_with is not None
                    asked = {name: _value(name, one.choices)}
                    if one.only_with:
                        asked[one.only_with] = "cst_1"
                for way in (sort, f"-{sort}"):
                    read = plan(offered, asked, way)
                    db.session.rollback()
                    assert "Seq Scan" not in read, (url, asked, way, read)
                    if not few:
                        assert "Sort" not in read, (url, asked, way, read)


DAYS = (
    "placed_from", "placed_until", "from", "until", "charged_until", "created_from", "created_until", "began_from",
    "began_until", "ended_from", "ended_until", "open_at", "measured_from", "labelled_from", "labelled_until",
    "delivered_from", "delivered_until", "dispute_due",
)  # fmt: skip


def _value(name: str, choices: tuple[str, ...]) -> str:
    return "2026-11-01" if name in DAYS else "xyz" if name == "q" else choices[0] if choices else "x"


def test_a_list_of_fifty_rows_is_small(house: House) -> None:
    with house.app.app_context():
        db.session.execute(
            text("insert into customers (id, reference, name) values ('cst_1', 'c', 'Jo Field')")
        )
        db.session.execute(
            text(
                "insert into orders (id, customer_id, status, reference, currency, subtotal, shipping, tax, discount, total,"
                " placed_at) select 'ord_' || lpad(n::text, 26, '0'), 'cst_1', 'awaiting_payment', 'S-10000' || n, 'usd',"
                " 6900, 0, 0, 0, 6900, timestamptz '2026-11-01' + n * interval '1 minute' from generate_series(1, 60) n"
            )
        )
        db.session.commit()
    page = house.page("support").get("/orders")
    assert page.count("row-link") == 50
    assert len(page.encode()) < 40_000
