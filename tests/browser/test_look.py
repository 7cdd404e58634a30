"""How the console looks and is worked with: every page, in both themes, at a desk, on a phone, on paper, by keys alone."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.error import HTTPError

import pytest
import stripe
from playwright.sync_api import Browser, Page, Request, Response, expect

from opsconsole import create_app
from opsconsole.models import REGISTRY
from opsconsole.services.staff import ROLES

from ..conftest import settings_for
from .bench import Bench
from .conftest import Console, Watched
from .test_sam import refundable

# Answers that are no pages: for programs, or a part of a page; and those that send who is
# signed in on to another one.
NO_PAGES = {
    "static", "why.show", "openapi.describe", "watch.healthz", "watch.readyz", "watch.metrics", "sessions.sign_in",
    "sessions.second", "sessions.oidc", "sessions.oidc_back",
}  # fmt: skip
# Whose pages are looked at, in this order: each page once, as the first of them who may read it.
PEOPLE = {
    "ops_lead": "lee@example.test",
    "clinician": "ada@example.test",
    "auditor": "mo@example.test",
    "admin": "root@example.test",
}
PARTS = 4  # into which the pages of the first of them are dealt
SHELL = (".side", ".top", "dialog")
ROW = "main tbody tr"
AS_IT_STANDS = """() => [
    document.documentElement.scrollWidth > innerWidth, document.documentElement.outerHTML
]"""


class Desk(Watched):
    """A page on a phone that also hears of requests that fail, and of pages that do not answer 200."""

    def __init__(self, browser: Browser, console: Console, bench: Bench, email: str) -> None:
        self.context = browser.new_context(viewport={"width": 390, "height": 844})
        super().__init__(self.context, console)
        self.bench = bench
        self.page.on("response", self._answered)
        self.page.on("requestfailed", self._failed)
        self.sign_in(email)

    def _failed(self, asked: Request) -> None:
        if asked.failure != "net::ERR_ABORTED":  # a page that was left takes its own requests along
            self.complaints.append(f"{asked.url}: {asked.failure}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400:
            self.complaints.append(f"{answer.status} {answer.url}")

    def faults(self, path: str, *, but: Sequence[str]) -> Iterator[str]:
        """What is wrong with a page: by its size, by its width on a phone, and as wide as a desk by axe in both themes."""
        self.complaints.clear()
        answer = self.page.goto(f"{self.console.url}{path}")
        assert answer
        refuses = r"\b(403|409|422)\b" if answer.status in (403, 409, 422) and "/" in path[1:] else r"$^"
        yield from (f"{path}: {said}" for said in self.complaints if not re.search(refuses, said))
        is_list = re.fullmatch(r"/[a-z]+", path) and path not in ("/styleguide", "/glossary", "/roles")
        if is_list and (size := len(answer.body())) >= 40_000:
            yield f"{path}: {size} bytes"
        too_wide, html = self.page.evaluate(AS_IT_STANDS)
        if too_wide:
            yield f"{path}: too wide for a phone"
        yield from (f"{path} {fault}" for fault in self.bench.faults(html, but=but))


@pytest.fixture(scope="module")
def bench(chromium: Browser, console: Console) -> Iterator[Bench]:
    made = Bench(chromium, console)
    yield made
    made.context.close()


@pytest.fixture(scope="module")
def scene(chromium: Browser, console: Console) -> dict[str, str]:
    """One of each thing, by the name that URLs give its id. A refund has been sent, so Stripe's events are there."""
    now = time.time_ns()
    order = console.ask(refundable(console, 6))
    url = f"{order['url']}/refund"
    console.ask(url, {"amount": "1.00", "reason": "goodwill"}, key=f"{now} sent")
    console.ask(f"{order['customer']}/message", {"template": "call_us"}, key=f"{now} message")
    console.world("/clock/advance", {"seconds": 61})
    deadline = time.monotonic() + 120
    while not (sweeps := console.ask("/audit?act=inbox.sweep_nightly")["items"]):
        assert time.monotonic() < deadline, "the clock never looked for missed events"
        time.sleep(0.2)
    shipped = console.ask("/fills?status=shipped")["items"]
    theirs = next(one for one in reversed(shipped) if (one["external_id"] or "").startswith("TP-"))
    console.world(f"/truepill/orders/{theirs['external_id']}/forget", {})
    compared = console.ask("/reconciliation/run", {"fix": False}, key=f"{now} compared")
    while not (found := console.ask("/reconciliation/findings")["items"]):
        assert time.monotonic() < deadline, "comparing found nothing in the demo"
        time.sleep(0.2)
    while not (tied := console.ask("/tie-outs")["items"]):
        assert time.monotonic() < deadline, "no day of the demo was tied out"
        time.sleep(0.2)
    pulled = console.ask("/audit?act=payouts.pull")["items"]
    looked = console.ask("/harm/sweep", {}, key=f"{now} looked")
    while not (announced := console.ask("/notices")["items"]):
        assert time.monotonic() < deadline, "nothing is announced in the demo"
        time.sleep(0.2)
    planned = console.ask(url, {"amount": "1.50", "reason": "goodwill"}, key=f"{now} planned")
    corrected = console.ask(
        f"{order['customer']}/correct",
        {"phone": f"+1 555-01{time.time_ns() % 100:02}"},
        key=f"{now} corrected",
    )
    return {
        "order_id": order["id"],
        "customer_id": order["customer"].rsplit("/", 1)[-1],
        "payment_id": order["payments"][0].rsplit("/", 1)[-1],
        "invoice_id": drafted(console, order["customer"]),
        "credit_note_id": noted(console, order["customer"]),
        "balance_move_id": granted(console, order["customer"]),
        "dunning_id": unpaid(console, order["customer"]),
        "stuck_id": console.ask("/stuck")["items"][0]["id"],
        "harm_sweep_id": looked["subject"].rsplit("/", 1)[-1],
        "incident_id": declared(console),
        "hold_rules_id": console.ask("/hold-rules")["items"][0]["id"],
        "flag_rules_id": console.ask("/flag-rules")["items"][0]["id"],
        "questionnaire_id": console.ask("/questionnaires")["items"][0]["id"],
        "flag_id": console.ask("/review-flags")["items"][0]["id"],
        "lifecycle_id": console.ask("/lifecycle")["items"][0]["id"],
        "notice_id": announced[0]["id"],
        "refund_id": planned["subject"].rsplit("/", 1)[-1],
        "message_id": console.ask("/messages")["items"][0]["id"],
        **subscribed(console),
        "case_id": next(
            one["id"] for one in console.ask("/cases?status=open")["items"] if "." not in one["reason"]
        ),
        "fix_id": console.ask(
            "/cases/prepare_fix",
            {
                "fix": "retry",
                "cases": [
                    next(
                        one["id"]
                        for one in console.ask("/cases?status=open")["items"]
                        if "." not in one["reason"]
                    )
                ],
                "reason": "Again",
            },
            key=f"{now} fix",
        )["subject"].rsplit("/", 1)[-1],
        "product_id": console.ask("/products")["items"][0]["id"],
        "banner_id": console.ask("/banners")["items"][0]["id"],
        "note_id": console.ask("/notes")["items"][0]["id"],
        "correction_id": corrected["subject"].rsplit("/", 1)[-1],
        "collection_id": console.ask(done_for(console, "delivered", "reorder", {}))["collections"][0].rsplit(
            "/", 1
        )[-1],
        "plan_id": done_for(
            console,
            "ready",
            "plan",
            {"cancel": "mistake", "refund": {"all": True, "reason": "billing_error"}},
        ).rsplit("/", 1)[-1],
        "replacement_id": done_for(console, "shipped", "replace", {"reason": "lost_in_transit"}).rsplit(
            "/", 1
        )[-1],
        **charged(console),
        "approval_id": asked_for(chromium, console),
        "system": "stripe",
        "sweep_id": sweeps[0]["subject"].rsplit("/", 1)[-1],
        "event_id": console.ask("/inbox")["items"][0]["id"],
        "promise_id": console.ask("/promises")["items"][0]["id"],
        "expectation_id": console.ask("/expectations")["items"][0]["id"],
        "trace_id": planned["trace"],
        "entry_id": console.ask("/audit")["items"][0]["id"],
        "staff_id": console.ask("/staff")["items"][0]["id"],
        "role_id": console.ask("/roles")["items"][0]["id"],
        "limit_id": console.ask("/limits")["items"][0]["id"],
        "token_id": console.ask("/tokens")["items"][0]["id"],
        "line_id": order["lines"][0]["line"],
        "fill_id": console.ask("/fills")["items"][0]["id"],
        "pharmacy_id": console.ask("/pharmacies")["items"][0]["id"],
        "prescription_id": console.ask("/prescriptions")["items"][0]["id"],
        "visit_id": console.ask("/visits")["items"][0]["id"],
        **told_of_by_the_clinic(console),
        "provider_id": console.ask("/providers")["items"][0]["id"],
        "rule_id": console.ask("/state-rules")["items"][0]["id"],
        **timed(console),
        "run_id": compared["subject"].rsplit("/", 1)[-1],
        "drift_id": found[0]["id"],
        "shipment_id": console.ask("/shipments")["items"][0]["id"],
        "payout_id": console.ask("/payouts")["items"][0]["id"],
        "tie_out_id": tied[0]["id"],
        "pull_id": pulled[0]["subject"].rsplit("/", 1)[-1],
    }


