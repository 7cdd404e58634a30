"""What does not go on, why, who has to move, and what puts it right: 64 causes, a file each in `rules`.

`look` is what the clock calls; `diagnose` takes one look. A cause holds by what stands in the database, never because time
has passed since somebody looked: time only makes it worth telling.
"""

from ._diagnose import Looked, candidates, diagnose
from ._find import AGES, LIST, aged, counted, find, of, of_order
from ._look import look
from ._recipe import Ask, Check, Do, Look, Step
from ._rule import Rank, Rule, Stage, ago, ahead, at
from ._scope import Scope
from .rules import RULES

__all__ = [
    "AGES", "LIST", "RULES", "Ask", "Check", "Do", "Look", "Looked", "Rank", "Rule", "Scope", "Stage", "Step", "aged",
    "ago", "ahead", "at", "candidates", "counted", "diagnose", "find", "look", "of", "of_order",
]  # fmt: skip
