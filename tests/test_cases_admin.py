"""The catalogue in the admin: the system administrator keeps it, the others read it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin

from cases import items
from cases.models import Case, Item, ItemLimit, Ladder, Photo, State
from governance.models import Unit, User
from tests.builders import World, create_unit, moment, queries
from tests.case_builders import MONDAY, create_case, create_item, move
from tests.clients import browser

LIST = "/admin/cases/item/"


@pytest.fixture
def item(world: World) -> Item:
    create_item(department=world.police, code="0201", name="井盖缺失", words=["窨井"])
    return create_item(department=world.sanitation)


def form_of(user: User, path: str) -> dict[str, Any]:
    """What the page's form would send unchanged."""
    answer = browser(user).get(path)
    assert answer.status_code == 200
    form = answer.context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    for formset in answer.context["inline_admin_formsets"]:
        inner = formset.formset
        sent |= {f"{inner.prefix}-{k}": v for k, v in inner.management_form.initial.items()}
        for row in inner.forms:
            sent |= {f"{row.prefix}-{name}": row[name].value() for name in row.fields}
    words = sent.get("words")
    if isinstance(words, list):
        sent["words"] = "、".join(words)
    return {name: value for name, value in sent.items() if value is not None and value is not False}


def save(user: User, path: str, **changes: Any) -> Any:
    sent = form_of(user, path) | changes
    return browser(user).post(path, sent)


