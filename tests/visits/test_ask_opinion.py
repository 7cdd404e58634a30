"""A second opinion: both are signed, and where they differ nothing is prescribed before that is answered."""

from __future__ import annotations

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import clinic, colleague, to_review

MINE = {"would": "approve", "words": "It fits."}


def test_a_disagreement_blocks_until_it_is_answered_in_words(house: House) -> None:
    ada = clinic(house)
    osei = colleague(house, "Dr. Osei", "1245319599", ("NV",))
    far = colleague(house, "Dr. Raman", "1982637013", ("PA",))
    visit, api = to_review(house), house.api()
    invalid(house, api, f"{visit}/ask_opinion", {"would": "maybe"}, "would", "words")
    refused(house, api, f"{visit}/give_opinion", MINE, "nothing_asked")
    refused(house, api, f"{visit}/ask_opinion", MINE | {"provider": ada, "of": far}, "not_licensed")
    invalid(house, api, f"{visit}/ask_opinion", MINE | {"provider": ada, "of": ada}, "of")
    done = api.post(f"{visit}/ask_opinion", MINE | {"provider": ada}, key="o")
    with nothing_written(house):
        assert api.post(f"{visit}/ask_opinion", MINE | {"provider": ada}, key="o") == done
    refused(house, api, f"{visit}/give_opinion", MINE | {"provider": ada}, "not_yours")
    refused(house, api, f"{visit}/give_opinion", MINE | {"provider": far}, "not_licensed")
    api.post(f"{visit}/give_opinion", {"would": "deny", "words": "Rosacea, not acne.", "provider": osei})
    assert [one.kind for one in house.rows("select kind from decisions order by number")] == ["opinion"] * 2
    refused(house, api, f"{visit}/approve", {"provider": ada}, "flags_open", "flags")
    [flag] = house.rows("select id, effect from review_flags")
    answered = {"flags": [flag.id], "flag_words": "Papules and comedones: it is acne."}
    api.post(f"{visit}/approve", answered | {"provider": ada})
    page = house.page("clinician").get(visit)
    assert "Rosacea, not acne." in page and "it is acne" in page
    assert "Rosacea" not in str(house.rows("select inputs::text, says, changes::text from audit_entries"))
    for role in ("support", "ops_lead", "auditor"):
        denied(house, role, f"{visit}/ask_opinion", MINE)
        denied(house, role, f"{visit}/give_opinion", MINE)


def test_who_agrees_holds_nothing_up(house: House) -> None:
    ada = clinic(house)
    osei = colleague(house, "Dr. Osei", "1245319599", ("NV",))
    visit, api = to_review(house), house.api()
    api.post(f"{visit}/ask_opinion", MINE | {"provider": osei, "of": ada})
    page = house.page("clinician")
    assert visit in page.get("/visits?tab=opinions")
    page.get(f"{visit}/give_opinion")
    page.submit(f"{visit}/give_opinion", MINE)
    assert not house.rows("select id from review_flags")
    api.post(f"{visit}/approve", {"provider": osei})
