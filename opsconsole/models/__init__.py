"""One noun per file: columns, states and their moves, constraints, indexes. No business verbs."""

from ._classes import (
    BIRTH_DATES,
    CODES,
    CONTACTS,
    NAMES,
    PHI,
    PII,
    PRODUCTS,
    PUBLIC,
    SECRET,
    Sealed,
    data_class,
    indexed_by,
    sealed_columns,
    shown_by,
)
from ._record import REGISTRY, IllegalMove, Record, Stateful, Status, locate
from .approval import Approval, ApprovalStatus, Delegation, Limit
from .attachment import Attachment
from .audit import AnswerKept, AuditEntry
from .banner import Banner, BannerStatus
from .broken_glass import BrokenGlass, GlassStatus
from .case import Case, CaseStatus
from .correction import Correction, CorrectionStatus
from .customer import Customer, ExternalId
from .data_key import DataKey, KeyRotation
from .fill import EXCEPTIONAL, Fill, FillStatus
from .hold import Hold, HoldReason, HoldStatus
from .inbox import EventStatus, InboxEvent, RejectedCount, RejectedDelivery, Sweep, SweepStatus
from .message import Message, MessageStatus
from .note import Mention, Note, NoteVersion
from .order import (
    Bought,
    FulfilmentStatus,
    Order,
    OrderKind,
    OrderLine,
    OrderPaymentStatus,
    OrderStatus,
    fulfilment_of,
)
from .payment import Paid, Payment, PaymentStatus, Remainder, card_words
from .pharmacy import Pharmacy, PharmacyLicence
from .pharmacy_offer import PharmacyOffer, Stock
from .phi_view import PhiView, Reveal
from .prescription import Prescription, PrescriptionStatus
from .product import Product, ProductKey, ProductKind
from .profile import Profile, Quote, in_words
from .promise import Attempt, Breaker, Promise, PromiseStatus
from .provider import LicenceStatus, Provider, ProviderLicence
from .refund import UNDER_WAY, Refund, RefundStatus
from .refund_line import RefundLine
from .reset import PasswordReset, ResetAsk
from .schedule import SandboxClock, ScheduledRun
from .seal import AuditSeal, AuditUnsealed
from .ship_to import STATES, ShipTo
from .shipment import MOVING, Scan, Shipment, ShipmentStatus
from .staff import (
    Factor,
    FailedSignIn,
    Grant,
    Identity,
    InstalledDefault,
    RecoveryCode,
    Role,
    SignIn,
    Staff,
    Token,
)
from .state_rule import Modality, StateRule
from .status_move import StatusMove

__all__ = [
    "BIRTH_DATES",
    "CODES",
    "CONTACTS",
    "EXCEPTIONAL",
    "MOVING",
    "NAMES",
    "PHI",
    "PII",
    "PRODUCTS",
    "PUBLIC",
    "REGISTRY",
    "SECRET",
    "STATES",
    "UNDER_WAY",
    "AnswerKept",
    "Approval",
    "ApprovalStatus",
    "Attachment",
    "Attempt",
    "AuditEntry",
    "AuditSeal",
    "AuditUnsealed",
    "Banner",
    "BannerStatus",
    "Bought",
    "Breaker",
    "BrokenGlass",
    "Case",
    "CaseStatus",
    "Correction",
    "CorrectionStatus",
    "Customer",
    "DataKey",
    "Delegation",
    "EventStatus",
    "ExternalId",
    "Factor",
    "FailedSignIn",
    "Fill",
    "FillStatus",
    "FulfilmentStatus",
    "GlassStatus",
    "Grant",
    "Hold",
    "HoldReason",
    "HoldStatus",
    "Identity",
    "IllegalMove",
    "InboxEvent",
    "InstalledDefault",
    "KeyRotation",
    "LicenceStatus",
    "Limit",
    "Mention",
    "Message",
    "MessageStatus",
    "Modality",
    "Note",
    "NoteVersion",
    "Order",
    "OrderKind",
    "OrderLine",
    "OrderPaymentStatus",
    "OrderStatus",
    "Paid",
    "PasswordReset",
    "Payment",
    "PaymentStatus",
    "Pharmacy",
    "PharmacyLicence",
    "PharmacyOffer",
    "PhiView",
    "Prescription",
    "PrescriptionStatus",
    "Product",
    "ProductKey",
    "ProductKind",
    "Profile",
    "Promise",
    "PromiseStatus",
    "Provider",
    "ProviderLicence",
    "Quote",
    "Record",
    "RecoveryCode",
    "Refund",
    "RefundLine",
    "RefundStatus",
    "RejectedCount",
    "RejectedDelivery",
    "Remainder",
    "ResetAsk",
    "Reveal",
    "Role",
    "SandboxClock",
    "Scan",
    "ScheduledRun",
    "Sealed",
    "ShipTo",
    "Shipment",
    "ShipmentStatus",
    "SignIn",
    "Staff",
    "StateRule",
    "Stateful",
    "Status",
    "StatusMove",
    "Stock",
    "Sweep",
    "SweepStatus",
    "Token",
    "card_words",
    "data_class",
    "fulfilment_of",
    "in_words",
    "indexed_by",
    "locate",
    "sealed_columns",
    "shown_by",
]  # fmt: skip
