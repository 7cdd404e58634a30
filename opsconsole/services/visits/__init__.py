"""Visits: invited (or told of) -> reminded -> answered -> queue -> claim -> decide, and undo. What is signed stays, chained
and sealed."""

from ._amend import NothingSigned, amend
from ._approve import approve
from ._ask import QUESTIONS, ask
from ._assign import SameClinician, assign, hand_over
from ._claim import IDLE, NotToDecide, NotYours, Taken, claim, free, idle, release
from ._clock import LATE, answered, due, go_on, overdue, run_late, stand_still
from ._compared import Answer, answers_of, photos_of
from ._deciding import NOT_REPLACED, REJECTED, UNDO, closed, not_closed
from ._deny import DENIALS, ReferTo, deny, refer
from ._escalate import Escalated, EscalatedWhy, escalate
from ._find import LIST, find
from ._flags import FlagsOpen, flags_of
from ._goes_on import go_on_if_prescribed
from ._invite import (
    KINDS,
    Invited,
    NoHealthRecord,
    NotAsked,
    NotCancelable,
    call_visit_off,
    called_off,
    cancel,
    invite,
    open_visit,
    opened,
    unopened,
    usual_form,
    why_not_cancel,
    why_not_invite,
)
from ._licences import NotLicensed, licence_to_decide, licensed_providers, states_of
from ._moved import when_moved
from ._note import note
from ._opinion import NothingAsked, Opinion, Would, ask_opinion, give_opinion, opinions
from ._photos import photo_kept, photo_lost
from ._prescribes import Changed, NotPrescribable, ToPrescribe, as_asked
from ._queue import Tab, Waiting, counts, flags_in_queue, next_after, queue
from ._reassign import held_without_licence, reassign
from ._remind import awake, remind, to_remind
from ._request import request
from ._served import Barrier, NotServed, barriers, may_be_approved
from ._settle import settle
from ._settle_answers import settle_answers
from ._sign import chained, decisive
from ._signed import Signed, signed
from ._verify import Verified, verify
from ._who import SIGN_FOR, NotAClinician, clinician, load_of
from ._withdraw import TooLate, withdraw
from .sigs import SIGS

__all__ = [
    "DENIALS",
    "IDLE",
    "KINDS",
    "LATE",
    "LIST",
    "NOT_REPLACED",
    "QUESTIONS",
    "REJECTED",
    "SIGN_FOR",
    "SIGS",
    "UNDO",
    "Answer",
    "Barrier",
    "Changed",
    "Escalated",
    "EscalatedWhy",
    "FlagsOpen",
    "Invited",
    "NoHealthRecord",
    "NotAClinician",
    "NotAsked",
    "NotCancelable",
    "NotLicensed",
    "NotPrescribable",
    "NotServed",
    "NotToDecide",
    "NotYours",
    "NothingAsked",
    "NothingSigned",
    "Opinion",
    "ReferTo",
    "SameClinician",
    "Signed",
    "Tab",
    "Taken",
    "ToPrescribe",
    "TooLate",
    "Verified",
    "Waiting",
    "Would",
    "amend",
    "answered",
    "answers_of",
    "approve",
    "as_asked",
    "ask",
    "ask_opinion",
    "assign", "awake",
    "barriers",
    "call_visit_off",
    "called_off",
    "cancel",
    "chained",
    "claim",
    "clinician",
    "closed",
    "counts",
    "decisive",
    "deny",
    "due",
    "escalate",
    "find",
    "flags_in_queue",
    "flags_of",
    "free",
    "give_opinion",
    "go_on",
    "go_on_if_prescribed",
    "hand_over",
    "held_without_licence",
    "idle",
    "invite",
    "licence_to_decide",
    "licensed_providers",
    "load_of",
    "may_be_approved",
    "next_after",
    "not_closed",
    "note",
    "open_visit",
    "opened",
    "opinions",
    "overdue",
    "photo_kept",
    "photo_lost",
    "photos_of",
    "queue",
    "reassign",
    "refer",
    "release",
    "remind",
    "request",
    "run_late",
    "settle",
    "settle_answers",
    "signed",
    "stand_still",
    "states_of",
    "to_remind",
    "unopened",
    "usual_form",
    "verify",
    "when_moved",
    "why_not_cancel",
    "why_not_invite",
    "withdraw",
]  # fmt: skip
