"""What the story's people have subscribed to: every sixty or ninety days the same again, and a few of everything else.

Prices recur in days, so a period is as long as what is in the jar. What a bank says no to, what is a draft and what was
voided is only at Stripe at first: it tells of it, and the console takes it in like any other news.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from ..models import (
    Effective,
    Invoice,
    PrescriptionStatus,
    Price,
    Subscription,
    SubscriptionItem,
)
from ._calls import Row
from ._chance import Chance
from ._prescriptions import SERVED, written
from ._products import EXTRAS, TREATMENTS, Product
from ._story import Bought, Paid, Person

_ACTIVE, _TRIALING, _PAUSED, _CANCELED = "active", "trialing", "paused", "canceled"
_CAME = ("delivered", "closed", "shipped")
_DAY = timedelta(days=1)
_SUBSCRIBED = {product.sku: product for product in (*TREATMENTS, *EXTRAS)}
_SHIP = timedelta(
    days=7
)  # a prescription must outlast the charge by about so much: who is nearer has none here
Line = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """How one stands. `soon`: it has just renewed, and `draft` are the facts of that invoice, `behaves` what its card does
    about it. `next_in` is when a trial ends, in days."""

    status: str = _ACTIVE
    next_in: int | None = None
    ends: bool = False
    collection: str | None = None
    resumes_in: int | None = None
    twice: bool = False
    voided: bool = False
    soon: bool = False
    draft: Line = field(default_factory=dict)
    behaves: str | None = None


# By the customer's number, for what staff will meet whatever the number of customers; the others are left to chance.
_OF_THE_CAST = {
    13: Kind(soon=True, behaves="insufficient_funds"),
    43: Kind(soon=True, behaves="lost_card"),
    45: Kind(soon=True, draft={"finalizes_in": 30}),
    40: Kind(soon=True, draft={"auto_advance": False}),
    24: Kind(_PAUSED),
    25: Kind(collection="void", resumes_in=24),
    46: Kind(collection="keep_as_draft"),
    42: Kind(_TRIALING, next_in=9),
    50: Kind(_TRIALING, next_in=23),
    44: Kind(ends=True),
    48: Kind(twice=True),
    49: Kind(_CANCELED),
    54: Kind(voided=True),
}
_KINDS = (
    Kind(), Kind(ends=True), Kind(_PAUSED), Kind(collection="void", resumes_in=30), Kind(_TRIALING, next_in=16),
)  # fmt: skip
_OFTEN = (88, 4, 3, 2, 3)
_FORGOTTEN = timedelta(days=400)


@dataclass(frozen=True)
class Subscribed:
    """One subscription: `start` is when its period began, `orders` are those that it brought, oldest first."""

    id: str
    external_id: str
    item: str
    product: Product
    kind: Kind
    created: datetime
    start: datetime
    end: datetime
    orders: tuple[tuple[Bought, Paid], ...]
    covered: bool
    ended: datetime | None = None

    @property
    def next_charge(self) -> datetime | None:
        over = self.kind.ends or self.kind.status in (_PAUSED, _CANCELED)
        return None if over else self.end

    @property
    def effective(self) -> Effective:
        if self.kind.status in (_CANCELED, _PAUSED):
            return Effective(self.kind.status)
        if self.kind.ends:
            return Effective.CANCELING
        if self.kind.collection:
            return Effective.COLLECTION_PAUSED
        if not self.covered:
            return Effective.BLOCKED
        return Effective.TRIAL if self.kind.status == _TRIALING else Effective.ACTIVE


def price_key(product: Product) -> str:
    """Stripe's id of its price, which is a key of the product in our registry."""
    chance = Chance("product", product.sku)
    chance.our_id("prd", datetime(2020, 1, 1, tzinfo=UTC))
    return "price_1" + chance.letters(23)


def days_of(product: Product) -> int:
    return int(product.sku.rsplit("-", 1)[-1]) if product.prescription else 60


