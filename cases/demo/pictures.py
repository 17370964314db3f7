"""Plain pictograms in place of photos, each with 演示 on it: no real place and no person."""

from __future__ import annotations

import random
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (480, 360)
GROUND = 250
# 演 and 示 as bitmaps of 26 × 26, since no machine must have a Chinese font.
GLYPH = (26, 26)
YAN = (
    "00000000000000000801c0000e01c0001f7fff000fffff000360070000600700007fff00181ffc003e01c0003e01c000"
    "0e3ffe00043ffe000031ce00003ffe00033ffe000731ce000731ce000f3ffe000e3ffe001e0c38001c3e3c003cfc1f00"
    "18f00f0000600000"
)
SHI = (
    "000000000000000000000000000000000ffff8000ffff8000ffff8000000000000000000000000003fffff003fffff00"
    "3fffff00001e0000001e0000071e3000071e7800071e38000f1e1c001e1e1e001e1e0e003c1e0e00381e0f0000fe0400"
    "00fc000000f80000"
)
SKIES = ((176, 206, 230), (198, 214, 226), (214, 222, 226), (160, 192, 220))
# Which drawing suits a class of items; lamps are told by their code.
SCENES = {
    "environment": "heap",
    "facility": "pit",
    "street": "car",
    "building": "house",
    "safety": "fire",
    "livelihood": "water",
}
LAMPS = {"0206", "0207", "0419"}


def scene_of(item_code: str, item_class: str) -> str:
    """The name of the drawing for an item."""
    return "lamp" if item_code in LAMPS else SCENES.get(item_class, "heap")


@cache
def draw(scene: str, variation: int, *, done: bool) -> bytes:
    """A JPEG of a scene before or after the work; each variation differs a little."""
    chance = random.Random(f"{scene}-{variation}-{done}")  # noqa: S311 -- invented, not secret
    image = Image.new("RGB", SIZE, chance.choice(SKIES))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, GROUND, *SIZE), fill=(126, 128, 126))
    pen.rectangle((0, GROUND, SIZE[0], GROUND + 8), fill=(188, 186, 178))
    SCENE[scene](pen, chance, done=done)
    mark(image, chance)
    file = BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()


def mark(image: Image.Image, chance: random.Random) -> None:
    pen = ImageDraw.Draw(image)
    left = 380 + chance.randrange(20)  # so that no two pictures are the same file
    pen.rectangle((left, 12, left + 72, 50), fill=(190, 30, 45))
    for number, bits in enumerate((YAN, SHI)):
        glyph = Image.frombytes("1", GLYPH, bytes.fromhex(bits))
        pen.bitmap((left + 8 + 29 * number, 18), glyph, fill="white")
    for _ in range(6):
        x, y = chance.randrange(SIZE[0]), chance.randrange(GROUND + 12, SIZE[1])
        pen.point((x, y), fill=(90, 90, 90))


def heap(pen: ImageDraw.ImageDraw, chance: random.Random, *, done: bool) -> None:
    """A waste bin, and what lies beside it."""
    pen.rectangle((90, 180, 160, 290), fill=(40, 110, 70))
    pen.rectangle((84, 170, 166, 184), fill=(30, 90, 56))
    colours = ((92, 64, 51), (60, 60, 66), (190, 170, 120), (70, 100, 140))
    for _ in range(0 if done else 26):
        x, y = chance.randrange(170, 330), chance.randrange(230, 296)
        pen.ellipse((x, y, x + 46, y + 30), fill=chance.choice(colours))


def pit(pen: ImageDraw.ImageDraw, chance: random.Random, *, done: bool) -> None:
    """A manhole in the road: open, or covered."""
    x = 180 + chance.randrange(40)
    pen.ellipse((x, 280, x + 120, 330), fill=(84, 84, 88) if done else (16, 16, 18))
    pen.ellipse((x, 280, x + 120, 330), outline=(50, 50, 52), width=5)
    if done:
        pen.line((x + 20, 305, x + 100, 305), fill=(50, 50, 52), width=4)
    else:
        pen.polygon([(80, 320), (110, 320), (95, 250)], fill=(230, 110, 30))


def car(pen: ImageDraw.ImageDraw, chance: random.Random, *, done: bool) -> None:
    """Something that stands on the pavement, or an empty one."""
    for x in range(20, SIZE[0], 90):
        pen.rectangle((x, 300, x + 50, 306), fill=(230, 230, 220))
    if done:
        return
    x = 110 + chance.randrange(60)
    colour = chance.choice(((170, 40, 40), (50, 80, 140), (220, 220, 225)))
    pen.rounded_rectangle((x, 225, x + 210, 280), 16, fill=colour)
    pen.polygon([(x + 45, 226), (x + 75, 190), (x + 150, 190), (x + 180, 226)], fill=colour)
    for wheel in (x + 40, x + 150):
        pen.ellipse((wheel, 262, wheel + 38, 300), fill=(25, 25, 28))


def house(pen: ImageDraw.ImageDraw, chance: random.Random, *, done: bool) -> None:
    """A wall with windows, cracked or mended."""
    pen.rectangle((100, 60, 340, GROUND), fill=(206, 190, 166))
    for x in range(125, 320, 55):
        for y in range(80, 220, 55):
            pen.rectangle((x, y, x + 30, y + 34), fill=(120, 150, 170))
    if done:
        return
    x, y = 180 + chance.randrange(60), 62
    while y < GROUND:
        step = chance.randrange(-16, 17)
        pen.line((x, y, x + step, y + 18), fill=(70, 40, 36), width=4)
        x, y = x + step, y + 18


def fire(pen: ImageDraw.ImageDraw, chance: random.Random, *, done: bool) -> None:
    """A passage: blocked by boxes, or free."""
    pen.rectangle((150, 80, 330, GROUND), fill=(90, 96, 104))
    pen.rectangle((160, 90, 320, GROUND), fill=(225, 228, 230) if done else (150, 156, 160))
    pen.rectangle((200, 60, 280, 78), fill=(20, 140, 80))
    for number in range(0 if done else 5):
        x = 150 + number * 34 + chance.randrange(10)
        y = 205 - chance.randrange(50)
        pen.rectangle((x, y, x + 44, 270), fill=(176, 132, 84), outline=(120, 88, 52), width=3)


def water(pen: ImageDraw.ImageDraw, chance: random.Random, *, done: bool) -> None:
    """A road under water, or dry."""
    pen.rectangle((60, 130, 120, GROUND), fill=(190, 180, 170))
    for _ in range(0 if done else 7):
        x, y = chance.randrange(20, 380), chance.randrange(258, 320)
        pen.ellipse((x, y, x + 110, y + 26), fill=(86, 120, 150))


def lamp(pen: ImageDraw.ImageDraw, chance: random.Random, *, done: bool) -> None:
    """A street lamp at night: dark, or lit."""
    pen.rectangle((0, 0, *SIZE), fill=(28, 34, 58))
    pen.rectangle((0, GROUND + 30, *SIZE), fill=(52, 54, 60))
    x = 200 + chance.randrange(40)
    if done:
        pen.polygon([(x + 50, 92), (x - 40, 330), (x + 150, 330)], fill=(96, 92, 70))
    pen.rectangle((x, 80, x + 8, 320), fill=(120, 124, 130))
    pen.rectangle((x, 80, x + 60, 87), fill=(120, 124, 130))
    pen.ellipse((x + 36, 84, x + 68, 102), fill=(255, 236, 150) if done else (60, 62, 70))


SCENE = {
    "heap": heap,
    "pit": pit,
    "car": car,
    "house": house,
    "fire": fire,
    "water": water,
    "lamp": lamp,
}
