"""A preview is the act itself, rolled back: it says what will happen, and nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..house import House
from ..scenes import declined, issue, nothing_written, refund_elsewhere, sent, unknown_outcome

Asked = tuple[str, dict[str, Any]]  # an act's URL and what is sent to it
CUSTOMER = {"reference": "c-1", "name": "Jo Field", "email": "jo@example.test"}
LINES = [{"sku": "A", "name": "Cream", "quantity": 2, "unit_price": "5.00"}]
ORDER = {"reference": "O-1", "customer": "c-1", "lines": LINES, "total": "10.00"}


def refund(method: str = "pm_card_visa", **body: Any) -> Callable[[House], Asked]:
    def scene(house: House) -> Asked:
        order = house.order("60.00", method=method)
        return f"{order['url']}/refund", {"amount": "10.00", "reason": "goodwill", **body}

    return scene


def second_refund(house: House) -> Asked:
    order = house.order("60.00")
    sent(house, order, "20.00")
    return f"{order['url']}/refund", {"amount": "40.00", "reason": "damaged"}


def refund_beside_a_planned_one(house: House) -> Asked:
    order = house.order("60.00")
    issue(house, order, "20.00")
    return f"{order['url']}/refund", {"amount": "1.00", "reason": "damaged"}


def refund_after_one_elsewhere(house: House) -> Asked:
    order = house.order("60.00")
    refund_elsewhere(house, order, 100)
    house.drain()
    return f"{order['url']}/refund", {"amount": "59.00", "reason": "duplicate_charge"}


def refund_in_yen(house: House) -> Asked:
    return f"{house.order('5000', currency='jpy')['url']}/refund", {"amount": "500", "reason": "damaged"}


def withdraw(house: House) -> Asked:
    return issue(house, house.order("60.00"))["undo"], {}


def withdraw_after_a_quick_no(house: House) -> Asked:
    undo = issue(house, house.order("60.00"))["undo"]
    house.sandbox.fault(kind="rate_limit", times=1)
    house.advance(61)
    house.work()
    return undo, {}


def closing(how: str, **body: Any) -> Callable[[House], Asked]:
    return lambda house: (f"{declined(house)[2]['url']}/{how}", {"reason": "r", **body})


def closing_unknown(how: str, **body: Any) -> Callable[[House], Asked]:
    return lambda house: (f"{unknown_outcome(house)[1]['url']}/{how}", {"reason": "r", **body})


def dismiss_a_failed_refund(house: House) -> Asked:
    done = issue(house, house.order("60.00", method="pm_card_refundFail"))
    house.later(61)
    return f"{house.api().get('/cases?subject=' + done['subject'])['items'][0]['url']}/dismiss", {
        "reason": "r"
    }


def replay(kind: str) -> Callable[[House], Asked]:
    def scene(house: House) -> Asked:
        sent(house, house.order("60.00"))
        return f"{house.api().get(f'/inbox?kind={kind}')['items'][0]['url']}/replay", {}

    return scene


def replay_of_news(house: House) -> Asked:
    refund = sent(house, house.order("60.00"))
    house.sandbox.fault(kind="drop", method="webhook")
    house.sandbox.stripe.move_refund(refund["external_id"], "failed", failure_reason="declined")
    house.drain()
    return f"{house.api().get('/inbox?kind=refund.created')['items'][0]['url']}/replay", {}


def sweep(house: House) -> Asked:
    return "/inbox/sweep", {"source": "stripe"}


def sweep_again(house: House) -> Asked:
    house.api().post("/inbox/sweep", {"source": "stripe"})
    house.drain()
    return "/inbox/sweep", {}


def customer(*, known: bool = False, **body: Any) -> Callable[[House], Asked]:
    def scene(house: House) -> Asked:
        if known:
            house.api().post("/customers", CUSTOMER)
        return "/customers", {**CUSTOMER, **body}

    return scene


def order(*, known: bool = False, paid: bool = False, mirrored: bool = False) -> Callable[[House], Asked]:
    def scene(house: House) -> Asked:
        api = house.api()
        api.post("/customers", CUSTOMER)
        body = {**ORDER, "payment": house.pay(1000)} if paid else ORDER
        if mirrored:
            house.drain()
        if known:
            api.post("/orders", ORDER)
        return "/orders", body

    return scene


SCENES: dict[str, Callable[[House], Asked]] = {
    "refund a part": refund(),
    "refund all": refund(amount="60.00", note="All of it"),
    "refund to another card": refund("pm_card_amex"),
    "refund because of fraud": refund(reason="fraud", confirm_fraud=True),
    "refund the rest": second_refund,
    "refund beside a planned one": refund_beside_a_planned_one,
    "refund after one elsewhere": refund_after_one_elsewhere,
    "refund in yen": refund_in_yen,
    "withdraw": withdraw,
    "withdraw after a quick no": withdraw_after_a_quick_no,
    "retry with a fix": closing("retry", fix={"amount": "5.00"}),
    "retry an unknown outcome": closing_unknown("retry"),
    "settle": closing("settle", external_id="cheque 1"),
    "dismiss": closing("dismiss"),
    "dismiss a failed refund": dismiss_a_failed_refund,
    "replay what is known": replay("refund.created"),
    "replay a payment": replay("payment_intent.succeeded"),
    "replay news": replay_of_news,
    "sweep": sweep,
    "sweep again": sweep_again,
    "record a customer": customer(),
    "record a customer with ids": customer(external_ids={"stripe": "cus_1", "crm": "7"}),
    "record the same customer": customer(known=True),
    "correct a customer": customer(known=True, name="Jo Meadow", email=None),
    "record an order": order(),
    "record a paid order": order(paid=True),
    "record an order whose payment is here": order(paid=True, mirrored=True),
    "record the same order": order(known=True),
    "record an order's payment": order(known=True, paid=True),
    "record an order's payment that is here": order(known=True, paid=True, mirrored=True),
}


@pytest.mark.parametrize("scene", SCENES)
def test_what_is_done_is_what_the_preview_said_and_a_preview_writes_nothing(house: House, scene: str) -> None:
    url, body = SCENES[scene](house)
    api = house.api()
    with nothing_written(house):
        seen = api.post(f"{url}?preview=1", body, 200)["preview"]
        again = api.post(f"{url}?preview=1", body, 200)["preview"]
    assert set(seen) == {"act", "subject", "hash", "changes", "promises", "undo_for", "approval"}
    assert seen == again
    done = api.post(url, body, match=seen["hash"])
    assert set(done) == {"act", "subject", "status", "trace", "promises", "undo_until", "undo"}
    entries = api.get(f"/audit?trace={done['trace']}")["items"][::-1]
    changes = [change for entry in entries for change in entry["changes"]]
    key = str
    assert sorted(changes, key=key) == sorted(seen["changes"], key=key)
    assert [entry["act"] for entry in entries if entry["within"] is None] == [seen["act"]] == [done["act"]]
    assert [one["says"] for one in done["promises"]] == [one["says"] for one in seen["promises"]]
    assert (done["undo"] is not None) == (seen["undo_for"] > 0) == (done["undo_until"] is not None)
    made = [api.get(f"/promises/{one['id']}") for one in done["promises"]]
    assert [one["to"] for one in made] == [one["to"] for one in seen["promises"]]


def test_a_hash_holds_for_one_world_and_one_wish(house: House) -> None:
    api = house.api()
    api.post("/customers", CUSTOMER)

    def hashed(**wish: Any) -> str:
        return str(api.post("/customers?preview=1", {**CUSTOMER, **wish}, 200)["preview"]["hash"])

    first = hashed(name="Jo Meadow")
    assert hashed(name="Jo Meadow") == first != hashed(name="Jo Woods")
    assert (
        house.api("shop").post("/customers?preview=1", {**CUSTOMER, "name": "Jo Meadow"}, 200)["preview"][
            "hash"
        ]
        == first
    )
    api.post("/customers", {**CUSTOMER, "name": "Jo Marsh"})
    assert hashed(name="Jo Meadow") != first


def test_what_was_agreed_to_is_not_done_in_another_world(house: House) -> None:
    api = house.api()
    api.post("/customers", CUSTOMER)
    wish = {**CUSTOMER, "name": "Jo Meadow"}
    seen = api.post("/customers?preview=1", wish, 200)["preview"]
    api.post("/customers", {**CUSTOMER, "name": "Jo Marsh"})
    with nothing_written(house):
        answer = api.post("/customers", wish, 409, key="k", match=seen["hash"])
    assert answer["refused"]["code"] == "world_changed" and answer["refused"]["field"] is None
    assert answer["preview"]["changes"][0]["from"] == "Jo Marsh" and answer["preview"]["hash"] != seen["hash"]
    api.post("/customers", wish, key="k", match=answer["preview"]["hash"])  # the refusal was not kept
    assert api.get("/customers?reference=c-1")["items"][0]["name"] == "Jo Meadow"


def test_a_preview_says_what_the_act_would_refuse(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = f"{order['url']}/refund?preview=1"
    with nothing_written(house):
        assert (
            api.post(url, {"amount": "99.00", "reason": "goodwill"}, 409)["refused"]["code"]
            == "not_refundable"
        )
        assert set(api.post(url, {"amount": "x", "reason": "goodwill"}, 422)["errors"]) == {"amount"}
        house.api("auditor").post(url, {"amount": "1.00", "reason": "goodwill"}, 403)
        house.api().post("/orders/ord_1/refund?preview=1", {"amount": "1.00", "reason": "goodwill"}, 404)
