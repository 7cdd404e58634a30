"""Having a pharmacy make up and ship an order: submit -> hand_over -> settle; resend, cancel and answer on the way."""

from ._answer import answer
from ._ask import ask, declined, found, heard, refused, sent
from ._cancel import REASONS, cancel
from ._escalate import answer_by, escalate, unanswered
from ._find import LIST, find
from ._ready import dispatch, ready
from ._recipes import RECIPES, Recipe, recipe_of
from ._resend import resend
from ._settle import settle
from ._submit import submit
from ._when_shipped import when_shipped
from ._why_not import why_not_answer, why_not_cancel, why_not_resend, why_not_submit
from ._withdraw import withdraw

__all__ = [
    "LIST", "REASONS", "RECIPES", "Recipe", "answer", "answer_by", "ask", "cancel", "declined", "dispatch",
    "escalate", "find", "found", "heard", "ready", "recipe_of", "refused", "resend", "sent", "settle", "submit",
    "unanswered", "when_shipped", "why_not_answer", "why_not_cancel", "why_not_resend", "why_not_submit",
    "withdraw",
]  # fmt: skip
