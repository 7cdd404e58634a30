"""Charging and crediting between invoices: written down once each, fast, and changed only until it goes to Stripe."""

from __future__ import annotations

from ..house import House
from ..scenes import denied, invalid, nothing_written, processor, refused
from ..statements import statements
from .charge_scenes import charge, clock, compiled, items, known_at_stripe, mirrored_draft, stripe_id, told


def test_an_increment_is_written_down_once_and_nobody_is_asked(house: House) -> None:
    customer, shop = known_at_stripe(house), house.api("shop")
    with statements(house) as sent:
        done = shop.post(f"{customer}/charge", told("a-1"))
    assert len(sent) <= 10, "\n".join(query for query, _ in sent)
    assert (done["status"], done["promises"], done["undo"]) == ("pending", [], None)
    one = shop.get(done["subject"])
    assert (one["amount"], one["source"], one["customer"]) == (
        {"amount": "5.00", "currency": "usd"}, "shop", customer,
    )  # fmt: skip
    again = shop.post(f"{customer}/charge", told("a-1"))
    assert (again["subject"], again["status"]) == (done["subject"], "pending")
    said = refused(house, shop, f"{customer}/charge", told("a-1", "6.00"), "adjustment_differs", "reference")
    assert "was $5.00" in said
    shop.post(f"{customer}/charge", told("a-1", source="other"))
    assert len(shop.get(f"/adjustments?customer={customer}&source=shop")["items"]) == 1
    waits = house.api().get(customer)["not_at_stripe"]
    assert [(one["money"]["amount"], one["count"]) for one in waits] == [("10.00", 2)]


def test_many_at_once_are_few_statements(house: House) -> None:
    customer, shop = known_at_stripe(house), house.api("shop")
    many = [told(f"m-{n}", "-0.01" if n % 7 == 0 else "0.02") for n in range(500)]
    with statements(house) as sent:
        done = shop.post(f"{customer}/charge", {"charges": many})
    assert len(sent) <= 10 and done["subject"] == customer
    again = shop.post(f"{customer}/charge", {"charges": [*many[:3], told("m-new")]})
    assert "3 of them were here already" in again["warnings"][0]
    [row] = house.rows("select count(*) as n, sum(amount) as total from adjustments")
    assert (row.n, row.total) == (501, 428 * 2 - 72 + 500)
    refused(
        house, shop, f"{customer}/charge", {"charges": [told("x"), told("x", "1.00")]}, "adjustment_differs", "charges"
    )  # fmt: skip
    too_many = [told(f"t-{n}") for n in range(501)]
    invalid(house, shop, f"{customer}/charge", {"charges": too_many}, "charges")


def test_what_cannot_be_charged(house: House) -> None:
    customer, shop = known_at_stripe(house), house.api("shop")
    url = f"{customer}/charge"
    for wrong, field in (
        (told("a", "0.00"), "amount"), (told("a", "1000000.00"), "amount"), (told("a", "1.005"), "amount"),
        (told("a", currency="USD"), "currency"), (told("a", description="<b>"), "description"),
        (told("a", description="x" * 81), "description"), ({"amount": "1.00"}, "description"),
    ):  # fmt: skip
        with nothing_written(house):
            assert field in shop.post(url, wrong, 422)["errors"], wrong
    shop.post(
        "/products", {"sku": "T", "name": "Tretinoin cream", "kind": "prescription", "needs_prescription": True}
    )  # fmt: skip
    telling = told("a", description="Extra tube of tretinoin")
    assert "tretinoin" in invalid(house, shop, url, telling, "description")["description"][0]
    nobody = shop.post("/customers", {"reference": "new", "name": "Al"})["subject"]
    refused(house, shop, f"{nobody}/charge", told("a"), "not_at_stripe")
    shop.post("/customers/cst_nosuch/charge", told("a"), 404)
    for role in ("support", "clinician", "auditor", "admin"):
        denied(house, role, url, told("a"))


