"""What programs may send, and what they get back: strict on the way in, one shape on the way out."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from opsconsole import vendors

from ..house import House
from ..scenes import issue, nothing_written, sent

LINES = [{"sku": "A", "name": "A", "quantity": 1, "unit_price": "5.00"}]
ORDER = {"reference": "O", "customer": "c", "lines": LINES, "total": "5.00"}
CUSTOMER = {"reference": "c", "name": "Jo"}


def line(**changes: Any) -> dict[str, Any]:
    return {**ORDER, "lines": [{**LINES[0], **changes}]}


WRONG: dict[str, tuple[str, Any, set[str]]] = {
    "an unknown field": ("/customers", {**CUSTOMER, "vip": True}, {"vip"}),
    "two unknown fields": ("/customers", {**CUSTOMER, "a": 1, "b": 2}, {"a", "b"}),
    "a number for a text": ("/customers", {**CUSTOMER, "name": 7}, {"name"}),
    "a list for a text": ("/customers", {**CUSTOMER, "name": ["Jo"]}, {"name"}),
    "null for what is needed": ("/customers", {**CUSTOMER, "name": None}, {"name"}),
    "NUL": ("/customers", {**CUSTOMER, "name": "J\x00o"}, {"name"}),
    "a lone surrogate": ("/customers", {**CUSTOMER, "name": "\ud800"}, {"name"}),
    "too long": ("/customers", {**CUSTOMER, "name": "x" * 201}, {"name"}),
    "a text for an object": ("/customers", {**CUSTOMER, "external_ids": "cus_1"}, {"external_ids"}),
    "an object of numbers": ("/customers", {**CUSTOMER, "external_ids": {"stripe": 1}}, {"external_ids"}),
    "an empty id": ("/customers", {**CUSTOMER, "external_ids": {"stripe": ""}}, {"external_ids"}),
    "a long name of a system": ("/customers", {**CUSTOMER, "external_ids": {"s" * 41: "1"}}, {"external_ids"}),
    "NUL in an object": ("/customers", {**CUSTOMER, "external_ids": {"str\x00ipe": "1"}}, {"external_ids"}),
    "a text for a list": ("/orders", {**ORDER, "lines": "A"}, {"lines"}),
    "a text for a line": ("/orders", {**ORDER, "lines": ["A"]}, {"lines-0"}),
    "no lines": ("/orders", {**ORDER, "lines": []}, {"lines"}),
    "too many lines": ("/orders", {**ORDER, "lines": LINES * 101}, {"lines"}),
    "an unknown field of a line": ("/orders", line(colour="red"), {"lines-0-colour"}),
    "a text for a number": ("/orders", line(quantity="1"), {"lines-0-quantity"}),
    "true for a number": ("/orders", line(quantity=True), {"lines-0-quantity"}),
    "a part of a number": ("/orders", line(quantity=1.5), {"lines-0-quantity"}),
    "a number out of range": ("/orders", line(quantity=1001), {"lines"}),
    "a price that is none": ("/orders", line(unit_price="five"), {"lines-0-unit_price"}),
    "a price below zero": ("/orders", line(unit_price="-5.00"), {"lines-0-unit_price"}),
    "a total below zero": ("/orders", {**ORDER, "total": "-5.00"}, {"total"}),
    "a sum that is wrong": ("/orders", {**ORDER, "total": "6.00"}, {"total"}),
    "no such customer": ("/orders", {**ORDER, "customer": "nobody"}, {"customer"}),
    "a currency that is none": ("/orders", {**ORDER, "currency": "dollars"}, {"currency"}),
    "no instant": ("/orders", {**ORDER, "placed_at": "yesterday"}, {"placed_at"}),
    "an instant without its offset": ("/orders", {**ORDER, "placed_at": "2026-11-21T10:00:00"}, {"placed_at"}),
    "an instant at the end of time": ("/orders", {**ORDER, "placed_at": "9999-12-31T23:59:59-12:00"}, {"placed_at"}),
    "a payment that cannot be one": ("/orders", {**ORDER, "payment": "../v1"}, {"payment"}),
    "a list for a body": ("/customers", [CUSTOMER], {"body"}),
    "a text for a body": ("/customers", "Jo", {"body"}),
    "null for a body": ("/customers", None, {"body"}),
}  # fmt: skip


def test_what_cannot_be_read_is_422_and_names_the_field(house: House) -> None:
    api = house.api()
    api.post("/customers", CUSTOMER)
    with nothing_written(house):
        for what, (url, body, fields) in WRONG.items():
            answer = api.client.post(
                url, data=json.dumps(body), content_type="application/json", headers=api.headers
            )
            assert answer.status_code == 422, (what, answer.get_data(as_text=True))
            errors = answer.get_json()["errors"]
            assert set(errors) == fields, (what, errors)
            assert all(isinstance(said, str) for said_of in errors.values() for said in said_of), what


def test_what_is_no_json_at_all(house: House) -> None:
    api = house.api()
    bodies = [
        b"{",
        b"\xff\xfe",
        b"{} {}",
        b'{"a": NaN}',
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"n": 1' + b"0" * 9000 + b"}",
    ]
    for body in bodies:
        answer = api.client.post(
            "/customers", data=body, content_type="application/json", headers=api.headers
        )
        assert answer.status_code == 422 and set(answer.get_json()["errors"]) == {"body"}, body[:20]


def test_other_ways_to_be_wrong_keep_their_status_and_shape(house: House) -> None:
    api = house.api()

    def ask(method: str, url: str, status: int, code: str, token: str | None = None, **more: Any) -> None:
        headers = {**api.headers, **({"Authorization": f"Bearer {token}"} if token else {})}
        answer = api.client.open(url, method=method, headers=headers, **more)
        assert answer.status_code == status, (url, answer.get_data(as_text=True))
        assert answer.get_json()["refused"]["code"] == code and set(answer.get_json()["refused"]) == {
            "code",
            "message",
            "field",
        }

    with nothing_written(house):
        ask(
            "POST",
            "/customers",
            413,
            "request_entity_too_large",
            data=b" " * (1024 * 1024 + 1),
            content_type="application/json",
        )
        ask("POST", "/customers", 415, "unsupported_media_type", data=b"<a/>", content_type="application/xml")
        ask("DELETE", "/customers", 405, "method_not_allowed")
        ask("PUT", "/orders/ord_1/refund", 405, "method_not_allowed")
        ask("GET", "/nowhere", 404, "not_found")
        for url in (
            "/orders/ord_1",
            "/orders/" + "x" * 90,
            "/refunds/%00",
            "/payments/\u00e9",
            "/cases/1",
            "/traces/trc_1",
            "/inbox/1",
            "/promises/1",
            "/audit/1",
        ):
            ask("GET", url, 404, "not_found")
        ask("GET", "/orders", 401, "not_signed_in", token="ops_wrong")
        ask("POST", "/orders", 401, "not_signed_in", token="ops_wrong", json=ORDER)
        ask("POST", "/customers", 403, "denied", token="ops_test_auditor", json=CUSTOMER)
        ask("GET", "/inbox", 403, "denied", token="ops_test_support")
    without = house.app.test_client(use_cookies=False)
    for method, url in (("GET", "/orders"), ("POST", "/orders"), ("POST", "/orders/ord_1/refund")):
        answer = without.open(url, method=method, json=ORDER)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"


def test_what_a_vendor_says_while_it_is_only_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(house, house.order("60.00"))
    api = house.api()
    url = f"{api.get('/inbox?kind=refund.created')['items'][0]['url']}/replay"

    def says_no(id: str) -> None:
        raise vendors.Declined("testmode", "No such refund in live mode.")

    with nothing_written(house):
        with monkeypatch.context() as vendor:
            vendor.setattr(vendors.port("payments"), "fetch_refund", says_no)
            told = api.post(url, {}, 409)["refused"]
        assert (told["code"], told["message"]) == ("vendor_declined", "No such refund in live mode.")
        house.sandbox.fault(kind="down")
        assert api.post(url, {}, 503)["refused"]["code"] == "vendor_unavailable"
        assert api.last and api.last.headers["Retry-After"]


def test_an_act_is_asked_for_by_post(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    answer = api.client.get(f"{order['url']}/refund", headers=api.headers)
    assert answer.status_code == 405 and answer.is_json and answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "cursor",
    [
        "x", "%00", "é", "W10", "bnVsbA", base64.urlsafe_b64encode(b'["2026-11-21T10:00:00", "ord_1"]').decode(),
        base64.urlsafe_b64encode(b'["2026-11-21T10:00:00+00:00", "\\ud800"]').decode(),
        base64.urlsafe_b64encode(b'["2026-11-21T10:00:00+00:00", 7]').decode(),
        base64.urlsafe_b64encode(b"[" * 4_000).decode(),
    ],
    ids=range(9),
)  # fmt: skip
def test_a_cursor_that_was_not_made_here(house: House, cursor: str) -> None:
    assert set(house.api().get(f"/orders?after={cursor}", 422)["errors"]) == {"after"}


LISTS = {
    "/customers": ["email", "reference", "name"],
    "/orders": ["status", "customer", "reference"],
    "/payments": ["status", "order", "customer", "external_id"],
    "/refunds": ["status", "reason", "order", "payment", "customer", "external_id"],
    "/cases": ["status", "reason", "subject", "owner"],
    "/inbox": ["status", "source", "kind", "object_id", "external_id"],
    "/promises": ["status", "kind", "port", "lane", "subject"],
    "/audit": ["act", "by", "trace", "subject"],
    "/staff": [],
    "/roles": [],
}  # fmt: skip


def test_lists_have_one_shape_and_know_their_filters(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    issue(house, order)
    for url, filters in LISTS.items():
        page = api.get(url)
        assert set(page) == {"items", "next"} and page["next"] is None, url
        if url != "/cases":
            assert page["items"], url
        for item in page["items"]:
            assert {"id", "url", "acts", "created_at"} <= set(item), (url, item)
            for act in item["acts"]:
                assert set(act) == {"act", "url", "allowed", "why_not"} and act["allowed"] == (
                    act["why_not"] is None
                )
        assert set(api.get(f"{url}?colour=red", 422)["errors"]) == {"colour"}, url
        for name in filters:
            assert api.get(f"{url}?{name}=nothing-like-it")["items"] == [], (url, name)
            assert set(api.get(f"{url}?{name}=%00", 422)["errors"]) == {name}
    for url in ("/orders", "/payments", "/refunds", "/promises"):
        for item in api.get(url)["items"]:
            assert api.get(item["url"])["id"] == item["id"]
    assert [
        one["id"] for one in api.get(f"/refunds?order={order['url']}")["items"]
    ]  # an address will do for an id


def test_long_lists_lose_nothing_and_tell_nothing_twice_though_instants_tie(house: House) -> None:
    api = house.api()
    for number in range(115):
        api.post("/customers", {"reference": f"c{number}", "name": "Jo"})
    [owner] = house.rows("select current_user")
    assert owner
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(
            text("update customers set created_at = '2026-11-21T10:00:00Z' where reference < 'c7'")
        )
        db.session.commit()
    seen, after, pages = [], "", 0
    while after is not None:
        page = api.get(f"/customers{after and '?after=' + after}")
        seen += [one["reference"] for one in page["items"]]
        after, pages = page["next"], pages + 1
        if pages == 1:
            api.post("/customers", {"reference": "while-we-read", "name": "Jo"})
    assert pages == 3 and sorted(seen) == sorted(f"c{number}" for number in range(115))
