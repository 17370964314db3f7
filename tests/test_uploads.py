"""Pictures from outside: nothing of theirs but what one sees comes in."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from governance import uploads
from governance.uploads import BadPicture

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(*, size: tuple[int, int] = (80, 40), form: str = "JPEG", **options: Any) -> BytesIO:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    file = BytesIO()
    image.save(file, form, **options)
    return BytesIO(file.getvalue())


def png_that_claims(width: int, height: int) -> BytesIO:
    """A PNG of a few bytes whose header announces this size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg))


def looks(image: Image.Image, at: tuple[int, int]) -> str:
    red, _green, blue = image.convert("RGB").getpixel(at)  # type: ignore[misc]
    return "red" if red > blue else "blue"


@pytest.mark.parametrize("form", ["JPEG", "MPO", "PNG", "WEBP"])
def test_a_picture_is_encoded_anew(form: str) -> None:
    several: dict[str, Any] = {"save_all": True, "append_images": [Image.new("RGB", (80, 40))]}

    taken = uploads.clean(picture(form=form, **(several if form == "MPO" else {})))

    image = opened(taken.jpeg)
    assert (image.format, image.size, taken.width, taken.height) == ("JPEG", (80, 40), 80, 40)
    assert (looks(image, (10, 20)), looks(image, (70, 20))) == ("red", "blue")


def test_it_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    exif[0x010F] = "Secret Phones"
    exif.get_ifd(0x8825)[2] = (39.0, 5.0, 10.0)
    file = picture(exif=exif.tobytes(), comment=b"taken at home")
    assert b"Secret Phones" in file.getvalue()

    taken = uploads.clean(file)

    image = opened(taken.jpeg)
    assert image.size == (40, 80)
    assert (looks(image, (20, 10)), looks(image, (20, 70))) == ("red", "blue")
    assert not image.getexif()
    for kept in (taken.jpeg, taken.thumb):
        assert b"Secret" not in kept
        assert b"taken at home" not in kept
        assert b"Exif" not in kept


def test_xmp_and_colour_profiles_stay_outside() -> None:
    taken = uploads.clean(picture(xmp=b"<x:xmpmeta>here</x:xmpmeta>", icc_profile=b"profile"))

    assert b"xmpmeta" not in taken.jpeg
    assert "icc_profile" not in opened(taken.jpeg).info


def test_a_large_picture_and_its_thumbnail_are_scaled() -> None:
    taken = uploads.clean(picture(size=(4000, 1000)))

    assert (taken.width, taken.height) == (2000, 500)
    assert opened(taken.thumb).size == (320, 80)


def test_the_same_picture_has_the_same_digest() -> None:
    first, second = uploads.clean(picture()), uploads.clean(picture())

    assert first.sha256 == second.sha256 != uploads.clean(picture(size=(82, 40))).sha256


@pytest.mark.parametrize("side", [6_325, 9_500, 15_000, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(
    side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*args: object) -> None:
        raise AssertionError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)

    with pytest.raises(BadPicture, match="4000 万像素"):
        uploads.clean(png_that_claims(side, side))


def test_just_under_the_limit_is_decoded_and_found_broken() -> None:
    with pytest.raises(BadPicture, match="已损坏"):
        uploads.clean(png_that_claims(6_300, 6_300))


def test_a_truncated_file() -> None:
    whole = picture(size=(400, 400), form="JPEG").getvalue()

    with pytest.raises(BadPicture, match="已损坏"):
        uploads.clean(BytesIO(whole[: len(whole) // 2]))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"GIF89a" + bytes(100),
    ],
)
def test_what_is_not_a_picture(content: bytes) -> None:
    with pytest.raises(BadPicture, match="不是可识别的图片"):
        uploads.clean(BytesIO(content))


def test_a_real_gif_is_not_taken() -> None:
    with pytest.raises(BadPicture, match="不是可识别的图片"):
        uploads.clean(picture(form="GIF"))


def test_a_script_behind_a_picture_does_not_come_in() -> None:
    file = BytesIO(picture().getvalue() + b"<script>alert(1)</script>")

    assert b"<script>" not in uploads.clean(file).jpeg


def test_damaged_exif_is_no_fault_of_ours() -> None:
    broken = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff" + b"\x12\x01\x03\x00" * 3
    file = picture(exif=broken)

    assert uploads.clean(file).width == 80


def test_more_than_20_megabytes() -> None:
    whole = picture().getvalue()
    limit = 20 * 1024 * 1024

    assert uploads.clean(BytesIO(whole + bytes(limit - len(whole)))).width == 80
    with pytest.raises(BadPicture, match="20 MB"):
        uploads.clean(BytesIO(whole + bytes(limit - len(whole) + 1)))
