"""Putting an address into a patient's JSON and leaving every other byte as it is: a number stays written as it was, and
what this program has never heard of stays too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_decoder = json.JSONDecoder()
_SPACE = " \t\r\n"


@dataclass(frozen=True)
class Member:
    """A member of an object: its name, where it begins, where its value begins and where that ends."""

    name: str
    start: int
    value: int
    end: int


def members(text: str, at: int = 0) -> Iterator[Member]:
    """Those of the object that begins at or after `at`. The text is known to be JSON."""
    at = _skip(text, at) + 1
    while text[at := _skip(text, at)] != "}":
        name, after = _decoder.raw_decode(text, at)
        value = _skip(text, _skip(text, after) + 1)
        end = _decoder.raw_decode(text, value)[1]
        yield Member(name, at, value, end)
        at = _skip(text, end)
        at += text[at] == ","


def elements(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Where each element of the array that begins at or after `at` begins and ends."""
    at = _skip(text, at) + 1
    while text[at := _skip(text, at)] != "]":
        end = _decoder.raw_decode(text, at)[1]
        yield at, end
        at = _skip(text, end)
        at += text[at] == ","


def with_address(text: str, new: Mapping[str, Any], place: int | None, replaced: frozenset[str]) -> str:
    """The patient in `text` with `new` as the parts of the address that stands at `place`, or with another address
    where that is None. Of the one that stands there all is kept but what is `replaced`."""
    found = [*members(text)]
    addresses = {one.name: one for one in found}.get("address")
    if addresses is None:
        end = found[-1].end
        return f'{text[:end]},"address":[{_written([], new)}]{text[end:]}'
    spans = [*elements(text, addresses.value)]
    if place is None:
        end, comma = (spans[-1][1], ",") if spans else (_skip(text, addresses.value) + 1, "")
        return f"{text[:end]}{comma}{_written([], new)}{text[end:]}"
    start, end = spans[place]
    kept = [text[one.start : one.end] for one in members(text, start) if one.name not in replaced]
    return text[:start] + _written(kept, new) + text[end:]


def _written(kept: list[str], new: Mapping[str, Any]) -> str:
    return "{" + ",".join([*kept, *(f"{json.dumps(name)}:{json.dumps(new[name])}" for name in new)]) + "}"


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at
