"""The codes that there are, each as its rule declares it. A code that nobody declared has no limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ...lib.business_time import Limit


@dataclass(frozen=True)
class Declared:
    """A rule's code, what people call it, the team that minds it, and how long it may take by default."""

    code: str
    title: str
    team: str
    limit: Limit


_DECLARED: dict[str, Declared] = {}


def declare(code: str, title: str, team: str, limit: Limit) -> Declared:
    """Make a code known. The same again changes nothing; raises ValueError when it is declared otherwise."""
    made = Declared(code, title, team, limit)
    if _DECLARED.setdefault(code, made) != made:
        raise ValueError(f"{code} is declared already, and otherwise")
    return made


def codes() -> Mapping[str, Declared]:
    """All that were declared, by code."""
    return MappingProxyType(_DECLARED)
