"""Sam's first ten minutes: from four letters of a name to a refund, a note and the order again. By hand, by keys, bare."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from .conftest import PASSWORD, Console, Watched


class Hands:
    """Somebody with a mouse. What the others do otherwise they say below."""

    javascript = True

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, what: Locator) -> None:
        what.click()

    def write(self, what: Locator, words: str) -> None:
        what.fill(words)

    def choose(self, what: Locator, words: str) -> None:
        what.select_option(label=words)

    def search(self, words: str) -> None:
        box = self.page.get_by_role("searchbox")
        self.write(box, words)
        box.press("Enter")

    def open_row(self, words: str) -> None:
        self.press(self.page.locator("main .row-link", has_text=words).first)


class Keys(Hands):
    """Nothing but a keyboard."""

    def to(self, what: Locator) -> None:
        what.wait_for()
        for _ in range(150):
            if what.evaluate("el => el === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {what}")

    def press(self, what: Locator) -> None:
        self.to(what)
        checkbox = what.get_attribute("type") == "checkbox"
        self.page.keyboard.press("Space" if checkbox else "Enter")

    def write(self, what: Locator, words: str) -> None:
        self.to(what)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def choose(self, what: Locator, words: str) -> None:
        self.to(what)
        self.page.keyboard.type(words)

    def search(self, words: str) -> None:
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("/")
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(re.compile("/search"))

    def open_row(self, words: str) -> None:
        row = self.page.locator("main .row-link", has_text=words).first
        row.wait_for()
        for _ in range(30):
            self.page.keyboard.press("j")
            if row.evaluate("el => el === document.activeElement"):
                self.page.keyboard.press("Enter")
                return
        raise AssertionError(f"j never came to {words}")


class Bare(Hands):
    """A browser that runs no script."""

    javascript = False


@contextmanager
def silent(seen: Watched) -> Iterator[None]:
    """No answer of 400 or more, no request that fails; what the page itself complains of, Watched hears."""

    def answered(answer: Response) -> None:
        if answer.status >= 400:
            seen.complaints.append(f"{answer.status} {answer.url}")

    seen.page.on("response", answered)
    seen.page.on(
        "requestfailed",
        lambda asked: (
            seen.complaints.append(f"{asked.url}: {asked.failure}")
            if asked.failure != "net::ERR_ABORTED"  # a page that was left takes its own requests along
            else None
        ),
    )
    yield
    assert not seen.complaints, seen.complaints


def order_with_shipping(console: Console) -> dict[str, str]:
    """An order of two lines or more whose shipping was not refunded yet: its number, card and customer."""
    order = next(
        order
        for order in console.ask("/orders?status=delivered")["items"]
        if len(order["lines"]) >= 2 and float(order["shipping_refundable"]["amount"]) >= 5
    )
    customer = console.ask(order["customer"])
    payment = console.ask(order["payments"][0])
    return {
        "number": order["reference"],
        "url": order["url"],
        "name": customer["name"],
        "stripe": customer["external_ids"]["stripe"],
        "last4": payment["card"]["last4"],
    }


def changed_at_stripe(console: Console, stripe_id: str, phone: str) -> None:
    """Somebody corrects the phone in Stripe's dashboard, and the webhook that tells of it is lost."""
    console.world("/faults", {"kind": "drop", "method": "webhook customer.updated"})
    key = json.loads((console.home / "secrets.json").read_text())["STRIPE_API_KEY"]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-www-form-urlencoded"}
    url = f"{console.sandbox}/v1/customers/{stripe_id}"
    with urlopen(Request(url, urlencode({"phone": phone}).encode(), headers), timeout=20) as answer:
        assert json.load(answer)["phone"] == phone


def refund_page(hands: Hands, lines: dict[int, str], **fields: str) -> None:
    """Fills the form in and presses the button of its preview."""
    page = hands.page
    hands.press(page.locator(".page-acts").get_by_role("link", name="Refund", exact=True))
    page.wait_for_url(re.compile("/refund$"))
    hands.choose(page.get_by_label("Reason"), "It arrived damaged")
    for nth, amount in lines.items():
        hands.press(page.locator(".refund-lines input[type=checkbox]:enabled").nth(nth))
        hands.write(page.get_by_label(re.compile("^How much of")).nth(nth), amount)
    for label, amount in fields.items():
        hands.write(page.get_by_label(label, exact=True), amount)
    if not hands.javascript:
        hands.press(page.get_by_role("button", name="Preview"))
    hands.press(page.locator("#preview").get_by_role("button", name=re.compile(r"Refund \$")))
    page.wait_for_url(re.compile("/refunds/rf_"))


