"""What each state asks of care at a distance: read, and recorded by two people. A state without a rule is not served."""

from ._find import LIST, find
from ._record import HasRuleFrom, SameRule, record
from ._served import by_state, history

__all__ = ["LIST", "HasRuleFrom", "SameRule", "by_state", "find", "history", "record"]
