"""What an approval prescribes: as it was asked for, or as the clinician changes it. Products come from the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from ...db import db, now
from ...lib.refusal import Invalid, Refused
from ...models import Order, Prescription, Product, StateRule, Visit, VisitKind
from ...vendors.healthcare import DrugKey, Face
from .. import gates
from . import sigs

MOST_REFILLS = 11
LASTS = 365  # days, where a state's rule says nothing
_KEYED = ("rxnorm", "ndc", "compound")


class NotPrescribable(Refused):
    """The registry does not have it so, or it cannot be prescribed."""


@dataclass(frozen=True)
class ToPrescribe:
    """One prescription that is to be written: for the product `sku` of the registry, in the place of `prior`."""

    sku: str
    product: Product
    face: Face
    prior: Prescription | None = None

    @property
    def fills(self) -> int:
        """Refills are not fills: the first one comes on top."""
        return self.face.refills + 1

    @property
    def says(self) -> str:
        """What everybody may read of it: the product by its sku, how often, until when."""
        fills = "1 fill" if self.fills == 1 else f"{self.fills} fills"
        last = f", until {self.face.expires_on:%-d %b %Y}" if self.face.expires_on else ""
        place = ", in the place of the present one" if self.prior else ""
        return f"{self.sku}: {fills}{last}{place}"


@dataclass(frozen=True)
class Changed:
    """How a clinician wants one of several prescriptions otherwise; None is as it was asked. `of` names it by its product,
    None for the only one; `sku` is the product instead."""

    of: str | None = None
    sku: str | None = None
    quantity: Decimal | None = None
    days: int | None = None
    refills: int | None = None
    sig: str | None = None

    @property
    def any(self) -> bool:
        return any(one is not None for one in (self.sku, self.quantity, self.days, self.refills, self.sig))


def as_asked(visit: Visit, on: date) -> list[ToPrescribe]:
    """What an approval without changes prescribes; nothing for a visit that is about no product. `on` is the day there."""
    priors = _priors(visit, on)
    found = []
    for sku, prior in priors:
        product = db.session.scalar(select(Product).where(Product.sku == sku)) if sku else None
        if product is None:
            if visit.kind == VisitKind.RX_REQUEST:
                continue  # nobody has said yet for which product of ours it is: the clinician does
            raise NotPrescribable(f"{sku} is not in the registry: have it registered first.")
        found.append(ToPrescribe(product.sku, product, _face(product, prior, visit, on), prior))
    return found


def _priors(visit: Visit, on: date) -> Sequence[tuple[str | None, Prescription | None]]:
    """The products that are to be prescribed, each with the prescription whose place the new one takes."""
    named = Prescription.get(visit.prescription_id) if visit.prescription_id else None
    if named:
        return [(named.sku, named)]
    order = Order.get(visit.order_id) if visit.order_id else None
    if order is not None:
        checked = gates.check(gates.Asked.of(order, now()))
        return [
            (sku, None)
            for sku, product in checked.products.items()
            if product.needs_prescription and sku not in checked.prescriptions
        ]
    if visit.kind == VisitKind.RENEWAL:
        before = [rx for rx in Prescription.of_customer(visit.customer_id) if rx.sku]
        return [(before[0].sku, before[0])] if before else []
    return []


def _face(product: Product, prior: Prescription | None, visit: Visit, on: date) -> Face:
    """What stands on it: the registry's product, and what the prior one said where the registry says nothing."""
    rule = StateRule.of(visit.patient_state, on) if visit.patient_state else None
    lasts = rule.prescription_days if rule else LASTS
    days = product.days_supply or (prior.days_supply if prior else None) or days_in(product)
    same = prior if prior and prior.sku == product.sku else None
    refills = same.refills_authorised if same else min(max(lasts // (days or lasts) - 1, 0), MOST_REFILLS)
    return Face(
        drug=f"{product.strength} {product.form}" if product.strength and product.form else product.name,
        keys=_keys(product),
        sig=(same.sig if same else "") or sigs.usual(product.form, product.name),
        quantity=product.quantity or (same.quantity if same else None) or Decimal(1),
        unit=product.unit or (same.unit if same else "") or "each",
        days_supply=days,
        refills=refills,
        written_on=on,
        expires_on=on + timedelta(days=lasts),
    )


def days_in(product: Product) -> int | None:
    """How long one of it lasts, by its name ("…, 60 days"); None where that does not say it."""
    words = product.name.rsplit(", ", 1)[-1].split()
    return int(words[0]) if len(words) == 2 and words[1] == "days" and words[0].isdigit() else None


def _keys(product: Product) -> tuple[DrugKey, ...]:
    registered = product.keys()
    known = [DrugKey(key.system, key.key) for key in registered if key.system in _KEYED]
    return tuple(known) or (DrugKey("compound", product.sku),)


def with_changes(asked: Sequence[ToPrescribe], changed: Changed, visit: Visit, on: date) -> list[ToPrescribe]:
    """What is prescribed in the end. Raises Invalid, NotPrescribable."""
    if not changed.any:
        return [_checked(one) for one in asked]
    if not asked and changed.sku:
        prior = Prescription.get(visit.prescription_id) if visit.prescription_id else None
        asked = [_of(changed.sku, prior, visit, on)]
    of = changed.of or (asked[0].sku if len(asked) == 1 else None)
    if of is None or of not in [one.sku for one in asked]:
        known = ", ".join(one.sku for one in asked) or "nothing is asked for"
        raise Invalid({"of": [f"Say which of them you change: {known}."]})
    return [_checked(_changed(one, changed, visit, on) if one.sku == of else one) for one in asked]


def _of(sku: str, prior: Prescription | None, visit: Visit, on: date) -> ToPrescribe:
    product = db.session.scalar(select(Product).where(Product.sku == sku))
    if product is None:
        raise Invalid({"sku": ["The registry has no such product."]})
    return ToPrescribe(sku, product, _face(product, prior, visit, on), prior)


def _changed(one: ToPrescribe, changed: Changed, visit: Visit, on: date) -> ToPrescribe:
    if changed.sku and changed.sku != one.sku:
        one = _of(changed.sku, one.prior, visit, on)
    face = one.face
    return replace(
        one,
        face=replace(
            face,
            quantity=changed.quantity if changed.quantity is not None else face.quantity,
            days_supply=changed.days if changed.days is not None else face.days_supply,
            refills=changed.refills if changed.refills is not None else face.refills,
            sig=(changed.sig or "").strip() or face.sig,
        ),
    )


def _checked(one: ToPrescribe) -> ToPrescribe:
    """As the registry has it, or NotPrescribable and Invalid."""
    product, face = one.product, one.face
    if not (product.active and product.needs_prescription):
        words = "is not sold any more" if product.needs_prescription else "needs no prescription"
        raise NotPrescribable(f"{one.sku} {words}: choose another product.", field="sku")
    wrong: dict[str, list[str]] = {}
    if face.quantity is None or face.quantity <= 0:
        wrong["quantity"] = ["More than nothing."]
    elif product.quantity and face.quantity != product.quantity:
        wrong["quantity"] = [_one_is(product)]
    if face.days_supply is None or not 1 <= face.days_supply <= 365:
        wrong["days"] = ["From 1 to 365 days."]
    elif product.days_supply and face.days_supply != product.days_supply:
        wrong["days"] = [f"One of {one.sku} lasts {product.days_supply} days."]
    if not 0 <= face.refills <= MOST_REFILLS:
        wrong["refills"] = [f"From 0 to {MOST_REFILLS}; the first fill comes on top."]
    if not 3 <= len(face.sig) <= sigs.LONGEST:
        wrong["sig"] = [f"Say what the patient is to do, in {sigs.LONGEST} characters at most."]
    if wrong:
        raise Invalid(wrong)
    return one


def _one_is(product: Product) -> str:
    assert product.quantity
    return f"One of {product.sku} is {product.quantity.normalize():f} {product.unit or 'each'}."


def same_face(one: Face, other: Face) -> bool:
    """Do two say the same to whoever fills them?"""
    return replace(one, written_on=None, expires_on=None) == replace(other, written_on=None, expires_on=None)
