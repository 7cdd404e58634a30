"""What a customer's page shows: each system's mirror with its age, and each field with its owner.

Everything here is read from our own tables; no vendor is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select

from ...db import db
from ...lib.money import Money
from ...models import AuditEntry, Correction, CorrectionStatus, Customer, ExternalId, Profile, Quote, in_words
from ._systems import OWNERS, System, connected, owner_of

FRESH_FOR = timedelta(days=1)
_MARKS = {"email": "E-mail", "phone": "Phone", "name": "Name"}


@dataclass(frozen=True)
class Panel:
    """One system's view of a customer. `trouble` is what went wrong since `profile` was last confirmed."""

    system: System
    external_id: str | None
    page: str | None
    profile: Profile | None
    quote: Quote | None
    trouble: str | None
    stale: bool
    differs: dict[str, str]

    @property
    def shown(self) -> list[tuple[str, str, str]]:
        """What people see of the facts, in order: (name, label, words). What is empty is left out."""
        return [
            (name, label, words)
            for name, label in self.system.reads.labels.items()
            if (words := _words(name, self.facts.get(name)))
        ]

    @property
    def facts(self) -> dict[str, Any]:
        return self.profile.facts if self.profile else {}


@dataclass(frozen=True)
class Known:
    """What the panels and the fields of one customer are made of, read once for both."""

    customer: Customer
    at: datetime
    profiles: dict[str, Profile]
    external_ids: list[ExternalId]


def known(customer: Customer, *, at: datetime) -> Known:
    """`at` is now: the age of what is known is counted until then."""
    return Known(customer, at, Profile.of(customer.id), customer.external_ids())


def panels(known: Known) -> list[Panel]:
    """The panels of all connected systems."""
    quotes = Quote.newest(known.customer.id)
    return [_panel(known, one, known.profiles.get(one.code), quotes.get(one.code)) for one in connected()]


def _panel(known: Known, system: System, profile: Profile | None, quote: Quote | None) -> Panel:
    external_id = system.id_of(known.customer, known.external_ids)
    since = profile.fetched_at if profile else None
    failed = quote is not None and quote.outcome in (Quote.FAILED, Quote.MISSING)
    trouble = quote.words if quote and failed and (since is None or quote.fetched_at > since) else None
    return Panel(
        system=system,
        external_id=external_id,
        page=system.page_of(external_id) if external_id else None,
        profile=profile,
        quote=quote,
        trouble=trouble,
        stale=bool(trouble) or since is None or known.at - since > FRESH_FOR,
        differs=_differs(known.customer, system, profile),
    )


def _differs(customer: Customer, system: System, profile: Profile | None) -> dict[str, str]:
    """The fields on which the system and we disagree, with what stands here."""
    if profile is None or profile.facts.get("deleted"):
        return {}
    ours = {field: getattr(customer, field) or "nothing" for field in _MARKS}
    theirs = {field: profile.facts.get(field) for field in _MARKS if field in system.reads.labels}
    return {
        field: ours[field] for field, text in theirs.items() if text and not _same(field, text, ours[field])
    }


def _words(name: str, fact: Any) -> str | None:
    if fact is None or (name == "deleted" and not fact):
        return None
    if name == "created_at":
        return f"{datetime.fromisoformat(fact):%-d %b %Y}"
    if name == "balance":
        owed = Money.parse(fact["amount"], fact["currency"])
        return (
            f"{Money(abs(owed.minor), owed.currency)} {_BALANCE[(owed.minor > 0) - (owed.minor < 0)]}".strip()
        )
    return str(in_words(fact))


# https://docs.stripe.com/billing/customer/balance: negative is credit, positive is added to the next invoice.
_BALANCE = {-1: "credit", 0: "", 1: "owed"}


def _same(field: str, one: str, other: str) -> bool:
    """As people compare them: the case of an address and the signs in a number say nothing."""
    if field == "phone":
        return "".join(filter(str.isdigit, one)) == "".join(filter(str.isdigit, other))
    return one.casefold() == other.casefold()


@dataclass(frozen=True)
class Field:
    """A field of a customer with its owner. `pending` is a correction on its way, `failed` one that was refused."""

    name: str
    label: str
    value: str | None
    owner: str
    confirmed_at: datetime | None
    pending: Correction | None
    failed: Correction | None


def fields(known: Known) -> list[Field]:
    """The customer's name, e-mail and phone with where each comes from."""
    corrections = Correction.of(known.customer.id)
    return [
        _field(
            name, label, known.customer, known.profiles, [one for one in corrections if getattr(one, name)]
        )
        for name, label in (("name", "Name"), ("email", "E-mail"), ("phone", "Phone"))
    ]


def _field(
    name: str, label: str, customer: Customer, profiles: dict[str, Profile], corrections: list[Correction]
) -> Field:
    value, owner = getattr(customer, name), owner_of(name)
    latest = corrections[0] if corrections and name in OWNERS else None
    under_way = latest and latest.status in (CorrectionStatus.PLANNED, CorrectionStatus.SUBMITTED)
    return Field(
        name=name,
        label=label,
        value=value,
        owner=owner.name if owner else "The shop",
        confirmed_at=_confirmed(
            name, value, profiles[owner.code] if owner and owner.code in profiles else None
        )
        if owner
        else _told_at(customer),
        pending=latest if under_way else None,
        failed=latest if latest and latest.status == CorrectionStatus.FAILED else None,
    )


def _confirmed(name: str, value: str | None, profile: Profile | None) -> datetime | None:
    """When the owner last said what we show; None while it has not, or says otherwise."""
    held = profile.facts.get(name) if profile else None
    return profile.fetched_at if profile and held and value and _same(name, held, value) else None


def _told_at(customer: Customer) -> datetime | None:
    """When the shop last told of the customer, or one of us put their name right."""
    told = select(AuditEntry.created_at).where(
        AuditEntry.about.contains([customer.id]),
        or_(
            AuditEntry.act == "customers.record",
            and_(AuditEntry.act == "customers.correct", AuditEntry.changes.contains([{"field": "name"}])),
        ),
    )
    # Behind a fence: a plan that is kept knows no values, and would look for the latest through all acts, latest first.
    return db.session.scalar(select(func.max(told.offset(0).subquery().c.created_at)))
