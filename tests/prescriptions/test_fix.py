"""Putting right what keeps a prescription from being filled: open, choose, confirm. Who may not is told what next."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from opsconsole.db import db
from opsconsole.models import Product, ProductKey
from opsconsole.services import transaction

from ..gates.scenes import HOME, SKU, change, order, prescribed, served
from ..house import House, PageClient
from ..scenes import nothing_written

ELSEWHERE = HOME | {"line1": "2 Oak St", "zip": "89502"}
NEW = {f"ship_to-{name}": value for name, value in ELSEWHERE.items()}


@pytest.fixture
def ready(house: House) -> Any:
    served(house)
    made = order(house)
    prescribed(house)
    return made


def at_pharmacy(house: House, made: Any, code: str, status: str = "error") -> str:
    """Its pharmacy has trouble with it. The fill's URL."""
    done = house.api().post(f"{made['url']}/submit", {})
    house.later(61)
    order_status = "manual_intervention" if status == "error" else "at_pharmacy"
    change(
        house,
        f"update fills set status = '{status}', code = '{code}', vendor_code = 'X1', status_since = instant();"
        f"update orders set status = '{order_status}' where id = '{made['id']}'",
    )
    return str(done["subject"])


class Counting:
    """A person who works in the wizard, and how often they had to do something."""

    def __init__(self, house: House, role: str) -> None:
        self.page: PageClient = house.page(role)
        self.done = 0

    def open(self, url: str) -> str:
        self.done += 1
        return self.page.get(url)

    def follow(self, label: str) -> str:
        """Click on a link of the page by its words."""
        links = re.findall(r'<a[^>]*href="([^"]+)"[^>]*>(.*?)</a>', self.page.html, re.S)
        url = next(unescape(url) for url, words in links if label in unescape(re.sub(r"<[^>]+>", "", words)))
        return self.open(url)

    def confirm(self, url: str, status: int = 200, **values: str) -> str:
        self.done += 1
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.page.html))
        form = {name: unescape(value) for name, value in hidden.items()}
        return self.page.submit(url, form | values, status)


def fixed(house: House, role: str, made: Any, choose: str = "", **values: str) -> str:
    """From the order's page to done; what the last page says. At most three interactions."""
    wizard = f"{made['url']}/fix"
    one = Counting(house, role)
    assert "Why it does not go on" in one.page.get(made["url"])
    one.open(wizard)
    if choose:
        one.follow(choose)
    said = one.confirm(wizard, **values)
    assert one.done <= 3
    return said


def codes(house: House, made: Any) -> list[str]:
    return [one["code"] for one in house.api().get(made["url"])["findings"]]


def test_a_declined_fill_goes_to_another_pharmacy(house: House, ready: Any) -> None:
    change(
        house,
        "insert into pharmacies (id, name, adapter, active, rank) values ('pha_2', 'Honeybee', 'honeybee', true, 2);"
        "insert into pharmacy_licences (id, pharmacy_id, state, number) values ('lic_2', 'pha_2', 'NV', 'N-2');"
        "insert into pharmacy_offers (id, pharmacy_id, sku, stock, cost, currency)"
        f" values ('off_2', 'pha_2', '{SKU}', 'in_stock', 2000, 'usd')",
    )
    fill = at_pharmacy(house, ready, "pharmacy_declined")
    said = fixed(house, "support", ready)
    assert "That cause is gone." in said
    assert house.api().get(fill)["pharmacy"] == "/pharmacies/pha_2"
    assert codes(house, ready) == []


def test_a_bad_address_is_corrected_and_sent_again(house: House, ready: Any) -> None:
    fill = at_pharmacy(house, ready, "bad_address")
    said = fixed(house, "support", ready, **NEW)
    assert "That cause is gone." in said
    api = house.api()
    assert api.get(ready["url"])["ship_to"]["line1"] == "2 Oak St" and api.get(fill)["status"] != "error"
    acts = [
        row.act
        for row in house.rows(
            "select act from audit_entries where within is not null order by id desc limit 2"
        )
    ]
    assert {*acts} == {"orders.readdress", "fills.resend"}


def test_it_is_too_soon_and_is_filled_when_it_is_due(house: House, ready: Any) -> None:
    fill = at_pharmacy(house, ready, "refill_too_soon", "exception")
    change(
        house, "update fills set due_on = instant()::date + 20, external_id = coalesce(external_id, 'x-1')"
    )
    said = fixed(house, "support", ready)
    assert "It is under way." in said and house.api().get(fill)["exception"]["answer"] == "fill_when_due"
    [finding] = house.api().get(ready["url"])["findings"]
    assert finding["waits"]["url"] == fill
    refused = house.api("support").post(f"{ready['url']}/fix", {"code": "refill_too_soon"}, 409)["refused"]
    assert refused["code"] == "under_way" and refused["blockers"][0]["fix"]["url"] == fill


def test_unclear_directions_go_to_a_clinician_by_one_click(house: House, ready: Any) -> None:
    at_pharmacy(house, ready, "sig_unclear")
    said = fixed(house, "support", ready)
    assert "It is under way." in said
    [visit] = house.rows("select * from visits")
    assert (visit.kind, visit.status, visit.asks, visit.patient_state) == (
        "rx_request",
        "submitted",
        "wrong_sig",
        "NV",
    )
    assert visit.due_at and "tretinoin" not in visit.says.lower()


def test_the_line_becomes_what_was_prescribed(house: House, ready: Any) -> None:
    change(house, "update prescriptions set sku = 'NC-100-60'")
    with house.app.app_context(), transaction():
        Product(sku="NC-100-60", name="Night cream", kind="prescription", form="cream", strength=None,
                needs_prescription=True, active=True, price=6000, currency="usd").add()  # fmt: skip
    said = fixed(house, "support", ready)
    assert "That cause is gone." in said
    assert [line["sku"] for line in house.api().get(ready["url"])["lines"]] == ["NC-100-60"]


