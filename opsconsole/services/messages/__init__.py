"""Writing to a customer by a neutral template: send -> mail -> settle, and undo before it leaves."""

from ._chase import chase, chased, overdue
from ._find import LIST, find
from ._mail import declined, mail, sent
from ._send import NoAddress, NoCrm, NotSo, drop, let_go, send
from ._settle import lookup, settle
from ._withdraw import take_back, withdraw
from ._write import opted_out, why_not_write, write
from .templates import BY_HAND, TEMPLATES, Template, on_day, text

__all__ = [
    "BY_HAND", "LIST", "TEMPLATES", "NoAddress", "NoCrm", "NotSo", "Template", "chase", "chased", "declined", "drop",
    "find", "let_go", "lookup", "mail", "on_day", "opted_out", "overdue", "send", "sent", "settle", "take_back", "text",
    "why_not_write", "withdraw", "write",
]  # fmt: skip
