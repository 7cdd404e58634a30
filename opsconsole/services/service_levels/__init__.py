from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...lib.business_time import Limit


@dataclass(frozen=True)
class Level:
    limit: Limit

    def instants(self, since: datetime, pauses: Any = ()) -> tuple[datetime, datetime]:
        return since + self.limit.warn, since + self.limit.breach


class Levels:
    def of(
        self, code: str, default: Limit, team: Any, pharmacy_id: str | None = None, sku: str | None = None
    ) -> Level:
        return Level(default)


def levels() -> Levels:
    return Levels()


def declare(code: str, title: str, team: Any, limit: Limit) -> None: ...
