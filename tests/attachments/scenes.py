"""Scenes that stories about files begin with."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from werkzeug.test import TestResponse

from ..house import TOKENS, House

GPS = 34853  # the tag under which cameras write where they were


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (640, 480), *, exif: bool = True, mode: str = "RGB"
) -> bytes:
    """A photo with everything a camera writes beside it."""
    out, tags = io.BytesIO(), Image.Exif()
    tags[270] = "Rash of Jo Field"
    tags.get_ifd(GPS)[1] = "N"
    with_exif = {"exif": tags.tobytes()} if exif else {}
    Image.new(mode, size, (200, 40, 60) if mode == "RGB" else None).save(out, kind, **with_exif)
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def send(
    house: House,
    url: str,
    content: bytes,
    name: str = "photo.jpg",
    role: str = "demo",
    status: int = 201,
    **headers: str,
) -> Any:
    """Add a file as a program does: a multipart form, JSON back."""
    answer: TestResponse = house.app.test_client(use_cookies=False).post(
        f"{url}/attachments/add",
        data={"file": (io.BytesIO(content), name)},
        headers={"Authorization": f"Bearer {TOKENS[role]}", "Accept": "application/json", **headers},
    )
    assert answer.status_code == status, (answer.status_code, answer.get_data(as_text=True)[:500])
    return answer.get_json()


def attached(house: House, url: str, content: bytes | None = None, name: str = "photo.jpg") -> str:
    """A file beside a thing. Returns its id."""
    return str(send(house, url, content or photo(), name)["subject"]).rsplit("/", 1)[-1]


def look(house: House, id: str, part: str = "content", role: str = "clinician") -> TestResponse:
    return house.app.test_client(use_cookies=False).get(
        f"/attachments/{id}/{part}", headers={"Authorization": f"Bearer {TOKENS[role]}"}
    )
