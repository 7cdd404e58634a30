"""What pharmacies tell, in any order: fill and order end as the pharmacy has them."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from opsconsole.lib import ids as made_ids
from opsconsole.models import FillStatus
from opsconsole.services import robot
from opsconsole.services.fills import settle
from opsconsole.vendors.pharmacy import FillFacts, FillState, _honeybee_facts, _truepill_facts
from opsconsole.vendors.pharmacy.codes import ERRORS, EXCEPTIONS, TRIAGE

from ..house import House
from ..scenes import WINDOW, cases_of, only_case
from .scenes import at_pharmacy, look, made_up, order, pharmacies, submitted


def test_triage_keeps_the_order_and_closes_its_case(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="TRIAGE T005")
    assert look(house, fill) == ("triage", "submitted")
    assert (fill["exception"]["code"], fill["exception"]["vendor_code"]) == ("out_of_stock", "T005")
    case = only_case(house, fill["url"])
    assert case["reason"] == "out_of_stock" and "send nothing again" in case["says"]
    house.later(25 * 3600)
    assert look(house, fill)[1] == "at_pharmacy" and cases_of(house, fill["url"]) == []


def test_an_error_stops_the_order_with_a_case_of_our_code(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R022")
    assert look(house, fill) == ("error", "manual_intervention")
    case = only_case(house, fill["url"])
    assert case["reason"] == "sig_unclear" and "clinician" in case["says"]
    assert case["url"] in [one["url"] for one in cases_of(house, fill["order"])], (
        "the order's page shows it too"
    )


def test_what_waits_for_our_answer(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state="CA", fate="EXCEPTION OOS")
    assert look(house, fill) == ("exception", "at_pharmacy")
    assert only_case(house, fill["url"])["suggests"]["url"] == f"{fill['url']}/answer"


def test_what_the_pharmacy_cancels_by_itself_is_rejected(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state="CA", fate="NEVER")
    assert look(house, fill) == ("rejected", "manual_intervention")
    assert only_case(house, fill["url"])["reason"] == "pharmacy_declined"


@pytest.mark.parametrize("state", ["NV", "CA"])
def test_a_new_word_is_a_case_and_no_error(house: House, state: str) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state=state, fate="STATUS NewStatusX")
    assert look(house, fill) == ("sent", "submitted") and fill["raw_status"] == "NewStatusX"
    case = only_case(house, fill["url"])
    assert case["reason"] == "vendor_status_unknown" and "NewStatusX" in case["says"]
    assert house.api().get("/inbox?status=manual_intervention")["items"] == []


def test_a_duplicate_says_that_the_first_try_had_landed(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="DUPLICATE")
    house.later(10)
    assert look(house, fill) == ("acknowledged", "at_pharmacy")
    assert len(made_up(house)) == 1 and cases_of(house, fill["url"]) == []


def test_the_second_of_two_is_not_the_one_we_follow(house: House) -> None:
    """We were answered about the second copy; R1 then names the first one, whose answer was lost."""
    pharmacies(house)
    fill = at_pharmacy(house, fate="STALL")
    first = fill["external_id"]
    twin = "TP-1999999"
    facts = FillFacts(
        id=twin, state=FillState.ERROR, raw_status="error", code="duplicate_order", duplicate_of=first,
        tags={"opsconsole_subject": fill["id"]},
    )  # fmt: skip
    take_in(house, twin, facts)
    house.rows("select 1")
    assert house.api().get(fill["url"])["external_id"] == first
    assert look(house, fill)[0] == "sent"


def take_in(
    house: House, id: str, facts: FillFacts, *, source: str = "pharmacy-truepill", at: Any = None
) -> None:
    with house.app.app_context():
        settle(id, facts=facts, fetched_at=at or datetime.now(UTC), by=robot(source))
    house.drain()


def test_two_live_copies_are_a_case(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house)
    copy = FillFacts(
        id="TP-1888888",
        state=FillState.FILLING,
        raw_status="filling",
        tags={"opsconsole_subject": fill["id"]},
    )
    take_in(house, "TP-1888888", copy)
    assert only_case(house, fill["url"])["reason"] == "two_copies"
    assert house.api().get(fill["url"])["external_id"] == fill["external_id"]


def test_what_is_none_of_ours_is_left_alone(house: House) -> None:
    pharmacies(house)
    take_in(house, "TP-5", FillFacts(id="TP-5", state=FillState.SHIPPED, raw_status="TRANSIT"))
    assert house.api().get("/fills")["items"] == []


def test_a_parcel_that_left_though_it_was_stopped(house: House) -> None:
    """A ship event wins over everything."""
    pharmacies(house)
    fill = at_pharmacy(house)
    house.api().post(f"{fill['url']}/cancel", {"reason": "customer_asked"})
    house.later(1)
    house.later(5)
    assert look(house, fill) == ("canceled", "canceled")
    facts = FillFacts(
        id=fill["external_id"], state=FillState.SHIPPED, raw_status="TRANSIT", tracking_number="1Z5"
    )
    house.advance(60)
    take_in(house, fill["external_id"], facts, at=datetime.fromtimestamp(house.sandbox.clock.now(), UTC))
    assert look(house, fill) == ("shipped", "canceled")
    assert only_case(house, fill["url"])["reason"] == "shipped_after_cancel"


STORY = [
    FillFacts(id="", state=FillState.ACCEPTED, raw_status="accepted"),
    FillFacts(id="", state=FillState.ACKNOWLEDGED, raw_status="verified"),
    FillFacts(id="", state=FillState.TRIAGE, raw_status="triage", code="out_of_stock", vendor_code="T005"),
    FillFacts(id="", state=FillState.FILLING, raw_status="filling"),
    FillFacts(id="", state=FillState.SHIPPED, raw_status="TRANSIT", carrier="UPS", tracking_number="1Z9"),
]


def test_in_any_order_of_arrival_it_ends_the_same(house: House) -> None:
    """Each fetch carries the instant at which it was made: what is older never overwrites what is newer."""
    pharmacies(house)
    start = datetime.now(UTC).timestamp() + 1000
    orders = [*itertools.permutations(range(5))]
    random.Random(7).shuffle(orders)
    ends = set()
    for number, arrival in enumerate(orders[:3]):
        fill = submitted(house, order(house, fate="STALL", customer=f"c-{number}"))
        house.later(WINDOW)
        id = house.api().get(fill["url"])["external_id"]
        for step in (*arrival, arrival[0]):
            of_this = {"id": id, "tags": {"opsconsole_subject": fill["id"]}}
            if STORY[step].tracking_number:
                of_this["tracking_number"] = f"1Z{number:09}"
            facts = FillFacts(**vars(STORY[step]) | of_this)
            at = datetime.fromtimestamp(start + number * 100 + step, UTC)
            with house.app.app_context():
                settle(id, facts=facts, fetched_at=at, by=robot("pharmacy-truepill"))
        now = house.api().get(fill["url"])
        open_cases = len(cases_of(house, fill["url"]))
        told = now["tracking_number"] == f"1Z{number:09}" and bool(now["shipment"])
        ends.add((*look(house, fill), told, now["exception"], open_cases))
    assert ends == {("shipped", "shipped", True, None, 0)}
    assert len(house.api().get("/shipments")["items"]) == 3


def test_every_code_of_theirs_becomes_a_case_that_says_who(house: House) -> None:
    """All of domain's codes, told about one fill one after the other."""
    pharmacies(house)
    fill = at_pharmacy(house, fate="STALL")
    at = datetime.now(UTC).timestamp() + 5000
    seen = set()
    told = [(FillState.TRIAGE, code) for code in {*TRIAGE.values(), *EXCEPTIONS.values(), *ERRORS.values()}]
    for number, (state, code) in enumerate(sorted(told)):
        facts = FillFacts(id=fill["external_id"], state=state, raw_status="x", code=code, vendor_code="V")
        take_in(house, fill["external_id"], facts, at=datetime.fromtimestamp(at + number, UTC))
        case = only_case(house, fill["url"])
        assert case["reason"] == code and case["says"].endswith(".)"), case
        seen.add(case["reason"])
    assert len(seen) == len(told) >= 18


