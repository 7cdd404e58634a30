"""Authentication, strict parameters, lists, expansion: what every endpoint has in common."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from opsconsole.sandbox.stripe._errors import Malformed
from opsconsole.sandbox.stripe._form import (
    decode,
    hash_of,
    integer,
    list_of,
    metadata,
    read_form,
    time_range,
)

from .conftest import KEY, World


def error(answer: Any) -> dict[str, Any]:
    body: dict[str, Any] = answer.json["error"]
    return body


def test_only_the_right_key_gets_in(world: World) -> None:
    client = world.app.test_client()
    for headers in ({}, {"Authorization": "Bearer sk_test_wrong"}, {"Authorization": f"Basic {KEY}"}):
        answer = client.get("/v1/refunds", headers=headers)
        assert answer.status_code == 401
        assert error(answer)["type"] == "invalid_request_error"
        assert answer.headers["Request-Id"].startswith("req_")
    connected = world.call("GET", "/v1/refunds", headers={"Stripe-Account": "acct_1"})
    assert (connected.status_code, error(connected)["code"]) == (403, "account_invalid")


def test_only_the_pinned_version_is_spoken(world: World) -> None:
    pinned = world.call("GET", "/v1/refunds", headers={"Stripe-Version": "2026-10-28.endive"})
    assert pinned.status_code == 200
    older = world.call("GET", "/v1/refunds", headers={"Stripe-Version": "2024-06-20"})
    assert older.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/topups"), ("PUT", "/v1/refunds"), ("GET", "/v1/refunds/")]
)
def test_unknown_urls(world: World, method: str, path: str) -> None:
    answer = world.call(method, path)
    assert answer.status_code == 404
    assert error(answer)["message"].startswith(f"Unrecognized request URL ({method}: {path})")


def test_a_missing_object_is_404_in_the_path_and_400_as_a_parameter(world: World) -> None:
    answer = world.call("GET", "/v1/refunds/re_no")
    assert answer.status_code == 404
    assert error(answer)["code"] == "resource_missing"
    assert error(answer)["message"] == "No such refund: 're_no'"
    answer = world.call("POST", "/v1/refunds", data={"payment_intent": "pi_no"})
    assert (answer.status_code, error(answer)["param"]) == (400, "payment_intent")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ("amount=100", "parameter_missing", "currency"),
        ("amount=100&currency=usd&colour=red", "parameter_unknown", "colour"),
        ("amount=100&currency=usd&shipping[colour]=red", "parameter_unknown", "shipping[colour]"),
        ("amount=100&currency=usd&shipping[name]=A", "parameter_missing", "shipping[address]"),
        ("amount=&currency=usd", "parameter_invalid_empty", "amount"),
        ("amount[a]=1&currency=usd", None, "amount"),
        ("amount=100&currency=usd&metadata=x", None, "metadata"),
        ("amount=100&currency=usd&metadata[a][b]=x", None, "metadata[a]"),
        ("amount=100&currency=usd&confirm=yes", None, "confirm"),
        ("amount=100&currency=usd&capture_method=later", None, "capture_method"),
        ("amount=100&currency=usd&expand=customer", None, "expand"),
        ("amount=100&currency=usd&expand[x]=customer", None, "expand"),
        ("amount=100&currency=usd&metadata[" + "k" * 41 + "]=v", None, "metadata"),
        ("amount=100&currency=usd&metadata[k]=" + "v" * 501, None, "metadata"),
        ("amount=100&currency=usd&" + "&".join(f"metadata[k{n}]=v" for n in range(51)), None, "metadata"),
        ("amount=100&currency=usd&description=" + "d" * 1001, None, "description"),
        ("amount=100&currency=usd&shipping=x&shipping[name]=y", None, "shipping"),
        ("amount=100&currency=usd&off_session=true", None, "off_session"),
    ],
)
def test_parameters_are_read_strictly(world: World, body: str, code: str | None, param: str) -> None:
    answer = world.call(
        "POST",
        "/v1/payment_intents",
        data=body,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 400, answer.json
    assert (error(answer).get("code"), error(answer)["param"]) == (code, param)
    assert world.sandbox.ledger() == []


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b'{"amount": 100, "currency": "usd"}', "application/json", 400),
        (b"amount=100&currency=%ff", "application/x-www-form-urlencoded", 400),
        (b"amount=100&currency=\xff", "application/x-www-form-urlencoded", 400),
        (b"a&b", "application/x-www-form-urlencoded", 400),
        (b"]a=b", "application/x-www-form-urlencoded", 400),
        (b"a" + b"[a]" * 20 + b"=1", "application/x-www-form-urlencoded", 400),
        (b"&".join([b"a=1"] * 1001), "application/x-www-form-urlencoded", 400),
        (b"description=" + b"x" * 1024 * 1024, "application/x-www-form-urlencoded", 413),
    ],
)
def test_bodies_that_are_no_form(world: World, data: bytes, content_type: str, status: int) -> None:
    answer = world.call("POST", "/v1/payment_intents", data=data, content_type=content_type)
    assert answer.status_code == status
    assert error(answer)["type"] == "invalid_request_error"


@given(st.binary(max_size=200) | st.text("a[]=&%0x1", max_size=60).map(str.encode))
@example(b"a[" + b"9" * 5000 + b"]=1")
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    takes = {"a": list_of(hash_of({"x": integer()})), "x": time_range(), "0": metadata()}
    try:
        values = decode(read_form(body), takes)
    except Malformed as refusal:
        assert refusal.status == 400 and refusal.body["error"]["message"]
    else:
        assert set(values) <= set(takes)


def test_lists_are_newest_first_and_paged_without_gaps(world: World) -> None:
    made = [world.sdk.v1.customers.create({"email": f"c{n}@example.test"}).id for n in range(25)][::-1]
    first = world.sdk.v1.customers.list()
    assert [one.id for one in first.data] == made[:10] and first.has_more
    assert first.url == "/v1/customers"
    everything = world.sdk.v1.customers.list({"limit": 7}).auto_paging_iter()
    assert [one.id for one in everything] == made
    before = world.sdk.v1.customers.list({"ending_before": made[5], "limit": 3})
    assert [one.id for one in before.data] == made[2:5] and before.has_more
    newest = world.sdk.v1.customers.list({"ending_before": made[2]})
    assert [one.id for one in newest.data] == made[:2] and not newest.has_more


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=101", "limit=x", "starting_after=cus_no", "created=yesterday", "created[gte]=x"),
        *(
            "created[after]=1",
            "colour=red",
            "starting_after=cus_a&ending_before=cus_b",
            "expand[]=data.email",
        ),
    ],
)
def test_list_parameters_are_strict(world: World, query: str) -> None:
    world.sdk.v1.customers.create()
    assert world.call("GET", f"/v1/customers?{query}").status_code == 400


def test_lists_by_time(world: World) -> None:
    old = world.pay()
    world.sandbox.advance(100)
    new = world.pay()
    find = world.sdk.v1.payment_intents.list
    assert [one.id for one in find({"created": {"gte": new.created}}).data] == [new.id]
    assert [one.id for one in find({"created": {"lt": new.created}}).data] == [old.id]
    assert [one.id for one in find({"created": old.created}).data] == [old.id]
    assert find({"created": {"gt": old.created, "lt": new.created}}).data == []


def test_lists_by_what_they_belong_to(world: World) -> None:
    customer = world.sdk.v1.customers.create().id
    payment, other = world.pay(customer=customer), world.pay()
    refund = world.refund(payment, 100)
    world.refund(other, 100)
    assert [one.id for one in world.sdk.v1.refunds.list({"payment_intent": payment.id}).data] == [refund.id]
    assert [one.id for one in world.sdk.v1.refunds.list({"charge": str(payment.latest_charge)}).data] == [
        refund.id
    ]
    assert [one.id for one in world.sdk.v1.payment_intents.list({"customer": customer}).data] == [payment.id]
    for by in ({"customer": customer}, {"payment_intent": payment.id}):
        assert [one.id for one in world.sdk.v1.charges.list(by).data] == [payment.latest_charge]  # type: ignore[arg-type]


def test_expansion(world: World) -> None:
    customer = world.sdk.v1.customers.create({"email": "a@example.test"}).id
    payment = world.pay(customer=customer)
    refund = world.refund(payment, 100)
    answer = world.call(
        "GET",
        "/v1/payment_intents?expand[]=data.latest_charge.refunds&expand[]=data.customer"
        "&expand[]=data.latest_charge.balance_transaction",
    ).json["data"][0]
    assert answer["customer"]["email"] == "a@example.test"
    assert answer["latest_charge"]["refunds"]["data"][0]["id"] == refund.id
    entry = answer["latest_charge"]["balance_transaction"]
    assert entry["net"] == answer["amount"] - entry["fee"]
    deep = world.call("GET", f"/v1/refunds/{refund.id}?expand[]=charge.payment_intent.customer").json
    assert deep["charge"]["payment_intent"]["customer"]["id"] == customer
    assert "refunds" not in world.call("GET", f"/v1/charges/{payment.latest_charge}").json
    for path in ("nothing", "charge.nothing", "charge.payment_intent.customer.default_source.owner"):
        refused = world.call("GET", f"/v1/refunds/{refund.id}?expand[]={path}")
        assert (refused.status_code, error(refused)["param"]) == (400, "expand")


def test_an_expansion_that_cannot_be_leaves_no_effect(world: World) -> None:
    payment = world.pay()
    answer = world.call("POST", "/v1/refunds", data={"payment_intent": payment.id, "expand[]": "nothing"})
    assert answer.status_code == 400
    assert world.sandbox.ledger("refund") == []