def test_a_person_charges_on_the_customers_page_and_takes_it_away(house: House) -> None:
    customer, lee = known_at_stripe(house), house.page("ops_lead")
    lee.get(f"{customer}/charge")
    form = {"amount": "-12.50", "description": "Late parcel", "source": "console", "reference": "by-hand"}
    assert "-$12.50" in lee.submit(f"{customer}/charge?preview=1", form)
    page = lee.submit(f"{customer}/charge", form)
    assert "Not yet at Stripe" in page and "-$12.50" in page
    [one] = house.api().get("/adjustments")["items"]
    assert "Late parcel" in lee.get("/adjustments") and "Late parcel" in lee.get(one["url"])
    lee.get(f"{one['url']}/drop_charge")
    assert "Taken away" in lee.submit(f"{one['url']}/drop_charge", {})
    assert house.api().get(one["url"])["status"] == "withdrawn"
    refused(house, house.api(), f"{one['url']}/drop_charge", {}, "compiled")
    denied(house, "shop", f"{one['url']}/drop_charge")
    compiled(house)
    assert items(house, customer) == []


def test_much_credit_by_hand_takes_two(house: House) -> None:
    customer, finn = known_at_stripe(house), house.page("finance")
    for n, amount in enumerate(("-200.00", "-101.00")):
        finn.get(f"{customer}/charge")
        form = {"amount": amount, "description": "Late parcel", "source": "console", "reference": f"h-{n}"}
        page = finn.submit(f"{customer}/charge", form)
    assert finn.url.startswith("/approvals/") and "$301.00 of credit" in page
    api = house.api()
    assert len(api.get("/adjustments")["items"]) == 1
    lee = house.page("ops_lead")
    lee.get(f"{finn.url}/approve")
    lee.submit(f"{finn.url}/approve", {"note": "Agreed"})
    assert sorted(one["amount"]["amount"] for one in api.get("/adjustments")["items"]) == [
        "-101.00",
        "-200.00",
    ]
    for role in ("shop", "demo"):  # what programs send they have computed
        house.api(role).post(f"{customer}/charge", told(f"p-{role}", "-999.00"))
    with statements(house) as sent:
        api.get("/adjustments")
    assert len(sent) <= 2


def test_after_it_went_out_it_is_changed_on_the_invoice_only(house: House) -> None:
    customer, api = known_at_stripe(house), house.api()
    charge(house, customer, "5.00", "7.00")
    compiled(house)
    one, _ = api.get("/adjustments")["items"]
    assert one["status"] == "applied" and not one["acts"][0]["allowed"]
    with nothing_written(house):
        said = api.post(f"{one['url']}/drop_charge", {}, 409)["refused"]
    assert (said["code"], said["batch"]) == ("compiled", one["batch"]) and "invoice" not in said
    invoice = mirrored_draft(house, customer, item=api.get(one["batch"])["external_id"])
    for verb in ("drop_charge", "move_charge"):
        with nothing_written(house):
            said = api.post(f"{one['url']}/{verb}", {}, 409)["refused"]
        assert (said["code"], said["invoice"]) == ("compiled", f"/invoices/{invoice}"), said
    assert "Open the invoice" in house.page("ops_lead").get(f"{one['url']}/drop_charge?invoice=")


def test_it_is_billed_on_the_draft_that_somebody_chose(house: House) -> None:
    customer, api = known_at_stripe(house), house.api()
    draft = processor(house).invoices.create({"customer": stripe_id(house, customer), "auto_advance": False})
    chosen = mirrored_draft(house, customer, external_id=draft.id)
    charge(house, customer, "5.00", "7.00")
    first, second = api.get("/adjustments")["items"]
    api.post(f"{first['url']}/move_charge", {"invoice": chosen})
    invalid(house, api, f"{second['url']}/move_charge", {"invoice": "inv_none"}, "invoice")
    denied(house, "support", f"{second['url']}/move_charge", {"invoice": chosen})
    assert "Draft of" in house.page("finance").get(f"{second['url']}/move_charge")
    compiled(house)
    assert sorted((one.amount, one.invoice) for one in items(house, customer)) == sorted(
        [(_minor(first), draft.id), (_minor(second), None)], key=lambda row: row[0]
    )
    clock(house)


def _minor(one: dict[str, dict[str, str]]) -> int:
    return int(one["amount"]["amount"].replace(".", ""))
