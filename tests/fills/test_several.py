"""One order, several fills: of different pharmacies, or of different prescriptions. The customer has one order."""

from __future__ import annotations

from typing import Any

from opsconsole.models import Product
from opsconsole.services import transaction

from ..gates.scenes import prescribed, served
from ..house import House
from ..routing.scenes import market, order, sent
from ..scenes import WINDOW, cases_of, invalid, only_case, refused
from .scenes import made_up

HOUR = 3600.0


def split(house: House, fate: str = "") -> tuple[Any, list[Any]]:
    """An order of which each of two pharmacies has only one line. (its JSON, its fills by pharmacy, truepill first)."""
    market(
        house, a_1=("truepill", "in_stock", "5.00"), b_1=("honeybee", "in_stock", "5.00"),
    )  # fmt: skip
    ready = order(house, "A", "B", fate=fate)
    sent(house, ready)
    return ready, fills_of(house, ready)


def fills_of(house: House, ready: Any) -> list[Any]:
    found = house.api().get(f"/fills?order={ready['id']}")["items"]
    names = {one["url"]: one["name"] for one in house.api().get("/pharmacies")["items"]}
    return sorted(found, key=lambda fill: (names[fill["pharmacy"]] == "Honeybee", fill["prescription"]))


def status(house: House, ready: Any) -> str:
    return str(house.api().get(ready["url"])["status"])


def test_what_no_pharmacy_has_all_of_goes_to_two(house: House) -> None:
    ready, [at_truepill, at_honeybee] = split(house)
    assert [fill["items"] for fill in (at_truepill, at_honeybee)] == [
        [{"sku": "A", "quantity": 1}], [{"sku": "B", "quantity": 1}],
    ]  # fmt: skip
    assert at_truepill["why_here"] == "Nobody can fill all of it. The only one licensed in NV that has it"
    assert [one["why_not"] for one in at_truepill["not_elsewhere"]] == ["Does not make A"]
    refused(house, house.api(), f"{ready['url']}/submit", {}, "fill_there")
    house.later(WINDOW)
    house.later(10)
    assert {fill["status"] for fill in fills_of(house, ready)} == {"acknowledged"}
    assert status(house, ready) == "at_pharmacy"
    assert made_up(house) == [ready["reference"]] * 2
    page = house.page("support").get(ready["url"])
    assert "Truepill" in page and "Honeybee" in page


def test_the_order_has_shipped_when_all_has_and_arrived_when_all_has(house: House) -> None:
    """The second pharmacy waits for an answer while the first parcel travels and arrives."""
    ready, [first, second] = split(house, "EXCEPTION OOS")
    house.later(WINDOW)
    house.later(10)
    for _ in range(5):
        house.later(30 * HOUR)
    assert house.api().get(first["url"])["status"] == "shipped"
    [parcel] = house.api().get(f"/shipments?order={ready['id']}")["items"]
    assert parcel["status"] == "delivered"
    now = house.api().get(ready["url"])
    assert now["status"] == "at_pharmacy", "the rest of it is still there"
    [lane] = [one for one in now["lanes"] if one["lane"] == "parcel"]
    assert lane["says"] == "1 parcel has left, the rest is being prepared"
    assert cases_of(house, parcel["url"]) == [], "that one part arrived first is nobody's trouble"
    goes_on(house, second)
    assert house.api().get(second["url"])["status"] == "shipped" and status(house, ready) == "shipped"
    for _ in range(4):
        house.later(30 * HOUR)
    assert status(house, ready) == "delivered"


def test_one_that_cannot_go_on_stops_the_order_and_the_other_one_not(house: House) -> None:
    ready, [first, second] = split(house, "ERROR R3")
    house.later(WINDOW)
    house.later(10)
    assert house.api().get(first["url"])["status"] == "error"
    assert status(house, ready) == "manual_intervention"
    assert only_case(house, first["url"])["suggests"]["act"] == "fills.resend"
    goes_on(house, second)
    assert house.api().get(second["url"])["status"] == "shipped"
    assert status(house, ready) == "manual_intervention", "somebody still has to look at the rest"
    house.api().post(f"{first['url']}/cancel", {"reason": "wrong_order"})
    assert status(house, ready) == "shipped", "what is left of it has shipped"


def test_the_order_is_canceled_with_the_last_of_its_fills(house: House) -> None:
    ready, [first, second] = split(house, "NEVER")
    house.later(WINDOW)
    house.later(10)
    for fill, after in ((first, "manual_intervention"), (second, "canceled")):
        assert house.api().get(fill["url"])["status"] == "rejected"
        house.api().post(f"{fill['url']}/cancel", {"reason": "customer_asked"})
        assert status(house, ready) == after


def goes_on(house: House, fill: Any) -> None:
    """The pharmacy gets its answer, makes it up and ships it."""
    [answer, *_] = house.api().get(fill["url"])["exception"]["answers"]
    house.api().post(f"{fill['url']}/answer", {"answer": answer})
    for _ in range(4):
        house.later(4 * HOUR)


def test_undo_takes_all_of_it_back(house: House) -> None:
    ready, [_, second] = split(house)
    house.api().post(f"{second['url']}/withdraw")
    assert {fill["status"] for fill in fills_of(house, ready)} == {"withdrawn"}
    house.later(WINDOW)
    assert made_up(house) == [] and status(house, ready) == "ready"
    sent(house, ready)
    house.later(WINDOW)
    assert made_up(house) == [ready["reference"]] * 2


def test_each_prescription_is_a_fill_and_what_needs_none_rides_along(house: House) -> None:
    served(house, sku="RX1")
    more(house, "RX2")
    ready = order(house, "RX1", "SOAP", "RX2")
    prescribed(house, sku="RX1", external_id="rx-1")
    prescribed(house, sku="RX2", external_id="rx-2", used=1)
    invalid(house, house.api(), f"{ready['url']}/submit", {"prescription": "rx-1"}, "prescription")
    sent(house, ready)
    first, second = fills_of(house, ready)
    assert (first["prescription"], [item["sku"] for item in first["items"]]) == ("rx-1", ["RX1", "SOAP"])
    assert (second["prescription"], [item["sku"] for item in second["items"]]) == ("rx-2", ["RX2"])
    assert (first["number"], second["number"]) == (1, 2)
    house.later(WINDOW)
    house.later(10)
    assert status(house, ready) == "at_pharmacy" and len(made_up(house)) == 2


def more(house: House, sku: str) -> None:
    """Another product that needs a prescription."""
    with house.app.app_context(), transaction():
        Product(
            sku=sku, name="Night gel", kind="prescription", form="gel", strength=None, needs_prescription=True, active=True
        ).add()  # fmt: skip