def of(person: Person, until: datetime) -> list[Subscribed]:
    """What a person has subscribed to; who never bought in dollars, or not for long, to nothing."""
    bought = sorted(_bought(person), key=lambda pair: pair[0].placed_at)
    if not bought or not person.stripe_id:
        return []
    last = bought[-1][0]
    product = _SUBSCRIBED[last.lines[0].sku]
    mine = [pair for pair in bought if pair[0].lines[0].sku == product.sku]
    chance = Chance("subscription", person.reference)
    lasts = timedelta(days=days_of(product))
    lapsed = last.placed_at + lasts < until + 2 * _DAY
    kind = _OF_THE_CAST.get(person.number)
    if kind is None and lapsed and (until - last.placed_at > _FORGOTTEN or chance.random() < 0.4):
        return []
    kind = kind or chance.choices(_KINDS, _OFTEN)[0]
    if lapsed and not kind.soon:
        kind = Kind(_CANCELED)
    one = _subscribed(person, product, kind, mine, chance, until, lasts)
    if one is None:
        return []
    return [one, _again(one, Chance("subscription again", person.reference))] if kind.twice else [one]


def _bought(person: Person) -> Iterator[tuple[Bought, Paid]]:
    """What came, and was paid at once and in dollars."""
    for order in person.orders:
        came = order.status.value in _CAME and len(order.payments) == 1 and order.currency == "usd"
        if came and order.lines[0].sku in _SUBSCRIBED:
            yield order, order.payments[0]


def _subscribed(
    person: Person, product: Product, kind: Kind, bought: list[tuple[Bought, Paid]], chance: Chance, until: datetime,
    lasts: timedelta,
) -> Subscribed | None:  # fmt: skip
    created = bought[0][0].placed_at
    start = until - timedelta(hours=2) if kind.soon else bought[-1][0].placed_at
    end = until + timedelta(days=kind.next_in, hours=15) if kind.next_in else start + lasts
    ended = min(start + lasts / 2, until - _DAY) if kind.status == _CANCELED else None
    covered = _covered(person, product, end.date(), until)
    if covered is None and kind.status != _CANCELED:
        return None  # it depends on a day
    return Subscribed(
        id=chance.our_id("sbs", created),
        external_id="sub_1" + chance.letters(23),
        item="si_" + chance.letters(14),
        product=product,
        kind=kind,
        created=created,
        start=created if kind.status == _TRIALING else start,
        end=end,
        orders=tuple(bought[-2:]),
        covered=bool(covered),
        ended=ended,
    )


def _again(one: Subscribed, chance: Chance) -> Subscribed:
    """The same once more, begun by mistake some days later."""
    start = one.start + timedelta(days=4)
    return Subscribed(
        id=chance.our_id("sbs", start), external_id="sub_1" + chance.letters(23), item="si_" + chance.letters(14),
        product=one.product, kind=Kind(), created=start, start=start, end=start + (one.end - one.start), orders=(),
        covered=one.covered,
    )  # fmt: skip


def _covered(person: Person, product: Product, on: Any, until: datetime) -> bool | None:
    """Does a prescription cover what is charged then? None when that is too near to say."""
    if not product.prescription:
        return True
    if person.orders[0].ship_to.state not in SERVED:
        return False
    best: bool | None = False
    for one in written(person, until):
        if one.rx.line.sku != product.sku or one.status is not PrescriptionStatus.ACTIVE:
            continue
        if one.refills + 1 <= len(one.rx.filled):
            continue
        if one.expires > on + _SHIP:
            return True
        if one.expires >= on:
            best = None
    return best


# ------------------------------------------------------------------------- at Stripe


def catalogue_at_stripe(until: datetime) -> Iterator[Line]:
    """Products without what is in them: only their numbers."""
    created = _unix(until - timedelta(days=900))
    for product in _SUBSCRIBED.values():
        id = f"prod_{product.sku.replace('-', '')}"
        yield {
            "object": "product",
            "id": id,
            "name": product.sku,
            "active": True,
            "metadata": {},
            "created": created,
        }
        yield {
            "object": "price", "id": price_key(product), "product": id, "currency": "usd", "unit_amount": product.cents,
            "recurring": {"interval": "day", "interval_count": days_of(product)}, "active": True, "metadata": {},
            "created": created,
        }  # fmt: skip


