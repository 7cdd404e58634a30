"""Is there a prescription that can be filled for each line that needs one, by somebody who may prescribe there?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from ...db import db
from ...lib.calendar import HOLIDAYS, works
from ...models import (
    Fill,
    FillStatus,
    Prescription,
    PrescriptionStatus,
    Product,
    Provider,
    ProviderLicence,
    StateRule,
)
from ..orders import Holder
from ..prescriptions import Owners, differences, owners
from ._asked import Asked
from ._blocker import Blocker, Fix

_S = PrescriptionStatus
SHIP_DAYS = 3  # business days that a pharmacy usually takes: it must not expire before
_FREE = (FillStatus.WITHDRAWN, FillStatus.CANCELED)  # fills that hold no place on a prescription


@dataclass(frozen=True)
class Candidate:
    """A prescription with what else decides whether it can be filled. `used` counts the fills that the vendor tells of, and
    those that only we know of yet."""

    prescription: Prescription
    provider: Provider | None
    licence: ProviderLicence | None  # of the state that it ships to
    used: int

    @property
    def left(self) -> int:
        return max(self.prescription.fills_authorised - self.used, 0)


def ship_by(on: date) -> date:
    """The day by which what is asked for on a day has usually left the pharmacy."""
    day, left = on, SHIP_DAYS
    while left:
        day = date.fromordinal(day.toordinal() + 1)
        left -= works(day, saturdays=False, holidays=frozenset(HOLIDAYS))
    return day


def prescribed(
    asked: Asked, products: Mapping[str, Product], rule: StateRule | None
) -> tuple[dict[str, Prescription], list[Blocker]]:
    """sku -> the prescription to fill it from, for what needs one; and what is wrong, also with one that can be filled
    because a clinician has overridden all of it. Three statements at most."""
    needing = [sku for sku in asked.skus if sku in products and products[sku].needs_prescription]
    if not needing:
        return {}, []
    found, wrong = _candidates(asked, needing), list(_unserved(asked, rule))
    owned = owners([one.prescription for several in found.values() for one in several])
    usable: dict[str, Prescription] = {}
    for sku in needing:
        tried = [(one, [*_wrong(one, asked, products[sku], owned)]) for one in found[sku]]
        fits = [(one, why) for one, why in tried if all(each.code in asked.overrides for each in why)]
        if fits:
            fit, overridden = min(fits, key=lambda one: len(one[1]))
            usable[sku] = fit.prescription
            wrong += overridden
        else:
            wrong += tried[0][1] if tried else [_missing(asked, sku)]
    return usable, wrong


def next_number(external_id: str) -> int:
    """The number of a prescription's next fill, from 1."""
    known = Prescription.by_external(external_id)
    return max(known.fills_used if known else 0, _numbers([external_id]).get(external_id, 0)) + 1


def fills_left(prescription: Prescription) -> int:
    """How many fills of it nobody has used, those counted that only we know of yet."""
    used = max(prescription.fills_used, _numbers([prescription.external_id]).get(prescription.external_id, 0))
    return max(prescription.fills_authorised - used, 0)


