"""Visits: the clinician's queue, the case page, and what is decided on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import Form, HiddenField, RadioField, SelectField, StringField, TextAreaField

from ..models import (
    Attachment,
    Customer,
    Decision,
    Fill,
    Order,
    Prescription,
    Product,
    Provider,
    Reminder,
    ReviewFlag,
    Visit,
    VisitStatus,
)
from ..services import audit, cases, messages, orders, sight, visits
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, asked, common, found, listed, shown
from ._live import PAGE, live
from ._noting import noting
from ._page import now
from ._reading import wants_json
from ._signing import ApproveForm, AskForm, DenyForm, ReferForm, faces_asked
from ._who import actor, reads

pages = Blueprint("visits", __name__)
noting(pages, visits.note, Visit)
READ_PHI = "visits.read_phi"
SHOWN = 6  # of what stands beside the answers: prescriptions, orders, messages


def told(visit: Visit) -> dict[str, Any]:
    """What everybody may know of it: nothing that was answered or found."""
    signed = Decision.of_visit(visit.id)
    return common(visit, acts_of(visit)) | {
        "kind": visit.kind,
        "customer": f"/customers/{visit.customer_id}",
        "order": f"/orders/{visit.order_id}" if visit.order_id else None,
        "prescription": f"/prescriptions/{visit.prescription_id}" if visit.prescription_id else None,
        "external_id": visit.external_id,
        "patient_state": visit.patient_state,
        "provider": f"/providers/{visit.provider_id}" if visit.provider_id else None,
        "asks": visit.asks,
        "says": visit.says,
        "submitted_at": at(visit.submitted_at),
        "due_at": at(visits.due(visit, now())),
        "waiting_since": at(visit.waiting_since),
        "barriers": [{"code": one.code, "says": one.says} for one in visits.barriers(visit)]
        if visit.open
        else [],
        "escalated_at": at(visit.escalated_at),
        "decided_at": at(visit.decided_at),
        "decisions": [
            {"number": one.number, "signed_at": one.signed_at.isoformat(), "hash": one.hash} for one in signed
        ],
    }


def acts_of(visit: Visit) -> Acts:
    """What may be done with it, by the letters that do it."""
    over = None if visit.to_decide or visit.status == VisitStatus.NEEDS_INFO else visit.state.help
    mine = visits.clinician(actor())
    theirs = visit.provider_id and visit.status in (VisitStatus.ASSIGNED, VisitStatus.IN_REVIEW)
    taken = (
        f"{Provider.require(visit.provider_id or '').name} has it."
        if theirs and mine and visit.provider_id != mine.id
        else None
    )
    last = visits.decisive(Decision.of_visit(visit.id)) if visit.decided or visit.waiting_since else None
    late = last is None or now() > last.signed_at + timedelta(seconds=visits.UNDO)
    not_held = None if theirs else "Nobody has it."

    def act(verb: str, label: str, why_not: str | None = None) -> dict[str, Any]:
        return act_on(visit, f"visits.{verb}", f"{visit.url}/{verb}", label, why_not=why_not)

    opinion = (
        [act("give_opinion", "Give an opinion")]
        if visit.opinion_asked_at and not (mine and mine.id == visit.opinion_for_id)
        else []
    )
    return [
        act("approve", "Approve", over or taken),
        act("deny", "Deny", over or taken),
        act("ask", "Ask the patient", over or taken),
        act("refer", "Refer", over or taken),
        *opinion,
        act("claim", "Claim", over or taken),
        act("ask_opinion", "Second opinion", over or taken),
        act("hand_over", "Hand over", over or taken or not_held),
        act("release", "Give back", over or not_held),
        act("assign", "Assign", over),
        act("cancel", "Call off", visits.why_not_cancel(visit)),
        act("escalate", "Escalate", None if visit.open else visit.state.help),
        act("amend", "Add words", None if Decision.of_visit(visit.id) else "Nothing is signed yet."),
        *([] if late else [act("withdraw", "Undo")]),
    ]


def reads_health(visit: Visit) -> bool:
    """May who asks see what was answered? A clinician where they are licensed today; a program with the right."""
    if not actor().may(READ_PHI):
        return False
    me = visits.clinician(actor())
    return not actor().human or (me is not None and visit.patient_state in visits.states_of(me, now()))


@dataclass(frozen=True)
class JustSigned:
    """What was decided a moment ago, for the undo on the next page."""

    visit: Visit
    words: str
    until: Any


def just_signed() -> JustSigned | None:
    """What this person decided last, as the URL names it, as long as it can be undone."""
    visit = Visit.get(request.args.get("signed", ""))
    last = visits.decisive(Decision.of_visit(visit.id)) if visit else None
    if visit is None or last is None or last.by_id != actor().id:
        return None
    until = last.signed_at + timedelta(seconds=visits.UNDO)
    words = visits.signed([last], opened=False)[0].label
    return JustSigned(visit, words, until) if now() < until else None


# ---------------------------------------------------------------- reading


@pages.get("/visits")
@reads("visits", visits.LIST)
def list() -> ResponseReturnValue:
    me = visits.clinician(actor())
    given = {name: value for name, value in asked().items() if name not in ("tab", "signed")}
    if me and not wants_json() and not (given.keys() - {"after"}):
        return queue_of(me, given.get("after"))
    page = found(given)
    return listed(
        page,
        told,
        "visits/list.html",
        statuses=VisitStatus,
        customers=Customer.each(one.customer_id for one in page.items),
        providers=Provider.each(one.provider_id for one in page.items),
        due={one.id: visits.due(one, now()) for one in page.items},
    )


def queue_of(me: Provider, after: str | None = None) -> ResponseReturnValue:
    """A clinician's own: only of states where they are licensed today."""
    tab = request.args.get("tab") or visits.Tab.TO_DECIDE.value
    page = visits.queue(me, tab, now(), after=after)
    rows = [one.visit for one in page.items]
    flags = visits.flags_in_queue(rows)
    for one in (flag for each in flags.values() for flag in each):
        sight.seen(one.id, "kind", by=actor(), customer_id=one.customer_id)
    return render_template(
        "visits/queue.html",
        items=page.items,
        older_url=f"/visits?{urlencode({'tab': tab, 'after': page.next})}" if page.next else "",
        newest_url=f"/visits?tab={tab}" if after else "",
        me=me,
        tab=tab,
        tabs=visits.Tab,
        counts=visits.counts(me, now()),
        states=visits.states_of(me, now()),
        flags=flags,
        customers=Customer.each(one.customer_id for one in rows),
        providers=Provider.each(one.provider_id for one in rows),
        signed=just_signed(),
        why=visits.EscalatedWhy,
    )


