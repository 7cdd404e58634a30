"""What people read of an incident. No names, no drugs: it stands on every page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from ... import vendors
from ...models import BECAUSE, Incident

# What is called, as people say it; a method that is missing here is named by its own words.
CALLS = {
    "refund": "refunds",
    "charge": "charges",
    "send": "messages",
    "submit_fill": "fills",
    "cancel_fill": "stopping fills",
    "answer_exception": "answers to pharmacies",
    "change_address": "addresses",
    "follow": "following parcels",
    "verify": "checking addresses",
    "ask": "requests about prescriptions",
    "prescribe": "prescriptions",
    "events": "lists of events",
}
# What becomes of what somebody does now, by the first sign that says it.
_MEANWHILE = {
    "declared": "What you do now is kept and goes out, in order, when it is back.",
    "credentials": "What you do now is kept and goes out, in order, when the key is right.",
    "breaker": "What you do now is kept and goes out, in order, when it is back.",
    "signature": "What you do now goes out. What it tells us is refused until the secret is right.",
    "silent": "What you do now goes out. What it did with it may show late.",
}


def sentence(port: str, because: Collection[str], methods: Collection[str]) -> str:
    """ "Truepill does not answer (fills). What you do now is kept …": what is so, and what becomes of what people do now."""
    reasons = [words for code, words in BECAUSE.items() if code in because]
    calls = ", ".join(sorted(CALLS.get(one, one.replace("_", " ")) for one in methods))
    which = f" ({calls})" if calls and len(methods) <= 3 else ""
    meanwhile = next(words for code, words in _MEANWHILE.items() if code in because)
    return f"{vendors.system_of(port).name} {' and '.join(reasons)}{which}. {meanwhile}"


def back(port: str) -> str:
    """The same once it is back and what waited is on its way."""
    return f"{vendors.system_of(port).name} is back. What waited goes out in order; what you do now follows."


def case_of(incident: Incident) -> tuple[str, dict[str, str]]:
    """(reason, the next act) of an incident's case."""
    name = vendors.system_of(incident.port).name
    if set(incident.because) <= {"signature"}:
        label = f"Put {name}'s webhook secret right in the settings, then read what was missed"
        return "signature_refused", {"act": "inbox.sweep", "url": "/inbox/sweep", "label": label}
    label = (
        f"Put {name}'s key right in the settings, and write down when it will be"
        if "credentials" in incident.because
        else f"Ask {name} when it will be back, and write it down"
    )
    return "vendor_down", {
        "act": "incidents.expect_back", "url": f"{incident.url}/expect_back", "label": label
    }  # fmt: skip


# A message to those who wait, by the vendor's kind. It names no vendor and no product.
_DRAFTS = {
    "payments": "We are having trouble reaching our payment partner. Your request is recorded and will be carried out"
    "{when}. You need not do anything, and nothing will be charged or refunded twice.",
    "pharmacy": "Our pharmacy is having technical trouble. Your order is safe with us and goes out in its turn"
    "{when}. You need not do anything. If you are about to run out, answer this message and we will look for another way.",
    "healthcare": "Our clinic's system is having technical trouble. What you sent us is safe, and your clinician will see"
    " to it{when}. If your request is urgent, please call your doctor or your local emergency number.",
    "tracking": "News of your parcel may be late at the moment, because the tracking service is having trouble. The parcel "
    "itself is on its way as planned. We will write again{when}.",
    "crm": "Our messages to you may have been late, because our mail service was having trouble. Nothing about your order "
    "has changed.",
}
_OTHERWISE = "We are having technical trouble. Your request is recorded and will be carried out{when}."


def draft(port: str, expected_back_at: datetime | None) -> str:
    """A message to the customers who wait: to be read and changed by a person, never sent by itself."""
    kind = "pharmacy" if port.startswith("pharmacy-") else port
    when = (
        f", we expect by {expected_back_at:%-d %B, %H:%M} UTC"
        if expected_back_at
        else " as soon as it is back"
    )
    return f"Hello,\n\n{_DRAFTS.get(kind, _OTHERWISE).format(when=when)}\n\nYour care team"


def can_do(port: str, because: Sequence[str]) -> list[dict[str, Any]]:
    """What staff can do meanwhile: {"says", "url"}; url None where there is no page for it."""
    kind = "pharmacy" if port.startswith("pharmacy-") else port
    by_kind: dict[str, list[tuple[str, str | None]]] = {
        "payments": [
            ("Go on refunding and charging as usual: it is kept, in order, and goes out by itself.", None),
            ("Give store credit to whoever cannot wait: it counts against the next invoice.", "/customers"),
        ],
        "pharmacy": [
            (
                "Send an order that has not gone yet to another pharmacy: open it and reroute it.",
                f"/orders?waits_for={port}",
            ),
            (
                "Telephone the pharmacy about a fill that is urgent; note it on the order.",
                f"/fills?waits_for={port}",
            ),
        ],
        "healthcare": [
            ("Go on with visits and prescriptions: what you decide is kept and goes out by itself.", None),
            ("Telephone a pharmacy where a prescription must stop today.", None),
        ],
        "tracking": [("Look at the carrier's own page for a parcel somebody asks about.", None)],
        "crm": [("Telephone whoever must know today: messages go out when it is back.", None)],
    }
    found = by_kind.get(kind, [])
    if "signature" in because:
        found = [
            ("Put the webhook secret right in the settings, then read what was missed.", "/inbox/sweep"),
            *found,
        ]
    if "credentials" in because:
        found = [
            ("Put the key right in the settings. Everything that waits goes out by itself.", None),
            *found,
        ]
    return [{"says": says, "url": url} for says, url in found]
