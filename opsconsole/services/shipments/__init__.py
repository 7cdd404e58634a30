"""Parcels: record -> follow -> settle as carriers scan them, noticed when they are late, given up or labelled anew."""

from ._find import LIST, find
from ._follow import ask_to_follow, followed, unfollowed
from ._intercept import NotInterceptable, intercept, take_back, when_ended, why_not_intercept
from ._late import Thresholds, overdue, thresholds, watch
from ._lost import NotLost, mark_lost
from ._missing import NotDelivered, NotReported, ReportedAlready, report_missing, turned_up, why_not_report
from ._of_fill import of_fill
from ._record import CodeTaken, NoTracker, NotShippable, label, record
from ._relabel import AlreadyThere, SameLabel, relabel
from ._settle import lookup, settle
from ._sweep import fill, sweep_nightly
from ._thresholds import services
from ._way import Way, way
from ._when_arrived import when_arrived
from .carriers import how_to_stop

__all__ = [
    "LIST",
    "AlreadyThere",
    "CodeTaken",
    "NoTracker",
    "NotDelivered",
    "NotInterceptable",
    "NotLost",
    "NotReported",
    "NotShippable",
    "ReportedAlready",
    "SameLabel",
    "Thresholds",
    "Way",
    "ask_to_follow",
    "fill",
    "find",
    "followed",
    "how_to_stop",
    "intercept",
    "label",
    "lookup",
    "mark_lost",
    "of_fill",
    "overdue",
    "record",
    "relabel",
    "report_missing",
    "services",
    "settle",
    "sweep_nightly",
    "take_back",
    "thresholds",
    "turned_up",
    "unfollowed",
    "watch",
    "way",
    "when_arrived",
    "when_ended",
    "why_not_intercept",
    "why_not_report",
]  # fmt: skip
