"""What every page carries: where one can go, who one is, what is unread."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from governance import clock, permissions, units
from governance.models import Message
from governance.roles import Role


class Entry(NamedTuple):
    label: str | Promise
    url_name: str
    icon: str
    permission: str
    within: str = ""  # whose permission finds it within another entry


INBOXES = {"inbox", "phone:inbox"}
# Group by group, with a line between: cases, people, places, and what is about all of them.
DESK = (
    (
        Entry(pgettext_lazy("several", "事件"), "desk:queue", "list", "case.see"),
        Entry(_("登记事件"), "desk:case_new", "plus", "case.report"),
        Entry(_("回访"), "desk:callbacks", "phone", "case.call_back"),
        Entry(_("一站式接待"), "desk:reception", "users", "case.call_back"),
        Entry(_("办事代办"), "desk:services", "clipboard-check", "service.see"),
        Entry(_("专项行动"), "desk:campaigns", "clipboard-text", "campaign.see"),
        Entry(_("建议"), "desk:suggestions", "message", "suggestion.see"),
        Entry(_("责任追究"), "desk:reviews", "user-check", "case.see"),
    ),
    (
        Entry(_("人口"), "people:list", "id", "person.see"),
        Entry(_("走访"), "people:visits", "walk", "visit.see"),
        Entry(_("个人信息权利"), "rights:list", "key", "right.erase"),
        Entry(_("人口导出"), "exports:list", "file-spreadsheet", "export.see"),
    ),
    (
        Entry(_("事件地图"), "desk:map", "map-pin", "case.see"),
        Entry(_("网格地图"), "grids:map", "map-2", "grid.see"),
        Entry(_("楼栋房屋"), "places:buildings", "building", "place.see"),
        Entry(_("公共部件"), "places:facilities", "tool", "facility.see", "place.see"),
        Entry(_("批量导入"), "places:imports", "upload", "place.import"),
    ),
    (
        Entry(_("消息"), "inbox", "bell", "message.see"),
        Entry(_("办理情况"), "desk:figures", "chart-bar", "figures.see"),
        Entry(_("派遣规则"), "desk:rules", "route", "rule.see"),
        Entry(_("管理后台"), "admin:index", "settings", "admin.enter"),
        Entry(_("权限表"), "permissions", "shield", "permission.see"),
    ),
)
PHONE = (
    (
        Entry(_("任务"), "phone:tasks", "list", "case.see"),
        Entry(_("上报"), "phone:report", "camera", "case.report"),
        Entry(_("办事"), "phone:services", "clipboard-check", "service.see"),
        Entry(_("人口"), "people_phone:list", "id", "person.see"),
        Entry(_("行动"), "phone:campaigns", "clipboard-text", "campaign.see"),
        Entry(_("消息"), "phone:inbox", "bell", "message.see"),
    ),
)


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: navigation, posts, unread, the map's settings."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"navigation": "", "unread": 0}
    unread = Message.objects.unread().filter(recipient=request.user).count()
    posts = permissions.posts_of(request.user)
    roles, phone = frozenset(post.role for post in posts), request.path.startswith("/m/")
    aside = opinions_url(request)
    groups = links_of(roles, phone=phone)
    # the page of opinions is opened from the account menu: it belongs to no entry
    here = "" if aside and request.path.startswith(aside) else nearest(groups, request.path)
    return {
        "navigation": navigation(get_language(), roles, here, unread, phone=phone),
        "home_url": groups[0][0].url if groups else "/",
        "unread": unread,
        "server_now": clock.now,
        "opinions_url": aside,
        "posts": [f"{Role(post.role).label} · {units.name_of(post.unit_id)}" for post in posts],
        "map_tiles": settings.MAP_TILES,
        "map_attribution": settings.MAP_ATTRIBUTION,
    }


def opinions_url(request: HttpRequest) -> str:
    """Where one says what one thinks of the platform, from the account menu; "" for who may not."""
    if not permissions.may(request.user, "platform.suggest"):
        return ""
    return reverse("phone:opinions" if request.path.startswith("/m/") else "desk:opinions")


class Link(NamedTuple):
    entry: Entry
    url: str


@lru_cache(maxsize=200)
def links_of(roles: frozenset[str], *, phone: bool) -> list[list[Link]]:
    """The entries that holders of these roles may open, in groups; none is empty."""
    groups = [
        [
            Link(entry, reverse(entry.url_name))
            for entry in group
            if gives(roles, entry.permission) and not gives(roles, entry.within)
        ]
        for group in (PHONE if phone else DESK)
    ]
    return [group for group in groups if group]


def gives(roles: frozenset[str], code: str) -> bool:
    return bool(code) and not roles.isdisjoint(permissions.TABLE[code].roles)


ROOTS = ("/", "/m/")


def is_above(url: str, path: str) -> bool:
    """Whether a page belongs to an entry; to the two at the roots, only cases do."""
    if url in ROOTS:
        return path == url or path.startswith(f"{url}cases/")
    return path.startswith(url)


def nearest(groups: list[list[Link]], path: str) -> str:
    """The address nearest above the page: its entry is the active one."""
    above = (link.url for group in groups for link in group if is_above(link.url, path))
    return max(above, key=len, default="")


@lru_cache(maxsize=500)
def navigation(
    language: str | None, roles: frozenset[str], here: str, unread: int, *, phone: bool
) -> SafeString:
    """The list of entries as HTML. Kept: it is a quarter of what a page costs, and the same for all
    who hold these roles, are at this entry and have as much unread."""
    groups = [
        [
            {
                "label": entry.label,
                "url": url,
                "icon": entry.icon,
                "active": url == here,
                "badge": unread if entry.url_name in INBOXES and unread else "",
            }
            for entry, url in group
        ]
        for group in links_of(roles, phone=phone)
    ]
    name = "includes/navigation_phone.html" if phone else "includes/navigation.html"
    return render_to_string(name, {"groups": groups})
