"""Putting a photo or a document beside a thing."""

from __future__ import annotations

from ...lib.refusal import Denied, NotFound, Refused
from ...models import REGISTRY, Attachment, Customer, Note, Order, Record
from .._act import act, performing, say
from .._actor import Actor
from ._keep import Kept

ON = (Order, Customer, Note)  # what can carry them
MOST = 50  # beside one thing


class NotAttachable(Refused):
    """Files stand beside orders, customers and notes only, and not without end."""


@act(private=("file",))
def add(record_id: str, *, file: Kept, by: Actor) -> Attachment:
    """Note a file that lies sealed where files lie. Who sees what it shows needs the right to health data.

    Raises NotAttachable, NotFound, Denied without the right to read the thing itself.
    """
    subject = _subject(record_id)
    if not by.may(f"{subject.PLURAL}.read"):
        raise Denied(f"{subject.PLURAL}.read", by.label)
    if len(Attachment.of(subject.id)) >= MOST:
        raise NotAttachable(
            f"There are {MOST} files already: take some away before you add more.", field="file"
        )
    about = {*subject.related(), *(subject.about if isinstance(subject, Note) else ())}
    made = Attachment(
        id=file.id,
        created_at=performing().now,
        subject_noun=subject.PLURAL,
        subject_id=subject.id,
        customer_id=next((id for id in sorted(about) if id.startswith(f"{Customer.PREFIX}_")), None),
        about=sorted(about),
        kind=file.kind,
        size=file.size,
        width=file.width,
        height=file.height,
        name=file.name,
        key=file.key,
        by=by.label,
        by_id=by.id,
        trace_id=performing().trace,
    ).add()
    say(f"Added a {'photo' if made.picture else 'document'} to the {subject.noun()}")
    return made


def _subject(record_id: str) -> Record:
    noun = REGISTRY.get(record_id.partition("_")[0])
    if noun is None:
        raise NotFound("There is no such thing.")
    if noun not in ON:
        raise NotAttachable("Files stand beside orders, customers and notes only.")
    return noun.lock(record_id)
