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
from ._versioned import Versioned
from .adjustment import Adjustment, AdjustmentBatch, AdjustmentStatus, BatchStatus
from .approval import Approval, ApprovalStatus, Delegation, Limit
from .attachment import Attachment
from .audit import AnswerKept, AuditEntry
from .balance_entry import BalanceEntry, BalancePull, PullStatus
from .balance_move import BalanceMove
from .banner import Banner, BannerStatus
from .broken_glass import BrokenGlass, GlassStatus
from .case import Case, CaseStatus
from .change import Change, ChangeStatus
from .collection import Collection, CollectionStatus
from .correction import Correction, CorrectionStatus
from .credit_note import CreditNote, CreditNoteStatus
from .customer import Customer, ExternalId
from .data_key import DataKey, KeyRotation
from .drift import Drift, DriftStatus
from .dunning import Dunning, DunningStatus
from .fill import EXCEPTIONAL, Fill, FillStatus
from .hold import Hold, HoldReason, HoldStatus
from .hold_rules import HoldRules, HoldRulesStatus
from .inbox import EventStatus, InboxEvent, RejectedCount, RejectedDelivery, Sweep, SweepStatus
from .intercept import Intercept, InterceptStatus
from .invoice import Invoice, InvoiceStatus
from .invoice_hold import InvoiceHold, InvoiceHoldReason
from .lifecycle_policy import (
    ANYWHERE,
    Ending,
    LifecyclePolicy,
    LifecyclePolicyStatus,
    NoticeKind,
    NoticeRule,
    RetryStep,
)
from .message import Message, MessageStatus
from .note import Mention, Note, NoteVersion
from .notice import Notice, NoticeStatus
from .order import (
    UNSHIPPED,
    AddressVerdict,
    Bought,
    FulfilmentStatus,
    Order,
    OrderKind,
    OrderLine,
    OrderPaymentStatus,
    OrderStatus,
    fulfilment_of,
)
from .outside_payment import OutsidePayment
from .payment import Paid, Payment, PaymentStatus, Remainder, card_words
from .payout import Payout, PayoutStatus
from .pharmacy import Pharmacy, PharmacyLicence
from .pharmacy_offer import PharmacyOffer, Stock
from .phi_view import PhiView, Reveal
from .plan import Plan, PlanStatus, PlanStep, StepKind, StepStatus
from .prescription import Prescription, PrescriptionStatus
from .price import Price, cadence_words
from .product import Product, ProductKey, ProductKind
from .profile import Profile, Quote, in_words
from .projection import Projection
from .promise import Attempt, Breaker, Pacing, Promise, PromiseStatus
from .provider import LicenceStatus, Provider, ProviderLicence
from .reconciliation_run import ReconciliationRun, RunStatus
from .refund import UNDER_WAY, Refund, RefundStatus
from .refund_line import RefundLine
from .replacement import Replacement, ReplacementPolicy, ReplacementStatus
from .reset import PasswordReset, ResetAsk
from .routing import Measure, RoutingRules, RoutingStatus, Rule, Then, sentences
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
from .subscription import Effective, Subscription, SubscriptionItem, SubscriptionStatus
from .tie_out import Step, TieOut, TieOutGap, TieOutStatus

__all__ = [
    "ANYWHERE",
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
    "UNSHIPPED",
    "AddressVerdict",
    "Adjustment",
    "AdjustmentBatch",
    "AdjustmentStatus",
    "AnswerKept",
    "Approval",
    "ApprovalStatus",
    "Attachment",
    "Attempt",
    "AuditEntry",
    "AuditSeal",
    "AuditUnsealed",
    "BalanceEntry",
    "BalanceMove",
    "BalancePull",
    "Banner",
    "BannerStatus",
    "BatchStatus",
    "Bought",
    "Breaker",
    "BrokenGlass",
    "Case",
    "CaseStatus",
    "Change",
    "ChangeStatus",
    "Collection",
    "CollectionStatus",
    "Correction",
    "CorrectionStatus",
    "CreditNote",
    "CreditNoteStatus",
    "Customer",
    "DataKey",
    "Delegation",
    "Drift",
    "DriftStatus",
    "Dunning",
    "DunningStatus",
    "Effective",
    "Ending",
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
    "HoldRules",
    "HoldRulesStatus",
    "HoldStatus",
    "Identity",
    "IllegalMove",
    "InboxEvent",
    "InstalledDefault",
    "Intercept",
    "InterceptStatus",
    "Invoice",
    "InvoiceHold",
    "InvoiceHoldReason",
    "InvoiceStatus",
    "KeyRotation",
    "LicenceStatus",
    "LifecyclePolicy",
    "LifecyclePolicyStatus",
    "Limit",
    "Measure",
    "Mention",
    "Message",
    "MessageStatus",
    "Modality",
    "Note",
    "NoteVersion",
    "Notice",
    "NoticeKind",
    "NoticeRule",
    "NoticeStatus",
    "Order",
    "OrderKind",
    "OrderLine",
    "OrderPaymentStatus",
    "OrderStatus",
    "OutsidePayment",
    "Pacing",
    "Paid",
    "PasswordReset",
    "Payment",
    "PaymentStatus",
    "Payout",
    "PayoutStatus",
    "Pharmacy",
    "PharmacyLicence",
    "PharmacyOffer",
    "PhiView",
    "Plan",
    "PlanStatus",
    "PlanStep",
    "Prescription",
    "PrescriptionStatus",
    "Price",
    "Product",
    "ProductKey",
    "ProductKind",
    "Profile",
    "Projection",
    "Promise",
    "PromiseStatus",
    "Provider",
    "ProviderLicence",
    "PullStatus",
    "Quote",
    "ReconciliationRun",
    "Record",
    "RecoveryCode",
    "Refund",
    "RefundLine",
    "RefundStatus",
    "RejectedCount",
    "RejectedDelivery",
    "Remainder",
    "Replacement",
    "ReplacementPolicy",
    "ReplacementStatus",
    "ResetAsk",
    "RetryStep",
    "Reveal",
    "Role",
    "RoutingRules",
    "RoutingStatus",
    "Rule",
    "RunStatus",
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
    "Step",
    "StepKind",
    "StepStatus",
    "Stock",
    "Subscription",
    "SubscriptionItem",
    "SubscriptionStatus",
    "Sweep",
    "SweepStatus",
    "Then",
    "TieOut",
    "TieOutGap",
    "TieOutStatus",
    "Token",
    "Versioned",
    "cadence_words",
    "card_words",
    "data_class",
    "fulfilment_of",
    "in_words",
    "indexed_by",
    "locate",
    "sealed_columns",
    "sentences",
    "shown_by",
]  # fmt: skip
