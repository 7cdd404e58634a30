"""An act's door. GET shows the form and what it would do, side by side; POST does it.

The same route serves pages and programs: `performs` reads the form, asks the view which subject and
inputs it means, and does the rest alike for every act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import flash, jsonify, redirect, render_template, request
from werkzeug.exceptions import MethodNotAllowed
from wtforms import Field, Form, FormField

from ..lib import canonical, ids
from ..lib.refusal import Denied, Invalid, Refused
from ..services import Act, Key, Preview, WorldChanged, perform, preview
from ..services.staff import needs_fresh_proof
from ._masking import as_seen
from ._outage import held_back
from ._proving import proven
from ._reading import every_field, read, sent, wants_json
from ._who import actor, require


class NoInput(Form):
    """An act that needs nothing but its subject."""


@dataclass
class Asked:
    """What a request asks of an act. `inputs` is called once the form is valid. `done` is the sentence
    people see afterwards; `then` where they go, the act's subject unless given; `status` what programs get. `pinned`: an
    input of its own says what was seen, so that a form which shows its preview at once may still be added to. The context's
    `anew` names a template: a part of the form that a preview shows anew, because of what was sent with it."""

    subject_id: str | None
    inputs: Callable[[], dict[str, Any]] = dict
    context: dict[str, Any] = field(default_factory=dict)
    done: str = "Done."
    then: str | None = None
    status: int = 201
    pinned: bool = False


View = Callable[..., Asked]


def performs(
    act: Act, form_class: type[Form] = NoInput, *, reads: Callable[..., Form] | None = None
) -> Callable[[View], Callable[..., Any]]:
    """Make a view the door of an act. Its template is named like its endpoint: <noun>/<verb>.html. `reads` makes the form of
    a request, where which fields it has depends on what is asked."""

    def mark(view: View) -> Callable[..., Any]:
        @wraps(view)
        def door(**subject: str) -> Any:
            require(act.name)
            form = reads(**subject) if reads else read(form_class)
            asked = view(form, **subject)
            if request.method == "GET":
                if wants_json():
                    raise MethodNotAllowed(["POST"])
                return _show(act, form, asked)
            if request.args.get("preview"):
                return _preview(act, form, asked)
            if needs_fresh_proof(act.name) and (ask := proven()) is not None:
                return ask
            return _do(act, form, asked)

        door.permission = act.name  # type: ignore[attr-defined]
        door.act, door.form = act, form_class  # type: ignore[attr-defined]
        return door

    return mark


def inputs_of(form: Form, asked: Asked) -> dict[str, Any]:
    """What was sent, as the act takes it. Raises Invalid."""
    if not form.validate():
        raise Invalid({name: _flat(errors) for name, errors in form.errors.items() if name})
    return asked.inputs()


def _flat(errors: Any) -> list[str]:
    """WTForms nests the errors of lists and of inner forms; people read sentences."""
    if isinstance(errors, dict):
        return [f"{name}: {said}" for name, inner in errors.items() for said in _flat(inner)]
    return [said for one in errors for said in ([one] if isinstance(one, str) else _flat(one))]


def _look(act: Act, form: Form, asked: Asked) -> dict[str, Any]:
    """What the right side of the page shows: a preview, a refusal or what is still needed."""
    try:
        seen = held_back(as_seen(preview(act, asked.subject_id, inputs_of(form, asked), by=actor())))
        return {"preview": seen, "refused": None, "errors": {}}
    except Invalid as error:
        return {"preview": None, "refused": None, "errors": error.errors}
    except (Refused, Denied) as error:
        return {"preview": None, "refused": error.as_json, "errors": {}}


def _show(act: Act, form: Form, asked: Asked) -> Any:
    nothing: dict[str, Any] = {"preview": None, "refused": None, "errors": {}}
    if any(request.args) or not form._fields:
        look = _look(act, form, asked)
    else:  # a form that is complete as it comes shows what it would do; one that is not, no mistakes yet
        look = _look(act, form, asked) if form.validate() else nothing
        stands_in_the_way = look["refused"] and look["refused"].get("blockers")
        look = look if look["preview"] or stands_in_the_way else nothing
    return _page(form, asked, look, quiet=form._fields.keys() - request.args.keys())


def _page(
    form: Form, asked: Asked, look: dict[str, Any], *, changed: bool = False, quiet: Iterable[str] = ()
) -> Any:
    """The act's page. A field in `quiet` was not asked for yet: what it lacks is no mistake."""
    key = request.form.get("idempotency_key") or ids.new("key")
    if changed:  # what was agreed to is another thing now
        key = ids.new("key")
    fields = {field.name: field for field in every_field(form)}
    for name, messages in look["errors"].items():
        if name in fields and not fields[name].errors:
            _mark(fields[name], messages)
    for name, one in fields.items():
        if name.partition("-")[0] in quiet:
            _mark(one, ())
    if look["refused"] and (at := fields.get(look["refused"]["field"])):
        at.errors = [*at.errors, look["refused"]["message"]]
    return render_template(
        f"{(request.endpoint or '').replace('.', '/')}.html", form=form, key=key, changed=changed, act_url=request.path,
        **look, **asked.context,
    )  # fmt: skip


