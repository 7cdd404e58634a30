"""Strings that are nowhere else, put into every field that may tell of somebody's health: where do they turn up?"""

from __future__ import annotations

import io
import json
import logging
import re

import pytest
import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer

from opsconsole.clock import Dispatcher
from opsconsole.models import Record
from opsconsole.services import search, sight
from opsconsole.services.phi import PURPOSES

from ..house import House
from ..inbox.scenes import tell
from ..scenes import WINDOW, issue
from ..webhooks.stripe_deliveries import an_event

SEES_NOTHING = ("support", "ops_lead", "finance", "admin", "shop")


def canaries(what: str, count: int) -> list[str]:
    return [f"canary{what}{number:03}x" for number in range(count)]


DRUGS, NOTES, EDITS, BODIES = (canaries(what, 40) for what in ("drug", "note", "edit", "body"))
SAMPLES, WORDS = (
    canaries("sample", 3),
    canaries("glass", 2),
)  # of deliveries refused; of an emergency and its review
BANNERS = canaries("banner", 10)  # stand on pages for all who read banners, as docs/health-data.md says
BORN = [f"1931-03-{day:02}" for day in range(1, 26)]
ALL = (*DRUGS, *NOTES, *EDITS, *BODIES, *SAMPLES, *WORDS, *BANNERS, *BORN)


def hidden_from(role: str) -> list[str]:
    """What this role may find on no page: reviewers read why the glass was broken, all staff what banners say."""
    reviews, reads_banners = role in ("ops_lead", "admin"), role != "shop"
    return [one for one in ALL if not (one in WORDS and reviews) and not (one in BANNERS and reads_banners)]


def planted(house: House) -> list[str]:
    """The URLs of an order with forty drugs and forty notes, of its notes, its customer, a vendor's events, a banner, an
    emergency access, and of lists of them."""
    api = house.api()
    lines = [
        {"sku": f"S{n}", "name": drug, "quantity": 1, "unit_price": "1.00"} for n, drug in enumerate(DRUGS)
    ]
    for number, born in enumerate(BORN):
        api.post(
            "/customers",
            {"reference": f"c{number}", "name": "Jo", "email": "jo@example.test", "birth_date": born},
        )
    told = {"reference": "R-1", "customer": "c0", "currency": "usd", "lines": lines, "total": "40.00"}
    order = api.post("/orders", {**told, "payment": house.pay(4000)})["subject"]
    house.drain()
    for text, edit in zip(NOTES, EDITS, strict=True):
        note = api.post(f"{order}/note", {"text": text, "phi": True})["subject"]
        api.post(f"{note}/edit", {"text": edit, "phi": True})
    tell(
        house,
        *(an_event("charge.updated", {"id": "ch_1", "object": "charge", "description": b}) for b in BODIES),
    )
    for sample in SAMPLES:
        house.app.test_client().post("/webhooks/stripe", data=f'{{"forged": "{sample}"}}'.encode())
    for raised, lowered in zip(BANNERS[::2], BANNERS[1::2], strict=True):
        banner = api.post(f"{order}/banner", {"kind": "do_not_ship", "reason": raised})["subject"]
        api.post(f"{banner}/lower", {"reason": lowered})
    done = issue(house, api.get(order), "5.00")
    api.post(f"/phi/{api.get(order)['lines'][0]['line']}/name/reveal", {"purpose": next(iter(PURPOSES))})
    customer = api.get(order)["customer"]
    glass = emergency(house, customer)
    house.later(WINDOW)
    events = [one["url"] for one in api.get("/inbox")["items"][:5]]
    return [order, f"{order}/timeline", f"{order}/refund", customer, f"{customer}/correct", done["subject"], note, banner,
            glass, f"{customer}/views", *events, "/orders", "/customers", "/notes", "/inbox", "/refunds", "/cases", "/",
            "/promises", "/audit", "/banners", "/break-glass", "/search?q=canary", f"/search?q={BORN[0]}"]  # fmt: skip


def emergency(house: House, customer: str) -> str:
    """Somebody broke the glass, closed it, and somebody else reviewed it. Returns its URL."""
    root, lee = house.page("admin"), house.page("ops_lead")
    root.get(f"{customer}/break_glass")
    root.submit(f"{customer}/break_glass", {"reason": f"{WORDS[0]} fell and is in hospital"})
    url = str(house.api().get("/break-glass")["items"][0]["url"])
    root.get("/")
    root.submit(f"{url}/close_glass", {})
    lee.get(f"{url}/review")
    lee.submit(f"{url}/review", {"verdict": "justified", "note": WORDS[1]})
    return url


