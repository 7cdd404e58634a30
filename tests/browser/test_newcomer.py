"""Somebody who sees the morning board for the first time: why does it not go on, and what puts it right? Three clicks."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import Console, Watched

#: One cause of each family that the demo has, as its code begins.
FAMILIES = ("PAY", "PHA", "SHP", "RX", "REF", "INT")


def test_three_clicks_from_the_board_to_the_fix(watched: Watched, console: Console) -> None:
    page = watched.sign_in("lee@example.test")
    seen = set()
    for family in FAMILIES:
        watched.open("/stuck")
        row = page.locator("table.causes-by-age tbody tr", has_text=f"{family}.").first
        if not row.count():
            continue
        title = row.locator("th a").inner_text().rpartition(" ")[0].strip()
        row.locator("th a").click()  # the cause
        first = page.locator("table.table:not(.matrix) tbody tr").first
        says = first.locator("td").nth(1).inner_text()
        assert says.endswith("."), says
        first.locator("a[href$='/fix']").click()  # what to do
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        why = page.locator("main").inner_text()
        assert title in why and says.split(";")[0][:40] in why
        assert "What will happen" in why or page.locator(".choices a, .recipe a").count(), why
        seen.add(family)  # the third click does it, or opens the act's own page
    assert len(seen) >= 4, seen


def test_the_fix_is_done_with_the_third_click(watched: Watched, console: Console) -> None:
    page = watched.sign_in("lee@example.test")
    watched.open("/stuck?status=stuck&counted=yes&code=PHA.NO_ACK")
    page.locator("table.table:not(.matrix) tbody tr").first.locator("a[href$='/fix']").click()
    page.locator("#preview button[type=submit]").click()
    page.wait_for_url("**/stuck/stk_*")
    expect(page.locator("main")).to_contain_text("Why")