# Every word of theirs that is a status of a fill -> where it leads the fill and its order.
LEADS: dict[str, dict[str, tuple[str, str]]] = {
    "truepill": {
        "accepted": ("sent", "submitted"),
        "success": ("acknowledged", "at_pharmacy"),
        "verified": ("acknowledged", "at_pharmacy"),
        "triage": ("triage", "submitted"),
        "filling": ("filling", "at_pharmacy"),
        "filled": ("dispensed", "at_pharmacy"),
        "partially_filled": ("partial", "at_pharmacy"),
        "error": ("error", "manual_intervention"),
        "canceled": ("rejected", "manual_intervention"),
        "TRANSIT": ("shipped", "shipped"),
        "DELIVERED": ("shipped", "shipped"),
        "NewStatusX": ("sent", "submitted"),
    },
    "honeybee": {
        "Received": ("sent", "submitted"),
        "Processing": ("acknowledged", "at_pharmacy"),
        "On Hold": ("exception", "at_pharmacy"),
        "Filling": ("filling", "at_pharmacy"),
        "Filled": ("dispensed", "at_pharmacy"),
        "Partially Filled": ("partial", "at_pharmacy"),
        "Shipped": ("shipped", "shipped"),
        "Delivered": ("shipped", "shipped"),
        "Canceled": ("rejected", "manual_intervention"),
        "NewStatusX": ("sent", "submitted"),
    },
}


