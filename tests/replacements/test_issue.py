"""Sending again for nothing what did not arrive as it should have."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from opsconsole.services import replacements

from ..attachments.scenes import PDF, look, photo
from ..banners.scenes import put_up
from ..fills.scenes import made_up, order, pharmacies, submitted
from ..house import House
from ..scenes import WINDOW, cases_of, denied, invalid, issue, nothing_written, only_case, refused
from .scenes import (
    RX,
    execute,
    lost,
    made_of,
    policy,
    prescribed,
    replace,
    replaced,
    shipped,
    upload,
    with_photo,
)


def stripe_calls(house: House) -> int:
    return sum(call["path"].startswith("/v1/") for call in house.sandbox.calls)


def test_a_damaged_parcel_is_replaced_and_nothing_is_charged(house: House) -> None:
    first = lost(house)
    api = house.api()
    asked = {"reason": "damaged", "photos": with_photo(house, first), "note": "Crushed"}
    money = [len(house.sandbox.ledger(kind)) for kind in ("payment", "refund")]
    calls = stripe_calls(house)
    seen = api.post(f"{first['url']}/replace?preview=1", asked, 200)["preview"]
    assert [one["says"] for one in seen["promises"]] == ["Truepill fills order R0001-R1 and ships it to NV"]
    assert (seen["undo_for"], seen["approval"]) == (60, None)
    told = {(one["on"], one["field"]): one["to"] for one in seen["changes"]}
    assert (told["order", "total"], told["order", "reference"], told["order", "kind"]) == (
        "$0.00",
        "R0001-R1",
        "replacement",
    )
    done = api.post(f"{first['url']}/replace", asked, 201, key="k1", match=seen["hash"])
    assert done["status"] == "order_created" and done["undo"] == f"{done['subject']}/withdraw"
    found = api.get(done["subject"])
    assert (found["reason"], found["happened"], found["value"]["amount"]) == ("damaged", "broken", "60.00")
    made = made_of(house, found)
    assert (made["total"]["amount"], made["kind"], made["parent"]) == ("0.00", "replacement", first["url"])
    assert [(line["sku"], line["unit_price"]["amount"]) for line in made["lines"]] == [("NC60", "0.00")]
    house.drain()
    assert made_up(house) == ["R0001"], "the undo window is open"
    house.later(WINDOW)
    assert made_up(house) == ["R0001", "R0001-R1"]
    assert stripe_calls(house) == calls and money == [
        len(house.sandbox.ledger(k)) for k in ("payment", "refund")
    ]


def test_both_orders_tell_the_story(house: House) -> None:
    first = lost(house)
    found = replaced(house, first)
    api, made = house.api(), made_of(house, found)
    assert api.get(first["url"])["linked"] == {
        "parent": None, "children": [made["url"]], "replacements": [found["url"]]
    }  # fmt: skip
    [offered] = [one for one in api.get(first["url"])["acts"] if one["act"] == "replacements.issue"]
    assert offered["why_not"] == "R0001-R1 replaces it already. If that went wrong too, replace that one."
    assert made["linked"] == {"parent": first["url"], "children": [], "replacements": [found["url"]]}
    sam = house.page()
    for url, words in ((first["url"], "Replaced by"), (made["url"], "Replaces")):
        page = sam.get(url)
        assert words in page and "it was lost on its way" in page
        says = [entry["says"] for entry in api.get(f"{url}/timeline")["items"]]
        assert "Order R0001 is replaced by R0001-R1: it was lost on its way" in says
    assert "Replaced by R0001-R1" in sam.get(first["url"]).split("What was bought")[0], (
        "the parcel lane tells it"
    )
    sam.get(found["url"])
    assert "R0001-R1" in sam.get("/replacements?status=order_created&reason=lost_in_transit")
    for given in (f"order={first['id']}", f"order={made['url']}", f"customer={first['customer']}"):
        assert [one["id"] for one in api.get(f"/replacements?{given}")["items"]] == [found["id"]]


def test_it_goes_with_its_order_until_it_arrives(house: House) -> None:
    found = replaced(house, lost(house))
    house.sandbox.easypost.plan("usual")
    house.later(WINDOW)
    house.later(8 * 3600)
    assert house.api().get(found["url"])["status"] == "shipped"
    house.later(10 * 24 * 3600)
    after = house.api().get(found["url"])
    assert (after["status"], after["final"], made_of(house, found)["status"]) == (
        "completed",
        True,
        "delivered",
    )


# ---------------------------------------------------------------- what a replacement does to the prescription

EXPIRED = "The prescription has expired: it waits for a new one. Nobody dispenses on an expired one."
WAITS = ("awaiting_rx", None, False)
OUTCOMES = [
    # (refills, expired, the pharmacy makes good), what the preview says, (status, number of the fill, whether it replaces)
    ((2, False, False), "It uses one fill of the prescription: 1 is left then.", ("order_created", 2, False)),
    (
        (2, False, True),
        "It uses no fill of the prescription: Truepill makes it good.",
        ("order_created", 1, True),
    ),
    ((0, False, False), "No fill of the prescription is left: it waits for a new one.", WAITS),
    (
        (0, False, True),
        "No fill of the prescription is left: Truepill makes it good all the same.",
        ("order_created", 1, True),
    ),
    ((2, True, False), EXPIRED, WAITS),
    ((2, True, True), EXPIRED, WAITS),
]


@pytest.mark.parametrize(("given", "says", "ends"), OUTCOMES)
def test_the_prescription_is_accounted_for(
    house: House, given: tuple[int, bool, bool], says: str, ends: tuple[str, int | None, bool]
) -> None:
    refills, expired, good = given
    prescribed(house, refills=refills)
    first = lost(house)
    policy(house, free=good)
    if expired:
        execute(house, "update prescriptions set expires_on = current_date - 1")
    seen = house.api().post(f"{first['url']}/replace?preview=1", {"reason": "lost_in_transit"}, 200)[
        "preview"
    ]
    assert [one["to"] for one in seen["changes"] if one["field"] == "prescription_use"] == [says]
    found = replaced(house, first)
    status, number, makes_good = ends
    assert (found["status"], found["prescription"], found["uses_fill"]) == (status, says, not makes_good)
    made = made_of(house, found)
    assert made["status"] == ("ready" if number else "awaiting_rx")
    if number is None:
        case = only_case(house, found["url"])
        assert case["reason"] == "replacement_needs_rx" and made["fills"] == [] and seen["promises"] == []
        return
    house.later(WINDOW)
    house.later(10)
    api = house.api()
    fill = api.get(made["fills"][0])
    assert (fill["number"], fill["prescription"], fill["status"]) == (number, RX, "acknowledged")
    assert fill["replaces"] == (first["fills"][0] if makes_good else None)
    assert made_up(house) == ["R0001", "R0001-R1"], "a pharmacy takes a replacement for no duplicate"


def test_a_free_replacement_hides_no_fill(house: House) -> None:
    prescribed(house, refills=1)
    first = lost(house)
    policy(house, free=True)
    replaced(house, first)
    again = order(house)
    assert submitted(house, again)["number"] == 2, "the second fill is still there"


def test_only_the_pharmacy_that_sent_it_makes_it_good(house: House) -> None:
    prescribed(house, refills=0)
    first = lost(house)
    policy(house, free=True)
    execute(house, "update pharmacies set active = false where adapter = 'truepill'")
    assert replaced(house, first)["status"] == "awaiting_rx"


def test_what_was_stolen_is_nobodys_loss_but_ours(house: House) -> None:
    prescribed(house, refills=2)
    first = lost(house)
    policy(house, free=True)
    assert replaced(house, first, "delivered_not_received")["uses_fill"]


def test_without_a_prescription_that_can_be_needed_none_is_used(house: House) -> None:
    house.api("shop").post(
        "/products", {"sku": "NC60", "name": "Wash", "kind": "otc", "needs_prescription": False}
    )
    first = lost(house)
    assert replaced(house, first)["prescription"] == "It needs no prescription, so no fill is used."


# ---------------------------------------------------------------- what keeps it here


def test_what_has_not_left_is_canceled_or_waited_for(house: House) -> None:
    pharmacies(house)
    ready = order(house)
    words = refused(house, house.api(), f"{ready['url']}/replace", {"reason": "lost_in_transit"}, "not_sent")
    assert words == "It has not left the pharmacy: cancel it, or wait until it has."
    [act] = [one for one in ready["acts"] if one["act"] == "replacements.issue"]
    assert (act["allowed"], act["why_not"]) == (False, words)


def test_what_was_refunded_is_not_owed(house: House) -> None:
    house.lift_limits()
    first, url = lost(house), ""
    url = f"{first['url']}/replace"
    issue(house, first, "60.00", reason="damaged")
    assert "on its way back" in refused(
        house, house.api(), url, {"reason": "lost_in_transit"}, "already_refunded"
    )
    house.later(WINDOW)
    words = refused(house, house.api(), url, {"reason": "lost_in_transit"}, "already_refunded")
    assert words.startswith("All the money went back already")


def test_a_line_that_was_refunded_is_not_owed(house: House) -> None:
    house.lift_limits()
    first = lost(house)
    line = first["lines"][0]["line"]
    execute(house, "update payments set captured = captured + 1000, amount = amount + 1000")
    house.api().post(f"{first['url']}/refund", {"lines": [{"line": line}], "reason": "damaged"})
    body = {"reason": "lost_in_transit", "lines": [line]}
    refused(house, house.api(), f"{first['url']}/replace", body, "already_refunded", "lines")


def test_the_same_lines_are_not_replaced_twice(house: House) -> None:
    first = lost(house)
    found = replaced(house, first)
    body = {"reason": "damaged", "photos": with_photo(house, first)}
    words = refused(house, house.api(), f"{first['url']}/replace", body, "already_replaced", "lines")
    assert words.startswith("R0001-R1 replaces it already, and is order created.")
    house.later(WINDOW)
    house.later(8 * 3600)
    second = replaced(house, made_of(house, found))
    assert second["reference"] == "R0001-R2" and second["value"]["amount"] == "60.00"


def test_everything_that_keeps_it_here_is_told_at_once_with_what_mends_it(house: House) -> None:
    prescribed(house)
    first = lost(house)
    execute(house, "update provider_licences set expires_on = current_date - 1")
    execute(house, "delete from pharmacy_licences")
    said = house.api().post(f"{first['url']}/replace", {"reason": "lost_in_transit"}, 409)["refused"]
    assert said["code"] == "not_replaceable"
    assert {one["code"] for one in said["blockers"]} == {"prescriber_not_licensed", "pharmacy_not_licensed"}
    assert all(one["says"] in said["message"] and one["fix"]["url"] for one in said["blockers"])
    page = house.page().get(f"{first['url']}/replace?reason=lost_in_transit")
    assert all(one["fix"]["url"] in page for one in said["blockers"])


def test_a_banner_stops_it(house: House) -> None:
    first = lost(house)
    put_up(house, first["url"], kind="do_not_ship")
    refused(house, house.api("support"), f"{first['url']}/replace", {"reason": "lost_in_transit"}, "blocked")


def test_it_is_read_strictly(house: House) -> None:
    first = lost(house)
    api, url = house.api(), f"{first['url']}/replace"
    invalid(house, api, url, {"reason": "because"}, "reason")
    invalid(house, api, url, {}, "reason")
    invalid(house, api, url, {"reason": "other"}, "note")
    invalid(house, api, url, {"reason": "lost_in_transit", "lines": ["lin_1"]}, "lines")
    invalid(house, api, url, {"reason": "damaged", "photos": ["atc_1"]}, "photos")
    invalid(house, api, url, {"reason": "damaged", "photos": "atc_1"}, "photos")
    invalid(house, api, url, {"reason": "lost_in_transit", "ship_to": {"city": "Reno"}}, "ship_to")


def test_it_goes_where_it_is_told(house: House) -> None:
    first = lost(house)
    elsewhere = {"name": "Jo Field", "line1": "9 Oak St", "city": "Austin", "state": "TX", "zip": "73301"}
    seen = house.api().post(f"{first['url']}/replace?preview=1", {"reason": "returned_to_sender"}, 200)[
        "preview"
    ]
    assert seen["warnings"] == [
        "It came back from this address. Ask the customer first, or write another one."
    ]
    found = replaced(house, first, "returned_to_sender", ship_to=elsewhere)
    assert made_of(house, found)["ship_to"]["state"] == "TX"
    assert house.api().get(first["url"])["ship_to"]["state"] == "NV"


def test_another_strength_is_a_clinicians_at_once(house: House) -> None:
    first = lost(house)
    found = replaced(house, first, "wrong_strength", photos=with_photo(house, first))
    assert [case["reason"] for case in cases_of(house, found["url"])] == ["wrong_strength_sent"]


# ---------------------------------------------------------------- photos


def test_a_photo_is_needed_of_what_can_be_seen_and_above_a_value(house: House) -> None:
    first = lost(house)
    api, url = house.api(), f"{first['url']}/replace"
    needed = {code for code, one in replacements.REASONS.items() if one.evidence == "always"}
    assert needed == {
        "damaged",
        "leaked_melted",
        "wrong_item",
        "wrong_strength",
        "expired_product",
        "quality",
    }
    for reason in (*needed, "missing_item"):
        invalid(house, api, url, {"reason": reason}, "photos")
    with nothing_written(house):
        api.post(f"{url}?preview=1", {"reason": "lost_in_transit"}, 200)
    execute(house, "update replacement_policy set photo_over = 6000")
    replaced(house, first, "missing_item")


def test_a_photo_comes_in_the_same_form_without_what_stood_beside_its_pixels(house: House) -> None:
    first = lost(house)
    done = upload(house, first, key="k1")
    again = upload(house, first, key="k1")
    assert done["subject"] == again["subject"]
    found = house.api().get(done["subject"])
    [kept] = found["photos"]
    shown = look(house, kept.rsplit("/", 1)[-1])
    with Image.open(io.BytesIO(shown.data)) as seen:
        assert dict(seen.getexif()) == {}
    assert b"Rash" not in shown.data
    assert len(house.rows("select 1 from attachments")) == 1, "the same file of the same form is there once"


def test_what_is_no_photo_or_too_large_is_not_taken_at_this_door(house: House) -> None:
    first = lost(house)
    with nothing_written(house):
        for content, says in (
            (b"MZ\x90 no photo", "Send a photo"),
            (photo() + b"\0" * (10 * 1024 * 1024), "larger than 10 MB"),
        ):
            errors = upload(house, first, content, status=422)["errors"]
            assert set(errors) == {"photos"} and says in errors["photos"][0]
        upload(house, first, b"\0" * (12 * 1024 * 1024), status=413)
    upload(house, first, PDF, status=422)  # a document shows no damage


def test_a_preview_does_not_lose_the_photo_without_javascript(house: House) -> None:
    first = lost(house)
    sam = house.page()
    sam.get(f"{first['url']}/replace")
    files = {"reason": "damaged", "photos": (io.BytesIO(photo()), "box.jpg")}
    page = sam.submit(f"{first['url']}/replace?preview=1", files)
    [kept] = house.rows("select id from attachments")
    assert f'value="{kept.id}" checked' in page and "Truepill fills order R0001-R1" in page
    sam.submit(f"{first['url']}/replace", {"reason": "damaged", "photos": kept.id})
    assert sam.url.startswith("/replacements/rpl_")
    sam.get(f"{first['url']}/replace")
    files = {"reason": "damaged", "photos": (io.BytesIO(b"no photo"), "box.jpg")}
    page = sam.submit(f"{first['url']}/replace?preview=1", files)
    assert "Send a photo as JPEG" in page


# ---------------------------------------------------------------- who, how often, and twice


def test_the_third_in_a_year_needs_somebody_else(house: House) -> None:
    pharmacies(house)
    for _ in "12":
        replace(house, shipped(house), role="support")
    third = shipped(house)
    url, sam = f"{third['url']}/replace", house.api("support")
    seen = sam.post(f"{url}?preview=1", {"reason": "lost_in_transit"}, 200)["preview"]
    assert "3rd free replacement in twelve months" in seen["approval"]["why"]
    assert seen["approval"]["who"] == "Somebody else who is an ops lead"
    asked = sam.post(url, {"reason": "lost_in_transit"}, 202)["approval"]
    assert house.api().get(third["url"])["linked"]["children"] == []
    lee = house.page("ops_lead")
    lee.get(asked["url"])
    lee.submit(f"{asked['url']}/approve", {"note": "It is a bad address", "hash": asked["hash"]})
    [made] = house.api().get(third["url"])["linked"]["replacements"]
    assert house.api().get(made)["by"] == "token support", "it runs as the one who asked"
    replace(house, shipped(house, customer="cust-2"), role="support")


def test_who_may_not_gets_403(house: House) -> None:
    first = lost(house)
    for role in ("clinician", "finance", "auditor", "admin", "shop"):
        denied(house, role, f"{first['url']}/replace", {"reason": "lost_in_transit"})


def test_the_second_click_changes_nothing(house: House) -> None:
    first = lost(house)
    api = house.api()
    body = {"reason": "lost_in_transit"}
    done = api.post(f"{first['url']}/replace", body, 201, key="k1")
    with nothing_written(house):
        assert api.post(f"{first['url']}/replace", body, 201, key="k1") == done


def test_two_at_once_make_one(house: House) -> None:
    first = lost(house)

    def go(_: int) -> int:
        answer = house.app.test_client(use_cookies=False).post(
            f"{first['url']}/replace", json={"reason": "lost_in_transit"}, headers=house.api().headers
        )
        return answer.status_code

    with ThreadPoolExecutor(4) as many:
        codes = sorted(many.map(go, range(4)))
    assert codes[0] == 201 and set(codes[1:]) == {409}
    house.later(WINDOW)
    assert made_up(house) == ["R0001", "R0001-R1"]


def test_the_pharmacys_no_becomes_a_case(house: House) -> None:
    """What left under another number is not what a pharmacy makes good."""
    prescribed(house)
    first = lost(house)
    policy(house, free=True)
    execute(house, "update fills set external_id = 'TP-7'")
    found = replaced(house, first)
    house.later(WINDOW)
    made = made_of(house, found)
    [fill] = made["fills"]
    assert only_case(house, fill)["reason"] == "vendor_rejected" and made_up(house) == ["R0001"]
    assert made["status"] == "manual_intervention"
    assert house.api().get(found["url"])["status"] == "order_created"