def declared(console: Console) -> str:
    """An incident that somebody declared, and ended at once: nothing of what others do waits for it."""
    now, said = time.time_ns(), {"port": "tracking", "words": "They said: maintenance."}
    url = console.ask("/incidents/declare", said, key=f"{now} declared")["subject"]
    console.ask(f"{url}/end", {"reason": "They are back"}, key=f"{now} ended")
    return str(url.rsplit("/", 1)[-1])


def timed(console: Console) -> dict[str, str]:
    """A limit that people set, for any code that there is, and hours to count in."""
    now = time.time_ns()
    week = {
        "name": f"desk-{now}",
        "zone": "UTC",
        "hours": {"monday": "9:00-17:00"},
        "holidays": "none",
        "reason": "To see",
    }
    hours = console.ask("/work-calendars/set_calendar", week, key=f"{now} hours")
    code = console.ask("/service-levels")["items"][0]["code"]
    limit = {"code": code, "warn_after": "61 min", "late_after": f"{now % 9000 + 70} min", "why": "To see"}
    made = console.ask("/service-levels/set_limit", limit, key=f"{now} limit")
    return {
        "work_calendar_id": hours["subject"].rsplit("/", 1)[-1],
        "service_level_id": made["subject"].rsplit("/", 1)[-1],
    }


