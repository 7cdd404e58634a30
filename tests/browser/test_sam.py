"""Sam refunds, as a new user would: from the README, on a console that has just been started."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from .conftest import Console, Watched


def refundable(console: Console, nth: int) -> str:
    """The page of an order in dollars that has more than ten of them left."""
    orders = console.ask("/orders?status=delivered")["items"]
    left = {order["url"]: order["refundable"] for order in orders if len(order["payments"]) == 1}
    fitting = [url for url, most in left.items() if most["currency"] == "usd" and float(most["amount"]) > 20]
    return str(fitting[nth])


def reload_until(page: Page, words: str) -> None:
    for _ in range(40):
        page.reload()
        if words in page.locator(".timeline").inner_text():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"the timeline never told of {words}")


def fill_in(page: Page, amount: str = "10.00") -> None:
    page.get_by_label("Amount").fill(amount)
    page.get_by_label("Reason").select_option("goodwill")


def test_sam_refunds_and_sees_it_settle_without_reloading(watched: Watched, console: Console) -> None:
    page = watched.sign_in("sam@example.test")
    order = refundable(console, 0)
    watched.open(order)
    page.get_by_role("link", name="Refund", exact=True).first.click()
    fill_in(page)
    preview = page.locator("#preview")
    expect(preview).to_contain_text(re.compile(r"Stripe refunds \$10\.00 to \w+( \w+)? ending \d{4}"))
    expect(preview).to_contain_text("Can be undone for 1 min")
    watched.accessible()
    preview.get_by_role("button", name=re.compile("Refund")).click()
    page.wait_for_url(re.compile("/refunds/rf_"))
    expect(page.get_by_role("button", name=re.compile("Undo"))).to_be_visible()
    first = page.locator("[data-countdown]").first.inner_text()
    expect(page.locator("[data-countdown]").first).not_to_have_text(first)  # it counts down
    watched.accessible()
    console.world("/clock/advance", {"seconds": 61})
    expect(page.locator("main")).to_contain_text("Succeeded", timeout=20_000)
    expect(page.get_by_role("button", name=re.compile("Undo"))).to_have_count(0)
    refund = page.url.rsplit("/", 1)[-1]
    effects = [
        e
        for e in console.world("/ledger?kind=refund")["entries"]
        if e["metadata"].get("opsconsole_subject") == refund
    ]
    assert [effect["amount"] for effect in effects] == [1000]
    timeline = page.locator(".timeline")
    expect(timeline).to_contain_text("Sam Rivera")
    reload_until(page, "refund.")  # Stripe's event comes a moment after its answer
    page.get_by_role("link", name=re.compile("^Trace")).first.click()
    expect(page.locator(".trace")).to_contain_text("Stripe refunds $10.00")
    watched.accessible()


def test_sam_changes_her_mind(watched: Watched, console: Console) -> None:
    page = watched.sign_in("sam@example.test")
    watched.open(f"{refundable(console, 1)}/refund")
    fill_in(page, "5.00")
    page.locator("#preview").get_by_role("button", name=re.compile("Refund")).click()
    page.wait_for_url(re.compile("/refunds/rf_"))
    page.get_by_role("button", name=re.compile("Undo")).click()
    expect(page.locator("main")).to_contain_text("Withdrawn")
    refund = page.url.rsplit("/", 1)[-1]
    console.world("/clock/advance", {"seconds": 61})
    assert console.ask(f"/refunds/{refund}")["status"] == "withdrawn"
    assert not [
        e
        for e in console.world("/ledger?kind=refund")["entries"]
        if e["metadata"].get("opsconsole_subject") == refund
    ]


def test_too_much_is_refused_beside_the_field(watched: Watched, console: Console) -> None:
    page = watched.sign_in("sam@example.test")
    watched.open(f"{refundable(console, 2)}/refund")
    fill_in(page, "5000.00")
    expect(page.locator("#preview")).to_contain_text("At most")
    watched.complaints.clear()  # a refused preview is a 409, which browsers note


def test_a_ticked_line_shows_its_share_while_one_looks(watched: Watched, console: Console) -> None:
    page = watched.sign_in("sam@example.test")
    watched.open(f"{refundable(console, 5)}/refund")
    page.get_by_label("Reason").select_option("damaged")
    page.locator(".refund-lines input[type=checkbox]:enabled").first.check()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("New refund of line")
    expect(preview.get_by_role("button", name=re.compile(r"Refund \$\d"))).to_be_visible()
    page.get_by_label(re.compile("^How much of")).first.fill("1.00")
    expect(preview).to_contain_text("Stripe refunds $1.00")
    watched.accessible()


def test_all_of_it_works_without_javascript(plain: Watched, console: Console) -> None:
    page = plain.sign_in("sam@example.test")
    plain.open(f"{refundable(console, 3)}/refund")
    fill_in(page, "7.00")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Stripe refunds $7.00")
    page.locator("#preview").get_by_role("button", name=re.compile("Refund")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Refund")
    page.get_by_role("button", name=re.compile("Undo")).click()
    expect(page.locator("main")).to_contain_text("Withdrawn")


def test_a_program_does_the_same_and_twice_is_once(console: Console) -> None:
    asked = {"amount": "3.00", "reason": "goodwill"}
    url = f"{refundable(console, 4)}/refund"
    first, second = (console.ask(url, asked, key="as in the README") for _ in range(2))
    assert first == second
    assert (
        len(
            [
                r
                for r in console.ask(f"/refunds?order={url.split('/')[2]}")["items"]
                if r["amount"]["amount"] == "3.00"
            ]
        )
        == 1
    )
