"""Every rule, a file each: to add one, put its file here and its worlds, one that it finds and one that it just does not,
into tests/stuck/worlds. Nothing else has to know of it."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from ... import service_levels
from .._rule import Rule

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in sorted(
        (
            import_module(f"{__name__}.{one.name}").RULE
            for one in iter_modules(__path__)
            if one.name[0] != "_"
        ),
        key=lambda rule: rule.order,
    )
}
for _rule in RULES.values():
    service_levels.declare(_rule.code, _rule.title, _rule.team, _rule.limit)

__all__ = ["RULES"]
