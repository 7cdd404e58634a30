"""An idempotency key: the same wish of the same actor is one act, however often and however fast it is sent."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..house import House
from ..scenes import issue, nothing_written, paid_back

ASKED = {"amount": "10.00", "reason": "goodwill"}


def test_the_same_again_gets_the_same_answer_for_ever(house: House) -> None:
    url, api = f"{house.order('60.00')['url']}/refund", house.api()
    first = api.post(url, ASKED, key="k")
    assert api.last and "Idempotent-Replayed" not in api.last.headers
    house.later(40 * 86400)
    with nothing_written(house):
        again = api.post(
            url, {"reason": "goodwill", "amount": "10.00"}, key="k"
        )  # the order of fields is no difference
    assert again == first and api.last.headers["Idempotent-Replayed"] == "true"
    assert house.api().get(first["subject"])["status"] == "succeeded" and paid_back(house) == [1000]


def test_a_key_stands_for_one_wish(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = f"{order['url']}/refund"
    api.post(url, ASKED, key="k")
    with nothing_written(house):
        for other_url, body in (
            (url, {**ASKED, "amount": "10.01"}),
            ("/customers", {"reference": "c", "name": "n"}),
        ):
            assert api.post(other_url, body, 409, key="k")["refused"]["code"] == "key_reused"
    house.api("finance").post(url, ASKED, key="k")  # keys are each actor's own
    assert len(house.api().get(f"/refunds?order={order['id']}")["items"]) == 2


def test_a_refusal_is_not_kept(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = f"{order['url']}/refund"
    undo = issue(house, order, "60.00")["undo"]
    api.post(url, ASKED, 409, key="k")
    api.post(url, {**ASKED, "amount": "x"}, 422, key="k")
    assert house.rows("select * from answers_kept") == []
    api.post(undo)
    api.post(url, ASKED, 201, key="k")


def test_a_key_is_text_of_reasonable_length(house: House) -> None:
    url, api = f"{house.order('60.00')['url']}/refund", house.api()
    for key in ("x" * 256, "caf\u00e9"):
        with nothing_written(house):
            assert set(api.post(url, ASKED, 422, key=key)["errors"]) == {"Idempotency-Key"}
    api.post(url, ASKED, key="x" * 255)


def test_twenty_clicks_at_once_are_one_act(house: House) -> None:
    order = house.order("60.00")

    def click(_: int) -> tuple[int, Any]:
        api = house.api("support")
        headers = {**api.headers, "Idempotency-Key": "the-click"}
        answer = api.client.post(f"{order['url']}/refund", json=ASKED, headers=headers)
        return answer.status_code, answer.get_json()

    with ThreadPoolExecutor(10) as hands:
        answers = list(hands.map(click, range(20)))
    told = Counter(status if status == 201 else body["refused"]["code"] for status, body in answers)
    assert set(told) <= {201, "in_progress"} and told[201] >= 1
    assert len({body["subject"] for status, body in answers if status == 201}) == 1
    assert len(house.rows("select id from refunds")) == 1
    assert len(house.api().get("/audit?act=refunds.issue")["items"]) == 1


def test_the_same_new_order_sent_twice_at_once_is_one_order(house: House) -> None:
    house.api().post("/customers", {"reference": "c", "name": "Jo"})
    lines = [{"sku": "A", "name": "A", "quantity": 1, "unit_price": "5.00"}]
    told = {"reference": "O", "customer": "c", "lines": lines, "total": "5.00", "payment": house.pay(500)}

    def send(_: int) -> tuple[int, str]:
        api = house.api("shop")
        answer = api.client.post("/orders", json=told, headers=api.headers)
        return answer.status_code, answer.get_data(as_text=True)

    with ThreadPoolExecutor(6) as shops:
        answers = list(shops.map(send, range(6)))
    assert {status for status, _ in answers} == {201}, answers
    assert len(house.rows("select id from orders")) == 1 and len(house.rows("select id from payments")) == 1
