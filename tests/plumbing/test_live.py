"""Pages that keep themselves up to date: unchanged is a 304 and costs next to nothing; what moved is told at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from ..house import House, PageClient
from ..messages.scenes import customer, send
from ..scenes import WINDOW, declined, issue
from ..statements import statements


def version(page: str) -> str | None:
    """What the page on the screen says that it shows; None if it does not ask again."""
    found = re.search(r'<main [^>]*data-live="(\w+)"', page)
    return found[1] if found else None


def poll(page: PageClient, url: str, known: str | None) -> TestResponse:
    headers = {"Accept": "text/html", "X-Poll": "1", "If-None-Match": f'"{known}"'}
    return page.client.get(url, headers=headers)


def under_way(house: House) -> dict[str, str]:
    """A page of each kind that is live, by its noun."""
    order, _, case = declined(house)
    url, _ = customer(house)
    message = send(house, url, "call_us")["subject"]
    planned = issue(house, house.order("60.00", customer="cust-3"), "5.00")
    return {
        "home": "/", "refund": planned["subject"], "message": message, "order": order["url"], "case": case["url"],
        "cases": "/cases", "promise": f"/promises/{planned['promises'][0]['id']}",
    }  # fmt: skip


def test_what_did_not_move_is_a_304_without_a_body_for_few_statements(house: House) -> None:
    page = house.page("ops_lead")
    for noun, url in under_way(house).items():
        known = version(page.get(url))
        assert known, noun
        with statements(house) as sent:
            again = poll(page, url, known)
        assert again.status_code == 304 and not again.data and again.headers["ETag"] == f'"{known}"', noun
        more = {"home": 6, "case": 3}.get(noun, 2)  # a case tells who else looks at it, too
        assert len(sent) <= 1 + more, (noun, [query for query, _ in sent])
        assert again.headers["Cache-Control"] == "no-store"  # only who says what it has gets a 304


def test_many_screens_of_the_board_read_it_once_a_second(house: House) -> None:
    page = house.page("ops_lead")
    known = version(page.get("/"))
    with statements(house) as sent:
        for _ in range(10):
            assert poll(page, "/", known).status_code == 304
    assert len(sent) <= 10 + 6, len(sent)


def test_each_move_of_a_refund_is_told_until_it_is_final(house: House) -> None:
    done = issue(house, house.order("60.00"), "5.00")
    url = done["subject"]
    page = house.page()
    known = version(page.get(url))
    seen = []
    for move in (lambda: house.advance(WINDOW), house.drain):
        move()
        answer = poll(page, url, known)
        assert answer.status_code == 200
        seen.append(version(answer.get_data(as_text=True)))
        known = seen[-1]
    assert seen[0] and seen[1] is None, "a page about something final asks nothing"
    assert "Succeeded" in page.get(url)


def test_a_case_and_a_colleague_are_told_too(house: House) -> None:
    order, _, case = declined(house)
    page = house.page()
    known = {url: version(page.get(url)) for url in (order["url"], case["url"], "/cases", "/")}
    lee = house.page("ops_lead")
    lee.get(f"{case['url']}/claim")
    lee.submit(f"{case['url']}/claim", {})
    for url, before in known.items():
        answer = poll(page, url, before)
        if url == "/" and answer.status_code == 304:
            continue  # within the second in which screens share one reading
        assert answer.status_code == 200, url
        assert "Lee Okafor" in answer.get_data(as_text=True) or url == order["url"]


def test_another_right_is_another_answer(house: House) -> None:
    url = house.order("60.00")["url"]
    known = version(house.page("support").get(url))
    assert poll(house.page("clinician"), url, known).status_code == 200


def test_a_poll_leaves_the_next_pages_words_alone(house: House) -> None:
    order = house.order("60.00")
    page = house.page()
    page.get(f"{order['url']}/refund")
    asked = {"amount": "5.00", "reason": "goodwill"}
    page.submit(f"{order['url']}/refund?preview=1", asked)
    answer = page.client.post(
        f"{order['url']}/refund",
        data={
            **dict(re.findall(r'name="(csrf_token|idempotency_key|hash)" value="([^"]*)"', page.html)),
            **asked,
        },
        headers={"Accept": "text/html"},
    )
    assert answer.status_code == 303
    told = poll(page, order["url"], "other").get_data(as_text=True)
    assert "The refund is planned" not in told
    assert "The refund is planned" in page.get(answer.headers["Location"])


def test_a_session_that_ended_is_401_and_not_another_page(house: House) -> None:
    url = house.order("60.00")["url"]
    client = PageClient(house.app.test_client())
    assert poll(client, url, "any").status_code == 401
    with client.client.session_transaction() as session:
        assert "next" not in session


@pytest.mark.parametrize("weak", ["", "W/"])
def test_programs_poll_with_the_same_etag(house: House, weak: str) -> None:
    api = house.api()
    url = issue(house, house.order("60.00"), "5.00")["subject"]
    api.get(url)
    assert api.last is not None
    tag = api.last.headers["ETag"]

    def again() -> Any:
        return api.client.get(url, headers={**api.headers, "If-None-Match": weak + tag})

    assert again().status_code == 304
    house.later(WINDOW)
    moved = again()
    assert moved.status_code == 200 and moved.get_json()["status"] == "succeeded"
    assert moved.headers["ETag"] != tag


def test_html_and_json_are_never_taken_for_each_other(house: House) -> None:
    order = house.order("60.00")
    page = house.page()
    known = version(page.get(order["url"]))
    headers = {"Accept": "application/json", "If-None-Match": f'"{known}"'}
    assert page.client.get(order["url"], headers=headers).is_json
