"""What the reader of this request sees of a record, as filters for templates and as values for JSON (services/sight)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from flask import Flask

from ..models import CONTACTS, NAMES, BrokenGlass, Customer, Order, Record
from ..services import Preview, phi, sight
from ._who import actor


def init_masking(app: Flask) -> None:
    """What a request shows of health data is written down before its answer leaves, or no answer leaves."""
    app.before_request(sight.begin)
    app.after_request(_written_down)


def masking_filters() -> dict[str, Any]:
    """What templates ask of it."""
    return {
        "seen": seen, "seen_name": seen_name, "seen_contact": seen_contact, "seen_address": seen_address,
        "fact_seen": fact_seen, "facts_seen": facts_seen, "masked_changes": masked_changes,
        "masked_inside": masked_inside, "written": written,
    }  # fmt: skip


def _written_down(response: Any) -> Any:
    sight.write_down()
    return response


def seen(record: Record, field: str) -> str | None:
    """A field that tells who somebody is, for a page: as it is, or a trace of it."""
    return sight.words(record, field, to=actor())


def seen_name(text: str) -> str:
    """The name of a customer in a row that is no record."""
    return text if actor().may(NAMES) else sight.masked(text, NAMES)


def seen_contact(text: str | None) -> str | None:
    """The same for where to reach one."""
    return text if text is None or actor().may(CONTACTS) else sight.masked(text, CONTACTS)


def seen_address(record: Order | Customer, *, posted: bool = False) -> Sequence[str]:
    """Where an order or a customer's orders ship, as on the label, or `posted` as the post writes it; masked it is one
    row."""
    address = record.as_posted if posted and isinstance(record, Order) else record.ships_to
    clear = address and not sight.hides(record, "ship_to", to=actor())
    return address.rows if clear and address else [seen(record, "ship_to") or ""]


def told(record: Record, *fields: str) -> dict[str, Any]:
    """The same for JSON: what is masked is null, and `masked` names it."""
    hidden = [field for field in fields if sight.hides(record, field, to=actor())]
    values = {field: None if field in hidden else getattr(record, field) for field in fields}
    return values | {"masked": hidden}


def masked_changes(changes: Any) -> list[Any]:
    return sight.changes(changes, to=actor())


def masked_inside(inputs: Any, act: str) -> Any:
    return sight.inside(inputs, act, to=actor())


def written(text: Any, act: str = "") -> Any:
    """What somebody or a vendor wrote, as who asks may read it. `act` is the one that says it."""
    return text if sight.of_colleagues(act) else sight.written(text, to=actor())


def fact_seen(words: str, name: str) -> str:
    """A fact that another system holds, by its name."""
    return str(sight.fact(name, words, to=actor(), as_words=True))


def facts_seen(shown: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [(name, label, fact_seen(words, name)) for name, label, words in shown]


def as_seen(preview: Preview) -> Preview:
    """A preview without the values that who asks sees masked; its hash stands for all of it."""
    return dataclasses.replace(preview, changes=masked_changes(preview.changes))


def may_reveal(record: Record, field: str) -> bool:
    """May who asks be shown this masked field for a purpose?"""
    return phi.may_reveal(record, field, by=actor())


def broken_now() -> list[tuple[BrokenGlass, Customer]]:
    """What the reader has open in an emergency now, for the banner over every page."""
    return [(glass, phi.patient_of(glass)) for glass in sight.open_glass(actor()).values()]
