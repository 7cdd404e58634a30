"""Scenes that several stories begin with, set through the doors that people and vendors use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .house import Api, House, stripe_client
from .kept import scene
from .sandbox.wsgi import WsgiClient

WINDOW = 61  # seconds after which a refund can no longer be undone and goes out


@scene
def issue(house: House, order: dict[str, Any], amount: str = "10.00", role: str = "demo", **more: Any) -> Any:
    """Plan a refund. Returns the act's answer."""
    asked = {"amount": amount, "reason": "goodwill", **more}
    return house.api(role).post(f"{order['url']}/refund", asked)


@scene
def sent(house: House, order: dict[str, Any], amount: str = "10.00") -> Any:
    """A refund that the processor has taken. Returns its JSON."""
    done = issue(house, order, amount)
    house.later(WINDOW)
    return house.api().get(done["subject"])


def processor(house: House) -> Any:
    """The processor's own API, as somebody at its dashboard uses it."""
    return stripe_client(WsgiClient(house.sandbox_app)).v1


def payment_id(house: House, order: dict[str, Any]) -> str:
    """The processor's id of an order's first payment."""
    return str(house.api().get(order["payments"][0])["external_id"])


def refund_elsewhere(house: House, order: dict[str, Any], minor: int) -> str:
    """Somebody refunds outside the console, and says nothing. Returns the processor's id."""
    made = processor(house).refunds.create({"payment_intent": payment_id(house, order), "amount": minor})
    return str(made.id)


@scene
def declined(house: House, *, left: int = 500) -> tuple[dict[str, Any], Any, Any]:
    """A refund of 10.00 that the processor declined, because only `left` minor units were left.

    Returns (order, refund, case)."""
    order = house.order("60.00")
    done = issue(house, order, "10.00")
    refund_elsewhere(house, order, 6000 - left)
    house.later(WINDOW)
    return order, house.api().get(done["subject"]), only_case(house, done["subject"])


def cases_of(house: House, subject: str, status: str = "open") -> list[Any]:
    return list(house.api().get(f"/cases?subject={subject}&status={status}")["items"])


def only_case(house: House, subject: str) -> Any:
    [case] = cases_of(house, subject)
    return case


@scene
def unknown_outcome(house: House) -> tuple[Any, Any]:
    """A refund that was done, and no answer came for more than a day. Returns (refund, case)."""
    order = house.order("60.00")
    done = issue(house, order)
    house.sandbox.fault(kind="lost_answer", method="POST /v1/refunds")
    house.sandbox.fault(kind="drop", method="webhook")
    house.advance(WINDOW)
    house.work()
    house.sandbox.clear_faults()
    house.sandbox.fault(kind="down", method="*")
    house.sandbox.fault(kind="drop", method="webhook")
    for _ in range(3):
        house.later(9 * 3600)
    house.sandbox.clear_faults()
    return house.api().get(done["subject"]), only_case(house, done["subject"])


@contextmanager
def nothing_written(house: House) -> Iterator[None]:
    """No row of any table changes inside: neither records nor audit nor kept answers."""
    before = house.checksum()
    yield
    after = house.checksum()
    assert after == before, [table for table in before if after[table] != before[table]]


def refused(house: House, api: Api, url: str, body: Any, code: str, field: str | None = None) -> str:
    """A 409 that writes nothing. Returns its words."""
    with nothing_written(house):
        said = api.post(url, body, 409)["refused"]
    assert (said["code"], said["field"]) == (code, field), said
    return str(said["message"])


def invalid(house: House, api: Api, url: str, body: Any, *fields: str) -> dict[str, list[str]]:
    """A 422 that names exactly these fields and writes nothing. Returns field -> sentences."""
    with nothing_written(house):
        errors: dict[str, list[str]] = api.post(url, body, 422)["errors"]
    assert set(errors) == set(fields), errors
    assert all(said and all(isinstance(one, str) and one for one in said) for said in errors.values())
    return errors


def denied(house: House, role: str, url: str, body: Any = None) -> None:
    """That role may not do this: 403, and nothing is written."""
    with nothing_written(house):
        said = house.api(role).post(url, body, 403)["refused"]
    assert said["code"] == "denied" and said["field"] is None


def paid_back(house: House) -> list[int]:
    """What really went out, in minor units, from the sandbox's own book."""
    return [entry["amount"] for entry in house.sandbox.ledger("refund")]
