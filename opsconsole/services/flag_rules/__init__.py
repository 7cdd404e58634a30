"""Which answers are flagged for a clinician, by rules that are data: propose -> adopt, or withdraw; and what another version
would have flagged in the last thirty days."""

from ._apply import applies, applying
from ._check import MOST_RULES, problems
from ._find import LIST, find
from ._gather import Told, gather, years_between
from ._propose import adopt, propose, withdraw
from ._simulate import DAYS, Flips, Simulated, simulate
from ._words import ABOUT, HELP, as_conditions, condition_in_words, questions, sentence, written

__all__ = [
    "ABOUT", "DAYS", "HELP", "LIST", "MOST_RULES", "Flips", "Simulated", "Told", "adopt", "applies", "applying",
    "as_conditions", "condition_in_words", "find", "gather", "problems", "propose", "questions", "sentence", "simulate",
    "withdraw", "written", "years_between",
]  # fmt: skip