def queued(house: House, valkey_url: str) -> str:
    """Everything that Redis holds once what is due was announced, unpacked."""
    connection = redis.Redis.from_url(valkey_url)
    queue = Queue("canaries", connection=connection, serializer=JSONSerializer)
    with house.app.app_context():
        assert Dispatcher(queue).announce() > 0
    held = [repr((job.func_name, job.args, job.kwargs, job.description, job.meta)) for job in queue.jobs]
    held += [repr((key, connection.dump(key))) for key in connection.scan_iter()]
    connection.flushdb()
    connection.close()
    return " ".join(held)


def addresses(page: str) -> str:
    """What a page says where it would be kept: its title, where it leads, what its attributes hold for scripts."""
    title = page.partition("<title>")[2].partition("</title>")[0]
    return " ".join([title, *re.findall(r'(?:href|src|action|hx-\w+|data-\w+)="([^"]*)"', page)])


def test_two_hundred_canaries_turn_up_nowhere(house: House, said: io.StringIO, valkey_url: str) -> None:
    assert len({*ALL}) == 200
    urls = planted(house)
    for role in SEES_NOTHING:
        api, page = house.api(role), house.page(role) if role != "shop" else None
        hidden = hidden_from(role)
        for url in urls:
            told = api.client.get(url, headers=api.headers).get_data(as_text=True)
            shown = (
                page.client.get(url, headers={"Accept": "text/html"}).get_data(as_text=True) if page else ""
            )
            asked = url.partition("q=")[2]
            found = (
                f"{told} {shown}".replace(f"q={asked}", "")
                .replace(f'"{asked}"', "")
                .replace(f"“{asked}”", "")
            )
            assert not [one for one in hidden if one in found], (role, url)
    ada = house.page("clinician")
    seen = [ada.client.get(url, headers={"Accept": "text/html"}).text for url in urls if "/search" not in url]
    assert any(one in page for page in seen for one in DRUGS) and any(BORN[0] in page for page in seen)
    house.api().post(f"{urls[3]}/message", {"template": "call_us"})
    house.advance(WINDOW)
    stored = house.rows(
        "select string_agg(t, ' ') from (select a::text from audit_entries a union all select p::text from promises p "
        "union all select t::text from attempts t union all select c::text from cases c "
        "union all select k::text from answers_kept k union all select v::text from phi_views v "
        "union all select r::text from reveals r union all select g::text from broken_glass g "
        "union all select c::text from customers c union all select d::text from rejected_deliveries d "
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
        ("Redis", queued(house, valkey_url)),
        ("titles and addresses", " ".join(map(addresses, seen))),
    ):
        assert not [one for one in ALL if one in text], where


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
    """In search, where somebody's health is shown, and where it is written: each fault quotes what it was about."""
    order = house.order("60.00")
    words = iter(f"canaryerror{number:03}x" for number in range(1000))

    def breaks(*asked: object, **more: object) -> None:
        told = [vars(one) if isinstance(one, Record) else one for one in asked]
        raise ValueError(f"{next(words)} in {told} {more}") from KeyError(next(words))

    monkeypatch.setattr(search, "find", breaks)
    monkeypatch.setattr(sight, "shown", breaks)
    monkeypatch.setattr(Record, "add", breaks)
    house.app.config["PROPAGATE_EXCEPTIONS"] = False
    api = house.api()
    for number in range(100):
        for answer in (
            api.client.get(f"/search?q=canaryasked{number:03}x", headers=api.headers),
            api.client.get(order["url"], headers=api.headers),
            api.client.post(
                f"{order['url']}/note",
                headers=api.headers,
                json={"text": f"canarytyped{number:03}x", "phi": True},
            ),
        ):
            body = answer.get_data(as_text=True)
            assert answer.status_code == 500 and "canary" not in body and "Night cream" not in body
    lines = [json.loads(line) for line in said.getvalue().splitlines() if line.startswith("{")]
    assert len(lines) == 300 and all("frames" in line["exception"][0] for line in lines)
    assert {line["exception"][0]["exc_type"] for line in lines} == {"ValueError"}
    assert "canary" not in said.getvalue() and "Night cream" not in said.getvalue()


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
