"""Proving anew who one is, before what needs a fresh proof. What was typed is carried along, and nothing is lost."""

from __future__ import annotations

from typing import Any

from flask import g, jsonify, render_template, request

from ..lib.refusal import Refused
from ..services import staff
from ._reading import PROOF, wants_json
from ._who import person, rules


def proven() -> Any:
    """None when the person proved in the last minutes, or with this very request, who they are; else the page that asks
    them to. Programs are not asked: they may never do such things."""
    me = person()
    if me is None or me.fresh:
        return None
    refused = None
    given = {name: request.form.get(name, "") for name in PROOF}
    if any(given.values()):
        shown = staff.Proof(given["proof_code"], given["proof_passkey"], given["proof_password"])
        try:
            staff.confirm(me, shown, rules())
            g.pop("halfway", None)
            return None
        except Refused as no:
            refused = no
    if wants_json():
        words = "Prove who you are again: do this on its page."
        return jsonify({"refused": {"code": "step_up", "message": words, "field": None}}), 403
    return _page(me, refused), 403 if refused is None else 409


def _page(me: staff.SignedIn, refused: Refused | None) -> str:
    ours = {*PROOF, "csrf_token"}
    return render_template(
        "account/step_up.html",
        carried=[(name, value) for name, value in request.form.items(multi=True) if name not in ours],
        refused=refused,
        enrolled=me.enrolled,
        question=staff.passkey_question(me, rules()),
        url=request.full_path.rstrip("?"),
    )
