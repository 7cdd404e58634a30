"""Keys of others that nobody has mapped: what is written down of them, and who wants to know when one is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ...db import db
from ...models import Product, ProductKey, Record, UnmappedKey, UnmappedStatus
from .._act import performing


class NoOneProduct(Exception):
    """The keys name several products; its words are their skus."""


@dataclass(frozen=True)
class Waiting:
    """What waits for keys to be mapped, by those who stand above products. `noun` is its plural; `find` gives what names a
    key (system, key) and waits; `release` has it go on with the product that the key is of, and gives what did."""

    noun: str
    find: Callable[[str, str], Sequence[Record]]
    release: Callable[[str, str, Product], Sequence[Record]]


_waiting: list[Waiting] = []


def waits(one: Waiting) -> Waiting:
    """Say what waits for keys."""
    _waiting.append(one)
    return one


def what_waits(unmapped: UnmappedKey) -> dict[str, Sequence[Record]]:
    """What names the key and waits for it, by noun."""
    return {one.noun: one.find(unmapped.system, unmapped.key) for one in _waiting}


def released(system: str, key: str, product: Product) -> dict[str, Sequence[Record]]:
    """A key is known: everything that waited for it goes on, in the act under way."""
    db.session.flush()
    return {one.noun: gone for one in _waiting if (gone := one.release(system, key, product))}


def known_as(groups: Sequence[tuple[str, Sequence[str]]]) -> Product | None:
    """The product by the first of these systems that knows one of its keys: [(system, keys)]. Raises NoOneProduct."""
    for system, keys in groups:
        query = select(Product).join(ProductKey).where(ProductKey.system == system, ProductKey.key.in_(keys))
        found = {product.sku: product for product in db.session.scalars(query)}
        if len(found) > 1:
            raise NoOneProduct(" and ".join(sorted(found)))
        if found:
            return next(iter(found.values()))
    return None


def not_known(system: str, key: str, named: str = "") -> UnmappedKey:
    """Somebody names a product by a key that nobody has mapped: it is written down once, in the act under way. What was
    ignored stays so."""
    known = UnmappedKey.of(system, key)
    if known is None:
        known = UnmappedKey(
            status=UnmappedStatus.OPEN, system=system, key=key, named=named[:200], created_at=performing().now
        ).add()
    elif named and not known.named:
        known.named = named[:200]
    return known
