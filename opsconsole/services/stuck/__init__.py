"""What does not go on, why, who has to move, and what puts it right: 64 causes, a file each in `rules`.

`look` is what the clock calls; `diagnose` takes one look. A cause holds by what stands in the database, never because time
has passed since somebody looked: time only makes it worth telling.
"""

from ._board import Board, Line, board
from ._diagnose import Looked, candidates, diagnose
from ._find import AGES, LIST, aged, counted, find, of, of_case, of_order
from ._fix import NotOffered, NotStuck, NotYours, checked, chosen, fix, led, why_not_yours
from ._look import look
from ._measures import Measured, Together, measured, together
from ._recipe import Ask, Check, Do, Look, Step
from ._rule import Rank, Rule, Stage, ago, ahead, at
from ._runs import runs_of
from ._scope import Scope
from ._watched import age
from .rules import RULES

__all__ = [
    "AGES", "LIST", "RULES", "Ask", "Board", "Check", "Do", "Line", "Look", "Looked", "Measured", "NotOffered",
    "NotStuck", "NotYours", "Rank", "Rule", "Scope", "Stage", "Step", "Together", "age", "aged", "ago", "ahead", "at",
    "board", "candidates", "checked", "chosen", "counted", "diagnose", "find", "fix", "led", "look", "measured", "of",
    "of_case", "of_order", "runs_of", "together", "why_not_yours",
]  # fmt: skip
