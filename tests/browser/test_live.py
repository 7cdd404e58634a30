"""Pages that keep themselves up to date, in a real browser: calm while nothing moves, exact when something does."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, Response, expect

from opsconsole.views._happened import FEW

from .conftest import Console, Watched
from .test_sam import refundable

# Counts what changes under <main>, but for the words of ages and countdowns, which tick by themselves.
WATCH = """() => {
  window.changes = [];
  new MutationObserver((seen) => {
    for (const one of seen) {
      const el = one.target.nodeType === 1 ? one.target : one.target.parentElement;
      if (!el?.closest("time")) window.changes.push(`${one.type} ${el?.outerHTML.slice(0, 120)}`);
    }
  }).observe(document.getElementById("main"), {subtree: true, childList: true, attributes: true, characterData: true});
}"""
SOON = "document.getElementById('main').dataset.every = '0.2'"  # tests need not wait as people do


@pytest.fixture(scope="module", autouse=True)
def settled(console: Console) -> None:
    """The clock's first round is over. It finds a payment that no order claims and opens a case, which moves pages."""
    deadline = time.monotonic() + 60
    while not any(case["reason"] == "payment_without_order" for case in console.ask("/cases")["items"]):
        assert time.monotonic() < deadline, "the clock never went round"
        time.sleep(0.2)


def polls(page: Page) -> list[int]:
    """The statuses of the page's own looks, as they come."""
    seen: list[int] = []

    def note(answer: Response) -> None:
        if answer.request.headers.get("x-poll"):
            seen.append(answer.status)

    page.on("response", note)
    return seen


def look_now(page: Page) -> None:
    """What happens when somebody comes back to the tab."""
    page.evaluate(f"{SOON}; document.dispatchEvent(new Event('visibilitychange'))")


def wait_for_polls(page: Page, seen: list[int], many: int) -> None:
    for _ in range(100):
        if len(seen) >= many:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"only {seen}")


def new_key() -> str:
    return f"live-{time.time_ns()}"


def planned(console: Console, nth: int) -> str:
    """A refund that can still be undone."""
    asked = {"amount": "3.00", "reason": "goodwill"}
    return str(console.ask(f"{refundable(console, nth)}/refund", asked, key=new_key())["subject"])


def test_an_unchanged_page_is_a_304_and_nothing_on_it_changes(watched: Watched, console: Console) -> None:
    page = watched.sign_in("lee@example.test")
    for path in (refundable(console, 6), "/cases"):
        watched.open(path)
        page.locator("[hx-trigger=load]").wait_for(state="detached")  # what comes by itself
        seen = polls(page)
        page.evaluate(WATCH)
        look_now(page)
        page.evaluate("window.changes = []")  # what the line above did itself
        wait_for_polls(page, seen, 3)
        assert set(seen) == {304}, seen
        assert page.evaluate("window.changes") == []


def test_focus_open_details_and_typed_text_stay_when_something_moves(
    watched: Watched, console: Console
) -> None:
    page = watched.sign_in("lee@example.test")
    order = refundable(console, 7)
    console.ask(f"{order}/refund", {"amount": "2.00", "reason": "goodwill"}, key=new_key())
    watched.open(order)
    before = page.locator(".timeline .entry").count()
    page.locator("details.entry-more summary").first.click()
    opened = page.locator("details.entry-more[open]").evaluate("el => el.closest('.entry').dataset.key")
    link = page.locator(".sum caption a").first
    link.focus()
    page.evaluate("window.focused = document.activeElement; window.blurs = 0")
    page.evaluate("window.focused.addEventListener('blur', () => { window.blurs += 1; })")
    console.ask(f"{order}/refund", {"amount": "2.00", "reason": "goodwill"}, key=new_key())
    look_now(page)
    expect(page.locator(".timeline .entry")).not_to_have_count(before)
    assert page.evaluate("document.activeElement === window.focused && window.blurs === 0")
    assert (
        page.locator("details.entry-more[open]").evaluate("el => el.closest('.entry').dataset.key") == opened
    )
    watched.open("/cases")
    page.locator("select[name=due]").select_option("later")
    page.locator("select[name=due]").focus()
    page.evaluate("document.getElementById('main').dataset.live = 'older'")  # as if rows had moved
    seen = polls(page)
    for many in (1, 2):
        look_now(page)
        wait_for_polls(page, seen, many)
    assert seen[:2] == [200, 304], seen
    expect(page.locator("select[name=due]")).to_have_value("later")
    expect(page.locator("select[name=due]")).to_be_focused()


