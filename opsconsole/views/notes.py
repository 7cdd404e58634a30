"""Notes: what staff wrote down, every version of it, and the notes that call me."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from ..lib.paging import Page
from ..models import REGISTRY, Note, Record, locate
from ..services import notes, search
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._listing import Acts, act_on, asked, common, listed, shown
from ._noting import NoteForm
from ._noting import shown as text_of
from ._reading import wants_json
from ._who import actor, person, reads, require
from .attachments import beside

pages = Blueprint("notes", __name__)


def told(note: Note) -> dict[str, Any]:
    return common(note, acts_of(note)) | {
        "subject": locate(note.subject_id),
        "text": text_of(note),
        "phi": note.phi,
        "pinned": note.pinned,
        "version": note.version,
        "by": note.by,
        "trace": note.trace_id,
    }


def _told_whole(note: Note) -> dict[str, Any]:
    return told(note) | {
        "told": notes.told_by(note.id),
        "versions": [
            {"number": version.number, "at": at(version.created_at), "text": text, "phi": version.phi}
            for version, text in _versions(note)
        ],
    }


def _versions(note: Note) -> Iterable[tuple[Any, str | None]]:
    """Each version with its text, or None when the note, then or now, tells of health and one may not read that."""
    for version in note.versions():
        phi = note.phi or version.phi
        yield (
            version,
            notes.shown(version.text, phi=phi, note_id=note.id, by_id=note.by_id, to=actor()),
        )


def acts_of(note: Note) -> Acts:
    mine = None if note.by_id == actor().id else f"{note.by} wrote this note."
    pin = act_on(
        note, "notes.pin", f"{note.url}/pin", "Pin", why_not="It is pinned." if note.pinned else None
    )
    unpin = act_on(
        note,
        "notes.unpin",
        f"{note.url}/unpin",
        "Unpin",
        why_not=None if note.pinned else "It is not pinned.",
    )
    return [act_on(note, "notes.edit", f"{note.url}/edit", "Change", why_not=mine), pin, unpin]


def _visible(note_id: str) -> Note:
    """The note, if who asks may see the thing that it is on. Raises Denied, NotFound."""
    note = Note.require(note_id)
    require(f"{note.subject_noun}.read")
    return note


@pages.get("/notes")
@reads("notes", notes.LIST)
def list() -> ResponseReturnValue:
    found = notes.find(by=actor(), **asked())
    on = {} if wants_json() else _subjects(found.items)
    return listed(found, told, "notes/list.html", on=on, text_of=text_of)


@pages.get("/notes/<note_id>")
@reads("notes")
def show(note_id: str) -> ResponseReturnValue:
    note = _visible(note_id)
    return shown(
        note,
        lambda: _told_whole(note),
        "notes/show.html",
        lambda: (
            _page(note)
            | {
                "acts": acts_of(note),
                "versions": [*_versions(note)],
                "told": notes.told_by(note.id),
            }
            | beside(note)
        ),
    )


def _page(note: Note) -> dict[str, Any]:
    on = _subjects([note])[note.subject_id]
    return {"note": note, "on": on, "text": text_of(note)}


def _subjects(several: Iterable[Note]) -> dict[str, search.Hit]:
    """What each note is on, in words: one statement for each noun among them."""
    by_noun: dict[type[Record], set[str]] = defaultdict(set)
    for note in several:
        by_noun[REGISTRY[note.subject_id.partition("_")[0]]].add(note.subject_id)
    return {
        id: search.hit(one, actor())
        for noun, wanted in by_noun.items()
        for id, one in noun.each(wanted).items()
    }


@pages.route("/notes/<note_id>/edit", methods=["GET", "POST"])
@performs(notes.edit, NoteForm)
def edit(form: NoteForm, note_id: str) -> Asked:
    note = _visible(note_id)
    if request.method == "GET" and not request.args and note.by_id == actor().id:
        form.text.data, form.phi.data = note.text, note.phi
    return Asked(
        note_id,
        lambda: {"text": form.text.data or "", "phi": form.phi.data},
        context=_page(note) | {"submit": "Save the change"},
        done="The note is changed. What it said before stays readable.",
    )


@pages.route("/notes/<note_id>/pin", methods=["GET", "POST"])
@performs(notes.pin)
def pin(form: NoInput, note_id: str) -> Asked:
    note = _visible(note_id)
    context = _page(note) | {"submit": "Pin it"}
    return Asked(note_id, context=context, done="The note is pinned.", then=locate(note.subject_id))


@pages.route("/notes/<note_id>/unpin", methods=["GET", "POST"])
@performs(notes.unpin)
def unpin(form: NoInput, note_id: str) -> Asked:
    note = _visible(note_id)
    context = _page(note) | {"submit": "Unpin it"}
    return Asked(note_id, context=context, done="The note is no longer pinned.", then=locate(note.subject_id))


@pages.get("/mentions")
@reads("notes")
def list_mentions() -> ResponseReturnValue:
    """The notes that call me. Those shown to a person count as read from then on; a program is never called."""
    me = person()
    page = (
        notes.mentions_of(me.actor.id, after=request.args.get("after")) if me else Page[notes.Told]([], None)
    )
    if wants_json():
        items = [told(one.note) | {"read": one.read_at is not None} for one in page.items]
        return jsonify({"items": items, "next": page.next})
    on = _subjects(one.note for one in page.items)
    older_url = f"{request.path}?after={page.next}" if page.next else ""
    answer = render_template(
        "notes/list_mentions.html", items=page.items, on=on, text_of=text_of, older_url=older_url,
        newest_url=request.path if request.args.get("after") else "",
    )  # fmt: skip
    if request.method == "GET":
        notes.seen(page.items)
    return answer
