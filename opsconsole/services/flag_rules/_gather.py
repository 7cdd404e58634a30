"""What rules look at, of many visits in a handful of statements: the answers that count, those before, and what is known of
the patient and of what was ordered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from ...db import db, now
from ...models import (
    AnswersStatus,
    Customer,
    OrderLine,
    Prescription,
    Product,
    Questionnaire,
    Visit,
    VisitAnswers,
)
from .. import questionnaires

Counted = Mapping[str, Sequence[Any]]
_WORD = re.compile(r"[a-z]{3,}")


@dataclass(frozen=True)
class Told:
    """What is known of one visit. `before` are the answers of the patient's previous visit, None without one. `age` is in
    years on the day of the answers. `skus` is what was ordered, `ingredients` the words of its names and strengths;
    `not_in_pregnancy` is also true of what the registry does not know. `photos` counts those of the answers."""

    kind: str
    answers: Counted = field(default_factory=dict, repr=False)
    before: Counted | None = field(default=None, repr=False)
    age: int | None = field(default=None, repr=False)
    skus: frozenset[str] = frozenset()
    ingredients: frozenset[str] = frozenset()
    not_in_pregnancy: bool = False
    photos: int = 0


def gather(visits: Sequence[Visit]) -> dict[str, Told]:
    """What is known of each visit, by its id."""
    counted = _counted({one.id for one in visits} | {one.previous_id for one in visits if one.previous_id})
    customers = Customer.each(one.customer_id for one in visits)
    ordered = _ordered(visits)
    products = _products({sku for skus in ordered.values() for sku in skus})
    found = {}
    for one in visits:
        skus = ordered[one.id]
        known = [products[sku] for sku in skus if sku in products]
        answers, photos = counted.get(one.id, ({}, 0))
        found[one.id] = Told(
            kind=one.kind,
            answers=answers,
            before=counted.get(one.previous_id, ({}, 0))[0] if one.previous_id else None,
            age=_age(one, customers[one.customer_id]),
            skus=frozenset(skus),
            ingredients=frozenset(word for product in known for word in _words(product)),
            not_in_pregnancy=len(known) < len(skus) or any(product.not_in_pregnancy for product in known),
            photos=photos,
        )
    return found


def _counted(visit_ids: Iterable[str]) -> dict[str, tuple[Counted, int]]:
    """The latest answers of each visit that count, without photos, and how many photos there are."""
    query = (
        select(VisitAnswers)
        .where(
            VisitAnswers.visit_id.in_(set(visit_ids)), VisitAnswers.status != AnswersStatus.ENTERED_IN_ERROR
        )
        .order_by(VisitAnswers.visit_id, VisitAnswers.authored_at.asc().nulls_first(), VisitAnswers.id)
    )
    latest = {str(one.visit_id): one for one in db.session.scalars(query)}
    forms = Questionnaire.each(one.questionnaire_id for one in latest.values())
    return {
        visit_id: _split(forms[one.questionnaire_id].items, one.answers)
        for visit_id, one in latest.items()
        if one.questionnaire_id
    }


def _split(items: Sequence[Mapping[str, Any]], answers: Counted) -> tuple[Counted, int]:
    photos = {one.id for one in questionnaires.placed(items) if one.item["kind"] == "photo"}
    counted = questionnaires.counted(items, answers)
    return (
        {id: values for id, values in counted.items() if id not in photos},
        sum(len(values) for id, values in counted.items() if id in photos),
    )


def _ordered(visits: Sequence[Visit]) -> dict[str, set[str]]:
    """What each visit is about, by sku: its order's lines, or what its prescription is for."""
    by_order: dict[str, set[str]] = defaultdict(set)
    orders = {one.order_id for one in visits if one.order_id}
    query = select(OrderLine.order_id, OrderLine.sku).where(
        OrderLine.order_id.in_(orders), OrderLine.dropped_at.is_(None)
    )
    for order_id, sku in db.session.execute(query) if orders else ():
        by_order[order_id].add(sku)
    prescribed = Prescription.each(one.prescription_id for one in visits)
    found = {}
    for one in visits:
        prescription = prescribed.get(one.prescription_id or "")
        sku = {prescription.sku} if prescription and prescription.sku else set()
        found[one.id] = by_order[one.order_id or ""] | sku
    return found


def _products(skus: set[str]) -> dict[str, Product]:
    query = select(Product).where(Product.sku.in_(skus))
    return {product.sku: product for product in db.session.scalars(query)} if skus else {}


def _words(product: Product) -> list[str]:
    return _WORD.findall(f"{product.name} {product.strength or ''}".lower())


def _age(visit: Visit, customer: Customer) -> int | None:
    born = customer.birth_date
    return years_between(date.fromisoformat(born), (visit.submitted_at or now()).date()) if born else None


def years_between(born: date, on: date) -> int:
    """Full years on a day; who was born on 29 February has their birthday on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
