"""One log-in of each role, and where each begins: what `make run` prints at the end."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from cases.demo.organisation import PASSWORD
from governance import clock
from governance.models import Post, UnitKind
from governance.permissions import ADMINISTRATORS, FIELD, VOLUNTEERS
from governance.roles import Role

HEAD = ("用户名", "密码", "角色", "单位", "从哪里进")


def rows() -> Iterator[tuple[str, ...]]:
    """The user of each role whose name is the role's code, in the order of the roles."""
    held = Post.objects.valid(clock.today()).filter(user__username__in=Role.values)
    by_role = {post.role: post for post in held.select_related("user", "unit")}
    for role in Role:
        post = by_role.get(role)
        if post is not None and post.user is not None:
            yield post.user.username, PASSWORD, str(role.label), post.unit.name, way_in(role)
    # who answers at the district, for the platform too, is a second one of the role
    above = Post.objects.valid(clock.today()).filter(unit__kind=UnitKind.DISTRICT)
    post = above.filter(role=Role.SUPERVISOR).select_related("user", "unit").first()
    if post is not None and post.user is not None:
        label = str(Role.SUPERVISOR.label)
        yield post.user.username, PASSWORD, label, post.unit.name, way_in(Role.SUPERVISOR)


def way_in(role: Role) -> str:
    """Where the page after the log-in leads (governance/views/desk.py: home)."""
    if role in ADMINISTRATORS:
        return "/admin/"
    return "/m/" if role in FIELD | VOLUNTEERS else "/"


def table() -> str:
    """The log-ins in columns, and what needs none."""
    lines = [HEAD, *rows()]
    widths = [max(width(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        [
            *(aligned(line, widths) for line in lines),
            "",
            "居民随手拍、查进度，不用登录 · residents, without a log-in: /report/",
            "手机页面也可在电脑上打开 · the phone's pages open on a computer, too: /m/",
            "区、街道、社区的名称与代码以外均为虚构 · all else than their names is invented",
        ]
    )


def aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (c + " " * (w - width(c)) for c, w in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def width(text: str) -> int:
    """How many columns a terminal gives it: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)