def told_of_by_the_clinic(console: Console) -> dict[str, str]:
    """What the clinic tells of: a prescription of a product that nobody knows, with its fill and what its pharmacy was
    asked, and one of a patient whom nobody knows."""
    now, known = time.time_ns(), console.ask("/customers")["items"]
    patient = next(
        one["external_ids"]["healthcare"] for one in known if one["external_ids"].get("healthcare")
    )
    stranger, ours = f"nobody-{now}", f"rx-{now}"
    console.world("/fhir/load", {"resourceType": "Patient", "id": stranger})
    for whose in (patient, stranger):
        rx = {
            "resourceType": "MedicationRequest", "id": ours if whose == patient else f"{ours}-n", "status": "draft",
            "intent": "order",
            "medicationCodeableConcept": {"coding": [{"system": "urn:opsconsole:compound", "code": f"new-{now}"}]},
            "subject": {"reference": f"Patient/{whose}"}, "dosageInstruction": [{"text": "At night"}],
            "dispenseRequest": {"numberOfRepeatsAllowed": 2},
        }  # fmt: skip
        console.world("/fhir/load", rx)
        console.world("/fhir/sign", {"prescription": rx["id"]})
    console.world("/fhir/dispense", {"prescription": ours})
    console.world("/clock/advance", {"seconds": 60})
    deadline = time.monotonic() + 60
    while True:
        asked = console.ask("/prescription-requests")["items"]
        of = console.ask(f"/prescriptions?external_id={ours}")["items"]
        whole = console.ask(of[0]["url"]) if of else {"dispenses": []}
        waits = [
            one for one in console.ask("/cases?reason=patient_unknown")["items"] if stranger in one["says"]
        ]
        unmapped = console.ask(f"/unmapped-keys?key=new-{now}")["items"]
        if asked and whole["dispenses"] and waits and unmapped:
            break
        assert time.monotonic() < deadline, (asked, whole["dispenses"], waits, unmapped)
        time.sleep(0.2)
    return {
        "request_id": asked[0]["id"],
        "dispense_id": whole["dispenses"][0]["id"],
        "unknown_patient_id": waits[0]["subject"].rsplit("/", 1)[-1],
        "unmapped_key_id": unmapped[0]["id"],
    }


