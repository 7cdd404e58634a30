"""Correcting how a customer is called or reached, step one: what they do not own here goes to its owner first."""

from __future__ import annotations

from collections.abc import Callable

from ... import vendors
from ...lib.refusal import Invalid, Refused
from ...models import Correction, CorrectionStatus, Customer
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import promise
from ._birth_date import given_birth_date
from ._push import asks, push
from ._reach import address, number
from ._systems import OWNERS

_READ: dict[str, Callable[[str], str]] = {"email": address, "phone": number, "name": str.strip}
_WORDS = {"email": "e-mail", "phone": "phone number", "name": "name"}


class NothingToCorrect(Refused):
    """What was given is what is known already."""


class NoOwner(Refused):
    """No CRM is connected, and nobody else may change what it owns."""


class UnderWay(Refused):
    """An earlier correction is on its way to the owner."""


@act(undo=60, private=("birth_date",))
def correct(
    customer_id: str,
    *,
    email: str | None,
    phone: str | None,
    name: str | None,
    birth_date: str | None = None,
    by: Actor,
) -> Correction | Customer:
    """Put a customer's e-mail, phone, name or birth date right; None leaves one as it is.

    The CRM owns e-mail and phone: it is asked first, and they change here once it confirms. Name and birth date are
    ours and change at once; a birth date by itself, because with the others it could not be undone.

    Raises NothingToCorrect, NoOwner, UnderWay, Invalid.
    """
    customer = Customer.lock(customer_id)
    given = {"email": email, "phone": phone, "name": name}
    new = {field: text for field, text in given.items() if text and text != getattr(customer, field)}
    wanted = {field: _READ[field](text) for field, text in new.items()}
    if birth_date and (born := given_birth_date(birth_date)) != customer.birth_date:
        return _born(customer, born, alone=not wanted)
    if not wanted:
        raise NothingToCorrect("That is what we know already: nothing would change.")
    theirs = {field: text for field, text in wanted.items() if field in OWNERS}
    _may_be_asked(customer, theirs)
    before = customer.name
    customer.name = wanted.get("name", before)
    words = " and ".join(_WORDS[field] for field in wanted)
    say(f"Corrected the {words}" if not theirs else f"Wants the {words} corrected")
    if not theirs:
        return customer
    correction = Correction(
        status=CorrectionStatus.PLANNED,
        customer_id=customer.id,
        **theirs,
        name=wanted.get("name"),
        name_before=before if "name" in wanted else None,
        by=by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    asked = asks(correction)
    promise(push, correction, lane=f"crm:{customer.id}", says=asked.says, arguments=asked.arguments)
    return correction


def _born(customer: Customer, born: str, *, alone: bool) -> Customer:
    if not alone:
        raise Invalid(
            {"birth_date": ["Correct the birth date by itself: the others can be undone, it cannot."]}
        )
    customer.birth_date = born
    say("Corrected the birth date")
    return customer


def _may_be_asked(customer: Customer, theirs: dict[str, str]) -> None:
    if not theirs:
        return
    field = next(iter(theirs))
    if not vendors.connected("crm"):
        raise NoOwner(
            "E-mail and phone belong to the CRM, and none is connected: they can be changed in the shop only.",
            field=field,
        )
    under_way = (CorrectionStatus.PLANNED, CorrectionStatus.SUBMITTED)
    if any(one.status in under_way for one in Correction.of(customer.id)):
        raise UnderWay("An earlier correction is on its way: wait until it is done, or undo it.", field=field)
