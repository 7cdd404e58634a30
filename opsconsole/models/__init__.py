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
from .answer_photo import AnswerPhoto
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
from .decision import Decision, DecisionKind, DenialReason
from .dispense import UNUSED, Dispense, DispenseStatus
from .drift import Drift, DriftStatus
from .dunning import Dunning, DunningStatus
from .fill import EXCEPTIONAL, Fill, FillStatus
from .flag_rules import FlagRule, FlagRules, FlagRulesStatus
from .gate_override import GateOverride, OverrideReason
from .harm_sweep import HarmSweep
from .hold import Hold, HoldReason, HoldStatus
from .hold_rules import HoldRules, HoldRulesStatus
from .holder import Holder, Team
from .inbox import EventStatus, InboxEvent, RejectedCount, RejectedDelivery, Sweep, SweepStatus
from .incident import BECAUSE, Incident, IncidentStatus
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
from .prescription import PRESCRIPTION_OVER, Prescription, PrescriptionStatus
from .prescription_request import REQUEST_OPEN, PrescriptionRequest, RequestKind, RequestStatus
from .price import Price, cadence_words
from .product import Product, ProductKey, ProductKind
from .profile import Profile, Quote, in_words
from .projection import Projection
from .promise import Attempt, Breaker, Pacing, Promise, PromiseStatus
from .provider import LicenceStatus, Provider, ProviderLicence
from .questionnaire import Questionnaire, QuestionnaireStatus
from .recipe_run import RecipeRun
from .reconciliation_run import ReconciliationRun, RunStatus
from .refund import UNDER_WAY, Refund, RefundStatus
from .refund_line import RefundLine
from .reminder import Reminder, ReminderStatus, VisitPolicy
from .renewal import RENEWAL_OPEN, Renewal, RenewalCause, RenewalStatus, StopReason
from .replacement import Replacement, ReplacementPolicy, ReplacementStatus
from .reset import PasswordReset, ResetAsk
from .review_flag import FLAG_OPEN, FlagEffect, FlagKind, FlagOutcome, FlagSeverity, FlagStatus, ReviewFlag
from .routing import Measure, RoutingRules, RoutingStatus, Rule, Then, sentences
from .schedule import SandboxClock, ScheduledRun
from .seal import AuditSeal, AuditUnsealed
from .service_level import ServiceLevel
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
from .stuck import Stuck, StuckCursor, StuckFact, StuckStatus
from .subscription import Effective, Subscription, SubscriptionItem, SubscriptionStatus
from .tie_out import Step, TieOut, TieOutGap, TieOutStatus
from .unknown_patient import UnknownPatient, UnknownPatientStatus
from .unmapped_key import UnmappedKey, UnmappedStatus
from .visit import (
    VISIT_DECIDED,
    VISIT_TO_DECIDE,
    VISIT_WITH_PATIENT,
    AnswersStatus,
    Visit,
    VisitAnswers,
    VisitKind,
    VisitStatus,
)
from .work_calendar import Holidays, WorkCalendar

