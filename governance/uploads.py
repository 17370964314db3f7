"""Pictures from outside: opened under our own limits, turned upright, re-encoded, without EXIF."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import IO

from django.utils.translation import gettext as _t
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")  # MPO, as some phones make, opens as JPEG
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
LONG_SIDE = 2000
THUMB_SIDE = 320


class BadPicture(Exception):
    """It cannot be taken; the text says why and what to do."""


@dataclass(frozen=True)
class Picture:
    """A clean JPEG and its thumbnail."""

    jpeg: bytes
    thumb: bytes
    width: int
    height: int
    sha256: str


def clean(file: IO[bytes]) -> Picture:
    """Re-encode an uploaded picture. Raises BadPicture, which names the file if it has a name."""
    try:
        return re_encoded(file.read(MAX_BYTES + 1))
    except BadPicture as error:
        name = getattr(file, "name", None)
        if not name:
            raise
        said = _t("“%(name)s”：%(why)s") % {"name": PurePath(name).name, "why": error}
        raise BadPicture(said) from None


def re_encoded(data: bytes) -> Picture:
    """Raises BadPicture.

    The header is read first and the pixel limit checked before any pixel is decoded: a 20 KB PNG
    can take 823 MB (facts.md).
    """
    if len(data) > MAX_BYTES:
        raise BadPicture(_t("图片超过 20 MB，请压缩后再传。"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged EXIF is dropped anyway
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombWarning
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise BadPicture(_t("图片超过 4000 万像素，请缩小后再传。")) from None
    except UnidentifiedImageError:
        raise BadPicture(_t("不是可识别的图片，请上传 JPEG、PNG 或 WebP。")) from None
    except Exception:  # malformed files raise whatever a decoder stumbles over, e.g. struct.error
        raise BadPicture(_t("图片已损坏，请重新拍摄或另存后再传。")) from None
    upright.info.clear()  # a JPEG's comment would be written again
    upright.thumbnail((LONG_SIDE, LONG_SIDE))
    jpeg = encode(upright, 85)
    small = upright.copy()
    small.thumbnail((THUMB_SIDE, THUMB_SIDE))
    return Picture(
        jpeg=jpeg,
        thumb=encode(small, 75),
        width=upright.width,
        height=upright.height,
        sha256=hashlib.sha256(jpeg).hexdigest(),
    )


def encode(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
