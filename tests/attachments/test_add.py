"""Adding photos and documents: read as what they are, kept sealed, shown to few."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from opsconsole import vendors
from opsconsole.services import attachments

from ..house import House
from ..scenes import nothing_written
from .scenes import PDF, attached, look, photo, send


def test_a_photo_is_kept_without_what_stood_beside_its_pixels(house: House) -> None:
    order = house.order()
    assert b"Rash of Jo" in photo(), "the scene is one"
    id = attached(house, order["url"], photo(), "rash of Jo.jpg")
    told = house.api().get(f"/attachments/{id}")
    assert (told["kind"], told["width"], told["height"], told["name"]) == ("jpeg", 640, 480, "rash of Jo.jpg")
    assert told["subject"] == order["url"]
    shown = look(house, id)
    with Image.open(io.BytesIO(shown.data)) as seen:
        assert (seen.format, seen.size, dict(seen.getexif())) == ("JPEG", (640, 480), {})
    assert b"Rash" not in shown.data and b"Exif" not in shown.data and len(shown.data) == told["size"]
    with Image.open(io.BytesIO(look(house, id, "thumbnail").data)) as small:
        assert small.size == (320, 240)
    for url in (order["url"], order["customer"]):
        page = house.page("clinician").get(url)
        assert (f"/attachments/{id}/thumbnail" in page) == (url == order["url"])
    assert "Rash" not in str(house.rows("select inputs, changes, says from audit_entries"))


def test_what_lies_outside_the_database_is_sealed_and_says_nothing(house: House, tmp_path: Path) -> None:
    id = attached(house, house.order()["url"])
    kept = sorted((tmp_path / "files").iterdir())
    assert [one.name for one in kept] == [f"{id}.content", f"{id}.thumbnail"]
    assert all(not one.read_bytes().startswith(b"\xff\xd8") for one in kept)
    assert all(one.stat().st_mode & 0o077 == 0 for one in kept)
    kept[0].rename(tmp_path / "files" / "aside")
    kept[1].rename(kept[0])  # another file in its place does not open
    assert look(house, id).status_code == 404
    (tmp_path / "files" / "aside").rename(kept[0])
    assert look(house, id).status_code == 200


def test_it_is_served_so_that_nothing_in_it_can_act(house: House) -> None:
    url = house.order()["url"]
    for content, name, kind, shows in (
        (photo("PNG"), "x.png", "image/png", "inline"),
        (PDF, "x.pdf", "application/pdf", "attachment"),
    ):
        id = attached(house, url, content, name)
        answer = look(house, id)
        headers = answer.headers
        assert answer.status_code == 200 and headers["Content-Type"] == kind
        assert headers["Content-Disposition"] == f'{shows}; filename="{id}.{kind.partition("/")[2]}"'
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
        assert (
            "sandbox" in headers["Content-Security-Policy"]
            and "script-src" not in headers["Content-Security-Policy"]
        )
    assert look(house, id, "thumbnail").status_code == 404, "a document has none"


def test_each_look_is_written_down_and_a_role_without_the_right_gets_none(house: House) -> None:
    order = house.order()
    id = attached(house, order["url"])
    before = len(house.rows("select 1 from phi_views where subject_id = :id", id=id))
    for role in ("support", "ops_lead", "finance", "auditor", "admin", "shop"):
        for part in ("content", "thumbnail"):
            assert look(house, id, part, role).status_code == 403
    sam = house.page()
    assert "/thumbnail" not in sam.get(order["url"]) and "Photo, JPEG" in sam.html
    assert "no right to see it" in sam.get(f"/attachments/{id}") and "photo.jpg" not in sam.html
    assert house.api("support").get(f"/attachments/{id}")["name"] is None
    assert len(house.rows("select 1 from phi_views where subject_id = :id", id=id)) == before
    assert look(house, id).status_code == 200
    [view] = house.rows("select field, by, customer_id from phi_views where subject_id = :id", id=id)
    assert (view.field, view.customer_id) == ("content", order["customer"].rsplit("/", 1)[-1])


HEIC = b"\x00\x00\x00\x18ftypheic" + b"\x00" * 64


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "JPEG, PNG or WebP"),
        (b"<html>%PDF-1.7 %%EOF", "JPEG, PNG or WebP"),
        (b"GIF89a" + b"\x00" * 50, "JPEG, PNG or WebP"),
        (b"MZ" + b"\x00" * 50, "JPEG, PNG or WebP"),
        (HEIC, "HEIC"),
        (b"%PDF-1.7 and no end", "JPEG, PNG or WebP"),
        (b"\xff\xd8\xff\xe0 and no photo", "damaged"),
        (photo()[: len(photo()) // 2], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
    ],
)
def test_what_is_none_of_these_is_refused_with_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(attachments._read.Invalid) as caught:  # type: ignore[attr-defined]
        attachments.read(content, "photo.jpg")
    assert words in caught.value.errors["file"][0]


def test_a_refused_file_writes_nothing_and_is_told_at_its_field(house: House, tmp_path: Path) -> None:
    order = house.order()
    with nothing_written(house):
        errors = send(house, order["url"], b"<svg/>", "photo.jpg", status=422)["errors"]
        assert list(errors) == ["file"]
        large = photo() + b"\x00" * attachments.LARGEST
        assert "larger than 10 MB" in send(house, order["url"], large, status=422)["errors"]["file"][0]
        send(house, order["url"], large + b"\x00" * 1024 * 1024 * 2, status=413)
        for role in ("finance", "auditor", "shop"):
            send(house, order["url"], photo(), role=role, status=403)
    assert not (tmp_path / "files").exists()
    sam = house.page()
    sam.get(f"{order['url']}/attachments/add")
    sam.submit(f"{order['url']}/attachments/add", {"file": (io.BytesIO(b"nothing"), "a.jpg")}, 422)
    assert "Send a photo as JPEG" in sam.html


def test_a_small_file_that_unpacks_to_a_very_large_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments._read, "MOST_PIXELS", 10_000)  # type: ignore[attr-defined]
    with pytest.raises(attachments._read.Invalid, match="pixels"):  # type: ignore[attr-defined]
        attachments.read(photo(size=(200, 200)), "x.jpg")


def test_a_second_file_behind_a_photo_is_gone() -> None:
    hidden = b"PK\x03\x04 <script>alert(1)</script>"
    for kind in ("JPEG", "PNG", "WEBP"):
        read = attachments.read(photo(kind) + hidden, "x")
        assert (read.kind, hidden in read.content) == (kind.lower(), False)


def test_every_kind_of_pixel_is_read() -> None:
    for kind, mode in (
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "L"),
        ("WEBP", "RGBA"),
        ("JPEG", "CMYK"),
        ("PNG", "I;16"),
    ):
        out = io.BytesIO()
        Image.new(mode, (40, 30)).save(out, kind)
        read = attachments.read(out.getvalue(), "x")
        assert (read.kind, read.width, bool(read.thumbnail)) == (kind.lower(), 40, True), mode


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\jo\\face.jpg", "face.jpg"), ("..", "file"), ("", "file"),
        ("a\x00b\r\nSet-Cookie: x.jpg", "abSet-Cookie x.jpg"), ('"><script>.jpg', "script.jpg"), ("x" * 500 + ".jpg", None),
        (".htaccess", "htaccess"), ("фото.jpg", "фото.jpg"),
    ],
)  # fmt: skip
def test_a_name_is_only_words(sent: str, kept: str | None) -> None:
    read = attachments.read(PDF, sent)
    assert read.name == kept if kept else len(read.name) == 120


def test_names_lead_nowhere(house: House, tmp_path: Path) -> None:
    id = attached(house, house.order()["url"], PDF, "../../../../evil.pdf")
    assert house.api().get(f"/attachments/{id}")["name"] == "evil.pdf"
    assert [one.name for one in (tmp_path / "files").iterdir()] == [f"{id}.content"]
    for url in ("/attachments/..%2f..%2fetc/content", "/attachments/atc_x/content"):
        assert look(house, url.split("/")[2]).status_code == 404
    for name in ("../x", "x/y", "", ".", "x.y.z"):
        with pytest.raises(ValueError, match="no name"):
            vendors.port("files").put(name, b"")


def test_noise_is_refused_and_breaks_nothing() -> None:
    chance = random.Random(9)
    starts = [
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"RIFF\x10\x00\x00\x00WEBPVP8L",
    ]
    whole = [photo("JPEG"), photo("PNG"), photo("WEBP")]
    for n in range(150):
        noise = chance.choice(starts) + chance.randbytes(300)
        if n % 2:
            spoilt = bytearray(whole[n % 3])
            for _ in range(8):
                spoilt[chance.randrange(12, len(spoilt))] = chance.randrange(256)
            noise = bytes(spoilt)
        try:
            attachments.read(noise, "x")
        except attachments._read.Invalid as refusal:  # type: ignore[attr-defined]
            assert refusal.errors["file"]


def test_it_is_added_on_a_page_without_a_script_to_each_noun(house: House) -> None:
    order = house.order()
    note = house.api().post(f"{order['url']}/note", {"text": "See the photo"})["subject"]
    sam = house.page()
    for url in (order["url"], order["customer"], note):
        sam.get(f"{url}/attachments/add")
        sam.submit(f"{url}/attachments/add", {"file": (io.BytesIO(photo()), "box.jpg")})
        assert "The file was added" in sam.html and "Photo, JPEG" in sam.html
    about = house.rows("select about, customer_id from attachments")
    customer = order["customer"].rsplit("/", 1)[-1]
    assert all(customer in row.about and row.customer_id == customer for row in about)
    assert "Added a photo to the order" in house.page().get(order["url"])


def test_the_second_click_adds_nothing(house: House) -> None:
    order = house.order()
    first = send(house, order["url"], photo(), **{"Idempotency-Key": "k1"})
    again = send(house, order["url"], photo(), **{"Idempotency-Key": "k1"})
    assert again == first and house.rows("select count(*) from attachments")[0][0] == 1
    other = send(house, order["url"], photo(size=(10, 10)), status=409, **{"Idempotency-Key": "k1"})
    assert other["refused"]["code"] == "key_reused"


class Away:
    name = "away"

    def put(self, name: str, content: bytes) -> None:
        raise vendors.Unavailable("The store of files does not answer.", maybe_done=True)

    get = put


def test_when_files_cannot_be_kept_nothing_is_added(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    order = house.order()
    id = attached(house, order["url"])
    monkeypatch.setitem(vendors._ports, "files", Away())
    with nothing_written(house):
        said: Any = send(house, order["url"], photo(), status=409)["refused"]
    assert (said["code"], said["field"]) == ("cannot_keep", "file")
    monkeypatch.setattr(Away, "get", lambda self, name: Away().put(name, b""))
    assert look(house, id).status_code == 503
