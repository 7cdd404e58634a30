"""GET [base]/[type]?...: https://hl7.org/fhir/R4/search.html

What this server does not know it refuses, instead of telling too much. In the order in which they were changed a page begins
after the last one of the page before, so that nobody is missed who is changed meanwhile; in other orders pages are numbered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from . import _records
from ._parameters import INDEXED, OF_ALL, PARAMETERS, Parameter
from ._turn import Refusal, Turn

USUAL_PAGE, LARGEST_PAGE = 20, 200
CHANGED = "_lastUpdated"  # the usual order
_ABOUT_PAGES = ("_sort", "_count", "_page")
_COMPARED = re.compile(r"(eq|ne|gt|ge|lt|le)?(\d{4}.*)")
_SPLIT = re.compile(r"(?<!\\),")
Query = Sequence[tuple[str, str]]
Where = tuple[str, list[Any]]


def search(turn: Turn, type: str, query: Query, base: str) -> dict[str, Any]:
    """A Bundle of one page. `base` is where this server is."""
    about = {name: value for name, value in query if name in _ABOUT_PAGES}
    size = about.get("_count", str(USUAL_PAGE))
    if not size.isdecimal() or not 1 <= int(size) <= LARGEST_PAGE:
        raise Refusal(400, "value", f"_count is 1 to {LARGEST_PAGE}.")
    sort, page = about.get("_sort", CHANGED), about.get("_page", "0")
    where, values = _where(type, query)
    begins, at = _begins(page, sort)
    rows = turn.db.execute(
        f"SELECT * FROM fhir_resources r WHERE {where} AND {begins} ORDER BY {_order(type, sort)} LIMIT ?"
        f" OFFSET {0 if at else page}",
        (*values, *at, int(size) + 1),
    ).fetchall()
    shown = rows[: int(size)]
    links = [{"relation": "self", "url": _link(base, type, query, page)}]
    if len(rows) > len(shown):
        after = (
            f"{shown[-1]['updated']!r}~{shown[-1]['seq']}" if sort == CHANGED else str(int(page) + len(shown))
        )
        links.append({"relation": "next", "url": _link(base, type, query, after)})
    entries = [
        {"fullUrl": f"{base}/{type}/{row['id']}", "resource": _records.told(row), "search": {"mode": "match"}}
        for row in shown
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "link": links}
    return bundle | ({"entry": entries} if entries else {})


def _begins(page: str, sort: str) -> Where:
    """After the record that the page's name tells; a number says how many to leave out."""
    if page.isdecimal():
        return "1", []
    try:
        updated, seq = page.split("~")
        at: list[Any] = [float(updated), int(seq)]
    except ValueError:
        raise Refusal(400, "value", "There is no such page.") from None
    if sort != CHANGED:
        raise Refusal(400, "value", "There is no such page in this order.")
    return "(r.updated, r.seq) > (?, ?)", at


def found(turn: Turn, type: str, query: Query) -> list[dict[str, Any]]:
    """All that match, oldest first: what the clinic's own people look up."""
    where, values = _where(type, query)
    rows = turn.db.execute(f"SELECT * FROM fhir_resources r WHERE {where} ORDER BY seq", values).fetchall()
    return [_records.told(row) for row in rows]


def matches(turn: Turn, type: str, condition: str) -> list[str]:
    """Ids of what an If-None-Exist describes; two are enough to know that there are several. Raises Refusal."""
    query = parse_qsl(condition.removeprefix("?"), keep_blank_values=True)
    if not query or any(name in _ABOUT_PAGES for name, _ in query):
        raise Refusal(400, "value", "If-None-Exist has search parameters.")
    where, values = _where(type, query)
    rows = turn.db.execute(f"SELECT id FROM fhir_resources r WHERE {where} LIMIT 2", values).fetchall()
    return [row["id"] for row in rows]


