"""What differs between two versions of a form, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._asked import Items, Placed, placed
from ._words import KINDS, conditions_in_words


def difference(before: Items, after: Items) -> list[str]:
    """Each difference as a sentence: what is asked no more, what is new, what reads or works otherwise, what moved."""
    old, new = ({one.id: one for one in placed(items)} for items in (before, after))
    gone = [f"No longer asked: “{one.item['text']}”" for id, one in old.items() if id not in new]
    fresh = [
        f"New, {KINDS[one.item['kind']]}: “{one.item['text']}”" for id, one in new.items() if id not in old
    ]
    kept = [id for id in new if id in old]
    changed = [said for id in kept for said in _changed(old[id], new[id], before, after)]
    return [*gone, *fresh, *changed, *_moved(old, new)]


def _changed(old: Placed, new: Placed, before: Items, after: Items) -> Iterator[str]:
    was, now = old.item, new.item
    called = f"“{now['text']}”"
    if was["text"] != now["text"]:
        yield f"“{was['text']}” reads {called}"
    if was["kind"] != now["kind"]:
        yield f"{called} asks for {KINDS[now['kind']]}, before for {KINDS[was['kind']]}"
    if bool(was.get("required")) != bool(now.get("required")):
        yield f"{called} {'has to' if now.get('required') else 'need not'} be answered"
    yield from _choices(called, was, now)
    if not _same_conditions(was, now):
        said = conditions_in_words(now, after)
        yield f"{called}: {said[0].lower() + said[1:] if said else 'always asked'}, before {_before(was, before)}"


def _same_conditions(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """The same in any order; of one condition it does not matter whether all or one is meant."""
    first, second = (sorted(map(str, map(_parts, item.get("when") or ()))) for item in (was, now))
    return first == second and (len(first) < 2 or bool(was.get("when_all")) == bool(now.get("when_all")))


def _parts(condition: Mapping[str, Any]) -> tuple[Any, ...]:
    return condition["question"], condition["is"], repr(condition["value"])


def _before(was: Mapping[str, Any], before: Items) -> str:
    said = conditions_in_words(was, before)
    return f"{said[0].lower()}{said[1:]}" if said else "always asked"


def _choices(called: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    old, new = ({one["code"]: one["text"] for one in item.get("choices") or ()} for item in (was, now))
    if lost := [text for code, text in old.items() if code not in new]:
        yield f"{called} can no longer be answered with {_listed(lost)}"
    if added := [text for code, text in new.items() if code not in old]:
        yield f"{called} can also be answered with {_listed(added)}"
    for code, text in new.items():
        if code in old and old[code] != text:
            yield f"{called}: the answer “{old[code]}” reads “{text}”"


def _listed(texts: list[str]) -> str:
    return ", ".join(f"“{text}”" for text in texts)


def _moved(old: Mapping[str, Placed], new: Mapping[str, Placed]) -> Iterator[str]:
    """Of what both have: what stands in another group, and whether the order differs."""
    kept = [id for id in new if id in old]
    apart = [id for id in kept if old[id].parents != new[id].parents]
    for id in apart:
        into = new[id].parents[-1] if new[id].parents else None
        where = f"inside “{new[into].item['text']}”" if into else "outside of all groups"
        yield f"“{new[id].item['text']}” stands {where}"
    order = [[id for id in form if id in kept and id not in apart] for form in (old, new)]
    if order[0] != order[1]:
        yield "They are asked in another order"