def _numbers(external_ids: Sequence[str]) -> dict[str, int]:
    query = (
        select(Fill.prescription_id, func.max(Fill.number))
        .where(Fill.prescription_id.in_(external_ids), Fill.status.not_in(_FREE))
        .group_by(Fill.prescription_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def _candidates(asked: Asked, skus: Sequence[str]) -> dict[str, list[Candidate]]:
    """Those of each product, the likeliest first: signed before others, then the one that lasts longest."""
    state = asked.ship_to.state if asked.ship_to else ""
    query = (
        select(Prescription, Provider, ProviderLicence)
        .join(Provider, Provider.id == Prescription.provider_id, isouter=True)
        .join(
            ProviderLicence,
            (ProviderLicence.provider_id == Provider.id) & (ProviderLicence.state == state),
            isouter=True,
        )
        .where(Prescription.customer_id == asked.customer_id, Prescription.sku.in_(skus))
    )
    rows = list(db.session.execute(query))
    numbers = _numbers([rx.external_id for rx, _, _ in rows]) if rows else {}
    found: dict[str, list[Candidate]] = {sku: [] for sku in skus}
    for rx, provider, licence in rows:
        used = max(rx.fills_used, numbers.get(rx.external_id, 0))
        found[rx.sku].append(Candidate(rx, provider, licence, used))
    for several in found.values():
        several.sort(
            key=lambda one: (one.prescription.external_id == asked.made_good, *_likely(one)), reverse=True
        )
    return found


def _likely(one: Candidate) -> tuple[bool, bool, date, str]:
    rx = one.prescription
    return rx.status == _S.ACTIVE, one.left > 0, rx.expires_on or date.max, rx.id


_STANDS = {
    _S.DRAFT: ("rx_not_signed", "is not signed yet", Holder.CLINIC),
    _S.PENDING_SIGNATURE: ("rx_not_signed", "waits for the clinician's signature", Holder.CLINIC),
    _S.ON_HOLD: ("rx_on_hold", "is on hold: ask the clinician why", Holder.CLINIC),
    _S.DEPLETED: ("no_refills", "has no fills left: a clinician has to prescribe again", Holder.CLINIC),
    _S.EXPIRED: ("rx_expired", "has expired: a clinician has to prescribe again", Holder.CLINIC),
    _S.SUPERSEDED: ("rx_stopped", "was replaced by another one", Holder.CLINIC),
    _S.DISCONTINUED: ("rx_stopped", "was stopped by a clinician", Holder.CLINIC),
    _S.CANCELLED: ("rx_stopped", "was canceled", Holder.CLINIC),
    _S.ENTERED_IN_ERROR: ("rx_stopped", "was entered in error", Holder.CLINIC),
}


def _wrong(one: Candidate, asked: Asked, product: Product, owned: Owners) -> Iterator[Blocker]:
    if why_not := _why_not(one, asked):
        yield why_not
    for other in differences(one.prescription, product, owned):
        yield _of(one.prescription, other.code, f"The prescription {other.says}.", Holder.CLINIC)


def _why_not(one: Candidate, asked: Asked) -> Blocker | None:
    rx, last = one.prescription, one.prescription.expires_on
    needs_no_fill = asked.made_good is not None
    if rx.status != _S.ACTIVE and not (rx.status == _S.DEPLETED and needs_no_fill):
        code, words, who = _STANDS[_S(rx.status)]
    elif last and last < asked.on:
        code, words, who = _STANDS[_S.EXPIRED]
    elif last and last < ship_by(asked.on):
        code, who = "rx_expires_soon", Holder.CLINIC
        words = f"expires on {last:%-d %b %Y}, before it can have left the pharmacy"
    elif not one.left and not needs_no_fill:
        code, words, who = _STANDS[_S.DEPLETED]
    elif asked.ship_to and not (one.licence and one.licence.holds(asked.on)):
        code, who = "prescriber_not_licensed", Holder.CLINIC
        name = one.provider.name if one.provider else "its prescriber"
        words = f"cannot be filled for {asked.ship_to.state}: {name} is not licensed there"
    else:
        return None
    return _of(rx, code, f"The prescription for {rx.sku} {words}.", who)


def _of(rx: Prescription, code: str, says: str, who: Holder) -> Blocker:
    return Blocker(code, _GATES.get(code, "prescription"), says, who, Fix("", rx.url, "See the prescription"))


_GATES = {"prescriber_not_licensed": "licence"}


def _missing(asked: Asked, sku: str) -> Blocker:
    fix = Fix("", f"/prescriptions?customer={asked.customer_id}", "See their prescriptions")
    return Blocker("rx_missing", "prescription", f"There is no prescription for {sku}.", Holder.CLINIC, fix)


def _unserved(asked: Asked, rule: StateRule | None) -> Iterator[Blocker]:
    if asked.ship_to and rule is None:
        words = f"{asked.ship_to.state} is not served: there is no rule that says how care is given there."
        fix = Fix("", f"/state-rules?state={asked.ship_to.state}", "See the rules")
        yield Blocker("state_not_served", "licence", words, Holder.US, fix)
