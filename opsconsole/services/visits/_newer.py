"""Which of two fetches of a record is the newer one: what arrives in any order, and twice, comes to the same end."""

from __future__ import annotations

from datetime import datetime

from ...models import Visit, VisitAnswers
from ...vendors.healthcare import Seen


def older(mirror: Visit | VisitAnswers, facts: Seen, fetched_at: datetime) -> bool:
    """Whether what was fetched is older than what the mirror holds: by when the vendor changed it, then by when we asked."""
    if mirror.source_updated_at and facts.updated_at and mirror.source_updated_at != facts.updated_at:
        return facts.updated_at < mirror.source_updated_at
    return mirror.fetched_at is not None and fetched_at < mirror.fetched_at


def note(mirror: Visit | VisitAnswers, facts: Seen, fetched_at: datetime) -> None:
    """Write down how new the mirror is now."""
    mirror.source_version = facts.version
    mirror.source_updated_at = facts.updated_at
    mirror.fetched_at = fetched_at
