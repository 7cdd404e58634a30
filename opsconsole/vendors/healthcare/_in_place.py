"""Changing an element of a resource's JSON and leaving every other byte as it is: a number stays written as it was, and what
this program has never heard of stays too."""

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


def with_member(text: str, name: str, value: str) -> str:
    """The resource in `text` where `name` has this value (JSON), whether or not it had one."""
    found = [*members(text)]
    for one in found:
        if one.name == name:
            return text[: one.value] + value + text[one.end :]
    end = found[-1].end  # a resource has a resourceType at least
    return f"{text[:end]},{json.dumps(name)}:{value}{text[end:]}"


def appended(text: str, name: str, element: str) -> str:
    """The resource in `text` whose list `name` has one more element (JSON) at its end."""
    named = {one.name: one for one in members(text)}.get(name)
    if named is None or text[named.value] != "[":  # not there, or null
        return with_member(text, name, f"[{element}]")
    spans = [*elements(text, named.value)]
    end, comma = (spans[-1][1], ",") if spans else (_skip(text, named.value) + 1, "")
    return f"{text[:end]}{comma}{element}{text[end:]}"


def with_address(text: str, new: Mapping[str, Any], place: int | None, replaced: frozenset[str]) -> str:
    """The patient in `text` with `new` as the parts of the address that stands at `place`, or with another address
    where that is None. Of the one that stands there all is kept but what is `replaced`."""
    if place is None:
        return appended(text, "address", _written([], new))
    address = {one.name: one for one in members(text)}["address"]
    start, end = [*elements(text, address.value)][place]
    kept = [text[one.start : one.end] for one in members(text, start) if one.name not in replaced]
    return text[:start] + _written(kept, new) + text[end:]


def _written(kept: list[str], new: Mapping[str, Any]) -> str:
    return "{" + ",".join([*kept, *(f"{json.dumps(name)}:{json.dumps(new[name])}" for name in new)]) + "}"


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at