def charged(console: Console) -> dict[str, str]:
    """An increment that waits, and a sum that Stripe was asked about."""
    known = console.ask("/customers")["items"]
    now, customer = time.time_ns(), next(one["url"] for one in known if one["external_ids"].get("stripe"))
    cold = {"amount": "5.00", "description": "Cold packaging", "source": "shop"}
    console.ask(f"{customer}/charge", cold | {"reference": f"{now}"}, key=f"{now} charge")
    console.ask(f"{customer}/sync", {}, key=f"{now} sync")
    later = console.ask(f"{customer}/charge", cold | {"reference": f"{now} b"}, key=f"{now} later")
    batch = (
        console.ask(f"/adjustments?customer={customer}&status=batched")["items"]
        or console.ask(f"/adjustments?customer={customer}&status=applied")["items"]
    )
    return {
        "adjustment_id": later["subject"].rsplit("/", 1)[-1],
        "batch_id": batch[0]["batch"].rsplit("/", 1)[-1],
    }


def subscribed(console: Console) -> dict[str, str]:
    """A subscription that charges by itself, with something that is planned for it."""
    live = console.ask("/subscriptions?effective=active")["items"]
    one = next(
        one
        for one in live
        if any(act["act"] == "subscriptions.skip" and act["allowed"] for act in one["acts"])
    )
    made = console.ask(f"{one['url']}/skip", {"reason": "travel"}, key=f"{time.time_ns()} skip")
    return {"subscription_id": one["id"], "change_id": made["subject"].rsplit("/", 1)[-1]}


def at_stripe(console: Console) -> Any:
    """The sandbox's Stripe, as somebody at its dashboard uses it."""
    secrets = json.loads((console.home / "secrets.json").read_text())
    addresses = {"api": console.sandbox}
    return stripe.StripeClient(secrets["STRIPE_API_KEY"], base_addresses=addresses).v1  # type: ignore[arg-type]


def unpaid(console: Console, customer: str) -> str:
    """What is done about an invoice whose card was declined, once the console has heard of it."""
    invoice = console.ask(f"/invoices/{drafted(console, customer)}")["external_id"]
    api, known_as = at_stripe(console), console.ask(customer)["external_ids"]["stripe"]
    card = api.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": known_as})
    api.invoices.finalize_invoice(invoice)
    with suppress(stripe.CardError):
        api.invoices.pay(invoice, {"payment_method": card.id})
    deadline = time.monotonic() + 60
    while not (found := console.ask("/dunnings")["items"]):
        assert time.monotonic() < deadline, "the console never heard that it was not paid"
        time.sleep(0.2)
    return str(found[0]["id"])


def noted(console: Console, customer: str) -> str:
    """A credit note of an invoice that was paid, once the console has heard of it."""
    invoice, api = console.ask(f"/invoices/{drafted(console, customer)}"), at_stripe(console)
    api.invoices.finalize_invoice(invoice["external_id"])
    api.invoices.pay(invoice["external_id"], {"paid_out_of_band": True})
    given = {"invoice": invoice["external_id"], "amount": 500, "out_of_band_amount": 500}
    api.credit_notes.create(given)
    deadline = time.monotonic() + 20
    while not (found := console.ask(invoice["url"])["credit_notes"]):
        assert time.monotonic() < deadline, "the console never heard of the credit note"
        time.sleep(0.2)
    return str(found[0]).rsplit("/", 1)[-1]


def granted(console: Console, customer: str) -> str:
    """Credit that is granted and not at Stripe yet."""
    asked = {"amount": "3.00", "reason": "goodwill"}
    console.ask(f"{customer}/grant", asked, key=f"{time.time_ns()} grant")
    return str(console.ask(f"{customer}/balance")["entries"][0]["id"])


