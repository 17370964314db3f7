"""Two administrators at one page, and one who looks again at what was filled in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cases.models import Item, ItemLimit
from governance.models import Unit, UnitChange, User
from tests.builders import World, create_user, moment, shift_clock
from tests.case_builders import create_case, create_item
from tests.clients import browser
from tests.visitor import Forms

BUTTONS = {"_save", "_continue", "_addanother", "_confirmed", "_again"}


@pytest.fixture
def item(world: World) -> Item:
    return create_item(department=world.sanitation)


def fields(answer: Any) -> dict[str, str]:
    """What the page's form holds, before a button is chosen."""
    assert answer.status_code == 200
    read = Forms()
    read.feed(answer.content.decode())
    (form,) = (form for form in read.found if BUTTONS & form.values.keys())
    unsaid = {*BUTTONS, "joint"}  # of a list to choose several from, the reader takes one
    return {name: value for name, value in form.values.items() if name not in unsaid}


class Page:
    """A page that somebody has open."""

    def __init__(self, user: User, path: str) -> None:
        self.client, self.path = browser(user), path
        self.values = fields(self.client.get(path))

    def send(self, button: str = "_save", /, **typed: object) -> Any:
        answer = self.client.post(self.path, {**self.values, **typed, button: "1"})
        if answer.status_code == 200:
            self.values = fields(answer)
        return answer


def page_of(user: User, row: Any) -> Page:
    return Page(user, f"/admin/{row._meta.label_lower.replace('.', '/')}/{row.pk}/change/")


@pytest.fixture
def colleague(world: World) -> User:
    unit = world.system_admin.posts.get().unit
    return create_user(name="马建国", role="system_admin", unit=unit)


def text(answer: Any) -> str:
    page: str = answer.content.decode()
    return page


def test_the_second_to_save_does_not_undo_the_first(
    world: World, item: Item, colleague: User
) -> None:
    first, second = page_of(colleague, item), page_of(world.system_admin, item)
    assert first.send(closing="无垃圾 & 已拍照").status_code == 302

    refused = second.send(name_en="Rubbish lying about")

    assert "本条内容已被马建国更新，请核对后重新保存。" in text(refused)
    assert "现已保存为：无垃圾 &amp; 已拍照" in text(refused)
    assert second.values["name_en"] == "Rubbish lying about"
    item.refresh_from_db()
    assert (item.closing, item.name_en) == ("无垃圾 & 已拍照", "Item 0101")
    assert second.send(closing=item.closing).status_code == 302
    item.refresh_from_db()
    assert (item.closing, item.name_en) == ("无垃圾 & 已拍照", "Rubbish lying about")


def test_what_changed_while_it_was_asked_is_not_undone(
    world: World, item: Item, colleague: User
) -> None:
    create_case(world, item=item)
    first, second = page_of(colleague, item), page_of(world.system_admin, item)
    stages = list(item.limits.order_by("pk").values_list("stage", flat=True))
    limit = f"limits-{stages.index('accept')}-amount"
    assert "保存前请确认" in text(second.send(**{limit: 8}))
    first.send(**{limit: 9})
    assert first.send("_confirmed").status_code == 302

    refused = second.send("_confirmed")

    assert "已被马建国更新" in text(refused)
    assert "现已保存为：9" in text(refused)
    assert second.values[limit] == "8"
    assert ItemLimit.objects.get(item=item, stage="accept").amount == 9


def test_a_form_sent_twice_is_saved_once_and_not_refused(world: World, item: Item) -> None:
    page = page_of(world.system_admin, item)

    answers = [page.send(closing="现场无垃圾") for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]


def test_a_unit_is_not_renamed_back(world: World, colleague: User) -> None:
    first, second = (page_of(who, world.community) for who in (colleague, world.system_admin))
    first.send(name="军丽园一社区")

    refused = second.send(is_police="false")

    assert "已被马建国更新" in text(refused)
    assert Unit.objects.get(pk=world.community.pk).name == "军丽园一社区"


# Back to the form -------------------------------------------------------------------------------


def test_who_looks_again_finds_what_was_filled_in(world: World, item: Item) -> None:
    create_case(world, item=item)
    page = page_of(world.system_admin, item)
    stages = list(item.limits.order_by("pk").values_list("stage", flat=True))
    limit = f"limits-{stages.index('accept')}-amount"
    page.send(closing="现场无垃圾", **{limit: 8})

    again = page.send("_again")

    assert "errorlist" not in text(again)
    assert "errornote" not in text(again)
    assert (page.values["closing"], page.values[limit]) == ("现场无垃圾", "8")
    item.refresh_from_db()
    assert item.closing != "现场无垃圾"
    assert "保存前请确认" in text(page.send())
    assert page.send("_confirmed").status_code == 302
    item.refresh_from_db()
    assert item.closing == "现场无垃圾"


def test_who_looks_again_at_a_merge_finds_it_filled_in(world: World) -> None:
    shift_clock(to=moment("2026-06-01 10:00"))
    page = Page(world.system_admin, "/admin/governance/unitchange/add/")
    merge = {
        "kind": "merge",
        "unit": str(world.community.pk),
        "into": str(world.other_community.pk),
        "effective": "2026-06-01",
        "reason": "区委编办〔2026〕1号",
    }
    assert "核对变更" in text(page.send(**merge))

    again = page.send("_again")

    assert "errorlist" not in text(again)
    assert merge.items() <= page.values.items()
    assert not UnitChange.objects.exists()


# Counting ---------------------------------------------------------------------------------------


def test_every_list_counts_its_filters(world: World) -> None:
    item = create_item(department=world.sanitation)
    create_case(world, item=item)
    for user in (world.system_admin, world.security_admin, world.audit_admin):
        client: Client = browser(user)
        listed = client.get("/admin/").context["app_list"]
        lists = [model["admin_url"] for app in listed for model in app["models"]]
        for path in (path for path in lists if not path.endswith("event/")):
            assert client.get(path, {"_facets": "True"}).status_code == 200, path
    chosen = {"_facets": "True", "district": str(world.district.pk), "street": "²"}
    assert browser(world.system_admin).get("/admin/governance/unit/", chosen).status_code == 200