def _where(type: str, query: Query) -> Where:
    known = PARAMETERS[type] | OF_ALL
    parts, values = ["r.type = ? AND NOT r.gone"], [type]
    for name, value in query:
        if name in _ABOUT_PAGES:
            continue
        if name not in known:
            raise Refusal(400, "not-supported", f"Unknown search parameter {name[:40]}.")
        if not value:
            raise Refusal(400, "value", f"{name} is empty.")
        alternatives = [_one(name, known[name], one.replace("\\,", ",")) for one in _SPLIT.split(value)]
        parts.append(f"({' OR '.join(part for part, _ in alternatives)})")
        values += [each for _, these in alternatives for each in these]
    return " AND ".join(parts), values


def _one(name: str, parameter: Parameter, value: str) -> Where:
    if name == "_id":
        return "r.id = ?", [value]
    if name == "_lastUpdated":
        return _dated(name, "r.updated", value)
    if parameter.kind == "date":
        return _dated(name, _seconds(parameter), value)
    if parameter.kind in INDEXED:
        return _looked_up(parameter, value)
    plain = f"json_extract(r.body, '$.{parameter.path}')"
    if parameter.kind == "string":
        return f"instr(lower({plain}), ?) = 1", [value.lower()]
    return f"{plain} = ?", [value == "true" if value in ("true", "false") else value]


def _looked_up(parameter: Parameter, value: str) -> Where:
    system: str | None = None
    if parameter.kind == "reference":
        *before, wanted = value.split("/")
        system = before[-1] if before else parameter.of or None
    elif parameter.kind == "token" and "|" in value:
        system, wanted = value.split("|", 1)
    else:
        wanted = value
    found, values = "SELECT seq FROM fhir_index WHERE path = ?", [parameter.path]
    for column, given in (("value", wanted or None), ("system", system)):
        if given is not None:
            found, values = f"{found} AND {column} = ?", [*values, given]
    return f"r.seq IN ({found})", values


def _seconds(parameter: Parameter) -> str:
    return f"((julianday(json_extract(r.body, '$.{parameter.path}')) - 2440587.5) * 86400.0)"


def _dated(name: str, column: str, value: str) -> Where:
    """A day, month or year is all of it; an instant is that instant."""
    found = _COMPARED.fullmatch(value)
    try:
        begins, ends = _span(found[2] if found else "")
    except ValueError:
        raise Refusal(400, "value", f"{name} is a prefix and a date or an instant.") from None
    compares = {
        "gt": (f"{column} >= ?" if ends > begins else f"{column} > ?", [ends]),
        "ge": (f"{column} >= ?", [begins]),
        "lt": (f"{column} < ?", [begins]),
        "le": (f"{column} < ?" if ends > begins else f"{column} <= ?", [ends]),
        "eq": (
            f"({column} >= ? AND {column} < ?)" if ends > begins else f"{column} = ?",
            [begins, ends][: 1 + (ends > begins)],
        ),
    }
    compares["ne"] = (f"NOT {compares['eq'][0]}", compares["eq"][1])
    return compares[(found and found[1]) or "eq"]


def _span(text: str) -> tuple[float, float]:
    """From when to when, in seconds. Raises ValueError."""
    if day := re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text):
        start = datetime(int(day[1]), int(day[2] or 1), int(day[3] or 1), tzinfo=UTC)
        if day[3]:
            end = start + timedelta(days=1)
        elif day[2]:
            end = (start + timedelta(days=31)).replace(day=1)
        else:
            end = start.replace(year=start.year + 1)
        return start.timestamp(), end.timestamp()
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.timestamp(), at.timestamp()


def _order(type: str, sort: str) -> str:
    orders: list[str] = []
    for key in sort.split(","):
        name = key.removeprefix("-")
        parameter = (PARAMETERS[type] | OF_ALL).get(name)
        if parameter is None or (parameter.kind != "date" and name != "_id"):
            raise Refusal(400, "not-supported", "Sorted by dates and _id only.")
        column = {"_id": "r.id", "_lastUpdated": "r.updated"}.get(name) or _seconds(parameter)
        orders.append(f"{column} {'DESC' if key != name else 'ASC'}")
    return ", ".join([*orders, f"r.seq {'DESC' if sort.startswith('-') else 'ASC'}"])


def _link(base: str, type: str, query: Query, page: str) -> str:
    kept = [(name, value) for name, value in query if name != "_page"]
    return f"{base}/{type}?{urlencode([*kept, ('_page', page)])}"