def drafted(console: Console, customer: str) -> str:
    """A draft that Stripe does not send by itself, once the console has heard of it."""
    api = at_stripe(console)
    known_as = console.ask(customer)["external_ids"]["stripe"]
    made = api.invoices.create({"customer": known_as, "currency": "usd", "auto_advance": False})
    line = {
        "customer": known_as,
        "invoice": made.id,
        "amount": 1200,
        "currency": "usd",
        "description": "Shipping",
    }
    api.invoice_items.create(line)  # type: ignore[arg-type]
    deadline = time.monotonic() + 60
    while not (found := console.ask(f"/invoices?external_id={made.id}")["items"]) or not found[0]["lines"]:
        assert time.monotonic() < deadline, "the console never heard of the invoice"
        time.sleep(0.2)
    return str(found[0]["id"])


def done_for(console: Console, status: str, act: str, asked: dict[str, Any]) -> str:
    """The subject of an act, done for the first order of that status for which it can be."""
    for one in console.ask(f"/orders?status={status}")["items"]:
        with suppress(HTTPError):
            return str(console.ask(f"{one['url']}/{act}", asked, key=f"{time.time_ns()} {act}")["subject"])
    raise AssertionError(f"no {status} order for {act}")


def asked_for(chromium: Browser, console: Console) -> str:
    """A refund that is more than Sam may give alone: it waits for a second person."""
    orders = console.ask("/orders?status=delivered")["items"]
    dear = next(one for one in orders if float(one["refundable"]["amount"]) > 101)
    context = chromium.new_context()
    page = Watched(context, console).sign_in("sam@example.test")
    page.goto(f"{console.url}{dear['url']}/refund")
    page.get_by_label("Another amount").fill("101.00")
    page.get_by_label("Reason").select_option("goodwill")
    page.locator("#preview").get_by_role("button", name=re.compile(r"\$101|approv", re.I)).click()
    page.wait_for_url(re.compile("/approvals/apr_"))
    asked = page.url.rsplit("/", 1)[-1]
    context.close()
    return asked


def pages(role: str, scene: dict[str, str]) -> list[str]:
    """Every page of the console that this role may read, from the routes themselves."""
    app = create_app(settings_for("postgresql+psycopg://nobody@localhost/none"))
    grants = ROLES[role][1] | {"public", "own"}
    ids = {value.partition("_")[0]: value for value in scene.values()}
    nouns = {noun.PLURAL: ids.get(prefix) for prefix, noun in REGISTRY.items()} | {
        "phi": scene["line_id"],
        "reconciliation": scene["drift_id"],
    }

    def filled(rule: str) -> str:
        own = {"field": "name", **scene, "record_id": nouns.get(rule.split("/")[1]) or ""}
        return re.sub(r"<(\w+)>", lambda name: own[name[1]], rule)

    return [
        filled(rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.arguments <= {*scene, "field", "record_id"}  # of the rest there is none in the demo
        and rule.methods and "GET" in rule.methods and rule.endpoint not in NO_PAGES
        and app.view_functions[rule.endpoint].permission in grants  # type: ignore[attr-defined]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "part"), [*(("ops_lead", part) for part in range(PARTS)), *((role, 0) for role in [*PEOPLE][1:])]
)
def test_every_page_is_accessible_silent_and_fits(
    chromium: Browser, console: Console, bench: Bench, scene: dict[str, str], role: str, part: int
) -> None:
    before = [*PEOPLE][: [*PEOPLE].index(role)]
    seen = {path for earlier in before for path in pages(earlier, scene)}
    asked = ["/", *(path for path in pages(role, scene) if path not in seen and path != "/")]
    if not before:
        assert len(asked) > 60
        asked = [*asked, "/search?q=example", "/why?act=refunds.issue"][part::PARTS]
    desk = Desk(chromium, console, bench, PEOPLE[role])
    faults = [fault for path in asked for fault in desk.faults(path, but=SHELL if path != "/" else ())]
    desk.context.close()
    assert not faults, "\n".join(faults)


def test_who_is_not_signed_in_sees_accessible_pages(watched: Watched) -> None:
    for path in ("/sign-in", "/no-such-page"):
        watched.open(path)
        watched.accessible()
    watched.complaints.clear()  # browsers note every answer that is not 200


def test_every_refusal_says_what_happened_what_is_safe_and_where_to_go(watched: Watched) -> None:
    page = watched.sign_in("mo@example.test")
    for path, status in (
        ("/no-such-page", 404),
        ("/orders/ord_none", 404),
        ("/inbox/sweep", 403),
        ("/sign-out", 405),
    ):
        answer = page.goto(f"{watched.console.url}{path}")
        assert answer and answer.status == status
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".trouble-page")).to_contain_text(re.compile("nothing was lost|another address"))
        expect(page.locator(".trouble-next a").first).to_be_visible()
        watched.accessible()
    watched.complaints.clear()  # browsers note every answer that is not 200


