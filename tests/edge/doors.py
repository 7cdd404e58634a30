"""Every address of the console, with an id that exists nowhere unless one is given."""

from __future__ import annotations

import re

from ..house import House


def urls(house: House, **ids: str) -> list[str]:
    """One URL for each route; `ids` fill the parts of that name, "x_1" the others."""
    found = []
    for rule in house.app.url_map.iter_rules():
        if rule.endpoint == "static":
            found.append("/static/console.css")
        else:
            found.append(re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda part: ids.get(part[1], "x_1"), rule.rule))
    return sorted(set(found))
