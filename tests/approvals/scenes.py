"""Asking for a second person, and deciding, through the doors that people and programs use."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from ..house import TOKENS, House, PageClient
from ..kept import scene


def ask(
    house: House, order: dict[str, Any], amount: str, role: str = "support", *, key: str | None = None
) -> TestResponse:
    """Ask for a refund as a program of that role. 201: done; 202: it needs a second person; 409: refused."""
    headers = {"Authorization": f"Bearer {TOKENS[role]}", "Accept": "application/json"}
    body = {"amount": amount, "reason": "goodwill"}
    if key:
        headers["Idempotency-Key"] = key
    return house.app.test_client(use_cookies=False).post(f"{order['url']}/refund", json=body, headers=headers)


@scene
def waiting(house: House, amount: str = "150.00", role: str = "support", **order: Any) -> Any:
    """A request that waits for a second person, as JSON tells it."""
    asked = ask(house, house.order("500.00", **order), amount, role)
    assert asked.status_code == 202, asked.get_json()
    return house.api().get(asked.get_json()["approval"]["url"])


def decide(
    person: PageClient,
    approval: Any,
    how: str = "approve",
    *,
    note: str = "Seen.",
    hash: str = "",
    csrf: bool = True,
) -> TestResponse:
    """Decide as a person does, and get JSON: a session with its CSRF token."""
    person.get("/")
    token = person.html.partition('name="csrf-token" content="')[2].partition('"')[0]
    body = {"note": note} | ({"hash": hash or approval["hash"]} if how == "approve" else {})
    headers = {"Accept": "application/json"} | ({"X-CSRFToken": token} if csrf else {})
    return person.client.post(f"{approval['url']}/{how}", json=body, headers=headers)


@scene
def agreed(house: House, asked: Any, role: str = "ops_lead") -> Any:
    """A person of that role approves what a 202 asks for; what was done, as the answer tells it."""
    answer = decide(house.page(role), asked["approval"])
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["result"]
