"""What is asked of the processor about a subscription, an invoice or a balance: plan -> submit -> done, and undo before.

The packages above say what each verb means and mirror what comes back; here is what all of them have in common.
"""

from ._begin import begin, due
from ._find import LIST, find
from ._outcome import declined, done, happened, keeps, when_ended
from ._plan import UnderWay, plan
from ._quote import Bill, NoQuote, ask_bill, bill_of
from ._withdraw import call_off, withdraw

__all__ = [
    "LIST", "Bill", "NoQuote", "UnderWay", "ask_bill", "begin", "bill_of", "call_off", "declined", "done", "due",
    "find", "happened", "keeps", "plan", "when_ended", "withdraw",
]  # fmt: skip
