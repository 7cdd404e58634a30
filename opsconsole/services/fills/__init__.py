"""Having a pharmacy make up and ship an order: submit -> hand_over -> settle; resend, cancel and answer on the way."""

from ._adopt import adopt
from ._answer import answer
from ._ask import ask, declined, found, heard, refused, sent
from ._cancel import REASONS, cancel
from ._choose import would_go
from ._escalate import answer_by, escalate, unanswered
from ._find import LIST, find
from ._follow import stands
from ._ready import dispatch, ready
from ._recipes import RECIPES, Recipe, recipe_of
from ._reroute import movable
from ._resend import resend
from ._settle import settle
from ._stop_order import ask_to_stop
from ._submit import submit
from ._when_answered import when_answered
from ._when_shipped import when_shipped
from ._why_not import why_not_answer, why_not_cancel, why_not_resend, why_not_submit
from ._withdraw import withdraw

__all__ = [
    "LIST", "REASONS", "RECIPES", "Recipe", "adopt", "answer", "answer_by", "ask", "ask_to_stop",
    "cancel", "declined", "dispatch", "escalate", "find", "found", "heard", "movable", "ready", "recipe_of",
    "refused", "resend",
    "sent", "settle", "stands", "submit", "unanswered", "when_answered", "when_shipped", "why_not_answer",
    "why_not_cancel", "why_not_resend", "why_not_submit", "withdraw", "would_go",
]  # fmt: skip
