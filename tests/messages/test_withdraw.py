"""Undoing a message: within its window nobody is written to, after it it cannot be undone."""

from __future__ import annotations

from ..house import House
from ..scenes import WINDOW, denied, nothing_written, refused
from .scenes import EVENTS, customer, handed_over, send, written_to


def test_within_the_window_nothing_is_ever_asked(house: House) -> None:
    url, _ = customer(house)
    done, api = send(house, url), house.api()
    calls = len(house.sandbox.calls)
    undone = api.post(done["undo"], key="undo")
    assert (undone["act"], undone["status"]) == ("messages.withdraw", "withdrawn")
    house.later(WINDOW)
    house.later(25 * 3600)
    assert len(house.sandbox.calls) == calls and written_to(house) == []
    [promise] = api.get(f"/promises?subject={done['subject']}")["items"]
    assert (promise["status"], promise["attempts"]) == ("withdrawn", 0)
    with nothing_written(house):
        assert api.post(done["undo"], key="undo") == undone
    assert refused(house, api, done["undo"], {}, "already_withdrawn") == "This message was undone already."


def test_once_the_crm_was_asked_it_is_too_late(house: House) -> None:
    message, api = handed_over(house, customer(house)[0]), house.api()
    refused(house, api, f"{message['url']}/withdraw", {}, "not_withdrawable")
    [offer] = api.get(message["url"])["acts"]
    assert (offer["allowed"], offer["why_not"]) == (False, "Customer.io has been asked already.")


def test_while_nobody_knows_whether_it_was_sent_it_cannot_be_undone(house: House) -> None:
    url, _ = customer(house)
    house.sandbox.fault(vendor="customerio", method=EVENTS, times=1, kind="lost_answer")
    message = handed_over(house, url)
    refused(house, house.api(), f"{message['url']}/withdraw", {}, "not_withdrawable")


def test_who_may_undo(house: House) -> None:
    done = send(house, customer(house)[0])
    for role in ("auditor", "clinician", "shop", "admin"):
        denied(house, role, done["undo"])
    house.api("support").post(done["undo"])  # a colleague may
