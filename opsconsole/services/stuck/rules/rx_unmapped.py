"""RX.UNMAPPED: what is prescribed is named by a key that our registry does not know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from ....db import db
from ....lib.business_time import Limit
from ....models import (
    PRESCRIPTION_OVER,
    Holder,
    Order,
    OrderStatus,
    Prescription,
    Stuck,
    Team,
    UnmappedKey,
    UnmappedStatus,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import ask_clinic, first, note, order_first


def find(scope: Scope) -> Select[Any]:
    """What names one key is grouped: mapping it lets all of them go on. The key itself would tell what is prescribed."""
    named = func.jsonb_build_array(
        func.jsonb_build_object("system", UnmappedKey.system, "code", UnmappedKey.key)
    )
    key = (
        select(func.min(UnmappedKey.id))
        .where(UnmappedKey.status == UnmappedStatus.OPEN, Prescription.keys.op("@>")(named))
        .scalar_subquery()
    )
    since = Prescription.created_at
    rows = scope.rows(
        Prescription, since=since, order=waiting_for_any(), prescription=Prescription.id, code=key, told=since
    )
    return order_first(rows.where(Prescription.sku.is_(None), Prescription.status.not_in(PRESCRIPTION_OVER)))


def waiting_for_any() -> Any:
    """As a column: the oldest order of the customer that waits for a prescription. Which product this one is for is not
    known yet."""
    order = aliased(Order)
    query = select(order.id).where(
        order.customer_id == Prescription.customer_id, order.status == OrderStatus.AWAITING_RX
    )
    return query.order_by(order.placed_at, order.id).limit(1).scalar_subquery()


def says(details: Details, now: datetime) -> str:
    since = ago(details, "told", now)
    if details["code"] is None:
        return f"For {since} nobody has been able to say which product of ours a prescription is for."
    return f"For {since} a prescription has waited until somebody says which product of ours it is for."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    found = [
        Evidence("Prescription", "waits for its product", f"/prescriptions/{stuck.details['prescription']}")
    ]
    if not (key := stuck.details["code"]):
        return found
    alike = select(func.count()).where(
        Stuck.code == stuck.code, Stuck.ended_at.is_(None), Stuck.fingerprint == stuck.fingerprint
    )
    waits = db.session.scalar(alike) or 0
    return [*found, Evidence("The same key", f"{waits} of them wait for it", f"/unmapped-keys/{key}")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    key, rx = stuck.details["code"], stuck.details["prescription"]
    if not key:
        return first(ask_clinic(rx, "product_mismatch"), note(stuck))
    does = "Everything that names the key goes on."
    return first(
        [Offer("products.map", key, "Say which product it is", does)],
        ask_clinic(rx, "product_mismatch"),
        [
            Offer(
                "products.ignore_key", key, "It is none of ours", "What names it is left alone.", within=False
            )
        ],
    )


RULE = Rule(
    code="RX.UNMAPPED",
    title="A prescription names a product that we do not know",
    rank=Rank.EXCEPTION,
    stage=Stage.PRESCRIPTION,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=4), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Say which product it is",
    offers=offers,
    recipe=(
        Look("How the other system calls it, and what the customer ordered.", "/unmapped-keys"),
        Ask(
            "ours",
            "Is it one of our products?",
            {"yes": "Yes", "no": "No", "unsure": "I cannot tell"},
            leads={"yes": "products.map", "no": "products.ignore_key", "unsure": "visits.request"},
        ),
        Do("All that names the key goes on at once: nothing has to be sent again."),
        Check("The prescription has its product."),
    ),
    cases=frozenset(("missing_mapping",)),
)