def test_a_key_is_mapped_by_an_ops_lead_and_support_is_told_so(house: House, ready: Any) -> None:
    change(
        house,
        """update prescriptions set sku = null, keys = '[{"system": "rxnorm", "code": "106304"}]';"""
        "insert into unmapped_keys (id, system, key, named, status) values ('umk_1', 'rxnorm', '106304', 'x', 'open')",
    )
    choice = "products.map:umk_1"
    with nothing_written(house):
        body = {"code": "product_mismatch", "choice": choice}
        refused = house.api("support").post(f"{ready['url']}/fix", body, 409)["refused"]
    assert refused["code"] == "not_yours" and "products.map" in refused["message"]
    [step] = refused["blockers"]
    assert "A clinician has to decide" in step["says"] and "visits.request" in step["fix"]["url"]
    assert "That cause is gone." in fixed(house, "ops_lead", ready)
    with house.app.app_context():
        assert db.session.scalar(db.select(ProductKey.key).where(ProductKey.system == "rxnorm")) == "106304"


def test_what_did_not_get_through_is_sent_again(house: House, ready: Any) -> None:
    _broke(house)
    said = fixed(house, "support", ready)
    assert "That cause is gone." in said
    sent = house.rows("select status from prescription_requests order by created_at desc")
    assert len(sent) == 2 and sent[0].status == "planned"


def _broke(house: House) -> None:
    change(
        house,
        "insert into prescription_requests (id, kind, status, status_since, created_at, customer_id, prescription_id,"
        " raw_status, business_status, reason, note, failure_code, says, by, by_id, trace_id, prescription_external_id)"
        " select 'prq_1', 'transmit', 'failed', instant() - interval '5 hours', instant() - interval '5 hours',"
        " customer_id, id, '', '', '', '', '600', 'x', 'a test', 'x', 'trc_1', external_id from prescriptions;"
        "insert into external_ids (id, customer_id, system, external_id)"
        " select 'xid_1', id, 'healthcare', 'pat-1' from customers",
    )


def test_who_may_not_is_told_why_and_what_next(house: House, ready: Any) -> None:
    """Routing and addresses are not a clinician's: the reason, who may, and a word to them."""
    at_pharmacy(house, ready, "pharmacy_declined")
    page, api, url = house.page("clinician"), house.api("clinician"), f"{ready['url']}/fix"
    for code in ("pharmacy_declined", "bad_address"):
        change(house, f"update fills set code = '{code}'")
        seen = page.get(url)
        [told] = api.get(ready["url"])["findings"]
        offer = told["offers"][0]
        assert not offer["allowed"] and offer["roles"] == ["ops_lead", "support"], offer
        [step] = told["next_steps"]
        assert step["fix"]["label"] in seen and "Somebody else has to do that" in seen
        with nothing_written(house):
            body = {
                "code": code,
                "choice": offer["choice"],
                **({"ship_to": ELSEWHERE} if code == "bad_address" else {}),
            }
            no = api.post(url, body, 409)["refused"]
        assert no["code"] == "not_yours" and offer["act"] in no["message"] and no["blockers"] == [step]
    for code in ("refill_too_soon", "sig_unclear"):
        change(house, f"update fills set status = 'exception', code = '{code}'")
        with nothing_written(house):
            no = house.api("finance").post(url, {}, 403)
        assert "prescriptions.fix" in str(no) and "Ask an admin" in str(no)


def test_a_clinicians_matter_is_no_clinicians_to_mend_by_the_pharmacy_and_finance_may_nothing(
    house: House, ready: Any
) -> None:
    at_pharmacy(house, ready, "sig_unclear")
    with nothing_written(house):
        house.api("finance").post(f"{ready['url']}/fix", {"code": "wrong_sig"}, 403)
        no = house.api("support").post(f"{ready['url']}/fix", {"code": "rx_expired"}, 409)["refused"]
        assert no["code"] == "not_the_cause" and "directions" in no["message"]
        other = {"code": "wrong_sig", "choice": "refunds.issue:" + ready["id"]}
        assert (
            house.api("support").post(f"{ready['url']}/fix", other, 409)["refused"]["code"] == "not_offered"
        )


def test_its_preview_hash_and_second_click_are_those_of_the_act(house: House, ready: Any) -> None:
    at_pharmacy(house, ready, "sig_unclear")
    api, url, body = house.api("support"), f"{ready['url']}/fix", {"code": "wrong_sig"}
    with nothing_written(house):
        seen = api.post(f"{url}?preview=1", body, 200)["preview"]
    assert any(change["field"] == "asks" and change["to"] == "wrong_sig" for change in seen["changes"])
    api.post(url, body, 409, match="0" * 64)
    first = api.post(url, body, key="k1", match=seen["hash"])
    with nothing_written(house):
        again = api.post(url, body, key="k1")
    assert first == again and first["subject"].startswith("/visits/")
    assert len(house.rows("select 1 from visits")) == 1


def test_a_name_is_put_right_by_two_people(house: House, ready: Any) -> None:
    at_pharmacy(house, ready, "patient_mismatch")
    body = {"code": "patient_mismatch", "name": "Joe Field"}
    asked = house.api("support").post(f"{ready['url']}/fix", body, 202)["approval"]
    assert house.rows("select name from customers")[0].name == "Jo Field"
    lee = house.page("ops_lead")
    lee.get(f"{asked['url']}/approve")
    lee.submit(f"{asked['url']}/approve", {"note": "I saw the passport"})
    assert house.rows("select name from customers")[0].name == "Joe Field"
