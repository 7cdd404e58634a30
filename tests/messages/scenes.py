"""Scenes that stories about messages begin with."""

from __future__ import annotations

from typing import Any

from ..house import House
from ..kept import scene
from ..scenes import WINDOW

ADDRESS = "cust-1@example.test"
EVENTS = "POST /customerio/track/*/events"  # the call that sends, as fault dials name it


@scene
def customer(house: House, *, at_crm: str | None = ADDRESS) -> tuple[str, dict[str, Any]]:
    """A customer with a paid order, whom the CRM knows under `at_crm`. Returns (their URL, the order)."""
    order = house.order("60.00")
    url = str(order["customer"])
    if at_crm:
        house.contact(url.rsplit("/", 1)[-1], at_crm)
    return url, order


@scene
def send(house: House, url: str, template: str = "call_us", role: str = "demo", **about: str) -> Any:
    """Plan a message. Returns the act's answer."""
    return house.api(role).post(f"{url}/message", {"template": template, **about})


@scene
def handed_over(house: House, url: str) -> Any:
    """A message that the CRM took in, and nothing has left yet. Returns its JSON."""
    done = send(house, url)
    house.advance(WINDOW)
    house.work()
    return house.api().get(done["subject"])


def written_to(house: House) -> list[tuple[str, str]]:
    """(address, template) of every e-mail that really left, from the sandbox's own book."""
    book = [entry["metadata"] for entry in house.sandbox.ledger("message")]
    return [(entry["recipient"], entry["template"]) for entry in book]


@scene
def bounced(house: House) -> Any:
    """A message that left and came back. Returns its JSON."""
    message = handed_over(house, customer(house)[0])
    house.later(2)
    mailbox_says(house, "bounced")
    return house.api().get(message["url"])


def mailbox_says(house: House, metric: str) -> None:
    """What the mailbox of the only e-mail that was sent does with it."""
    [entry] = house.sandbox.ledger("message")
    house.sandbox.customerio.report(entry["object_id"], metric)
    house.drain()