def _mark(field: Field, messages: Iterable[str]) -> None:
    """Say what is wrong with a field; of one that has fields of its own, with all of them together."""
    if isinstance(field, FormField):
        field.form.form_errors = list(messages)
    else:
        field.errors = list(messages)


def _preview(act: Act, form: Form, asked: Asked) -> Any:
    if wants_json():
        seen = as_seen(preview(act, asked.subject_id, inputs_of(form, asked), by=actor()))
        return jsonify(held_back(seen).as_json)
    look = _look(act, form, asked)
    if request.htmx:  # type: ignore[attr-defined]
        return render_template(
            "layout/_preview.html", form=form, **look, **({"submit": "Do it"} | asked.context)
        )
    return _page(form, asked, look)


def _do(act: Act, form: Form, asked: Asked) -> Any:
    if wants_json():
        return _answer(act, form, asked)
    try:
        done = perform(
            act,
            asked.subject_id,
            inputs_of(form, asked),
            by=actor(),
            key=key_of(),
            expect=None if asked.pinned else request.form.get("expect") or None,
            status=asked.status,
        )
    except (Invalid, Refused) as error:
        return said_no(form, asked, error)
    except WorldChanged as error:
        return _page(form, asked, _seen(error.preview), changed=True), 409
    if request_made := done.body.get("approval"):
        flash("Nothing was done yet: somebody else has to approve it.", "good")
        return redirect(request_made["url"], 303)
    flash(asked.done, "good")
    for words in done.body.get("warnings", ()):
        flash(words, "warn")
    return redirect(asked.then or done.body["subject"], 303)


def said_no(form: Form, asked: Asked, error: Invalid | Refused) -> Any:
    """The act's page again, with what is wrong beside the field at fault."""
    if isinstance(error, Invalid):
        return _page(form, asked, {"preview": None, "refused": None, "errors": error.errors}), 422
    return _page(form, asked, {"preview": None, "refused": error.as_json, "errors": {}}), 409


def _seen(now: Preview) -> dict[str, Any]:
    return {"preview": held_back(as_seen(now)), "refused": None, "errors": {}}


def _answer(act: Act, form: Form, asked: Asked) -> Any:
    expect = request.headers.get("If-Match", "").removeprefix("W/").strip('"') or None
    done = perform(
        act,
        asked.subject_id,
        inputs_of(form, asked),
        by=actor(),
        key=key_of(),
        expect=None if expect == "*" else expect,
        status=asked.status,
    )
    headers = {"Idempotent-Replayed": "true"} if done.replayed else {}
    return jsonify(done.body), done.status, headers


def key_of() -> Key | None:
    """The request's idempotency key. Every page's form carries one, so a double click is one act."""
    value = request.headers.get("Idempotency-Key") or request.form.get("idempotency_key")
    if not value:
        return None
    if len(value) > 255 or not value.isascii() or not value.isprintable():
        raise Invalid({"Idempotency-Key": ["Use at most 255 printable ASCII characters."]})
    return Key(value, request.path, canonical.digest(sent()))
