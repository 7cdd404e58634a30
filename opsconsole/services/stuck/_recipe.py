"""The steps by which somebody puts a cause right: typed, shown on its page, each kept when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Look:
    """Something to look at first: which of the evidence, or a page. `url` may name {subject}, {order} and {customer}."""

    says: str
    url: str = ""


@dataclass(frozen=True)
class Ask:
    """A question that somebody answers before the plan: `choices` are codes with their words. An answer may lead to an
    offer other than the suggested one: `leads` gives the act for a code."""

    name: str
    says: str
    choices: Mapping[str, str]
    leads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Do:
    """The plan: one of what the rule offers, with its preview. `says` is why."""

    says: str


@dataclass(frozen=True)
class Check:
    """How we see that it worked. The cause is looked for again; `says` is what makes it go."""

    says: str


Step = Look | Ask | Do | Check
