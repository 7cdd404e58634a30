"""One noun per file: columns, states and their moves, constraints, indexes. No business verbs."""

from ._record import REGISTRY, IllegalMove, Record, Stateful, Status, locate
from .audit import AnswerKept, AuditEntry
from .case import Case, CaseStatus
from .customer import Customer, ExternalId
from .inbox import EventStatus, InboxEvent, RejectedCount, RejectedDelivery, Sweep, SweepStatus
from .message import Message, MessageStatus
from .order import Bought, Order, OrderLine, OrderStatus
from .payment import Paid, Payment, PaymentStatus, Remainder
from .promise import Attempt, Breaker, Promise, PromiseStatus
from .refund import Refund, RefundStatus
from .refund_line import RefundLine
from .schedule import SandboxClock, ScheduledRun
from .ship_to import STATES, ShipTo
from .staff import FailedSignIn, Grant, Role, SignIn, Staff, Token
from .status_move import StatusMove

__all__ = [
    "REGISTRY", "STATES", "AnswerKept", "Attempt", "AuditEntry", "Bought", "Breaker", "Case", "CaseStatus",
    "Customer", "EventStatus", "ExternalId", "FailedSignIn", "Grant", "IllegalMove", "InboxEvent", "Message",
    "MessageStatus", "Order", "OrderLine", "OrderStatus", "Paid", "Payment", "PaymentStatus", "Promise",
    "PromiseStatus", "Record", "Refund", "RefundLine", "RefundStatus", "RejectedCount", "RejectedDelivery",
    "Remainder", "Role", "SandboxClock", "ScheduledRun", "ShipTo", "SignIn", "Staff", "Stateful", "Status",
    "StatusMove", "Sweep", "SweepStatus", "Token", "locate",
]  # fmt: skip
