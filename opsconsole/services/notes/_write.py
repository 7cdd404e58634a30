"""Writing a note on a thing, and calling colleagues to it."""

from __future__ import annotations

from collections.abc import Iterable

from ...lib.refusal import Invalid
from ...models import Note, NoteVersion, Record
from .._act import performing, say
from .._actor import Actor
from ._mentions import tell

AT_MOST = 4000  # characters


def write(
    subject: Record, *, text: str, phi: bool, by: Actor, about: Iterable[str] = (), to: Iterable[str] = ()
) -> Note:
    """The note, inside the act of the subject's noun. It stands on the timelines of all that the subject belongs to,
    and of `about`. Besides whom it calls by name, the staff of the ids `to` are told. Raises Invalid."""
    note = Note(
        created_at=performing().now,
        subject_noun=subject.PLURAL,
        subject_id=subject.id,
        about=sorted(subject.related().union(about)),
        text=cleaned(text),
        version=1,
        phi=phi,
        pinned=False,
        by=by.label,
        by_id=by.id,
        trace_id=performing().trace,
    ).add()
    keep_version(note)
    tell(note, by, to)
    say(f"Wrote a note on the {subject.noun()}")
    return note


def cleaned(text: str) -> str:
    """What was written, without the space around it. Raises Invalid when that is nothing, or too much."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Invalid({"text": ["Write something."]})
    if len(text) > AT_MOST:
        raise Invalid({"text": [f"At most {AT_MOST:,} characters."]})
    return text


def keep_version(note: Note) -> None:
    NoteVersion(
        note_id=note.id, created_at=performing().now, number=note.version, text=note.text, phi=note.phi
    ).add()
