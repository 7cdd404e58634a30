"""The form that a new console suggests: what has to be known before something for the skin is prescribed. The rules that
flags begin with ask about these questions by their ids (migration 0041)."""

from __future__ import annotations

from typing import Any

KEY, TITLE = "skin-intake", "Your skin"


def _yes_no(id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "text": text, "kind": "yes_no", "required": True, **more}


def _if_yes(question: str) -> dict[str, Any]:
    return {"when": [{"question": question, "is": "=", "value": True}]}


FIRST: list[dict[str, Any]] = [
    {
        "id": "concern", "text": "What would you like to treat?", "kind": "choices", "required": True,
        "choices": [
            {"code": "acne", "text": "Acne"}, {"code": "dark_spots", "text": "Dark spots"},
            {"code": "lines", "text": "Fine lines"}, {"code": "redness", "text": "Redness"},
        ],
    },
    _yes_no("can_be_pregnant", "Could you become pregnant?"),
    {
        "id": "pregnancy", "text": "Pregnancy", "kind": "group", **_if_yes("can_be_pregnant"),
        "items": [
            _yes_no("pregnant", "Are you pregnant, or trying to be?"), _yes_no("breastfeeding", "Are you breastfeeding?"),
        ],
    },
    _yes_no("allergies", "Are you allergic to anything?"),
    {"id": "allergies_which", "text": "To what?", "kind": "text", "required": True, **_if_yes("allergies")},
    _yes_no("medicines", "Do you take any medicine, or use anything on your skin?"),
    {"id": "medicines_which", "text": "Which?", "kind": "text", "required": True, **_if_yes("medicines")},
    _yes_no("isotretinoin", "Have you taken isotretinoin in the last six months?"),
    _yes_no("hydroquinone", "Are you using hydroquinone now?"),
    {
        "id": "hydroquinone_months", "text": "For how many months, without a break?", "kind": "integer", "required": True,
        **_if_yes("hydroquinone"),
    },
    {
        "id": "photos", "text": "Photos", "kind": "group",
        "items": [
            {"id": "photo_front", "text": "Your face from the front", "kind": "photo", "required": True},
            {"id": "photo_side", "text": "Your face from the side", "kind": "photo", "required": True},
            {"id": "id_photo", "text": "A document that shows who you are", "kind": "photo"},
        ],
    },
]  # fmt: skip