@pages.get("/visits/<visit_id>")
@reads("visits")
def show(visit_id: str) -> ResponseReturnValue:
    visit = Visit.require(visit_id)
    looks = [
        visit.status,
        visit.provider_id,
        visit.due_at,
        audit.movement(visit.id),
        request.args.get("signed"),
    ]
    return live(
        looks,
        lambda: shown(visit, lambda: told(visit), "visits/show.html", lambda: _page(visit)),
        every=PAGE,
    )


def _page(visit: Visit) -> dict[str, Any]:
    customer = Customer.require(visit.customer_id)
    return {
        "visit": visit,
        "customer": customer,
        "order": Order.get(visit.order_id) if visit.order_id else None,
        "provider": Provider.get(visit.provider_id) if visit.provider_id else None,
        "opinion_of": Provider.get(visit.opinion_of_id) if visit.opinion_of_id else None,
        "due": visits.due(visit, now()),
        "acts": {one["act"].partition(".")[2]: one for one in acts_of(visit)},
        "cases": cases.of(visit.id),
        "signed": just_signed(),
        "why": visits.EscalatedWhy,
        "reminders": Reminder.of_visit(visit.id),
        "barriers": visits.barriers(visit) if visit.open else (),
        "timeline": happened(visit),
        "clinical": clinical(visit, customer) if reads_health(visit) else None,
    }