def seen(page: Page) -> int:
    """Rows that are wholly in sight."""
    in_sight = "rows => rows.filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"
    return int(page.locator(ROW).evaluate_all(in_sight))


def test_nineteen_orders_fit_and_their_columns_stay_named(watched: Watched) -> None:
    page = watched.sign_in("lee@example.test")
    watched.open("/orders")
    assert seen(page) >= 19
    page.mouse.wheel(0, 600)
    page.wait_for_timeout(300)
    head = page.locator("thead th").first.bounding_box()
    assert head and head["y"] >= 39


def test_keys_do_what_the_help_says(watched: Watched) -> None:
    page = watched.sign_in("lee@example.test")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    watched.accessible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    for link in page.locator(".side a[data-go]").all():
        key, to = link.get_attribute("data-go"), link.get_attribute("href")
        page.keyboard.press("g")
        page.keyboard.press(str(key))
        page.wait_for_url(f"{watched.console.url}{to}")


def test_rows_are_walked_and_opened_by_keys(watched: Watched) -> None:
    page = watched.sign_in("lee@example.test")
    watched.open("/orders")
    links = page.locator(f"{ROW} .row-link")
    for key, row in (("j", 0), ("ArrowDown", 1), ("j", 2), ("k", 1), ("ArrowUp", 0)):
        page.keyboard.press(key)
        expect(links.nth(row)).to_be_focused()
    assert links.first.evaluate("el => getComputedStyle(el).outlineStyle") != "none"
    page.keyboard.press("Escape")
    expect(links.first).not_to_be_focused()
    page.keyboard.press("j")
    to = links.first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{watched.console.url}{to}")
    watched.open("/styleguide")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".themes tbody .pick input").first).to_be_checked()
    expect(page.locator("[data-picked]").first).to_have_text("1 selected")
    page.keyboard.press("x")
    expect(page.locator("[data-picked]").first).not_to_be_visible()


def test_a_status_explains_itself_to_keys_and_without_a_script(
    watched: Watched, plain: Watched, console: Console
) -> None:
    page = watched.sign_in("lee@example.test")
    [still_open, *_] = console.ask("/cases?status=open")["items"]
    watched.open(still_open["url"])
    badge, tip = page.locator(".page-title .tipped"), page.locator(".page-title .tip")
    assert (tip.bounding_box() or {})["width"] <= 1
    badge.focus()
    assert (tip.bounding_box() or {})["width"] > 100
    expect(tip).to_contain_text("Waits for somebody")
    page.keyboard.press("Escape")
    assert (tip.bounding_box() or {})["width"] <= 1
    for visitor in (watched, plain):
        if visitor is plain:
            plain.sign_in("lee@example.test")
        visitor.open("/orders")
        visitor.page.locator(".meanings summary").focus()
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator(".meanings .menu-body")).to_contain_text(
            "A clinician is reviewing the answers."
        )


def refund(page: Page, console: Console, scene: dict[str, str], amount: str) -> None:
    page.goto(f"{console.url}/orders/{scene['order_id']}/refund")
    page.get_by_label("Amount").fill(amount)
    page.get_by_label("Reason").select_option("goodwill")
    page.locator("#preview").get_by_role("button", name=re.compile(rf"Refund \${amount}")).click()
    page.wait_for_url(re.compile("/refunds/rf_"))