def told_to_stripe(person: Person, until: datetime) -> Iterator[Line]:
    """After the customer and their payments."""
    for one in of(person, until):
        kind = one.kind
        line: Line = {
            "object": "subscription", "id": one.external_id, "customer": person.stripe_id,
            "price": price_key(one.product), "item": one.item, "status": kind.status, "created": _unix(one.created),
            "current_period_start": _unix(one.start), "metadata": {},
        }  # fmt: skip
        if kind.status == _TRIALING:
            line["trial_end"] = _unix(one.end)
        if kind.status == _PAUSED:
            line["paused_at"] = _unix(one.start + 5 * _DAY)
        if kind.ends:
            line |= {"cancel_at_period_end": True, "canceled_at": _unix(_asked_to_end(one))}
        if one.ended:
            line |= {"canceled_at": _unix(one.ended), "ended_at": _unix(one.ended)}
        if kind.collection:
            line["pause_collection"] = _collection(kind, until)
        yield line
        for order, paid in one.orders:
            yield {
                "object": "invoice", "id": _invoice(paid), "subscription": one.external_id, "status": "paid",
                "created": _unix(paid.at) - 3600, "period_start": _unix(order.placed_at), "payment": paid.external_id,
                "amount": paid.amount,
            }  # fmt: skip
        yield from _untold(one, until)


def _untold(one: Subscribed, until: datetime) -> Iterator[Line]:
    """What Stripe has yet to tell the console of: the invoice of a period that has just begun, and one that is void."""
    chance = Chance("invoice", one.external_id)
    line = {
        "object": "invoice",
        "id": "in_1" + chance.letters(23),
        "subscription": one.external_id,
        "emit": True,
    }
    if one.kind.soon:
        line |= {"status": "draft", "created": _unix(one.start), "period_start": _unix(one.start)}
        if hours := one.kind.draft.get("finalizes_in"):
            line["finalizes_at"] = _unix(until + timedelta(hours=hours))
        if "auto_advance" in one.kind.draft:
            line["auto_advance"] = one.kind.draft["auto_advance"]
        yield line
    elif one.kind.voided:
        yield line | {
            "status": "void",
            "created": _unix(until - 5 * _DAY),
            "period_start": _unix(until - 5 * _DAY),
        }


def behaves(person: Person) -> str | None:
    """What the bank of their card will say, where that is not yes."""
    kind = _OF_THE_CAST.get(person.number)
    return kind.behaves if kind else None


def _collection(kind: Kind, until: datetime) -> Line:
    resumes = {"resumes_at": _unix(until + timedelta(days=kind.resumes_in))} if kind.resumes_in else {}
    return {"behavior": kind.collection} | resumes


def _asked_to_end(one: Subscribed) -> datetime:
    return one.start + _DAY


def _invoice(paid: Paid) -> str:
    return "in_1" + Chance("invoice", paid.external_id).letters(23)


def _unix(at: datetime) -> int:
    return int(at.timestamp())


# ------------------------------------------------------------------------- in the console


def catalogue(until: datetime) -> Iterator[Row]:
    at = until - timedelta(days=900)
    for product in _SUBSCRIBED.values():
        yield Price, {
            "id": Chance("price", product.sku).our_id("prc", at), "created_at": at, "external_id": price_key(product),
            "product_id": Chance("product", product.sku).our_id("prd", at), "currency": "usd", "amount": product.cents,
            "interval": "day", "interval_count": days_of(product), "active": True, "fetched_at": at,
        }  # fmt: skip