__all__ = [
    "ANYWHERE", "BECAUSE", "BIRTH_DATES", "CODES", "CONTACTS", "EXCEPTIONAL", "FLAG_OPEN", "MOVING", "NAMES", "PHI",
    "PII", "PRESCRIPTION_OVER", "PRODUCTS", "PUBLIC", "REGISTRY", "RENEWAL_OPEN", "REQUEST_OPEN", "SECRET", "STATES",
    "UNDER_WAY", "UNSHIPPED", "UNUSED", "VISIT_DECIDED", "VISIT_TO_DECIDE", "VISIT_WITH_PATIENT", "AddressVerdict",
    "Adjustment", "AdjustmentBatch", "AdjustmentStatus", "AnswerKept", "AnswerPhoto", "AnswersStatus", "Approval",
    "ApprovalStatus", "Attachment", "Attempt", "AuditEntry", "AuditSeal", "AuditUnsealed", "BalanceEntry",
    "BalanceMove", "BalancePull", "Banner", "BannerStatus", "BatchStatus", "Bought", "Breaker", "BrokenGlass", "Case",
    "CaseStatus", "Change", "ChangeStatus", "Collection", "CollectionStatus", "Correction", "CorrectionStatus",
    "CreditNote", "CreditNoteStatus", "Customer", "DataKey", "Decision", "DecisionKind", "Delegation", "DenialReason",
    "Dispense", "DispenseStatus", "Drift", "DriftStatus", "Dunning", "DunningStatus", "Effective", "Ending",
    "EventStatus", "ExternalId", "Factor", "FailedSignIn", "Fill", "FillStatus", "FlagEffect", "FlagKind",
    "FlagOutcome", "FlagRule", "FlagRules", "FlagRulesStatus", "FlagSeverity", "FlagStatus", "FulfilmentStatus",
    "GateOverride", "GlassStatus", "Grant", "HarmSweep", "Hold", "HoldReason", "HoldRules", "HoldRulesStatus",
    "HoldStatus", "Holder", "Holidays", "Identity", "IllegalMove", "InboxEvent", "Incident", "IncidentStatus",
    "InstalledDefault", "Intercept", "InterceptStatus", "Invoice", "InvoiceHold", "InvoiceHoldReason", "InvoiceStatus",
    "KeyRotation", "LicenceStatus", "LifecyclePolicy", "LifecyclePolicyStatus", "Limit", "Measure", "Mention",
    "Message", "MessageStatus", "Modality", "Note", "NoteVersion", "Notice", "NoticeKind", "NoticeRule",
    "NoticeStatus", "Order", "OrderKind", "OrderLine", "OrderPaymentStatus", "OrderStatus", "OutsidePayment",
    "OverrideReason", "Pacing", "Paid", "PasswordReset", "Payment", "PaymentStatus", "Payout", "PayoutStatus",
    "Pharmacy", "PharmacyLicence", "PharmacyOffer", "PhiView", "Plan", "PlanStatus", "PlanStep", "Prescription",
    "PrescriptionRequest", "PrescriptionStatus", "Price", "Product", "ProductKey", "ProductKind", "Profile",
    "Projection", "Promise", "PromiseStatus", "Provider", "ProviderLicence", "PullStatus", "Questionnaire",
    "QuestionnaireStatus", "Quote", "RecipeRun", "ReconciliationRun", "Record", "RecoveryCode", "Refund", "RefundLine",
    "RefundStatus", "RejectedCount", "RejectedDelivery", "Remainder", "Reminder", "ReminderStatus", "Renewal",
    "RenewalCause", "RenewalStatus", "Replacement", "ReplacementPolicy", "ReplacementStatus", "RequestKind",
    "RequestStatus", "ResetAsk", "RetryStep", "Reveal", "ReviewFlag", "Role", "RoutingRules", "RoutingStatus", "Rule",
    "RunStatus", "SandboxClock", "Scan", "ScheduledRun", "Sealed", "ServiceLevel", "ShipTo", "Shipment",
    "ShipmentStatus", "SignIn", "Staff", "StateRule", "Stateful", "Status", "StatusMove", "Step", "StepKind",
    "StepStatus", "Stock", "StopReason", "Stuck", "StuckCursor", "StuckFact", "StuckStatus", "Subscription",
    "SubscriptionItem", "SubscriptionStatus", "Sweep", "SweepStatus", "Team", "Then", "TieOut", "TieOutGap",
    "TieOutStatus", "Token", "UnknownPatient", "UnknownPatientStatus", "UnmappedKey", "UnmappedStatus", "Versioned",
    "Visit", "VisitAnswers", "VisitKind", "VisitPolicy", "VisitStatus", "WorkCalendar", "cadence_words", "card_words",
    "data_class", "fulfilment_of", "in_words", "indexed_by", "locate", "sealed_columns", "sentences", "shown_by",
]  # fmt: skip
