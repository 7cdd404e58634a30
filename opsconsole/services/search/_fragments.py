"""Fragments of three letters or more, found in one lower-cased column per noun by its trigram index."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, union_all

from ...db import db
from ...models import CONTACTS, NAMES, Customer, Order, Payment, Product, Record
from .._actor import Actor
from ._ids import records

Searched = type[Customer] | type[Product] | type[Order]
NOUNS: tuple[Searched, ...] = (Customer, Product, Order)

# Three letters or digits together, or words short enough that the space between them counts ("al ng"): what a trigram
# index can narrow down. Without that, LIKE would read every row.
_NARROWS = re.compile(r"[^\W_]{3}|[^\W_]{2}[\W_]+[^\W_]|[^\W_][\W_]+[^\W_]{2}")
_WHOLE_NUMBER = 10  # digits of a phone number in North America, its country left away
_PHONE = re.compile(r"[\d\s()+./-]+")
_CARD = re.compile(r"(?:visa|mastercard|amex|discover|card|ending|in|[x*•.\s-])*(\d{4})", re.IGNORECASE)


def card_digits(text: str) -> str | None:
    """The card's last four: "4242", "•••• 4242", "Visa ending in 4242"."""
    found = _CARD.fullmatch(text)
    return found[1] if found and found[1].isascii() else None


def paid_with(last_four: str, limit: int) -> list[Payment]:
    """The newest payments by cards that end so, at most `limit`."""
    query = select(Payment).where(Payment.card_last4 == last_four)
    return list(db.session.scalars(query.order_by(Payment.created_at.desc(), Payment.id.desc()).limit(limit)))


def conditions(noun: Searched, text: str, by: Actor) -> ColumnElement[bool] | None:
    """Where the noun contains every word of `text`, in any order, or its digits as a phone number. What `by` sees
    masked is found by its whole value only.

    None when there is too little to search for."""
    either = []
    digits = phone_digits(text)
    if _NARROWS.search(text):
        either.append(
            and_(*(noun.search.like(contains(word)) for word in _words(text.lower(), bool(digits))))
        )
    if noun is Customer and digits:
        either.append(noun.search.like(contains(digits)))
    if noun is Customer and either and (plain := _unmasked(by)) is not None:
        # The index narrows down; what is left is looked for again in what this reader sees, or is the whole value.
        seen = and_(*(plain.like(contains(word)) for word in _words(text.lower(), bool(digits))))
        return and_(or_(*either), or_(seen, _whole(text, digits)))
    return or_(*either) if either else None


def _unmasked(by: Actor) -> ColumnElement[str] | None:
    """What of a customer this reader may look for by fragments; None for all of it."""
    fields = {NAMES: Customer.name, CONTACTS: Customer.email}
    if all(by.may(right) for right in fields):
        return None
    shown = [column for right, column in fields.items() if by.may(right)]
    return func.lower(func.concat_ws(" ", *shown, Customer.reference))


def _whole(text: str, digits: str | None) -> ColumnElement[bool]:
    whole = or_(func.lower(Customer.name) == text.lower(), func.lower(Customer.email) == text.lower())
    if digits is None or len(digits) < _WHOLE_NUMBER:
        return whole
    number = func.regexp_replace(Customer.phone, r"\D", "", "g")
    return or_(whole, func.right(number, len(digits)) == digits)


def _words(text: str, number: bool) -> list[str]:
    """What must stand in the column. The parts of a number, and words too short for the index, stay together."""
    words = text.split()
    return [text] if number or not any(re.search(r"[^\W_]{3}", word) for word in words) else words


def with_fragments(fits: Mapping[Searched, ColumnElement[bool]], limit: int) -> list[Record]:
    """The newest records of each noun that fit its condition, at most `limit` of one."""
    newest = [
        select(literal(noun.PREFIX).label("noun"), noun.id.label("id"))
        .where(condition)
        .order_by(noun.created_at.desc(), noun.id.desc())
        .limit(limit)
        for noun, condition in fits.items()
    ]
    several = union_all(*newest) if len(newest) > 1 else newest[0]
    return records((prefix, id) for prefix, id in db.session.connection().execute(several))


def contains(fragment: str) -> str:
    r"""A LIKE pattern that takes the fragment as it is: %, _ and \ mean themselves."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", fragment) + "%"


def phone_digits(text: str) -> str | None:
    """The digits of a phone number as every writing of it shares them: without the zeros that one dials before
    a country or an area, and without the 1 of North America's eleven digits. None when it is no phone number."""
    digits = re.sub(r"\D", "", text)
    if not _PHONE.fullmatch(text) or len(digits) < 3:
        return None
    if len(digits) >= 7:
        digits = digits.lstrip("0")
    if len(digits) == 11:
        digits = digits.removeprefix("1")
    return digits if len(digits) >= 3 else None