def sign_in(hands: Hands, url: str) -> None:
    page = hands.page
    page.goto(f"{url}/sign-in")
    hands.write(page.get_by_label("E-mail"), "sam@example.test")
    hands.write(page.get_by_label("Password"), PASSWORD)
    hands.press(page.get_by_role("button", name="Sign in"))
    page.wait_for_url(f"{url}/")


def see_the_customer(hands: Hands, console: Console, order: dict[str, str]) -> None:
    """By four letters to a page with orders, money, ids and what other systems hold; one of them anew."""
    page, main = hands.page, hands.page.locator("main")
    hands.search(order["name"][:4])
    hands.open_row(order["name"])
    expect(page.get_by_role("heading", level=1)).to_have_text(order["name"])
    for words in (order["number"], order["stripe"], "Paid", "Customer.io", "Stripe"):
        expect(main).to_contain_text(words)
    phone = f"+1 555-01{order['last4'][:2]}"
    changed_at_stripe(console, order["stripe"], phone)
    if not hands.javascript:
        hands.press(page.get_by_role("link", name="What Stripe holds"))
    hands.press(page.get_by_role("link", name="Refresh from Stripe"))
    expect(page.locator("#preview")).to_contain_text(phone)
    hands.press(page.get_by_role("button", name="Take in what Stripe holds"))
    expect(page.get_by_role("heading", level=1)).to_have_text(order["name"])
    if not hands.javascript:
        hands.press(page.get_by_role("link", name="What Stripe holds"))
    expect(main).to_contain_text(phone)
    if not hands.javascript:
        page.go_back()
    hands.open_row(order["number"])
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {order['number']}")


def follow_to_the_end(hands: Hands, console: Console) -> None:
    page, main = hands.page, hands.page.locator("main")
    if hands.javascript:
        page.evaluate("window.stayed = true")
    console.world("/clock/advance", {"seconds": 61})
    if hands.javascript:
        expect(main).to_contain_text("Succeeded", timeout=30_000)
        assert page.evaluate("window.stayed"), "the page was loaded anew"
        return
    for _ in range(60):
        if "Succeeded" in main.inner_text():
            return
        page.wait_for_timeout(500)
        again = page.get_by_role("link", name="Look again")
        if again.count():
            hands.press(again)
        else:
            page.reload()
    raise AssertionError("the refund never succeeded")


def ten_minutes(hands: Hands, console: Console, order: dict[str, str]) -> None:
    page, main = hands.page, hands.page.locator("main")
    sign_in(hands, console.url)
    see_the_customer(hands, console, order)

    refund_page(hands, {0: "10.00", 1: "4.00"}, Shipping="5.00")
    expect(main).to_contain_text("Stripe refunds $19.00")
    follow_to_the_end(hands, console)

    hands.press(page.locator(".crumbs").get_by_role("link", name=f"Order {order['number']}"))
    refund_page(hands, {}, **{"Another amount": "3.00"})
    hands.press(page.get_by_role("button", name=re.compile("^Undo")))
    expect(main).to_contain_text("Withdrawn")

    hands.press(page.locator(".crumbs").get_by_role("link", name=f"Order {order['number']}"))
    hands.press(page.locator(".write-note summary"))
    hands.write(
        page.get_by_label("Note", exact=True), f"Two pieces were broken. @lee, is {order['number']} known?"
    )
    hands.press(page.get_by_role("button", name="Write it down"))
    expect(page.locator(".timeline")).to_contain_text("Two pieces were broken.")

    hands.search(order["last4"])
    hands.open_row("$")
    hands.press(main.get_by_role("link", name=order["number"], exact=True).first)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {order['number']}")
    expect(page.locator(".sums")).to_contain_text("− $19.00")


@pytest.fixture(autouse=True)
def calm(console: Console) -> Iterator[None]:
    yield
    console.world("/faults/clear", {})


@pytest.mark.parametrize("kind", [Hands, Keys, Bare], ids=["mouse", "keys", "bare"])
def test_sams_first_ten_minutes(chromium: Browser, console: Console, kind: type[Hands]) -> None:
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, java_script_enabled=kind.javascript
    )
    seen = Watched(context, console)
    with silent(seen):
        ten_minutes(kind(seen.page), console, order_with_shipping(console))
    context.close()
    lee = chromium.new_context()
    page = Watched(lee, console).sign_in("lee@example.test")
    page.goto(f"{console.url}/mentions")
    expect(page.locator("main")).to_contain_text("Two pieces were broken.")
    lee.close()
