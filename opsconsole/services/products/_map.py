"""Saying which product a key is of: once, and everything that waited for it goes on."""

from __future__ import annotations

from sqlalchemy import or_, select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Product, ProductKey, UnmappedKey, UnmappedStatus
from .._act import act, concerns, performing, say, warn
from .._actor import Actor
from ._unmapped import released

_S = UnmappedStatus


class AlreadyMapped(Refused):
    """Somebody has said which product it is."""


@act
def map_(unmapped_key_id: str, *, product: str, by: Actor) -> UnmappedKey:
    """This key is of that product, a sku, id or URL: known from now on, and what waited for it goes on, all of it in this
    act. Raises AlreadyMapped, Invalid."""
    unmapped = UnmappedKey.lock(unmapped_key_id)
    if unmapped.status == _S.MAPPED:
        raise AlreadyMapped("Somebody has said already which product it is.")
    meant = _named(product)
    if not meant.active:
        warn(f"{meant.sku} cannot be bought any more.")
    now = performing().now
    ProductKey(product_id=meant.id, system=unmapped.system, key=unmapped.key, as_of=now, created_at=now).add()
    gone = settle_key(unmapped, meant)
    say(f"{unmapped.system} {unmapped.key} is {meant.sku}{gone}")
    return unmapped


def settle_key(unmapped: UnmappedKey, product: Product) -> str:
    """A key is of a product now: what waited goes on. Returns what that was, in words."""
    unmapped.product_id = product.id
    unmapped.move_to(_S.MAPPED)
    gone = released(unmapped.system, unmapped.key, product)
    for records in gone.values():
        concerns(*(id for record in records for id in record.related()))
    told = [f"{len(records)} {noun if len(records) > 1 else noun[:-1]}" for noun, records in gone.items()]
    return f": {' and '.join(told)} went on" if told else ""


@act
def ignore_key(unmapped_key_id: str, *, by: Actor) -> UnmappedKey:
    """It is none of our products: what names it is left alone, until somebody maps it all the same. Raises AlreadyMapped."""
    unmapped = UnmappedKey.lock(unmapped_key_id)
    if unmapped.status != _S.OPEN:
        raise AlreadyMapped(f"Somebody has dealt with this key already: it is {unmapped.status}.")
    unmapped.move_to(_S.IGNORED)
    say(f"{unmapped.system} {unmapped.key} is none of our products")
    return unmapped


def _named(product: str) -> Product:
    wanted = product.strip().rsplit("/", 1)[-1]
    found = db.session.scalar(select(Product).where(or_(Product.sku == wanted, Product.id == wanted)))
    if found is None:
        raise Invalid({"product": ["There is no such product: write its SKU."]})
    return found


def why_not_map(unmapped: UnmappedKey) -> str | None:
    return "Somebody has said already which product it is." if unmapped.status == _S.MAPPED else None


def why_not_ignore(unmapped: UnmappedKey) -> str | None:
    return None if unmapped.status == _S.OPEN else f"It is {unmapped.status} already."
