"""One noun per file: columns, states and their moves, constraints, indexes. No business verbs."""

from ._record import REGISTRY, IllegalMove, Record, Stateful, Status, locate
from .audit import AnswerKept, AuditEntry
from .case import Case, CaseStatus
from .customer import Customer, ExternalId
from .inbox import EventStatus, InboxEvent, RejectedCount, RejectedDelivery, Sweep, SweepStatus
from .message import Message, MessageStatus
from .order import Bought, FulfilmentStatus, Order, OrderLine, OrderPaymentStatus, OrderStatus, fulfilment_of
from .payment import Paid, Payment, PaymentStatus, Remainder
from .product import Product, ProductKey, ProductKind
from .promise import Attempt, Breaker, Promise, PromiseStatus
from .refund import UNDER_WAY, Refund, RefundStatus
from .refund_line import RefundLine
from .schedule import SandboxClock, ScheduledRun
from .staff import FailedSignIn, Grant, Role, SignIn, Staff, Token
from .status_move import StatusMove

__all__ = [
    "REGISTRY", "UNDER_WAY", "AnswerKept", "Attempt", "AuditEntry", "Bought", "Breaker", "Case", "CaseStatus",
    "Customer", "EventStatus", "ExternalId", "FailedSignIn", "FulfilmentStatus", "Grant", "IllegalMove", "InboxEvent",
    "Message", "MessageStatus", "Order", "OrderLine", "OrderPaymentStatus", "OrderStatus", "Paid", "Payment",
    "PaymentStatus", "Product", "ProductKey", "ProductKind", "Promise", "PromiseStatus", "Record", "Refund",
    "RefundLine", "RefundStatus", "RejectedCount", "RejectedDelivery", "Remainder", "Role", "SandboxClock",
    "ScheduledRun", "SignIn", "Staff", "Stateful", "Status", "StatusMove", "Sweep", "SweepStatus", "Token",
    "fulfilment_of", "locate",
]  # fmt: skip