def test_an_unsaved_note_is_not_lost_when_something_moves(watched: Watched, console: Console) -> None:
    page = watched.sign_in("lee@example.test")
    order = refundable(console, 7)
    watched.open(order)
    page.locator(".write-note summary").click()
    note = page.get_by_label("Note", exact=True)
    note.fill("Two pieces are missing")
    page.get_by_label("Tells of somebody's health").check()
    note.focus()
    note.evaluate("el => el.setSelectionRange(3, 9)")
    before = page.locator(".timeline .entry").first.inner_text()
    console.ask(f"{order}/refund", {"amount": "1.00", "reason": "goodwill"}, key=new_key())
    look_now(page)
    expect(page.locator(".timeline .entry").first).not_to_have_text(before, use_inner_text=True)
    expect(note).to_have_value("Two pieces are missing")
    expect(note).to_be_focused()
    assert note.evaluate("el => [el.selectionStart, el.selectionEnd]") == [3, 9]
    expect(page.get_by_label("Tells of somebody's health")).to_be_checked()


def test_a_filter_of_a_story_stands_in_the_url(watched: Watched, plain: Watched, console: Console) -> None:
    several = (one["url"] for one in console.ask("/orders?payment_status=partially_refunded")["items"])
    order = next(url for url in several if console.ask(f"{url}/timeline?actor=vendors")["items"])
    for number in range(FEW):  # a short story has no filters
        console.ask(f"{order}/note", {"text": f"The customer rang, call {number}."})
    with_orders = f"{console.url}{order}"
    page = watched.sign_in("lee@example.test")
    watched.open(order)
    entries = page.locator(".timeline .entry")
    every = entries.count()
    page.locator("#timeline select[name=actor]").select_option("vendors")
    page.wait_for_url(f"{with_orders}?actor=vendors")
    expect(entries).not_to_have_count(every)
    told = entries.count()
    assert 0 < told == page.locator(".timeline .entry-meta", has_text="stripe").count()
    page.reload()
    expect(entries).to_have_count(told)
    expect(page.locator("#timeline select[name=actor]")).to_have_value("vendors")
    page.evaluate("document.getElementById('main').dataset.live = 'older'")
    look_now(page)
    expect(page.locator("#main")).not_to_have_attribute("data-live", "older")
    expect(entries).to_have_count(told)  # its own looks keep the filter
    page.go_back()
    expect(entries).to_have_count(every)

    bare = plain.sign_in("lee@example.test")
    plain.open(order)
    bare.locator("#timeline select[name=actor]").select_option("vendors")
    bare.locator("#timeline").get_by_role("button", name="Filter").click()
    assert re.fullmatch(rf"{with_orders}\?.*actor=vendors.*#timeline", bare.url)
    expect(bare.locator(".timeline .entry")).to_have_count(told)
    bare.locator("#timeline").get_by_role("link", name="Clear").click()
    expect(bare.locator(".timeline .entry")).to_have_count(every)


def test_a_refund_is_followed_to_its_end_and_then_left_alone(watched: Watched, console: Console) -> None:
    page = watched.sign_in("sam@example.test")
    watched.open(planned(console, 8))
    expect(page.get_by_role("button", name=re.compile("Undo"))).to_be_visible()
    seen = polls(page)
    console.world("/clock/advance", {"seconds": 61})
    expect(page.locator("main")).to_contain_text("Succeeded", timeout=20_000)
    expect(page.locator("main")).not_to_have_attribute("data-live", re.compile("."))
    expect(page.get_by_role("button", name=re.compile("Undo"))).to_have_count(0)
    so_far = len(seen)
    assert seen[-1] == 200
    page.evaluate(SOON)
    page.wait_for_timeout(1000)
    assert len(seen) == so_far, "what is final is not asked about"


def test_the_board_follows_a_colleague(watched: Watched, console: Console) -> None:
    page = watched.sign_in("sam@example.test")
    path = '[href="/refunds?status=planned"]'
    before = int(page.locator(path).inner_text())
    planned(console, 9)
    look_now(page)
    expect(page.locator(path)).to_have_text(str(before + 1))
    watched.accessible()


def test_a_session_that_ended_is_said_once_and_the_page_stays(watched: Watched, console: Console) -> None:
    page = watched.sign_in("lee@example.test")
    watched.open("/cases")
    page.context.clear_cookies()
    seen = polls(page)
    look_now(page)
    expect(page.locator("#troubles")).to_contain_text("You have been signed out.")
    page.evaluate(SOON)
    page.wait_for_timeout(700)
    assert seen == [401], seen
    expect(page.locator("h1")).to_have_text("Cases")
    watched.complaints.clear()  # a 401 is something that browsers note
