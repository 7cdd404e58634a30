"""Photos that come with an act's form: they are put beside the thing at once, and the act is told their ids."""

from __future__ import annotations

import hashlib

from flask import request

from ..lib.refusal import Invalid
from ..models import Attachment, Order
from ..services import Key, attachments, perform
from ._fields import FilesField
from ._who import actor


class PhotosBeside:
    """The photos beside an order, to which those are added that come with the form: they stay there, whatever becomes of
    the rest of the form, so a preview does not lose them. `added` are the ids of those."""

    def __init__(self, order: Order, field: FilesField) -> None:
        self.order, self.field = order, field
        self.added: list[str] = []
        self._wrong: Invalid | None = None
        if request.method == "POST":
            self._add()

    def photos(self) -> list[str]:
        """The ids that the form means. Raises Invalid for a file that could not be added."""
        if self._wrong:
            raise self._wrong
        return [*self.field.ids, *self.added]

    @property
    def there(self) -> list[Attachment]:
        return [one for one in Attachment.of(self.order.id) if one.picture]

    @property
    def chosen(self) -> set[str]:
        return {id.rsplit("/", 1)[-1] for id in [*self.field.ids, *self.added]}

    def _add(self) -> None:
        try:
            self.added = [
                self._added(one.read(attachments.LARGEST + 1), one.filename) for one in self.field.sent
            ]
        except Invalid as wrong:
            self._wrong = Invalid({"photos": [words for each in wrong.errors.values() for words in each]})
        finally:
            for one in self.field.sent:
                one.seek(0)

    def _added(self, sent: bytes, name: str | None) -> str:
        kept = attachments.keep(attachments.read(sent, name or ""))
        done = perform(attachments.add, self.order.id, {"file": kept}, by=actor(), key=self._key(sent))
        return str(done.body["subject"]).rsplit("/", 1)[-1]

    def _key(self, sent: bytes) -> Key | None:
        """The same file of the same form is added once, however often it is sent."""
        form = request.headers.get("Idempotency-Key") or request.form.get("idempotency_key")
        digest = hashlib.sha256(sent).hexdigest()
        named = hashlib.sha256(f"{form} {digest}".encode()).hexdigest()
        return Key(f"photo {named}", request.path, digest) if form else None
