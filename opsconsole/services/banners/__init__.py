"""What must be known before anything is done: raised by people or by facts, lowered, set aside, and enforced."""

from ._find import LIST, find, of_customers
from ._follow import follow
from ._guard import Blocked, check, why
from ._kinds import KINDS, OVERRIDES, WATCHED, Kind, blockers, evidence
from ._lower import lower
from ._raise import offered, raise_
from ._set_aside import LONGEST, set_aside

__all__ = [
    "KINDS", "LIST", "LONGEST", "OVERRIDES", "WATCHED", "Blocked", "Kind", "blockers", "check", "evidence", "find",
    "follow", "lower", "of_customers", "offered", "raise_", "set_aside", "why",
]  # fmt: skip
