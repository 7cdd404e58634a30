"""What cannot be read is a 4xx in words, never a fault: a table, and a fuzzer over every route."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ..house import TOKENS, House
from .doors import urls

ASVS = {
    "1.1.1": "decoded once", "1.5.2": "JSON only", "2.2.1": "validated", "2.2.2": "on the server", "4.2.1": "framing",
    "13.4.3": "no traversal", "15.3.3": "unknown fields", "15.3.5": "strict types", "15.3.7": "each field once",
    "16.5.1": "generic errors", "16.5.3": "fails closed",
}  # fmt: skip
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CUSTOMER = '{"reference": "r1", "name": "Jo Field", "email": "jo@example.test"'

# what is sent: method, path, body, type; and what it is: status, words in the answer
TABLE: dict[str, tuple[str, str, bytes, str, int, str]] = {
    "a body over 1 MB": ("POST", "/customers", b'{"name": "' + b"x" * 1_100_000 + b'"}', JSON, 413, "1 MB"),
    "a form over 256 KB": ("POST", "/customers", b"name=" + b"x" * 300_000, FORM, 413, "256 KB"),
    "a thousand fields": (
        "POST",
        "/customers",
        b"&".join(b"a%d=1" % n for n in range(1000)),
        FORM,
        413,
        "500 fields",
    ),
    "a form that is not UTF-8": ("POST", "/customers", b"name=%ff%fe", FORM, 400, "UTF-8"),
    "a NUL in a form": ("POST", "/customers", b"name=a%00b", FORM, 422, "cannot be stored"),
    "a field too long": (
        "POST",
        "/customers",
        (CUSTOMER[:-1] + "x" * 400 + '"}').encode(),
        JSON,
        422,
        "At most 320",
    ),
    "JSON forty deep": ("POST", "/customers", b'{"a":' * 40 + b"1" + b"}" * 40, JSON, 422, "levels"),
    "JSON 100,000 deep": ("POST", "/customers", b"[" * 100_000 + b"]" * 100_000, JSON, 422, "body"),
    "JSON of 20,000 values": (
        "POST",
        "/customers",
        json.dumps({"a": [1] * 20_000}).encode(),
        JSON,
        422,
        "values",
    ),
    "a field twice": (
        "POST",
        "/customers",
        (CUSTOMER + ', "name": "Mo"}').encode(),
        JSON,
        422,
        "there twice",
    ),
    "a field twice, inside": (
        "POST",
        "/customers",
        b'{"external_ids": {"a": "1", "a": "2"}}',
        JSON,
        422,
        "there twice",
    ),
    "a number of 400 digits": (
        "POST",
        "/customers",
        b'{"name": ' + b"9" * 400 + b"}",
        JSON,
        422,
        "15 digits",
    ),
    "a number of 5,000 digits": (
        "POST",
        "/customers",
        b'{"name": ' + b"9" * 5000 + b"}",
        JSON,
        422,
        "15 digits",
    ),
    "NaN": ("POST", "/customers", b'{"name": NaN}', JSON, 422, "not JSON"),
    "JSON that is not UTF-8": ("POST", "/customers", b'{"name": "\xff\xfe\xfd"}', JSON, 422, "not JSON"),
    "half of JSON": ("POST", "/customers", b'{"name": ', JSON, 422, "not JSON"),
    "a list": ("POST", "/customers", b"[1]", JSON, 422, "JSON object"),
    "a lone surrogate": (
        "POST",
        "/customers",
        b'{"reference": "r", "name": "\\ud800"}',
        JSON,
        422,
        "cannot be stored",
    ),
    "XML": (
        "POST",
        "/customers",
        b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>",
        "text/xml",
        415,
        "json",
    ),
    "a list for a text": ("POST", "/customers", b'{"reference": ["a"]}', JSON, 422, "Send a text"),
    "true for a text": ("POST", "/customers", b'{"reference": true}', JSON, 422, "Send a text"),
    "an unknown field": (
        "POST",
        "/customers",
        (CUSTOMER + ', "role": "admin"}').encode(),
        JSON,
        422,
        "no such field",
    ),
    "an address of 9,000": ("GET", "/search?q=" + "x" * 9000, b"", JSON, 414, "8000"),
    "a query not UTF-8": ("GET", "/search?q=%ff", b"", JSON, 400, "UTF-8"),
    "a thousand filters": (
        "GET",
        "/search?" + "&".join(f"a{n}=1" for n in range(1000)),
        b"",
        JSON,
        400,
        "at most 500",
    ),
    "out of the house": ("GET", "/static/../config.py", b"", JSON, 404, "not_found"),
    "out of it, encoded": ("GET", "/static/%2e%2e/config.py", b"", JSON, 404, "not_found"),
    "out of it, twice": ("GET", "/static/%252e%252e/config.py", b"", JSON, 404, "not_found"),
    "out of it, with slashes": ("GET", "/static/..%2f..%2fetc%2fpasswd", b"", JSON, 404, "not_found"),
    "out of it, backwards": ("GET", "/static/..%5c..%5cconfig.py", b"", JSON, 404, "not_found"),
    "a NUL in an address": ("GET", "/orders/%00", b"", JSON, 404, "not_found"),
    "an id that is a number": ("GET", "/orders/" + "9" * 400, b"", JSON, 404, "not_found"),
    "another method": ("DELETE", "/orders/x", b"", JSON, 405, "method_not_allowed"),
}


def test_each_is_told_in_words(house: House) -> None:
    api = house.api()
    before = house.checksum()
    for name, (method, path, body, kind, status, words) in TABLE.items():
        headers = dict(api.headers)
        answer = api.client.open(path, method=method, data=body, content_type=kind, headers=headers)
        said = answer.get_data(as_text=True)
        assert answer.status_code == status, (name, answer.status_code, said[:300])
        assert words.lower() in said.lower() or (words == "1 MB" and "too" in said.lower()), (
            name,
            said[:300],
        )
        assert "Traceback" not in said and "psycopg" not in said, name
    assert house.checksum() == before


def test_an_address_is_utf_8(house: House) -> None:
    api = house.api()
    answer = api.client.get(
        "/orders", headers=api.headers, environ_overrides={"PATH_INFO": "/orders/\xff\xfe"}
    )
    assert answer.status_code == 400 and "UTF-8" in answer.text


# ------------------------------------------------------------------ the fuzzer

PIECES: tuple[Any, ...] = (
    "", " ", "x", "x" * 5000, "\x00", "a\x00b", "\ud800", "\uffff", "\u202e", "é" * 300, "' or 1=1 --", "%", "_%\\",
    "{{7*7}}", "<script>alert(1)</script>", "../../etc/passwd", "0", "-1", "1e309", "9" * 30, "10.00", "-0.001", "NaN",
    "2026-13-45", "0001-01-01", "9999-12-31T23:59:59+14:00", "true", "ord_x", "cst_" + "0" * 26, "//evil.example",
    "usd", "goodwill", "\r\nSet-Cookie: a=b", None, True, False, 0, -1, 2**31, 2**63, 10**14, 1.5, [], {}, [[]],
    [None], {"a": None}, [{"line": "x"}], {"x" * 50: "y"}, [1] * 600,
)  # fmt: skip
NAMES = (
    "q", "after", "sort", "status", "reason", "amount", "note", "name", "reference", "lines", "lines-0-amount", "on",
    "currency", "email", "preview", "expect", "hash", "fix", "seen", "placed_at", "total", "from", "to", "kind",
)  # fmt: skip
STRANGE_HEADERS = (
    {}, {}, {}, {"Idempotency-Key": "x" * 300}, {"Idempotency-Key": "k"}, {"If-Match": '"x"'}, {"If-None-Match": "*, W/"},
    {"Accept": "x" * 500}, {"Accept": "text/html;q=nine"}, {"Range": "bytes=9-1"}, {"X-Poll": "1"}, {"HX-Request": "true"},
    {"Cookie": "opsconsole=" + "x" * 3000}, {"Accept-Language": "\xff"}, {"X-Forwarded-For": "x, ,,"},
    {"Accept": "text/html"},
)  # fmt: skip


def fuzz(house: House, times: int, seed: int) -> dict[int, int]:
    """Send so many requests of all sorts to all routes; gives how many had which status, and fails on a 5xx."""
    chance = random.Random(seed)
    order = house.order()
    payment = house.rows("select id from payments")[0][0]
    known = {
        "order_id": order["id"],
        "payment_id": payment,
        "customer_id": house.rows("select id from customers")[0][0],
    }
    doors = [*urls(house, **known), *urls(house)]
    fields = {
        rule.rule: [*view.form()._fields] for rule in house.app.url_map.iter_rules()
        if hasattr(view := house.app.view_functions[rule.endpoint], "form")
    }  # fmt: skip
    names = [*NAMES, *{name for some in fields.values() for name in some}]
    clients = {role: house.app.test_client(use_cookies=False) for role in ("demo", "support", "shop")}
    page = house.page("ops_lead").client
    seen: dict[int, int] = {}
    for number in range(times):
        url, method = (
            chance.choice(doors),
            chance.choice(("GET", "GET", "POST", "POST", "POST", "PUT", "HEAD")),
        )
        if url == "/sign-out":
            continue
        values = {chance.choice(names): chance.choice(PIECES) for _ in range(chance.randint(0, 5))}
        extra = dict(chance.choice(STRANGE_HEADERS))
        role = chance.choice((*clients, "page"))
        client = page if role == "page" else clients[role]
        if role != "page":
            extra |= {"Authorization": f"Bearer {TOKENS[role]}"}
        sent: dict[str, Any] = {"query_string": _texts(values)} if method in ("GET", "HEAD") else {}
        if method not in ("GET", "HEAD"):
            form = chance.random() < 0.4
            sent = {"data": _texts(values)} if form else {"data": _json(values, chance), "content_type": JSON}
        answer = client.open(url, method=method, headers=extra, **sent)
        said = answer.get_data(as_text=True)
        assert answer.status_code < 500 or url in ("/readyz", "/healthz") or "vendor" in said, (
            seed, number, method, url, role, values, extra, said[:600]
        )  # fmt: skip
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        answer.close()
    return seen


def _texts(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: str(value).encode("utf-8", "surrogatepass")[:3000]
        for name, value in values.items()
        if value is not None
    }


def _json(values: dict[str, Any], chance: random.Random) -> bytes:
    body = json.dumps(values).encode()
    if chance.random() < 0.1:  # one byte of it is another
        at = chance.randrange(len(body))
        body = body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :]
    return body


@pytest.mark.parametrize("seed", [1, 2])
def test_a_thousand_odd_requests_are_no_fault(house: House, seed: int) -> None:
    """Two thousand in all, in two halves that run side by side."""
    seen = fuzz(house, 1000, seed)
    assert {200, 404, 422} <= seen.keys(), seen


@pytest.mark.soak
def test_twenty_thousand_odd_requests_are_no_fault(house: House) -> None:
    seen = fuzz(house, 20_000, 3)
    assert sum(seen.values()) > 19_000, seen
