"""The glossary, and the help that stands where a status does."""

from __future__ import annotations

import re
from html import unescape

from opsconsole.models import Stateful

from ..house import House

# They stand on what they are about.
NO_LIST = {
    "corrections", "holds", "intercepts", "collections", "plans", "adjustment-batches", "credit-notes", "dispenses",
    "unknown-patients", "reminders",
}  # fmt: skip


def told(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_every_status_is_told_as_it_is_in_its_model(house: House) -> None:
    words = told(house.page().get("/glossary"))
    listed = {(one["noun"], one["status"]): one["means"] for one in house.api().get("/glossary")["statuses"]}
    for noun in Stateful.nouns():
        for status in noun.STATUS:
            assert status.help in words, status
            assert listed[noun.noun(), status.value] == status.help


def test_a_list_tells_what_its_statuses_mean(house: House) -> None:
    for noun in Stateful.nouns():
        if "/" in noun.PLURAL or noun.PLURAL in NO_LIST:
            continue  # nor have sweeps
        words = told(house.page("ops_lead").get(f"/{noun.PLURAL}"))
        for status in noun.STATUS:
            assert status.help in words, (noun, status)


def test_nobody_unknown_reads_it(house: House) -> None:
    client = house.app.test_client()
    assert client.get("/glossary", headers={"Accept": "application/json"}).status_code == 401
