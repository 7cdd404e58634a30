"""Photos and documents beside orders, customers and notes: adding one, looking at it, taking it away."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from wtforms import FileField, Form

from .. import vendors
from ..models import REGISTRY, Attachment, Customer, Note, Order, Record
from ..models.attachment import KINDS
from ..services import attachments, search
from ._acting import Asked, performs
from ._browser import at
from ._fields import Reason, required
from ._listing import Acts, act_on, common, shown
from ._who import actor, reads

pages = Blueprint("attachments", __name__)
READ_PHI = "attachments.read_phi"
# What is shown can run nothing and reach nothing, wherever a browser opens it.
SEALED_OFF = "default-src 'none'; sandbox; frame-ancestors 'none'"


def told(attachment: Attachment) -> dict[str, Any]:
    may, gone = actor().may(READ_PHI), attachment.removed_at is not None
    return common(attachment, acts_of(attachment)) | {
        "subject": f"/{attachment.subject_noun}/{attachment.subject_id}",
        "kind": attachment.kind,
        "size": attachment.size,
        "width": attachment.width,
        "height": attachment.height,
        "name": attachment.name if may else None,
        "content": f"{attachment.url}/content" if may and not gone else None,
        "thumbnail": f"{attachment.url}/thumbnail" if may and not gone and attachment.picture else None,
        "by": attachment.by,
        "removed_at": at(attachment.removed_at),
        "removed_by": attachment.removed_by,
        "removed_reason": attachment.removed_reason,
    }


def acts_of(attachment: Attachment) -> Acts:
    why_not = "It was taken away already." if attachment.removed_at else None
    return [
        act_on(attachment, "attachments.remove", f"{attachment.url}/remove", "Take away", why_not=why_not)
    ]


def beside(record: Record) -> dict[str, Any]:
    """What a thing's page shows of its files, for templates/attachments/_beside.html."""
    if not actor().may("attachments.read"):
        return {"attachments": None}
    add = act_on(record, "attachments.add", f"{record.url}/attachments/add", "Add a photo or PDF")
    return {"attachments": {"files": Attachment.of(record.id), "add": add, "may_see": actor().may(READ_PHI)}}


@pages.get("/attachments/<attachment_id>")
@reads("attachments")
def show(attachment_id: str) -> ResponseReturnValue:
    attachment = Attachment.require(attachment_id)
    return shown(attachment, lambda: told(attachment), "attachments/show.html", lambda: _page(attachment))


def _page(attachment: Attachment) -> dict[str, Any]:
    return {
        "attachment": attachment,
        "beside": search.hit(_subject(attachment), to=actor()),
        "may_see": actor().may(READ_PHI) and attachment.removed_at is None,
        "acts": acts_of(attachment),
    }


def _subject(attachment: Attachment) -> Record:
    """What the file stands beside."""
    return REGISTRY[attachment.subject_id.partition("_")[0]].require(attachment.subject_id)


@pages.get("/attachments/<attachment_id>/content")
@reads("attachments", right="read_phi")
def show_content(attachment_id: str) -> ResponseReturnValue:
    attachment = Attachment.require(attachment_id)
    shows = "inline" if attachment.picture and not request.args.get("download") else "attachment"
    return _file(attachment, KINDS[attachment.kind], shows, thumbnail=False)


@pages.get("/attachments/<attachment_id>/thumbnail")
@reads("attachments", right="read_phi")
def show_thumbnail(attachment_id: str) -> ResponseReturnValue:
    return _file(Attachment.require(attachment_id), KINDS["jpeg"], "inline", thumbnail=True)


def _file(attachment: Attachment, kind: str, shows: str, *, thumbnail: bool) -> ResponseReturnValue:
    """The bytes, with what keeps a browser from taking them for anything else. The name it gets is ours: the sender's may
    tell of somebody's health, and lands in a folder of downloads."""
    open_ = attachments.thumbnail if thumbnail else attachments.content
    try:
        body = open_(attachment, to=actor())
    except vendors.Unavailable as failure:
        return Response(failure.words, 503, content_type="text/plain; charset=utf-8")
    named = f"{attachment.id}.{'jpeg' if thumbnail else attachment.kind}"
    return Response(
        body,
        content_type=kind,
        headers={
            "Content-Disposition": f'{shows}; filename="{named}"',
            "Content-Security-Policy": SEALED_OFF,
            "Cache-Control": "no-store",
        },
    )


class AddForm(Form):
    """A multipart form, from pages and programs alike."""

    file = FileField(
        "File", required("Choose a file."), description="A photo (JPEG, PNG, WebP) or a PDF, 10 MB at most."
    )


def _add(form: AddForm, record: Record, title: str) -> Asked:
    return Asked(
        record.id,
        lambda: {"file": _kept(form)},
        context={"record": record, "beside": title, "submit": "Add the file"},
        done="The file was added.",
        then=record.url,
    )


def _kept(form: AddForm) -> attachments.Kept:
    """What was sent, read and sealed where files lie. A preview keeps nothing."""
    sent = form.file.data
    content = sent.read(attachments.LARGEST + 1)
    sent.seek(0)
    return attachments.keep(
        attachments.read(content, sent.filename or ""), store=not request.args.get("preview")
    )


@pages.route("/orders/<order_id>/attachments/add", methods=["GET", "POST"])
@performs(attachments.add, AddForm)
def add_to_order(form: AddForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    return _add(form, order, f"Order {order.reference}")


@pages.route("/customers/<customer_id>/attachments/add", methods=["GET", "POST"])
@performs(attachments.add, AddForm)
def add_to_customer(form: AddForm, customer_id: str) -> Asked:
    customer = Customer.require(customer_id)
    return _add(form, customer, customer.name)


@pages.route("/notes/<note_id>/attachments/add", methods=["GET", "POST"])
@performs(attachments.add, AddForm)
def add_to_note(form: AddForm, note_id: str) -> Asked:
    note = Note.require(note_id)
    return _add(form, note, f"Note of {note.created_at.astimezone(UTC):%d %b %Y}")


@pages.route("/attachments/<attachment_id>/remove", methods=["GET", "POST"])
@performs(attachments.remove, Reason)
def remove(form: Reason, attachment_id: str) -> Asked:
    attachment = Attachment.require(attachment_id)
    return Asked(
        attachment_id,
        lambda: {"reason": form.reason.data},
        context={"attachment": attachment, "submit": "Take it away"},
        done="The file is shown no more. It is kept, sealed.",
    )
