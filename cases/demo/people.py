"""Invented names. Whoever is really called so is not meant; the demo marks each with 演示."""

from __future__ import annotations

import random
from collections.abc import Iterator

MARK = "（演示）"
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋"
FIRST = "建国文志海晓明红秀玉桂振立永春雪思雨子佳俊德光家世景云庆福新"
SECOND = "华英军芳伟丽强敏静杰娟勇艳涛霞超平刚辉玲斌梅凯琳健洁鹏宇晨欣"


def names(chance: random.Random) -> Iterator[str]:
    """Different names, without end as far as a demo goes."""
    used = set()
    while True:
        name = chance.choice(FAMILY) + chance.choice(FIRST) + chance.choice(SECOND)
        if name not in used:
            used.add(name)
            yield name + MARK
