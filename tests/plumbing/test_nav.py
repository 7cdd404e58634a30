"""What stands at the left: only what one may read, in groups of which the one that one is in is open."""

from __future__ import annotations

import re

from opsconsole.views._nav import GROUPS, NOUNS

from ..house import House


def left_of(page: str) -> str:
    return re.search(r'<nav class="nav".*?</nav>', page, re.S).group()  # type: ignore[union-attr]


def opened(page: str) -> list[str]:
    """The groups that are open, by their names."""
    return re.findall(r'<details name="nav" open><summary>.*?</svg>([^<]+)</summary>', left_of(page))


def current(page: str) -> list[str]:
    return re.findall(r'href="([^"]+)" aria-current="page"', left_of(page))


def test_the_group_that_one_is_in_is_open_and_no_other(house: House) -> None:
    page = house.page("ops_lead")
    for url, group, here in (
        ("/", "Work", ["/"]),
        ("/orders", "Work", ["/orders"]),
        ("/refunds", "Money", ["/refunds"]),
        ("/hold-rules/propose", "Rules", ["/hold-rules"]),
        ("/changes", "Money", []),
        ("/glossary", "Work", []),
    ):
        said = page.get(url)
        assert (opened(said), current(said)) == ([group], here), url


def test_each_role_sees_what_it_may_read(house: House) -> None:
    for role in ("support", "clinician"):
        page = house.page(role)
        left = left_of(page.get("/"))
        links = re.findall(r'<li><a href="([^"]+)"', left)
        assert links[0] == "/" and len(set(links)) == len(links)
        for noun in NOUNS:
            # Whoever is offered it may read it, and whoever may not is not offered it.
            answer = page.client.get(noun.url, headers={"Accept": "application/json"})
            assert (answer.status_code == 200) == (noun.url in links), (role, noun.url)
        groups = re.findall(r"</svg>([^<]+)</summary>", left)
        assert groups == [one for one in GROUPS if any(n.group == one and n.url in links for n in NOUNS)]


def test_each_key_leads_to_one_place() -> None:
    keys = [noun.key for noun in NOUNS if noun.key]
    assert len(set(keys)) == len(keys) and all(re.fullmatch("[a-fh-z0-9]", key) for key in keys)
    assert {noun.group for noun in NOUNS} - {""} == set(GROUPS)
