"""Dr. Ada decides with the keyboard alone, as she does all day: a case from the queue in a dozen keys at most."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Console, Watched

MOST_KEYS = 12
SIZES = {"laptop": (1280, 800), "tablet": (834, 1112)}


class Keys:
    """Presses keys, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def __call__(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1


def queue(watched: Watched) -> Page:
    page = watched.page
    watched.open("/visits")
    expect(page.locator(".row-link").first).to_be_visible()
    return page


def to_row(page: Page, keys: Keys, fits: Callable[[str], bool]) -> None:
    """Down to the first row that fits."""
    for row in page.locator("main tbody tr").all():
        keys("j")
        if fits(row.inner_text()):
            return
    raise AssertionError("no such row")


def plain_one(row: str) -> bool:
    """A renewal that nothing blocks."""
    return "Renewal" in row and "Pregnancy" not in row and "Interaction" not in row


@pytest.mark.parametrize(("size", "scheme"), [("laptop", "light"), ("tablet", "dark")])
def test_a_decision_from_the_queue_in_a_dozen_keys(
    watched: Watched, console: Console, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    page = watched.sign_in("ada@example.test")
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    queue(watched)
    watched.accessible()
    keys = Keys(page)
    to_row(page, keys, plain_one)
    keys("Enter")
    page.wait_for_url(re.compile(r"/visits/vis_"))
    watched.accessible()
    answers = page.get_by_role("region", name="Answers").bounding_box()
    prescriptions = page.get_by_role("heading", name="Prescriptions").bounding_box()
    assert answers and prescriptions and prescriptions["x"] > answers["x"] + 100, "side by side"
    decided = page.url.rsplit("/", 1)[-1]
    keys("a")
    page.wait_for_url(re.compile("/approve"))
    expect(page.locator("#preview")).to_contain_text("The healthcare system writes a prescription")
    expect(page.locator("#preview")).to_contain_text("Can be undone for 2 min")
    watched.accessible()
    keys("s")
    page.wait_for_url(re.compile(f"signed={decided}"))  # the next case opens by itself
    assert keys.count <= MOST_KEYS, keys.count
    assert decided not in page.url.partition("?")[0]
    strip = page.locator(".signed-strip")
    expect(strip).to_contain_text("Approved")
    watched.accessible()
    keys("u", "Enter")
    page.wait_for_url(re.compile(f"/visits/{decided}$"))
    expect(page.locator("main")).to_contain_text("Taken back")
    assert console.ask(f"/visits/{decided}")["status"] == "in_review"


def test_a_reason_is_a_digit_and_photos_are_compared(watched: Watched, console: Console) -> None:
    page = watched.sign_in("ada@example.test")
    queue(watched)
    keys = Keys(page)
    to_row(page, keys, lambda row: "Renewal" in row)
    keys("Enter")
    page.wait_for_url(re.compile(r"/visits/vis_"))
    url = page.url
    keys("p")
    page.wait_for_url(re.compile("/photos"))
    expect(page.locator(".compare figure")).to_have_count(2)
    keys("z")
    page.wait_for_url(re.compile("zoom=2"))
    keys("j")
    page.wait_for_url(re.compile(r"n=2&zoom=2"))
    watched.accessible()
    keys("b")
    page.wait_for_url(url)
    keys("d")
    page.wait_for_url(re.compile("/deny"))
    keys("7")
    expect(page.get_by_label("The photos do not show enough")).to_be_checked()
    expect(page.locator("#preview")).to_contain_text("Your clinician has answered")
    keys("s")
    page.wait_for_url(re.compile("signed="))
    assert keys.count <= 2 * MOST_KEYS
    denied = url.rsplit("/", 1)[-1]
    assert console.ask(f"/visits/{denied}")["status"] == "denied"


def test_all_of_it_works_without_javascript(plain: Watched, console: Console) -> None:
    page = plain.sign_in("ada@example.test")
    plain.open("/visits")
    page.locator(".row-link", has_text=re.compile(".")).last.click()
    page.get_by_role("link", name="Ask the patient").click()
    page.get_by_label("New photos", exact=False).check()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("stands still until the patient answers")
    page.locator("#preview").get_by_role("button", name="Sign and ask").click()
    expect(page.locator(".signed-strip")).to_contain_text("Asked the patient")
