"""What of a record its reader sees: as it is, or masked. The right that shows a field stands at its column.

One rule for health data and for what tells who somebody is. It is decided by the reader's rights alone, which the
request has read already, so a list of fifty rows asks the database nothing more. What tells of health is written down
each time it is shown (`seen`); what tells who somebody is, only when it was revealed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...models import CONTACTS, NAMES, PHI, REGISTRY, Record, data_class, shown_by
from .._actor import Actor
from ._glass import opened_for
from ._views import BREAK_GLASS, ON_THE_PAGE, seen

DOTS = "•••"
# Facts that other systems hold of a customer, and values that acts are given, by their names. In what a vendor told
# of a customer (`_PLAIN_FACTS`) whatever is not known to be plain counts as a way to reach them.
_NAMED = dict.fromkeys(("name", "name_before", "first_name", "last_name"), NAMES) | dict.fromkeys(
    ("email", "phone", "to", "to_address", "address", "ship_to", "line1", "line2", "city", "zip"), CONTACTS
)
_PLAIN_FACTS = {
    "card", "card_expires", "currency", "balance", "delinquent", "created_at", "deleted", "unsubscribed", "language",
    "timezone", "plan", "system", "facts", "fetched_at", "external_id", "customer_id",
}  # fmt: skip
_COLLEAGUES = {"staff", "roles", "tokens", "limits", "factors", "sign-ins", "identities"}
_NOUNS = {noun.PLURAL: noun for noun in REGISTRY.values()} | {noun.noun(): noun for noun in REGISTRY.values()}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+\d[\d ().-]{6,}\d|(?<!\d)\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)")


def sees(to: Actor, right: str | None, *, clinical: bool = False, patient: str | None = None) -> bool:
    """Does the reader see unmasked what that right shows? Health data of a `patient` also under broken glass."""
    if right is None:
        return not clinical  # health data that no right shows is only ever asked for
    return to.may(right) or (clinical and opened_for(to, patient))


def shown(record: Record, field: str, *, to: Actor, patient: str | None = None) -> Any:
    """The field's value, or None: it is masked, or there is none. That health data was shown is written down."""
    column = type(record).__table__.c[field]
    right, clinical = column.info.get("shown_by"), data_class(column) == PHI
    if not sees(to, right, clinical=clinical, patient=patient):
        return None
    value = getattr(record, field)
    if right and clinical and value is not None:
        looked(record.id, field, right, to=to, patient=patient)
    return value


def looked(record_id: str, field: str, right: str, *, to: Actor, patient: str | None = None) -> None:
    """Write down that health data is shown: by the reader's own right, or under broken glass."""
    purpose = ON_THE_PAGE if to.may(right) else BREAK_GLASS
    seen(record_id, field, by=to, purpose=purpose, customer_id=patient)


def hides(record: Record, field: str, *, to: Actor) -> bool:
    """Is there a value that this reader sees masked?"""
    return not sees(to, shown_by(type(record), field)) and getattr(record, field) is not None


def words(record: Record, field: str, *, to: Actor) -> str | None:
    """A field that tells who somebody is, as a page shows it: its value, or a trace of it."""
    value = getattr(record, field)
    right = shown_by(type(record), field)
    return value if value is None or sees(to, right) else masked(value, right)


def masked(value: Any, right: str | None) -> str:
    """A trace that is enough to tell two apart: initials, the first letter of an address, the state of a place."""
    if right == NAMES:
        return " ".join(f"{word[0]}." for word in str(value).split()[:3])
    if isinstance(value, Mapping):
        return f"{DOTS}, {value.get('state', '')}"
    text = str(value)
    return f"{text[:1]}{DOTS}" if "@" in text else f"{DOTS} {text[-2:]}"


def fact(name: str, value: Any, *, to: Actor, as_words: bool = False) -> Any:
    """One field of what another system holds of a customer: masked it is None, or `as_words` a trace of it."""
    right = _NAMED.get(name) or (None if name in _PLAIN_FACTS else CONTACTS)
    if value is None or sees(to, right):
        return value
    return masked(value, right) if as_words else None


def facts(held: Mapping[str, Any], *, to: Actor) -> dict[str, Any]:
    return {name: fact(name, value, to=to) for name, value in held.items()}


def _sees_all(to: Actor) -> bool:
    return to.may(NAMES) and to.may(CONTACTS)


def changes(told: Sequence[Mapping[str, Any]], *, to: Actor) -> list[Any]:
    """Changes as previews and the audit tell them, each masked as the field that it is of."""
    return [*told] if _sees_all(to) else [_change(one, to) for one in told]


def _change(one: Mapping[str, Any], to: Actor) -> dict[str, Any]:
    field, noun = one["field"], _noun_of(one["on"])
    if noun is None or of_colleagues(noun.PLURAL):
        return {**one}
    if noun.PLURAL == "profiles":
        right = _NAMED.get(field) or (None if field in _PLAIN_FACTS else CONTACTS)
    else:
        right = shown_by(noun, field)
    ends = {end: one[end] for end in ("from", "to")}
    hidden = {
        end: masked(value, right) if value and not sees(to, right) else written(value, to=to)
        for end, value in ends.items()
    }
    return {**one, **hidden}


def _noun_of(on: str) -> type[Record] | None:
    """`on` is a URL, or the noun of something new. A panel's page shows a profile."""
    if "/panels/" in on:
        return _NOUNS["profiles"]
    return _NOUNS.get(on.split("/")[1] if on.startswith("/") else on)


def of_colleagues(act: str) -> bool:
    """Is an act, or a noun, about staff? Who may read that may know who they are."""
    return act.partition(".")[0] in _COLLEAGUES


def inside(told: Any, act: str, *, to: Actor) -> Any:
    """The inputs of an act, or what a vendor was asked by one: each value by its name, however deep."""
    if _sees_all(to) or of_colleagues(act):
        return told
    if isinstance(told, Mapping):
        return {name: _value(name, value, act, to) for name, value in told.items()}
    if isinstance(told, list):
        return [inside(one, act, to=to) for one in told]
    return written(told, to=to)


def _value(name: str, value: Any, act: str, to: Actor) -> Any:
    right = None if act.startswith("products.") else _NAMED.get(name)
    plain = not value or isinstance(value, list) or sees(to, right)
    return inside(value, act, to=to) if plain else masked(value, right)


def written(text: Any, *, to: Actor) -> Any:
    """What somebody wrote, without the e-mail addresses and phone numbers in it when those are masked."""
    if not isinstance(text, str) or to.may(CONTACTS):
        return text
    return _PHONE.sub(DOTS, _EMAIL.sub(DOTS, text))
