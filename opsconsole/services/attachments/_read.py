"""What somebody sent, read as what it is: by its content, never by its name. Pictures are decoded and written anew, so that
nothing but what they show is kept: not where they were taken, nor another file that hides behind them."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass, field

from PIL import Image, ImageOps, UnidentifiedImageError

from ...lib.refusal import Invalid

LARGEST = 10 * 1024 * 1024  # bytes
MOST_PIXELS = 50_000_000  # a small file can unpack to very many
TOO_MANY = f"The photo has more than {MOST_PIXELS // 1_000_000} million pixels: make it smaller."
THUMBNAIL = 320  # pixels of the longer side
LONGEST_NAME = 120
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
_HEIC = re.compile(rb"....ftyp(heic|heix|hevc|heim|mif1|msf1|avif)", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """What is kept of a file: `content` as it is shown, `thumbnail` a small JPEG of it, None of a document."""

    kind: str
    name: str
    content: bytes = field(repr=False)
    thumbnail: bytes | None = field(repr=False, default=None)
    width: int | None = None
    height: int | None = None


def read(sent: bytes, name: str) -> Picture:
    """Raises Invalid with what to do about a file that is none of those that are taken."""
    if not sent:
        raise _no("The file is empty.")
    if len(sent) > LARGEST:
        raise _no(f"The file is larger than {LARGEST // 1024 // 1024} MB.")
    kind = _kind(sent)
    if kind == "pdf":
        return Picture("pdf", cleaned(name), sent)
    return _picture(sent, kind, cleaned(name))


def _no(words: str) -> Invalid:
    return Invalid({"file": [words]})


def _kind(sent: bytes) -> str:
    """By the bytes it begins with."""
    if sent.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if sent.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if sent[:4] == b"RIFF" and sent[8:12] == b"WEBP":
        return "webp"
    if sent.startswith(b"%PDF-") and b"%%EOF" in sent[-1024:]:
        return "pdf"
    if _HEIC.match(sent[:16]):
        raise _no(
            "This is a HEIC photo, as iPhones make them. Send it as JPEG: most programs offer that when sharing it."
        )
    raise _no(
        "Send a photo as JPEG, PNG or WebP, or a PDF. What counts is what the file holds, not its name."
    )


def _picture(sent: bytes, kind: str, name: str) -> Picture:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(sent), formats=[_FORMATS[kind]]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise _no(TOO_MANY)
                opened.load()
                shown = _bare(opened)
    except Image.DecompressionBombError:
        raise _no(TOO_MANY) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, ArithmeticError, Warning):
        raise _no("The photo cannot be read: it is damaged, or no photo.") from None
    content = _written(shown, kind)
    if len(content) > LARGEST:
        raise _no("The photo is too large: make it smaller.")
    small = shown.convert("RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    return Picture(kind, name, content, _written(small, "jpeg"), shown.width, shown.height)


def _bare(opened: Image.Image) -> Image.Image:
    """The pixels of the first frame, turned as the camera was held, and nothing that stood beside them."""
    turned = ImageOps.exif_transpose(opened)
    seen = turned.convert(
        "RGBA" if "transparency" in turned.info or turned.mode in ("RGBA", "LA", "PA") else "RGB"
    )
    seen.info = {}
    return seen


def _written(shown: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "jpeg":
        shown.convert("RGB").save(out, "JPEG", quality=88)
    elif kind == "webp":
        shown.save(out, "WEBP", quality=88)
    else:
        shown.save(out, "PNG")
    return out.getvalue()


def cleaned(name: str) -> str:
    """A file's name as it is shown: its last part, without what means something to a computer."""
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*;\0')
    return plain.strip(". ")[-LONGEST_NAME:] or "file"
