"""Vendors that fall over, and the clock that notices."""

from __future__ import annotations

from typing import Any

from opsconsole.services import incidents

from ..harm.scenes import alter
from ..house import House
from ..scenes import WINDOW, issue

# Another breaker of the same vendor, behind another port.
ANOTHER = """
    insert into breakers (port, method, failures, lanes, probes, opened_at, probe_at)
    values ('billing', 'charge', 5, '{}', 0, instant(), instant() + interval '2 hours')
    on conflict (port, method) do update set opened_at = instant(), probe_at = instant() + interval '2 hours'
"""


def look(house: House) -> None:
    """What the clock does every few seconds."""
    with house.app.app_context():
        incidents.watch()


def pass_time(house: House, *steps: float) -> None:
    """Let time pass in these steps; the clock and the workers do their part after each."""
    for step in steps:
        house.later(step)
        look(house)


def stripe_down(house: House, *, lanes: int = 3, kind: str = "down") -> list[dict[str, Any]]:
    """Stripe stops answering while refunds of so many payments go out. Returns the orders."""
    orders = [house.order("60.00", customer=f"cust-{n}") for n in range(lanes)]
    for order in orders:
        issue(house, order)
    house.sandbox.fault(kind=kind, vendor="stripe")
    pass_time(house, WINDOW, 5, 5)
    return orders


def stripe_back(house: House) -> None:
    house.sandbox.clear_faults()
    pass_time(house, 31, 31, 91)


def another_breaker(house: House) -> None:
    alter(house, ANOTHER)


def all_of(house: House, query: str = "") -> list[Any]:
    return list(house.api().get(f"/incidents{query}")["items"])


def only(house: House) -> Any:
    """The one incident there is, as its own page tells of it."""
    [one] = all_of(house)
    return house.api().get(one["url"])


def entries(house: House, act: str) -> int:
    [[number]] = house.rows("select count(*) from audit_entries where act = :act", act=act)
    return int(number)


def reasons(house: House) -> list[str]:
    return sorted(case["reason"] for case in house.api().get("/cases?status=open")["items"])


def declared(house: House, port: str = "payments", **more: Any) -> Any:
    """Somebody was told that a vendor is down. Returns the act's answer."""
    return house.api().post("/incidents/declare", {"port": port, "words": "They said: maintenance.", **more})