def errors(answer: Any) -> str:
    assert answer.status_code == 200
    html = answer.content.decode()
    return " ".join(re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', html, re.DOTALL))


def shown(user: User, query: str = "") -> list[str]:
    answer = browser(user).get(LIST + query)
    assert answer.status_code == 200
    return [row.code for row in answer.context["cl"].result_list]


def test_items_are_found_by_code_name_words_and_filters(world: World, item: Item) -> None:
    who = world.system_admin

    assert shown(who) == ["0101", "0201"]
    assert shown(who, "?q=垃圾") == ["0101"]
    assert shown(who, "?q=乱倒") == ["0101"]
    assert shown(who, "?q=窨井") == ["0201"]
    assert shown(who, "?q=0201") == ["0201"]
    assert shown(who, f"?department__id__exact={world.police.pk}") == ["0201"]
    assert shown(who, "?remit__exact=upper") == []
    assert shown(who, f"?item_class__id__exact={item.item_class_id}") == ["0101", "0201"]
    assert shown(who, "?dispatch__exact=automatic") == ["0101", "0201"]


def test_the_list_makes_as_many_queries_for_three_items_as_for_one(world: World) -> None:
    client = browser(world.system_admin)

    for number in (1, 3):
        for code in range(Item.objects.count(), number):
            create_item(department=world.sanitation, code=f"09{code}", name=f"第{code}项")
        client.get(LIST)
        with queries(11):
            answer = client.get(LIST)
        assert len(answer.context["cl"].result_list) == number


def test_only_the_system_administrator_changes(world: World, item: Item) -> None:
    path = f"{LIST}{item.pk}/change/"

    for who in (world.security_admin, world.audit_admin):
        assert shown(who) == ["0101", "0201"]
        html = browser(who).get(path).content.decode()
        assert "_save" not in html
        assert browser(who).post(path, {"name": "x"}).status_code == 403
        assert browser(who).get(f"{LIST}add/").status_code == 403
    for who in (world.clerk, world.leader):
        assert browser(who).get(LIST, follow=True).status_code == 403
    assert browser().get(LIST).status_code == 302
    item.refresh_from_db()
    assert item.name == "暴露垃圾"


def test_nobody_deletes(world: World, item: Item) -> None:
    for path in (f"{LIST}{item.pk}/delete/", f"/admin/cases/ladder/{item.ladder_id}/delete/"):
        assert browser(world.system_admin).get(path).status_code == 403


def test_cases_and_photos_are_not_in_the_admin(world: World) -> None:
    case = create_case(world)

    assert not admin.site.is_registered(Case)
    assert not admin.site.is_registered(Photo)
    for who in (world.system_admin, world.security_admin, world.audit_admin):
        assert browser(who).get("/admin/cases/case/").status_code == 404
        html = browser(who).get("/admin/").content.decode()
        assert case.number not in html


def test_an_edited_item_is_used_at_once(world: World, item: Item) -> None:
    answer = save(
        world.system_admin,
        f"{LIST}{item.pk}/change/",
        name="成堆垃圾",
        words="垃圾，乱倒垃圾 垃圾堆、垃圾堆",
        joint=[world.police.pk],
        dispatch="manual",
    )

    assert answer.status_code == 302, errors(answer)
    facts = items.facts(item.pk)
    assert (facts.name, facts.code) == ("成堆垃圾", "0101")
    assert facts.words == ("垃圾", "乱倒垃圾", "垃圾堆")
    assert facts.joint_ids == (world.police.pk,)
    assert not facts.automatic


def test_the_code_is_given_once(world: World, item: Item) -> None:
    save(world.system_admin, f"{LIST}{item.pk}/change/", code="9999")

    item.refresh_from_db()
    assert item.code == "0101"


def test_a_new_limit_moves_no_case_before_it_was_confirmed(world: World, item: Item) -> None:
    case = create_case(world, item=item)
    due = case.stage_due_at
    path = f"{LIST}{item.pk}/change/"
    stages = list(item.limits.order_by("pk").values_list("stage", flat=True))
    sent = {f"limits-{stages.index(stage)}-amount": 8 for stage in ("accept", "sign")}

    asked = save(world.system_admin, path, **sent)

    assert "1 件在办事件" in asked.content.decode()
    case.refresh_from_db()
    assert case.stage_due_at == due
    answer = save(world.system_admin, path, **sent, _confirmed="1")
    assert answer.status_code == 302, errors(answer)
    case = move(case, "accept", by=world.clerk, now=MONDAY)  # and dispatched automatically
    assert case.state == State.DISPATCHED
    assert case.stage_due_at == moment("2026-03-03 09:30")


def test_what_the_catalogue_cannot_bear_is_refused(world: World, item: Item) -> None:
    path = f"{LIST}{item.pk}/change/"

    client, form = browser(world.system_admin), form_of(world.system_admin, path)

    for changes, said in (
        ({"remit": "upper"}, "须写明上级牵头部门"),
        ({"remit": "support", "upper_department": ""}, "须写明上级牵头部门"),
        ({"joint": [world.sanitation.pk]}, "不必再列为配合部门"),
        ({"words": "长" * 21}, "不超过 20 字"),
        ({"name": "井盖缺失"}, "已存在"),
        ({"department": world.community.pk}, "选择"),
        ({"limits-0-amount": 0}, "时限须大于 0。"),
        ({"limits-1-stage": "accept"}, "同一天起已有一行"),
    ):
        assert said in errors(client.post(path, form | changes)), changes

    item.refresh_from_db()
    assert (item.remit, item.name, item.joint.count()) == ("basic", "暴露垃圾", 0)


def test_a_department_that_is_no_more_is_not_offered(world: World, item: Item) -> None:
    ended = create_unit(kind="department", name="旧所", parent=world.district)
    Unit.objects.filter(pk=ended.pk).update(valid_to="2026-01-01")

    html = browser(world.system_admin).get(f"{LIST}{item.pk}/change/").content.decode()

    assert "派出所" in html
    assert "旧所" not in html


def test_the_two_lists_of_departments_explain_themselves_in_chinese(world: World) -> None:
    words = browser(world.system_admin).get("/admin/jsi18n/").content.decode()

    for said in ("选中%s后点向右的箭头加入。", "选中%s后点向左的箭头移除。"):
        assert said.encode("unicode_escape").decode() in words or said in words


def test_a_new_item_may_be_reported(world: World, item: Item) -> None:
    path = f"{LIST}add/"
    answer = save(
        world.system_admin,
        path,
        code="0301",
        item_class=item.item_class_id,
        name="占道经营",
        name_en="Street trading",
        form="event",
        words="摆摊",
        remit="basic",
        admission="占用道路",
        closing="已撤离",
        department=world.police.pk,
        dispatch="automatic",
        ladder=item.ladder_id,
        source="演示",
        is_active="on",
        **{
            "limits-TOTAL_FORMS": 1,
            "limits-0-stage": "handle",
            "limits-0-amount": 4,
            "limits-0-unit": "working_hours",
        },
    )

    assert answer.status_code == 302, errors(answer)
    (found,) = items.find("摆摊")
    assert (found.code, dict(found.limits)["handle"].amount) == ("0301", 4)
    assert ItemLimit.objects.get(item__code="0301").unit == "working_hours"


def test_the_ladder_and_its_shares(world: World, item: Item) -> None:
    path = f"/admin/cases/ladder/{item.ladder_id}/change/"
    shares = {"remind_percent": "80、50，50"}

    answer = save(world.system_admin, path, **shares, **{"steps-1-after": 4})

    assert answer.status_code == 302, errors(answer)
    facts = items.facts(item.pk)
    assert facts.remind_percent == (50, 80)
    assert [(step.after.amount, step.to) for step in facts.steps] == [
        (0, "community"),
        (4, "street"),
        (2, "district"),
    ]
    client, form = browser(world.system_admin), form_of(world.system_admin, path)
    for wrong in ("0", "100", "x", "-5"):
        assert "1 至 99" in errors(client.post(path, form | {"remind_percent": wrong})), wrong
    assert Ladder.objects.get().remind_percent == [50, 80]


def test_classes(world: World, item: Item) -> None:
    path = f"/admin/cases/itemclass/{item.item_class_id}/change/"

    assert save(world.system_admin, path, name="市容").status_code == 302

    assert items.facts(item.pk).class_name == "市容"
    assert browser(world.audit_admin).get("/admin/cases/itemclass/").status_code == 200
