"""Sam replaces what arrived damaged, with a photo: on a desk, on a phone, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ..attachments.scenes import photo
from .conftest import Console, Watched

AT_MOST = 5  # interactions from the order's page to a replacement that is made


def replaceable(console: Console) -> Iterator[Any]:
    """Orders that left and can be replaced by one person at once."""
    for order in console.ask("/orders?status=delivered")["items"]:
        asked = {"reason": "lost_in_transit"}
        try:
            seen = console.ask(f"{order['url']}/replace?preview=1", asked)["preview"]
        except OSError:  # refused
            continue
        if seen["promises"] and not seen["approval"]:
            yield order


@pytest.fixture(scope="module")
def orders(console: Console) -> Iterator[Any]:
    return replaceable(console)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    file = tmp_path / "box.jpg"
    file.write_bytes(photo())
    return file


def made_up(console: Console, reference: str) -> int:
    entries = console.world("/ledger?kind=fill")["entries"]
    return sum(entry["metadata"].get("reference") == reference for entry in entries)


def at_stripe(console: Console, order: Any) -> list[str]:
    """What replacing the order did at Stripe, by kind. Other stories of this console go on meanwhile."""
    [made] = console.ask(order["url"])["linked"]["replacements"]
    trace = console.ask(made)["trace"]
    kinds = ("payment", "payment_intent", "refund", "customer")
    done = [(kind, entry) for kind in kinds for entry in console.world(f"/ledger?kind={kind}")["entries"]]
    return [kind for kind, entry in done if (entry["metadata"] or {}).get("opsconsole_trace") == trace]


def replace(page: Page, box: Path) -> int:
    """From the order's page on. Returns how many interactions it took."""
    page.get_by_role("link", name="Replace", exact=True).click()
    page.get_by_label("Damaged").check()
    expect(page.locator("#preview")).to_contain_text("A photo of it is needed")
    page.locator("#photos-new").set_input_files(box)
    preview = page.locator("#preview")
    expect(preview).to_contain_text(re.compile(r"fills order S-\d+-R1 and ships it to"))
    expect(preview).to_contain_text("prescription")
    preview.get_by_role("button", name="Replace it for nothing").click()
    page.wait_for_url(re.compile("/replacements/rpl_"))
    return 4


def tells(page: Page, console: Console, order: Any) -> None:
    """One new fill, nothing at Stripe, and both orders say what happened."""
    reference = f"{order['reference']}-R1"
    expect(page.get_by_role("button", name=re.compile("Undo"))).to_be_visible()
    assert made_up(console, reference) == 0
    console.world("/clock/advance", {"seconds": 61})
    for _ in range(60):
        if made_up(console, reference):
            break
        page.wait_for_timeout(500)
    assert made_up(console, reference) == 1 and at_stripe(console, order) == []
    page.goto(f"{console.url}{order['url']}")
    expect(page.locator(".linked")).to_contain_text(f"Replaced by {reference}: it arrived damaged")
    expect(page.locator(".timeline")).to_contain_text(f"is replaced by {reference}")
    page.get_by_role("link", name=reference, exact=True).first.click()
    expect(page.locator(".linked")).to_contain_text(f"Replaces {order['reference']}: it arrived damaged")
    expect(page.locator(".timeline")).to_contain_text(f"is replaced by {reference}")


def test_a_damaged_parcel_is_replaced_in_five_interactions(
    watched: Watched, console: Console, orders: Iterator[Any], box: Path
) -> None:
    page, order = watched.sign_in("sam@example.test"), next(orders)
    watched.open(order["url"])
    assert replace(page, box) <= AT_MOST
    watched.accessible()
    tells(page, console, order)
    watched.open(f"{order['url']}/replace")
    watched.accessible()


def test_on_a_phone_too(chromium: Browser, console: Console, orders: Iterator[Any], box: Path) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone = Watched(context, console)
    page, order = phone.sign_in("sam@example.test"), next(orders)
    phone.open(order["url"])
    assert replace(page, box) <= AT_MOST
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    tells(page, console, order)
    assert not phone.complaints, phone.complaints
    context.close()


def test_without_javascript_a_preview_keeps_the_photo(
    plain: Watched, console: Console, orders: Iterator[Any], box: Path
) -> None:
    page, order = plain.sign_in("sam@example.test"), next(orders)
    plain.open(f"{order['url']}/replace")
    page.get_by_label("Damaged").check()
    page.locator("#photos-new").set_input_files(box)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_label(re.compile("just added"))).to_be_checked()
    page.get_by_role("button", name="Replace it for nothing").click()
    page.wait_for_url(re.compile("/replacements/rpl_"))
    expect(page.get_by_text(re.compile("^Photo, JPEG"))).to_be_visible()
