"""Taking a case: one person at a time works on it."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from opsconsole.db import db
from opsconsole.lib.refusal import Refused
from opsconsole.models import Case
from opsconsole.services import CLOCK, Actor, cases

from ..house import PEOPLE, House, PageClient
from ..scenes import declined, denied, nothing_written, refused
from .scenes import clock, of, person, planted


def test_a_case_is_taken_by_one_person(house: House) -> None:
    _, _, case = declined(house)
    sam, lee = house.page("support"), house.page("ops_lead")
    take(sam, case["url"])
    api = house.api()
    taken = api.get(case["url"])
    assert taken["owner"] == PEOPLE["support"][0] and taken["status"] == "open"
    assert "Sam Rivera has this case." in take(lee, case["url"], 409)
    assert api.get(case["url"])["owner"] == PEOPLE["support"][0]
    [sams] = house.rows("select id from staff where email = :email", email=PEOPLE["support"][0])
    assert [one["id"] for one in api.get(f"/cases?owner={sams.id}")["items"]] == [case["id"]]
    before = len(api.get("/audit?act=cases.claim")["items"])
    take(sam, case["url"])  # again: it stays theirs
    entries = api.get("/audit?act=cases.claim")["items"]
    assert len(entries) == before + 1 and entries[0]["changes"] == []


def take(person: PageClient, url: str, status: int = 200) -> str:
    person.get(f"{url}/claim")
    return person.submit(f"{url}/claim", {}, status)


def test_programs_and_those_without_the_right_take_none(house: House) -> None:
    _, _, case = declined(house)
    assert refused(house, house.api(), f"{case['url']}/claim", {}, "not_yours") == "Only people take cases."
    for role in ("auditor", "admin", "shop"):
        for verb in ("claim", "release"):
            denied(house, role, f"{case['url']}/{verb}")
    house.api("finance").post(f"{case['url']}/dismiss", {"reason": "r"})
    assert "dismissed already" in refused(house, house.api(), f"{case['url']}/claim", {}, "already_resolved")


def test_it_is_given_back_and_a_lead_takes_it_away(house: House) -> None:
    [url] = planted(house)
    sam, ada, lee = house.page("support"), house.page("clinician"), house.page("ops_lead")
    take(sam, url)
    with nothing_written(house):
        give_back(ada, url, 409)
    give_back(sam, url)
    assert of(house, url, "owner", "claimed_at") == (None, None)
    give_back(sam, url, 409)  # the second click changes nothing
    take(sam, url)
    give_back(lee, url)
    assert of(house, url, "owner") == (None,)


def give_back(somebody: PageClient, url: str, status: int = 200) -> str:
    somebody.get(f"{url}/release")
    return somebody.submit(f"{url}/release", {}, status)


def test_who_turns_away_for_half_an_hour_loses_it_and_a_form_that_is_open_counts(house: House) -> None:
    order, refund, case = declined(house)
    url, sam = case["url"], house.page("support")
    take(sam, url)
    for look in (url, f"{url}/retry", order["url"] + "/refund", f"{url}/retry"):
        house.advance(25 * 60)
        sam.get(look)
        clock(house)
        assert of(house, url, "owner") == (PEOPLE["support"][0],), look
    house.advance(25 * 60)
    sam.get(f"{refund['url']}/note")
    sam.submit(f"{refund['url']}/note", {"text": "On it"})
    house.advance(20 * 60)
    clock(house)  # what was done to its subject counts as well
    assert of(house, url, "owner") == (PEOPLE["support"][0],)
    house.advance(31 * 60)
    clock(house)
    assert of(house, url, "owner") == (None,)
    [told] = house.api().get("/audit?act=cases.free")["items"]
    assert "half an hour" in told["says"] and told["by"] == "clock"


def test_a_page_that_asks_by_itself_is_no_work_and_shows_others_that_it_is_open(house: House) -> None:
    [url] = planted(house)
    sam, lee = house.page("support"), house.page("ops_lead")
    take(sam, url)
    assert "has it open" not in sam.get(url)
    house.advance(90)
    assert "Sam Rivera has had it open for" in lee.get(url)
    house.advance(29 * 60)
    sam.client.get(url, headers={"Accept": "text/html", "X-Poll": "1"})
    assert "Sam Rivera has had it open for" in lee.get(url)
    clock(house)
    assert of(house, url, "owner") == (None,)
    house.advance(5 * 60)
    assert "has it open" not in lee.get(url)


def test_two_who_ask_at_once_never_hold_the_same(house: House) -> None:
    """Each asks on a connection of their own, at the same instant."""
    urls = planted(house, 6)
    people = [person(house, role) for role in ("support", "ops_lead")]
    held: list[tuple[str, str]] = []
    for url in urls[:3]:
        taken = at_once(
            house, people, lambda by, url=url: cases.claim(url.rsplit("/", 1)[-1], by=by).owner_id
        )
        assert sorted(one is None for one in taken) == [False, True]
    for _ in range(2):
        found = at_once(house, people, lambda by: cases.next_(by=by).id)
        held += [(who.id, one) for who, one in zip(people, found, strict=True) if one]
    assert len({one for _, one in held}) == len(held)


def at_once(house: House, people: list[Actor], ask: Any) -> list[Any]:
    start = Barrier(len(people))

    def one(by: Actor) -> Any:
        with house.app.app_context():
            start.wait()
            try:
                return ask(by)
            except Refused:
                return None
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(one, people))


def test_whatever_people_do_one_person_at_most_has_a_case(house: House) -> None:
    """A random walk of four people and the clock; what each believes to hold is what the table says."""
    ids = [url.rsplit("/", 1)[-1] for url in planted(house, 5)]
    people = {role: person(house, role) for role in ("support", "ops_lead", "clinician", "finance")}
    chance = random.Random(7)
    believed: dict[str, str | None] = dict.fromkeys(ids)
    for _ in range(60):
        by, id = people[chance.choice([*people])], chance.choice(ids)
        verb = chance.choice(("claim", "release", "next_", "hand_over", "free"))
        with house.app.app_context():
            try:
                if verb == "next_":
                    got: Case = cases.next_(by=by)
                    assert believed[got.id] is None, "what somebody has was taken"
                    believed[got.id] = by.id
                elif verb == "hand_over":
                    to = people[chance.choice([*people])].id
                    cases.hand_over(id, to=to, note="Yours", by=by)
                    assert believed[id] in (None, by.id) or by.may("cases.assign")
                    believed[id] = to
                elif verb == "free":
                    cases.free(id, by=CLOCK)  # nobody turned away
                else:
                    getattr(cases, verb)(id, by=by)
                    if verb == "claim":
                        assert believed[id] in (None, by.id), "two hold the same"
                    believed[id] = by.id if verb == "claim" else None
            except Refused:
                pass
            finally:
                db.session.remove()
    stands = {row.id: row.owner_id for row in house.rows("select id, owner_id from cases")}
    assert stands == believed and any(believed.values())


def test_its_owner_stands_in_the_way_of_nobody_but_is_told_of(house: House) -> None:
    _, _, case = declined(house)
    take(house.page("support"), case["url"])
    body = {"reason": "It was settled on the phone"}
    seen = house.api("finance").post(f"{case['url']}/dismiss?preview=1", body, 200)["preview"]
    assert seen["warnings"] == ["Sam Rivera has this case."]
