"""One box: what was typed is an exact id, or the card's last four digits, or a fragment of something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...models import Record
from .. import customers
from .._actor import Actor
from ._fragments import NOUNS, card_digits, conditions, paid_with, with_fragments
from ._ids import cleaned, named, trace
from ._says import Hit, hit, right

AT_MOST = 20  # of each noun
# The order in which nouns are shown: what staff look for most comes first.
_ORDER = (
    "customers",
    "products",
    "orders",
    "shipments",
    "payments",
    "refunds",
    "replacements",
    "fills",
    "pharmacies",
    "routing",
    "messages",
    "cases",
    "attachments",
    "traces",
    "promises",
    "inbox",
    "audit",
)


@dataclass(frozen=True)
class Group:
    """What was found of one noun. `more` says that there is more than is shown."""

    noun: str
    hits: list[Hit]
    more: bool = False


@dataclass(frozen=True)
class Found:
    """`straight` is the one thing that was named exactly: go there. `too_short` says that nothing was searched
    for, because fewer than three letters stand together."""

    groups: list[Group]
    straight: Hit | None = None
    too_short: bool = False

    @property
    def hits(self) -> list[Hit]:
        return [one for group in self.groups for one in group.hits]


def find(text: str, by: Actor) -> Found:
    """Everything that `text` names and `by` may see: by exact id, else by the card's last four and by fragment."""
    text = cleaned(text)
    if not text:
        return Found([])
    exact = _exact(text, by) or [hit(one, by) for one in customers.born_on(text, by=by)]
    last_four = card_digits(text)
    if exact and not last_four:
        return Found(_grouped(exact), straight=exact[0] if len(exact) == 1 else None)
    groups = _grouped(exact)
    if last_four and by.may("payments.read"):
        groups.append(_group("payments", paid_with(last_four, AT_MOST + 1), by))
    searched = {noun: fits for noun in NOUNS if (fits := conditions(noun, text, by)) is not None}
    seen = {noun: fits for noun, fits in searched.items() if by.may(right(noun.PLURAL))}
    found = with_fragments(seen, AT_MOST + 1) if seen else []
    groups += [_group(noun.PLURAL, [one for one in found if isinstance(one, noun)], by) for noun in seen]
    return Found(_merged(groups), too_short=not (searched or last_four or exact))


def _exact(text: str, by: Actor) -> list[Hit]:
    """What has exactly that id. Four digits that are an order's number are that order too."""
    if text.startswith("trc_"):
        hits = [led] if (led := trace(text)) else []
    else:
        hits = list({one.url: one for one in (hit(record, by) for record in named(text))}.values())
    return [one for one in hits if by.may(right(one.noun))]


def _grouped(hits: Sequence[Hit]) -> list[Group]:
    return [Group(noun, mine) for noun in _ORDER if (mine := [one for one in hits if one.noun == noun])]


def _group(noun: str, records: Sequence[Record], by: Actor) -> Group:
    hits = [hit(record, by) for record in records]
    return Group(noun, hits[:AT_MOST], more=len(hits) > AT_MOST)


def _merged(groups: Sequence[Group]) -> list[Group]:
    """One group per noun, each thing once, what is exact first."""
    merged = []
    for noun in _ORDER:
        mine = [group for group in groups if group.noun == noun]
        hits = list({one.url: one for group in mine for one in group.hits}.values())
        if hits:
            merged.append(Group(noun, hits[:AT_MOST], any(g.more for g in mine) or len(hits) > AT_MOST))
    return merged
