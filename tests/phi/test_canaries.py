"""Strings that are nowhere else, put into every field that may tell of somebody's health: where do they turn up?"""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from opsconsole.services import search
from opsconsole.services.phi import PURPOSES

from ..house import House
from ..inbox.scenes import tell
from ..scenes import WINDOW, issue
from ..webhooks.stripe_deliveries import an_event

COUNT = 50  # of each of four fields
SEES_NOTHING = ("support", "ops_lead", "finance", "admin", "shop")


def canaries(what: str) -> list[str]:
    return [f"canary{what}{number:03}x" for number in range(COUNT)]


DRUGS, NOTES, EDITS, BODIES = (canaries(what) for what in ("drug", "note", "edit", "body"))
ALL = (*DRUGS, *NOTES, *EDITS, *BODIES)


def planted(house: House) -> list[str]:
    """The URLs of an order with fifty drugs and fifty notes, of its notes, its customer and a vendor's events."""
    api = house.api()
    lines = [
        {"sku": f"S{n}", "name": drug, "quantity": 1, "unit_price": "1.00"} for n, drug in enumerate(DRUGS)
    ]
    api.post("/customers", {"reference": "c", "name": "Jo", "email": "jo@example.test"})
    told = {"reference": "R-1", "customer": "c", "currency": "usd", "lines": lines, "total": "50.00"}
    order = api.post("/orders", {**told, "payment": house.pay(5000)})["subject"]
    house.drain()
    for text, edit in zip(NOTES, EDITS, strict=True):
        note = api.post(f"{order}/note", {"text": text, "phi": True})["subject"]
        api.post(f"{note}/edit", {"text": edit, "phi": True})
    tell(
        house,
        *(an_event("charge.updated", {"id": "ch_1", "object": "charge", "description": b}) for b in BODIES),
    )
    done = issue(house, api.get(order), "5.00")
    api.post(f"/phi/{api.get(order)['lines'][0]['line']}/name/reveal", {"purpose": next(iter(PURPOSES))})
    house.later(WINDOW)
    customer = api.get(order)["customer"]
    events = [one["url"] for one in api.get("/inbox")["items"][:5]]
    return [order, f"{order}/timeline", f"{order}/refund", customer, done["subject"], note, *events,
            "/orders", "/notes", "/inbox", "/refunds", "/cases", "/", "/promises", "/audit", "/search?q=canary"]  # fmt: skip


def test_two_hundred_canaries_turn_up_nowhere(house: House, said: io.StringIO) -> None:
    urls = planted(house)
    for role in SEES_NOTHING:
        api, page = house.api(role), house.page(role) if role != "shop" else None
        for url in urls:
            told = api.client.get(url, headers=api.headers).get_data(as_text=True)
            shown = (
                page.client.get(url, headers={"Accept": "text/html"}).get_data(as_text=True) if page else ""
            )
            told, shown = (
                text.replace("/search?q=canary", "").replace('"canary"', "") for text in (told, shown)
            )
            assert not [one for one in ALL if one in told or one in shown], (role, url)
    stored = house.rows(
        "select string_agg(t, ' ') from (select a::text from audit_entries a union all select p::text from promises p "
        "union all select t::text from attempts t union all select c::text from cases c "
        "union all select k::text from answers_kept k union all select v::text from phi_views v "
        "union all select encode(text, 'escape') from notes union all select encode(text, 'escape') from note_versions "
        "union all select encode(body, 'escape') from inbox_events) as every(t)"
    )[0][0]
    asked = json.dumps(list(house.sandbox.calls), default=str) + json.dumps(
        house.sandbox.ledger("refund"), default=str
    )
    for where, text in (
        ("the database", stored),
        ("what vendors were asked", asked),
        ("logs", said.getvalue()),
    ):
        assert not [one for one in ALL if one in text], where
    assert "canary" not in house.page("clinician").get(urls[0]).split("</title>")[0]


def test_the_audit_tells_that_it_changed_and_by_a_digest_whether_it_differs(house: House) -> None:
    order = house.order("60.00")
    [entry] = house.rows("select inputs, changes from audit_entries where act = 'orders.record'")
    assert "lines" not in entry.inputs and "Night cream" not in json.dumps([entry.inputs, entry.changes])
    [name] = [one["to"] for one in entry.changes if one["field"] == "name"]
    assert name.startswith("hidden, ") and len(name) == len("hidden, ") + 24
    again = house.order("60.00", customer="cust-2")
    assert order["id"] != again["id"]
    entries = house.rows("select changes from audit_entries where act = 'orders.record'")
    assert {one["to"] for row in entries for one in row.changes if one["field"] == "name"} == {name}


def test_three_hundred_errors_tell_their_kind_and_place_and_never_their_words(
    house: House, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = iter(f"canaryerror{number:03}x" for number in range(1000))

    def breaks(*asked: object, **more: object) -> None:
        raise ValueError(f"{next(words)} in {asked} {more}") from KeyError(next(words))

    monkeypatch.setattr(search, "find", breaks)
    house.app.config["PROPAGATE_EXCEPTIONS"] = False
    api = house.api()
    for number in range(300):
        answer = api.client.get(f"/search?q=canaryasked{number:03}x", headers=api.headers)
        assert answer.status_code == 500 and "canary" not in answer.get_data(as_text=True)
    lines = [json.loads(line) for line in said.getvalue().splitlines() if line.startswith("{")]
    assert len(lines) == 300 and all("frames" in line["exception"][0] for line in lines)
    assert {line["exception"][0]["exc_type"] for line in lines} == {"ValueError"}
    assert "canary" not in said.getvalue()


def test_what_libraries_log_and_what_bears_a_private_name_is_hidden_too(said: io.StringIO) -> None:
    try:
        raise RuntimeError("canarylibrary")
    except RuntimeError:
        logging.getLogger("rq.worker").exception("A job failed")
    structlog.get_logger().warning(
        "oops", email="canary@example.test", text="canarytext", sample=b"canary", order="ord_1"
    )
    assert "canary" not in said.getvalue() and "A job failed" in said.getvalue()
    assert "RuntimeError" in said.getvalue() and "ord_1" in said.getvalue()