def rows(person: Person, until: datetime) -> Iterator[Row]:
    opened = until - timedelta(days=900)
    sequence = 0
    for one in of(person, until):
        kind, trial = one.kind, one.kind.status == _TRIALING
        read = max(until - timedelta(hours=3), one.created)
        latest = _invoice(one.orders[-1][1]) if one.orders else None
        yield Subscription, {
            "id": one.id, "created_at": one.created, "status": kind.status, "status_since": one.ended or one.created,
            "customer_id": person.id, "external_id": one.external_id, "external_customer": person.stripe_id,
            "raw_status": kind.status, "effective": one.effective.value, "currency": "usd", "started_at": one.created,
            "anchor_at": one.end if trial else one.start, "period_start": one.start, "period_end": one.end,
            "next_charge_at": one.next_charge, "pause_behavior": kind.collection,
            "pauses_until": until + timedelta(days=kind.resumes_in) if kind.resumes_in else None,
            "trial_start": one.created if trial else None, "trial_end": one.end if trial else None,
            "cancel_at": one.end if kind.ends else None, "cancel_at_period_end": kind.ends,
            "canceled_at": _asked_to_end(one) if kind.ends else one.ended, "ended_at": one.ended,
            "cancel_reason": "cancellation_requested" if kind.ends or one.ended else None, "cancel_feedback": None,
            "flexible": True, "collects_by_itself": True, "schedule_id": None, "pending_update": False,
            "latest_invoice_id": latest, "replaces_id": None, "fetched_at": read,
        }  # fmt: skip
        yield SubscriptionItem, {
            "id": Chance("subscription item", one.external_id).our_id("sbi", one.created), "created_at": one.created,
            "subscription_id": one.id, "external_id": one.item, "price_key": price_key(one.product),
            "product_id": Chance("product", one.product.sku).our_id("prd", opened), "quantity": 1, "currency": "usd",
            "amount": one.product.cents, "interval": "day", "interval_count": days_of(one.product),
            "period_start": one.start, "period_end": one.end,
        }  # fmt: skip
        for order, paid in one.orders:
            sequence += 1
            yield (
                Invoice,
                _paid(one, order, paid, person, f"{str(person.stripe_id)[-8:].upper()}-{sequence:04}"),
            )


def _paid(one: Subscribed, order: Bought, paid: Paid, person: Person, number: str) -> dict[str, Any]:
    began, lasts, key = order.placed_at, timedelta(days=days_of(one.product)), _invoice(paid)
    line = {
        "id": f"il_{key[3:]}0", "amount": paid.amount, "description": _words(one.product), "quantity": 1,
        "price": price_key(one.product), "item": None, "subscription_item": one.item, "proration": False,
        "period_start": began.isoformat(), "period_end": (began + lasts).isoformat(),
    }  # fmt: skip
    return {
        "id": Chance("invoice id", key).our_id("inv", paid.at), "created_at": paid.at - timedelta(hours=1),
        "status": "paid", "status_since": paid.at, "customer_id": person.id, "subscription_id": one.id, "replaces_id": None,
        "external_id": key, "external_customer": person.stripe_id, "external_subscription": one.external_id,
        "raw_status": "paid", "number": number,
        "billing_reason": "subscription_create" if began <= one.created else "subscription_cycle", "currency": "usd",
        "subtotal": paid.amount, "tax": 0, "total": paid.amount, "due": paid.amount, "paid": paid.amount, "remaining": 0,
        "starting_balance": 0, "ending_balance": 0, "credited_before": 0, "credited_after": 0, "lines": Jsonb([line]),
        "lines_complete": True, "auto_advance": False, "finalizes_at": None, "finalized_at": paid.at, "paid_at": paid.at,
        "voided_at": None, "due_at": None, "next_try_at": None, "tried": 1, "out_of_band": False, "tax_status": None,
        "error_code": None, "error_words": None, "period_start": began, "period_end": began,
        "payments": Jsonb([paid.external_id]), "fetched_at": paid.at + timedelta(seconds=5),
    }  # fmt: skip


def _words(product: Product) -> str:
    """As Stripe says what a line is for."""
    return f"1 × {product.sku} (at {product.cents / 100:.2f} USD / every {days_of(product)} days)"
