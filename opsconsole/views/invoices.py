"""Invoices: what is asked of a customer, what happens to it next, and what can be done before and after it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length

from ..lib.money import Money, NotMoney
from ..lib.refusal import Invalid
from ..models import (
    Change,
    CreditNote,
    Customer,
    Dunning,
    Invoice,
    InvoiceHold,
    InvoiceStatus,
    OutsidePayment,
    Payment,
    Subscription,
)
from ..services import audit, billing, cases
from ..services.billing import Beside, Line
from ._acting import Asked, NoInput, performs
from ._browser import at, now
from ._fields import InstantField, MoneyField, SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, common, found, listed, shown
from ._live import PAGE, live
from ._masking import written
from ._reading import wants_json
from ._who import reads

pages = Blueprint("invoices", __name__)
_NO_HEALTH = "No health details: anybody in ops can read it."
# In the order in which a page offers them: verb -> its words.
VERBS = {
    "adjust": "Change lines",
    "hold": "Hold",
    "release": "Release",
    "finalise": "Send now",
    "collect": "Try the card now",
    "record_payment": "Record a payment",
    "credit": "Credit",
    "reissue": "Issue again",
    "void": "Void",
    "stop_collecting": "Stop collecting",
    "write_off": "Write off",
}
# Why Stripe made it: https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason
BILLING_REASONS = {
    "subscription_cycle": "Renewal",
    "subscription_create": "First of a subscription",
    "subscription_update": "A subscription was changed",
    "subscription_threshold": "A threshold was reached",
    "manual": "Made by hand",
    "upcoming": "Preview",
}
MONEY = (
    "subtotal", "tax", "total", "due", "paid", "remaining", "starting_balance", "credited_before", "credited_after",
)  # fmt: skip


class Read:
    """What is told of several invoices beside themselves, read for all of them at once."""

    def __init__(self, invoices: Sequence[Invoice]) -> None:
        self.beside = billing.beside(invoices)
        self.lines = billing.lines_of(invoices)
        self.notes = CreditNote.of_invoices([one.id for one in invoices])
        paid = Payment.by_externals([id for invoice in invoices for id in invoice.payments])
        self.payments = {payment.external_id: payment for payment in paid}

    def payments_of(self, invoice: Invoice) -> Sequence[Payment]:
        return [self.payments[id] for id in invoice.payments if id in self.payments]


def told(invoice: Invoice, read: Read) -> dict[str, Any]:
    known = read.beside[invoice.id]
    return (
        common(invoice, acts_of(invoice, known))
        | {name: invoice.money(name).as_json for name in MONEY}
        | {
            "external_id": invoice.external_id,
            "raw_status": invoice.raw_status,
            "number": invoice.number,
            "billing_reason": invoice.billing_reason,
            "customer": f"/customers/{invoice.customer_id}" if invoice.customer_id else None,
            "subscription": f"/subscriptions/{invoice.subscription_id}" if invoice.subscription_id else None,
            "currency": invoice.currency,
            "ending_balance": invoice.money("ending_balance").as_json,
            "lines": [_line_told(line) for line in read.lines[invoice.id]],
            "lines_complete": invoice.lines_complete,
            "auto_advance": invoice.auto_advance,
            "held": invoice.held,
            "hold": _hold_told(known.hold) if known.hold else None,
            "tried": invoice.tried,
            "out_of_band": invoice.out_of_band,
            "tax_status": invoice.tax_status,
            "error_code": invoice.error_code,
            "error_words": written(invoice.error_words),
            "payments": [payment.url for payment in read.payments_of(invoice)],
            "credit_notes": [one.url for one in read.notes.get(invoice.id, ())],
            "replaces": known.replaces.url if known.replaces else None,
            "replaced_by": known.replaced_by.url if known.replaced_by else None,
        }
        | {name: at(getattr(invoice, name)) for name in _INSTANTS}
    )


_INSTANTS = (
    "finalizes_at", "finalized_at", "paid_at", "voided_at", "due_at", "next_try_at", "period_start", "period_end",
    "fetched_at",
)  # fmt: skip


def _line_told(line: Line) -> dict[str, Any]:
    return {
        "line": line.id, "amount": line.money.as_json, "description": line.description, "quantity": line.quantity,
        "source": line.source, "change": line.change.url if line.change else None,
        "batch": line.batch.url if line.batch else None,
        "period_start": at(line.period_start), "period_end": at(line.period_end),
    }  # fmt: skip


def _hold_told(hold: InvoiceHold) -> dict[str, Any]:
    return {
        "reason": hold.reason, "note": written(hold.note), "by": hold.by, "since": at(hold.created_at),
        "until": at(hold.until),
    }  # fmt: skip


def acts_of(invoice: Invoice, known: Beside) -> Acts:
    """What may be done with it; while Stripe is being asked for something, nothing else."""
    busy = f"{known.doing.says}: wait until that is done, or undo it." if known.doing else None
    return [
        act_on(
            invoice,
            f"billing.{verb}",
            f"{invoice.url}/{verb}",
            label,
            why_not=billing.why_not(verb, invoice, known) or busy,
        )
        for verb, label in VERBS.items()
    ]


@pages.get("/invoices")
@reads("invoices", billing.LIST)
def list() -> ResponseReturnValue:
    page = found()
    read = Read(page.items if wants_json() else [])
    context = {"statuses": InvoiceStatus, "reasons": BILLING_REASONS, "next_of": next_of}
    return listed(page, lambda invoice: told(invoice, read), "invoices/list.html", **context)


def next_of(row: Any) -> tuple[str, Any]:
    """What happens to it next: words, and when, where that is known. `row` is an invoice, or its row in the list."""
    if row.status == InvoiceStatus.DRAFT:
        if row.error_code or row.tax_status not in (None, "complete"):
            return "cannot be sent", None
        if not row.auto_advance:
            return "held", None
        return "goes out", row.finalizes_at
    if row.status == InvoiceStatus.OPEN:
        if not row.auto_advance and not row.due_at:
            return "nobody collects it", None
        if row.next_try_at:
            return "card is tried again" if row.tried else "card is tried", row.next_try_at
        return ("is due", row.due_at) if row.due_at else ("waits for its payment", None)
    return "", None


@pages.get("/invoices/<invoice_id>")
@reads("invoices")
def show(invoice_id: str) -> ResponseReturnValue:
    invoice = Invoice.require(invoice_id)
    doing = Change.now_of(invoice_id=invoice.id)
    looks = [
        invoice.status, invoice.fetched_at, audit.movement(invoice.id), doing and [doing.id, doing.status],
        bool(invoice.finalizes_at and invoice.finalizes_at <= now()),
    ]  # fmt: skip
    return live(
        looks,
        lambda: shown(
            invoice, lambda: told(invoice, Read([invoice])), "invoices/show.html", lambda: _page(invoice)
        ),
        every=PAGE,
        final=invoice.final and doing is None,
    )


def _page(invoice: Invoice) -> dict[str, Any]:
    read = Read([invoice])
    known = read.beside[invoice.id]
    return _about(invoice) | {
        "lines": read.lines[invoice.id],
        "hold": known.hold,
        "stuck": billing.stuck_words(invoice),
        "reason": BILLING_REASONS.get(invoice.billing_reason or ""),
        "next": next_of(invoice),
        "doing": known.doing,
        "replaces": known.replaces,
        "replaced_by": known.replaced_by,
        "payments": read.payments_of(invoice),
        "outside": OutsidePayment.of_invoice(invoice.id),
        "credit_notes": CreditNote.of_invoice(invoice.id),
        "changes": Change.of_invoice(invoice.id, limit=10),
        "acts": acts_of(invoice, known),
        "dunning": Dunning.of_invoice(invoice.id),
        "cases": cases.of(invoice.id),
        "timeline": happened(invoice),
    }


def _about(invoice: Invoice) -> dict[str, Any]:
    return {
        "invoice": invoice,
        "customer": Customer.get(invoice.customer_id) if invoice.customer_id else None,
        "subscription": Subscription.get(invoice.subscription_id) if invoice.subscription_id else None,
    }


def _context(invoice_id: str, submit: str) -> dict[str, Any]:
    return _about(Invoice.require(invoice_id)) | {"submit": submit}


_SENT = "Stripe is asked in a minute; until then you can undo it."


def _reason(choices: Mapping[str, str]) -> SelectField:
    return SelectField(
        "Reason",
        required("Choose why."),
        choices=[
            SelectChoice("", "Choose…"),
            *(SelectChoice(code, words) for code, words in choices.items()),
        ],
        validate_choice=False,
    )


def _note() -> TextAreaField:
    return TextAreaField("Note for colleagues", text(2000), description=_NO_HEALTH)


class HoldForm(Form):
    reason = _reason({one.value: one.words for one in billing.HOLD_REASONS})
    until = InstantField("Until (UTC)", description="72 hours at most. Then it goes out by itself.")
    note = _note()


@pages.route("/invoices/<invoice_id>/hold", methods=["GET", "POST"])
@performs(billing.hold, HoldForm)
def hold(form: HoldForm, invoice_id: str) -> Asked:
    if request.method == "GET" and not form.until.data:
        form.until.data = (now() + billing.USUAL).strftime("%Y-%m-%dT%H:%M")
    return Asked(
        invoice_id,
        lambda: {"reason": form.reason.data, "until": form.until.instant, "note": form.note.data or ""},
        context=_context(invoice_id, "Hold it"),
        done="Stripe is asked at once not to send it.",
        then=f"/invoices/{invoice_id}",
    )


@pages.route("/invoices/<invoice_id>/release", methods=["GET", "POST"])
@performs(billing.release)
def release(form: NoInput, invoice_id: str) -> Asked:
    context = _context(invoice_id, "Release it") | {"hold": InvoiceHold.on(invoice_id)}
    return Asked(invoice_id, context=context, done=_SENT)


class NewLineForm(Form):
    amount = StringField("Amount", text(40), description="Negative is credit.")
    description = StringField(
        "What for", text(200), description="No word about a treatment: it leaves the house."
    )


class LineForm(Form):
    line = StringField("Line", text(255), description="Its id, as the invoice tells it.")
    amount = StringField("Amount", text(40), description="What it is to cost; as it is unless given.")
    description = StringField("What for", text(200), description="What it is to say; as it is unless given.")


_FEW = [Length(max=50, message="At most 50 lines at once.")]


class AdjustForm(Form):
    add = FieldList(FormField(NewLineForm), "New lines", _FEW, max_entries=51)
    change = FieldList(FormField(LineForm), "Lines as they are to be", _FEW, max_entries=51)
    remove = SelectMultipleField("Lines to take off", validate_choice=False, choices=[])
    keep = BooleanField(
        "Let them wait for the next invoice", description="Only what was added by hand can wait."
    )
    reason = _reason(billing.ADJUST_REASONS)
    note = _note()
    currency = "usd"


@pages.route("/invoices/<invoice_id>/adjust", methods=["GET", "POST"])
@performs(billing.adjust, AdjustForm)
def adjust(form: AdjustForm, invoice_id: str) -> Asked:
    context = _context(invoice_id, "Change it")
    form.currency = context["invoice"].currency
    rows = {row.form.line.data: row.form for row in form.change if row.form.line.data}
    return Asked(
        invoice_id,
        lambda: {
            "add": _new_lines(form.add, form.currency),
            "change": [_line_asked(row, form.currency) for row in form.change if row.form.line.data],
            "remove": form.remove.data or [],
            "keep": form.keep.data,
            "reason": form.reason.data,
            "note": form.note.data or "",
        },
        context=context
        | {
            "lines": billing.lines(context["invoice"]),
            "rows": rows,
            "neutral": billing.NEUTRAL,
        },
        done=_SENT,
    )


def _new_lines(rows: FieldList[Any], currency: str) -> Sequence[dict[str, Any]]:
    """The rows that say something: a page offers more of them than are needed."""
    return [
        {
            "amount": _minor(row.form.amount.data, currency, f"{row.name}-amount"),
            "description": (row.form.description.data or "").strip(),
        }
        for row in rows
        if row.form.amount.data or row.form.description.data
    ]


def _line_asked(row: Any, currency: str) -> dict[str, Any]:
    amount, description = row.form.amount.data, row.form.description.data
    return {
        "line": row.form.line.data,
        "amount": _minor(amount, currency, f"{row.name}-amount") if amount else None,
        "description": description.strip() if description else None,
    }


def _minor(typed: str | None, currency: str, field: str) -> int:
    try:
        return Money.parse(typed or "", currency).minor
    except NotMoney as error:
        raise Invalid({field: [str(error)]}) from None


@pages.route("/invoices/<invoice_id>/finalise", methods=["GET", "POST"])
@performs(billing.finalise)
def finalise(form: NoInput, invoice_id: str) -> Asked:
    return Asked(invoice_id, context=_context(invoice_id, "Send it now"), done=_SENT)


class VoidForm(Form):
    reason = _reason(billing.VOID_REASONS)
    note = _note()


def _called_off(form: VoidForm, invoice_id: str, submit: str) -> Asked:
    return Asked(
        invoice_id,
        lambda: {"reason": form.reason.data, "note": form.note.data or ""},
        context=_context(invoice_id, submit),
        done=_SENT,
    )


@pages.route("/invoices/<invoice_id>/void", methods=["GET", "POST"])
@performs(billing.void, VoidForm)
def void(form: VoidForm, invoice_id: str) -> Asked:
    return _called_off(form, invoice_id, "Void it")


@pages.route("/invoices/<invoice_id>/write_off", methods=["GET", "POST"])
@performs(billing.write_off, VoidForm)
def write_off(form: VoidForm, invoice_id: str) -> Asked:
    return _called_off(form, invoice_id, "Write it off")


class ReissueForm(Form):
    lines = FieldList(
        FormField(NewLineForm), "Lines of the new one", _FEW, max_entries=51,
        description="Those of the old one unless given.",
    )  # fmt: skip
    reason = _reason(billing.VOID_REASONS)
    note = _note()


@pages.route("/invoices/<invoice_id>/reissue", methods=["GET", "POST"])
@performs(billing.reissue, ReissueForm)
def reissue(form: ReissueForm, invoice_id: str) -> Asked:
    context = _context(invoice_id, "Issue it again")
    currency = context["invoice"].currency
    rows = [(row.form.amount.data or "", row.form.description.data or "") for row in form.lines]
    old = [(line.money.amount, line.description) for line in billing.lines(context["invoice"])]
    return Asked(
        invoice_id,
        lambda: {
            "lines": _new_lines(form.lines, currency) if rows else None,
            "reason": form.reason.data,
            "note": form.note.data or "",
        },
        context=context | {"rows": (rows or old), "neutral": billing.NEUTRAL},
        done=_SENT,
    )


@pages.route("/invoices/<invoice_id>/collect", methods=["GET", "POST"])
@performs(billing.collect)
def collect(form: NoInput, invoice_id: str) -> Asked:
    context = _context(invoice_id, "Try the card now")
    return Asked(invoice_id, context=context, done="Stripe tries the card in a few seconds.")


@pages.route("/invoices/<invoice_id>/stop_collecting", methods=["GET", "POST"])
@performs(billing.stop_collecting)
def stop_collecting(form: NoInput, invoice_id: str) -> Asked:
    return Asked(invoice_id, context=_context(invoice_id, "Stop collecting"), done=_SENT)


class RecordPaymentForm(Form):
    reference = StringField(
        "Reference",
        text(80, needed=True),
        description="What finance finds it by: a transfer's or a cheque's number.",
    )
    amount = MoneyField("Amount", required("Write what was paid."))
    received_on = DateField("Received on", required("Choose the day."))
    note = _note()
    currency = "usd"


def _offer(field: Field, value: str) -> None:
    """What stands in a field as long as nobody has written in it."""
    if not field.raw_data:
        field.raw_data = [value]
        field.process_formdata(field.raw_data)


@pages.route("/invoices/<invoice_id>/record_payment", methods=["GET", "POST"])
@performs(billing.record_payment, RecordPaymentForm)
def record_payment(form: RecordPaymentForm, invoice_id: str) -> Asked:
    context = _context(invoice_id, "Record it")
    invoice = context["invoice"]
    form.currency = invoice.currency
    if request.method == "GET":
        _offer(form.amount, invoice.money("remaining").amount)
        _offer(form.received_on, now().date().isoformat())
    return Asked(
        invoice_id,
        lambda: {
            "reference": form.reference.data or "",
            "amount": form.amount.minor,
            "received_on": form.received_on.data,
            "note": form.note.data or "",
        },
        context=context,
        done=_SENT,
    )
