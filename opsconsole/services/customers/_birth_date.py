"""A birth date as people write it, and finding whose it is."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import select

from ...db import db, now
from ...lib.refusal import Invalid
from ...models import BIRTH_DATES, Customer
from .. import sight
from .._actor import Actor

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_US = re.compile(r"(?P<month>\d{1,2})[/-](?P<day>\d{1,2})[/-](?P<year>\d{4})")
_OLDEST = 1890
AT_MOST = 20  # with the same birth date


def birth_date(text: str) -> str | None:
    """The date that is written: 1990-02-28, or 02/28/1990 as in the United States. None when it is none."""
    found = _ISO.fullmatch(text.strip()) or _US.fullmatch(text.strip())
    try:
        read = date(*(int(found[part]) for part in ("year", "month", "day"))) if found else None
    except ValueError:
        return None
    return read.isoformat() if read and read.year >= _OLDEST else None


def given_birth_date(text: str) -> str:
    """As it is kept. Raises Invalid."""
    read = birth_date(text)
    if read is None or date.fromisoformat(read) > now().date():
        raise Invalid({"birth_date": ["Write a date of birth like 1990-02-28 or 02/28/1990."]})
    return read


def born_on(text: str, *, by: Actor, limit: int = AT_MOST + 1) -> list[Customer]:
    """Whoever was born on the date that is written, newest first: by a blind index, so by the whole date only, for who
    may see birth dates or ask for one. Whom it finds has been told of, which is written down."""
    read = birth_date(text)
    if read is None or not (by.may(BIRTH_DATES) or by.may("phi.reveal_clinical")):
        return []
    marks = Customer.birth_date.findable_as(read)
    query = select(Customer).where(Customer.birth_index.in_(marks))
    query = query.order_by(Customer.created_at.desc(), Customer.id.desc()).limit(limit)
    found = list(db.session.scalars(query))
    for customer in found:
        sight.seen(customer.id, "birth_date", by=by, purpose="search", customer_id=customer.id)
    return found
