"""One noun per file: columns, states and their moves, constraints, indexes. No business verbs."""

from ._record import REGISTRY, IllegalMove, Record, Stateful, Status, locate
from .approval import Approval, ApprovalStatus, Delegation, Limit
from .audit import AnswerKept, AuditEntry
from .banner import Banner, BannerStatus
from .case import Case, CaseStatus
from .correction import Correction, CorrectionStatus
from .customer import Customer, ExternalId
from .inbox import EventStatus, InboxEvent, RejectedCount, RejectedDelivery, Sweep, SweepStatus
from .message import Message, MessageStatus
from .note import Mention, Note, NoteVersion
from .order import Bought, FulfilmentStatus, Order, OrderLine, OrderPaymentStatus, OrderStatus, fulfilment_of
from .payment import Paid, Payment, PaymentStatus, Remainder
from .product import Product, ProductKey, ProductKind
from .profile import Profile, Quote, in_words
from .promise import Attempt, Breaker, Promise, PromiseStatus
from .refund import UNDER_WAY, Refund, RefundStatus
from .refund_line import RefundLine
from .schedule import SandboxClock, ScheduledRun
from .seal import AuditSeal, AuditUnsealed
from .ship_to import STATES, ShipTo
from .staff import Factor, FailedSignIn, Grant, Identity, RecoveryCode, Role, SignIn, Staff, Token
from .status_move import StatusMove

__all__ = [
    "REGISTRY", "STATES", "UNDER_WAY", "AnswerKept", "Approval", "ApprovalStatus", "Attempt", "AuditEntry",
    "AuditSeal", "AuditUnsealed", "Banner", "BannerStatus", "Bought", "Breaker", "Case", "CaseStatus", "Correction",
    "CorrectionStatus", "Customer", "Delegation", "EventStatus", "ExternalId", "Factor", "FailedSignIn", "FulfilmentStatus",
    "Grant", "Identity", "IllegalMove", "InboxEvent", "Limit", "Mention", "Message", "MessageStatus", "Note", "NoteVersion",
    "Order", "OrderLine", "OrderPaymentStatus", "OrderStatus", "Paid", "Payment", "PaymentStatus", "Product",
    "ProductKey", "ProductKind", "Profile", "Promise", "PromiseStatus", "Quote", "Record", "RecoveryCode", "Refund",
    "RefundLine", "RefundStatus", "RejectedCount", "RejectedDelivery", "Remainder", "Role", "SandboxClock", "ScheduledRun",
    "ShipTo", "SignIn", "Staff", "Stateful", "Status", "StatusMove", "Sweep", "SweepStatus", "Token", "fulfilment_of",
    "in_words", "locate",
]  # fmt: skip