def test_a_toast_stays_until_it_is_read(watched: Watched, console: Console, scene: dict[str, str]) -> None:
    page = watched.sign_in("sam@example.test")
    refund(page, console, scene, "1.10")
    toast = page.locator(".toasts[role=status] .banner")
    expect(toast).to_be_visible()
    page.keyboard.press("Escape")
    expect(toast).to_have_count(0)
    page.clock.install()
    refund(page, console, scene, "1.20")
    page.clock.run_for(500)
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="Dismiss").focus()
    page.clock.run_for(60_000)
    expect(toast).to_be_visible()  # for as long as somebody is at it
    page.locator("#main").focus()
    page.clock.run_for(5_000)
    expect(toast).to_be_visible()
    page.clock.run_for(30_000)
    expect(toast).to_have_count(0)


def test_undo_is_found_by_a_key_and_the_focus_outlives_a_change(
    watched: Watched, console: Console, scene: dict[str, str]
) -> None:
    page = watched.sign_in("sam@example.test")
    refund(page, console, scene, "1.30")
    page.keyboard.press("u")
    expect(page.get_by_role("button", name=re.compile("^Undo"))).to_be_focused()
    link = page.locator("#refund-status .promise-list a")
    link.focus()
    console.world("/clock/advance", {"seconds": 61})
    expect(page.locator("#refund-status")).to_contain_text("Succeeded", timeout=20_000)
    expect(link).to_be_focused()


def test_without_a_script_what_was_done_is_a_banner(
    plain: Watched, console: Console, scene: dict[str, str]
) -> None:
    page = plain.sign_in("sam@example.test")
    page.goto(f"{console.url}/orders/{scene['order_id']}/refund?amount=1.40&reason=goodwill")
    page.get_by_label("Amount").fill("1.40")
    page.get_by_label("Reason").select_option("goodwill")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview").get_by_role("button", name=re.compile("Refund")).click()
    expect(page.locator("main .flashes .banner")).to_be_visible()
    expect(page.locator(".js-only:visible")).to_have_count(0)


@pytest.mark.parametrize(
    "path", ["/orders/{order_id}", "/refunds/{refund_id}", "/cases/{case_id}", "/traces/{trace_id}"]
)
def test_paper_has_the_story_and_no_buttons(watched: Watched, scene: dict[str, str], path: str) -> None:
    page = watched.sign_in("lee@example.test")
    watched.open(path.format_map(scene))
    page.set_viewport_size({"width": 700, "height": 1000})  # A4 within its margins
    page.emulate_media(media="print")
    for hidden in (".side", ".top", ".page-acts", ".skip", "button", "summary", ".tip"):
        expect(page.locator(f"{hidden}:visible")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".print-only")).to_contain_text(path.format_map(scene))
    assert page.locator(".table :is(th, td):not(.pick)").evaluate_all(
        "cells => cells.every(cell => cell.offsetWidth > 0 || cell.closest('details:not([open])'))"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_forced_colours_and_less_motion_are_heeded(watched: Watched) -> None:
    page = watched.sign_in("lee@example.test")
    watched.open("/styleguide")
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    bone = page.locator(".skeleton .bone").first
    assert bone.evaluate("el => getComputedStyle(el).animationName") == "none"
    assert page.locator(".nav a").first.evaluate("el => getComputedStyle(el).outlineStyle") == "none"
    watched.open("/orders")
    current = page.locator(".nav a[aria-current]").first
    assert current.evaluate("el => getComputedStyle(el).outlineStyle") == "solid"


def test_both_themes_stand_side_by_side(watched: Watched) -> None:
    page = watched.sign_in("lee@example.test")
    watched.open("/styleguide")
    light, dark = (
        page.locator(f".themes > [data-theme={theme}]").evaluate("el => getComputedStyle(el).backgroundColor")
        for theme in ("light", "dark")
    )
    assert light == "rgb(255, 255, 255)" and dark != light
    boxes = [box.bounding_box() for box in page.locator(".themes > section").all()]
    assert boxes[0] and boxes[1] and abs(boxes[0]["height"] - boxes[1]["height"]) < 2