def clinical(visit: Visit, customer: Customer) -> dict[str, Any]:
    """What tells of the patient's health, each view of it written down."""
    me = actor()
    answers, now_, earlier = visits.answers_of(visit)
    for one in (now_, earlier):
        if one:
            sight.seen(one.id, "told", by=me, customer_id=customer.id)
    decisions = visits.signed(Decision.of_visit(visit.id), opened=True)
    before = visits.signed(_before(visit), opened=True)
    for signed in (*decisions, *before):
        sight.seen(signed.decision.id, "content", by=me, customer_id=customer.id)
    prescribed = Prescription.of_customer(customer.id)[:SHOWN]
    return {
        "age": _age(customer),
        "answers": answers,
        "photos": visits.photos_of(now_),
        "photos_before": visits.photos_of(earlier),
        "earlier": earlier,
        "flags": [_flag(one) for one in visits.flags_of(visit)],
        "prescriptions": [
            (rx, sight.shown(rx, "drug", to=me, patient=customer.id), Fill.of_prescription(rx.external_id))
            for rx in prescribed
        ],
        "orders": orders.find(customer=customer.id).items[:SHOWN],
        "messages": messages.find(customer=customer.id).items[:SHOWN] if me.may("messages.read") else (),
        "decisions": decisions,
        "before": before,
        "asked": faces_asked(visit, now()),
    }


def _age(customer: Customer) -> int | None:
    born = sight.shown(customer, "birth_date", to=actor(), patient=customer.id)
    if not born:
        return None
    day, today = str(born), now().date()
    year, month, of = (int(part) for part in day.split("-"))
    return today.year - year - ((today.month, today.day) < (month, of))


def _flag(flag: ReviewFlag) -> tuple[ReviewFlag, str, str]:
    words = [sight.shown(flag, name, to=actor(), patient=flag.customer_id) or "" for name in ("kind", "why")]
    return flag, words[0].replace("_", " "), words[1]


def _before(visit: Visit) -> Sequence[Decision]:
    """What was decided on the patient's visits before, the latest first."""
    earlier = [one for one in Visit.of_customer(visit.customer_id, 6) if one.id != visit.id]
    return [last for one in earlier if (last := visits.decisive(Decision.of_visit(one.id)))]


@pages.get("/visits/<visit_id>/photos")
@reads("visits", right="read_phi")
def photos(visit_id: str) -> ResponseReturnValue:
    """A photo as large as it is, beside the one of the time before."""
    visit = Visit.require(visit_id)
    _, now_, earlier = visits.answers_of(visit) if reads_health(visit) else ([], None, None)
    for one in (now_, earlier):
        if one:
            sight.seen(one.id, "told", by=actor(), customer_id=visit.customer_id)
    sides = (visits.photos_of(now_), visits.photos_of(earlier))
    most = max(map(len, sides))
    place = min(max(request.args.get("n", 1, type=int), 1), max(most, 1))
    context = {
        "visit": visit,
        "customer": Customer.require(visit.customer_id),
        "place": place,
        "most": most,
        "zoom": min(max(request.args.get("zoom", 1, type=int), 1), 3),
        "after": _nth(sides[0], place),
        "before": _nth(sides[1], place),
    }
    return shown(
        visit, lambda: {"photos": [one.url for one in sides[0]]}, "visits/photos.html", lambda: context
    )


def _nth(photos: Any, place: int) -> Attachment | None:
    return photos[place - 1] if place <= len(photos) else None


# ---------------------------------------------------------------- whose it is


class ClaimForm(Form):
    provider = HiddenField("Prescriber", text(80))