@pytest.mark.parametrize(("where", "facts"), [("truepill", _truepill_facts), ("honeybee", _honeybee_facts)])
def test_every_word_of_theirs_leads_somewhere(house: House, where: str, facts: Any) -> None:
    """Told through the door of webhooks; a word that nobody knows moves nothing and is a case."""
    assert {*facts.STATES, "NewStatusX"} == set(LEADS[where])
    id = pharmacies(house)[where]
    for word, wanted in LEADS[where].items():
        fill = submitted(house, order(house, fate="STALL"), pharmacy=id)
        house.later(WINDOW)
        told(house, where, house.api().get(fill["url"])["external_id"], word)
        assert look(house, fill) == wanted, word
        assert house.api().get(fill["url"])["raw_status"] == word
        strange = [case for case in cases_of(house, fill["url"]) if case["reason"] == "vendor_status_unknown"]
        assert len(strange) == (word == "NewStatusX")
    assert house.api().get("/inbox?status=manual_intervention")["items"] == []


def told(house: House, where: str, id: str, word: str) -> None:
    """The pharmacy has it so, and says so."""
    pharmacy = getattr(house.sandbox, where)
    if word in ("TRANSIT", "DELIVERED", "Delivered"):
        pharmacy.move(id, "shipped" if where == "truepill" else "Shipped")
    if word == "DELIVERED":
        house.advance(60 * 3600)
    elif word not in ("TRANSIT", "accepted", "Received"):
        pharmacy.move(id, word)
    house.drain()


def test_a_missed_event_is_found_by_the_hourly_look(house: House) -> None:
    ids = pharmacies(house)
    sent = [submitted(house, order(house), pharmacy=ids[where]) for where in ("truepill", "honeybee")]
    for where in ("truepill", "honeybee"):
        house.sandbox.fault(vendor=where, kind="drop", method="webhook")
    house.later(WINDOW)
    house.later(10)
    assert {look(house, fill)[1] for fill in sent} == {"submitted"}
    for source in ("pharmacy-truepill", "pharmacy-honeybee"):
        house.api().post("/inbox/sweep", {"source": source})
    house.drain()
    assert {look(house, fill)[1] for fill in sent} == {"at_pharmacy"}


def test_a_stranger_may_hint_and_change_nothing(house: House) -> None:
    """Truepill signs nothing: whatever is posted, the fill is fetched."""
    pharmacies(house)
    fill = at_pharmacy(house, fate="STALL")
    forged = {
        "id": "evt_forged", "type": "SHIPMENT", "status": "TRANSIT", "order_number": fill["external_id"],
        "timestamp": "2026-11-21T10:00:00+00:00", "metadata": {"opsconsole_subject": fill["id"]},
    }  # fmt: skip
    client = house.app.test_client(use_cookies=False)
    assert client.post("/webhooks/pharmacy-truepill", json=forged).status_code == 200
    assert client.post("/webhooks/pharmacy-honeybee", json=forged).status_code == 400
    house.drain()
    assert look(house, fill) == ("sent", "submitted")


def test_each_status_has_words_and_an_id_of_its_own() -> None:
    assert made_ids.new("fil").startswith("fil_") and len({one.help for one in FillStatus}) == len(FillStatus)


def test_what_is_told_again_opens_no_case_again(house: House) -> None:
    """Somebody dismissed it; the same event comes once more."""
    pharmacies(house)
    for fate in ("ERROR R2", "STATUS NewStatusX"):
        fill = at_pharmacy(house, fate=fate, customer=fate)
        case = only_case(house, fill["url"])
        house.api().post(f"{case['url']}/dismiss", {"reason": "We know"})
        house.sandbox.webhooks.redeliver("truepill", None, 1, house.sandbox.clock.now())
        house.advance(5)
        house.api().post("/inbox/sweep", {"source": "pharmacy-truepill"})
        house.drain()
        facts = FillFacts(
            id=fill["external_id"], state=FillState.ERROR if "R2" in fate else FillState.UNKNOWN,
            raw_status=fill["raw_status"], code="bad_address" if "R2" in fate else None, vendor_code="R2",
        )  # fmt: skip
        take_in(house, fill["external_id"], facts, at=datetime.fromtimestamp(house.sandbox.clock.now(), UTC))
        assert cases_of(house, fill["url"]) == [], fate


def test_a_no_counts_also_when_a_newer_look_came_first(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state="CA")
    house.later(700)
    house.api().post(f"{fill['url']}/cancel", {"reason": "other"})
    ahead = datetime.fromtimestamp(house.sandbox.clock.now() + 600, UTC)
    take_in_only(
        house, fill, FillFacts(id=fill["external_id"], state=FillState.FILLING, raw_status="Filling"), ahead
    )
    assert look(house, fill)[0] == "cancel_requested"
    house.later(1)
    assert look(house, fill)[0] == "cancel_denied"
    assert only_case(house, fill["url"])["reason"] == "cancel_denied"


def take_in_only(house: House, fill: Any, facts: FillFacts, at: datetime) -> None:
    """Taken in while the worker has not asked yet."""
    with house.app.app_context():
        settle(fill["external_id"], facts=facts, fetched_at=at, by=robot("pharmacy-honeybee"))
