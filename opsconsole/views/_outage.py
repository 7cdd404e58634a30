"""Vendors in trouble, as every page tells of them: the strip at the top, what a preview cannot send, what waits.

Which they are is read with who asks, in the statement with which every page begins; unless there is one, nothing more
is asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g

from .. import vendors
from ..models import Incident, IncidentStatus, Promise, Record, locate
from ..services import Preview, incidents
from ._who import person

# Signs that keep calls from going out; a vendor that only tells us nothing takes what we send.
_HOLDS = {"breaker", "credentials", "declared"}


@dataclass(frozen=True)
class Down:
    """A vendor in trouble. `says` is a sentence or two: what is so, and what becomes of what people do now."""

    id: str
    port: str
    ports: tuple[str, ...]
    status: str
    signs: tuple[str, ...]
    says: str
    since: datetime
    expected_back_at: datetime | None

    @property
    def url(self) -> str:
        return locate(self.id)

    @property
    def name(self) -> str:
        return vendors.system_of(self.port).name

    @property
    def draining(self) -> bool:
        return self.status == IncidentStatus.DRAINING

    @property
    def holds(self) -> bool:
        """Does what is sent there wait?"""
        return not self.draining and bool(_HOLDS & {*self.signs})

    @property
    def looks(self) -> list[Any]:
        return [self.id, self.status, self.says, self.expected_back_at]


def down() -> Sequence[Down]:
    """Which vendors are in trouble, the longest first. Of a person's request they are known already; a program's asks."""
    if "down" not in g:
        me = person()
        found = [_read(one) for one in me.incidents] if me else [_down(one) for one in incidents.standing()]
        g.down = sorted(found, key=lambda one: one.since)
    known: Sequence[Down] = g.down
    return known


def _read(told: Mapping[str, Any]) -> Down:
    back = told["expected_back_at"]
    return Down(
        told["id"], told["port"], tuple(told["ports"]), told["status"], tuple(told["signs"]), told["says"],
        datetime.fromisoformat(told["opened_at"]), datetime.fromisoformat(back) if back else None,
    )  # fmt: skip


def _down(one: Incident) -> Down:
    return Down(
        one.id, one.port, tuple(one.ports), one.status, tuple(one.signs), one.says, one.opened_at, one.expected_back_at
    )  # fmt: skip


def held_back(preview: Preview) -> Preview:
    """A preview whose promises say so when they cannot go out, and what else could be done."""
    holding = {port: one for one in down() if one.holds for port in one.ports} if preview.promises else {}
    if not any(promise["to"] in holding for promise in preview.promises):
        return preview
    subject = (preview.subject or "").rsplit("/", 1)[-1]
    promises = [
        promise
        | ({"held": _held(one, promise["to"], subject)} if (one := holding.get(promise["to"])) else {})
        for promise in preview.promises
    ]
    return dataclasses.replace(preview, promises=promises)


def _held(one: Down, port: str, subject: str) -> dict[str, Any]:
    expected = (
        f" It is expected back at {one.expected_back_at:%-d %b, %H:%M} UTC." if one.expected_back_at else ""
    )
    says = f"{one.says.partition('. ')[0]}.{expected}"
    return {
        "system": one.name,
        "incident": one.url,
        "says": says,
        "instead": incidents.instead(port, subject),
    }


def kept_waiting(record: Record | None) -> list[tuple[Down, Sequence[Promise], list[dict[str, str]]]]:
    """What of a record waits for a vendor in trouble: (the vendor, its calls, what else could be done). One statement, and
    only while there is one."""
    if record is None or not down():
        return []
    calls = incidents.waiting(record, [port for one in down() for port in one.ports])
    found: list[tuple[Down, Sequence[Promise], list[dict[str, str]]]] = []
    for one in down():
        theirs = [call for call in calls if call.port in one.ports]
        if theirs:
            found.append((one, theirs, [] if one.draining else incidents.instead(one.port, record.id)))
    return found