def _context(visit: Visit, submit: str, **more: Any) -> dict[str, Any]:
    return {"visit": visit, "customer": Customer.require(visit.customer_id), "submit": submit} | more


@pages.route("/visits/<visit_id>/claim", methods=["GET", "POST"])
@performs(visits.claim, ClaimForm)
def claim(form: ClaimForm, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    return Asked(
        visit_id,
        lambda: {"provider": form.provider.data or None},
        context=_context(visit, "Take it"),
        done="It is yours.",
    )


@pages.route("/visits/<visit_id>/release", methods=["GET", "POST"])
@performs(visits.release)
def release(form: NoInput, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    return Asked(
        visit_id,
        context=_context(visit, "Give it back"),
        done="It is back in the queue.",
        then="/visits",
    )


class AssignForm(Form):
    provider = SelectField("To whom", required("Choose a prescriber."), validate_choice=False)


def _colleagues(visit: Visit, *, besides: str | None = None) -> Sequence[SelectChoice]:
    """Who may decide on it today, with how much each has to do."""
    load = visits.load_of()
    return [
        SelectChoice(one.id, f"{one.name}, {one.credential}: {load.get(one.id, 0)} to decide on")
        for one in visits.licensed_providers(visit.patient_state, now())
        if one.id != besides
    ]


@pages.route("/visits/<visit_id>/assign", methods=["GET", "POST"])
@performs(visits.assign, AssignForm)
def assign(form: AssignForm, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    form.provider.choices = [SelectChoice("", "Choose"), *_colleagues(visit, besides=visit.provider_id)]
    return Asked(
        visit_id,
        lambda: {"provider": form.provider.data},
        context=_context(visit, "Assign it"),
        done="It is assigned.",
    )


class HandOverForm(Form):
    to = SelectField("To whom", validate_choice=False)
    note = TextAreaField("What they should know", text(4000, needed=True))


@pages.route("/visits/<visit_id>/hand_over", methods=["GET", "POST"])
@performs(visits.hand_over, HandOverForm)
def hand_over(form: HandOverForm, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    anybody = SelectChoice("", f"Whoever is licensed in {visit.patient_state}")
    form.to.choices = [anybody, *_colleagues(visit, besides=visit.provider_id)]
    return Asked(
        visit_id,
        lambda: {"to": form.to.data or None, "note": form.note.data},
        context=_context(visit, "Hand it over"),
        done="It is handed over.",
        then="/visits",
    )


class EscalateForm(Form):
    reason = RadioField(
        "Why",
        required("Choose why."),
        choices=[SelectChoice(one.value, one.words) for one in visits.EscalatedWhy if one != "overdue"],
    )


@pages.route("/visits/<visit_id>/escalate", methods=["GET", "POST"])
@performs(visits.escalate, EscalateForm)
def escalate(form: EscalateForm, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    return Asked(
        visit_id,
        lambda: {"reason": form.reason.data},
        context=_context(visit, "Escalate it"),
        done="It goes before others.",
    )


class OpinionForm(Form):
    would = RadioField(
        "What you would do",
        required("Choose what you would do."),
        choices=[SelectChoice(one.value, one.words.capitalize()) for one in visits.Would],
    )
    words = TextAreaField("Why", text(4000, needed=True), description="Sealed, and part of the record.")
    provider = HiddenField("Prescriber", text(80))


class AskOpinionForm(OpinionForm):
    of = SelectField("Whom you ask", validate_choice=False)


@pages.route("/visits/<visit_id>/ask_opinion", methods=["GET", "POST"])
@performs(visits.ask_opinion, AskOpinionForm)
def ask_opinion(form: AskOpinionForm, visit_id: str) -> Asked:
    visit, me = Visit.require(visit_id), visits.clinician(actor())
    anybody = SelectChoice("", f"Any clinician licensed in {visit.patient_state}")
    form.of.choices = [anybody, *_colleagues(visit, besides=me.id if me else None)]
    return Asked(
        visit_id,
        lambda: {
            "of": form.of.data or None,
            "would": form.would.data,
            "words": form.words.data,
            "provider": form.provider.data or None,
        },
        context=_context(visit, "Ask for an opinion"),
        done="A colleague is asked.",
    )


@pages.route("/visits/<visit_id>/give_opinion", methods=["GET", "POST"])
@performs(visits.give_opinion, OpinionForm)
def give_opinion(form: OpinionForm, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    return Asked(
        visit_id,
        lambda: {
            "would": form.would.data,
            "words": form.words.data,
            "provider": form.provider.data or None,
        },
        context=_context(visit, "Sign the opinion", **_beside(visit)),
        done="Your opinion is signed.",
    )


# ---------------------------------------------------------------- deciding


def _beside(visit: Visit) -> dict[str, Any]:
    """What a decision's form shows of the case: flags and what is asked for."""
    if not reads_health(visit):
        return {"flags": (), "asked": ()}
    return {
        "flags": [_flag(one) for one in visits.flags_of(visit)],
        "asked": faces_asked(visit, now()),
    }


def _decides(visit: Visit, inputs: Any, submit: str, done: str, **more: Any) -> Asked:
    """After a decision the next case opens by itself, with the undo of this one."""
    then = None
    if request.method == "POST" and not request.args.get("preview") and (me := visits.clinician(actor())):
        following = visits.next_after(me, visit.id, now())
        then = f"{following.url if following else '/visits'}?signed={visit.id}"
    return Asked(
        visit.id, inputs, context=_context(visit, submit, **_beside(visit), **more), done=done, then=then
    )


@pages.route("/visits/<visit_id>/approve", methods=["GET", "POST"])
@performs(visits.approve, ApproveForm)
def approve(form: ApproveForm, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    form.offer(Product.prescribable(), visits.flags_of(visit))
    changes = bool(request.args.get("change")) or form.changes
    return _decides(
        visit, form.inputs, "Sign the approval", "Approved.", changes=changes, sigs=visits.SIGS.values()
    )


@pages.route("/visits/<visit_id>/deny", methods=["GET", "POST"])
@performs(visits.deny, DenyForm)
def deny(form: DenyForm, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    form.offer(visits.flags_of(visit))
    return _decides(visit, form.inputs, "Sign the denial", "Denied.")


@pages.route("/visits/<visit_id>/ask", methods=["GET", "POST"])
@performs(visits.ask, AskForm)
def ask(form: AskForm, visit_id: str) -> Asked:
    return _decides(Visit.require(visit_id), form.inputs, "Sign and ask", "The patient is asked.")


@pages.route("/visits/<visit_id>/refer", methods=["GET", "POST"])
@performs(visits.refer, ReferForm)
def refer(form: ReferForm, visit_id: str) -> Asked:
    return _decides(Visit.require(visit_id), form.inputs, "Sign the referral", "Referred.")


class AmendForm(Form):
    number = StringField("To which decision", text(6), description="Its number; the last one unless given.")
    words = TextAreaField("What you add", text(4000, needed=True))
    provider = HiddenField("Prescriber", text(80))


@pages.route("/visits/<visit_id>/amend", methods=["GET", "POST"])
@performs(visits.amend, AmendForm)
def amend(form: AmendForm, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    number = form.number.data or ""
    return Asked(
        visit_id,
        lambda: {
            "number": int(number) if number.isdigit() else None if not number else -1,
            "words": form.words.data,
            "provider": form.provider.data or None,
        },
        context=_context(visit, "Sign the addition"),
        done="Your words are part of the record.",
    )


@pages.route("/visits/<visit_id>/withdraw", methods=["GET", "POST"])
@performs(visits.withdraw)
def withdraw(form: NoInput, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    return Asked(visit_id, context=_context(visit, "Take it back"), done="The decision is taken back.")
