from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limit:
    warn: timedelta
    breach: timedelta
    business: bool = False
