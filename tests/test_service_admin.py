"""The service items in the admin: the system administrator keeps guide, materials and form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import translation

from cases import service_items
from cases.models import ServiceItem
from tests.builders import World, create_unit, queries, shift_clock
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.test_services import SCHEMA, create_service_item, entrust

LIST = "/admin/cases/serviceitem/"
FORM = {
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": ["新办", "换发"], "title": "办理类型"},
        "address": {"type": "string", "maxLength": 100, "title": "居住地址"},
    },
}


def sent(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "code": "permit",
        "name": "养犬登记",
        "name_en": "Dog licence",
        "department": world.police.pk,
        "conditions": "本区常住",
        "days": "3",
        "unit": "working_days",
        "schema": json.dumps(FORM, ensure_ascii=False),
        "is_active": "on",
        "materials-count": "3",
        "materials-0-name": "身份证",
        "materials-0-needed": "on",
        "materials-0-note": "原件",
        "materials-1-name": "免疫证明",
        **changes,
    }


def errors(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.context["errors"])


def test_a_new_item_may_be_asked_for(world: World) -> None:
    client = browser(world.system_admin)
    page = client.get(f"{LIST}add/").content.decode()
    assert page.count('maxlength="200"') == 5

    answer = client.post(f"{LIST}add/", sent(world))

    assert answer.status_code == 302, errors(answer)
    item = service_items.by_code("permit")
    assert item is not None
    assert [(m.name, m.needed, m.note) for m in item.materials] == [
        ("身份证", True, "原件"),
        ("免疫证明", False, ""),
    ]
    assert item.schema["x-order"] == ["kind", "address"]
    assert item.schema["additionalProperties"] is False
    form = browser(world.grid_worker).get("/services/new/permit/").content.decode()
    assert form.index("办理类型") < form.index("居住地址")


def test_an_item_is_edited_in_place(world: World) -> None:
    item = create_service_item(world.sanitation)
    client, path = browser(world.system_admin), f"{LIST}{item.pk}/change/"
    page = client.get(path)
    form = page.context["adminform"].form
    shown = json.loads(form["schema"].value())
    assert list(shown["properties"]) == SCHEMA["x-order"]
    assert set(shown) == {"required", "properties"}
    unchanged = sent(world, schema=form["schema"].value(), code="x", name="老年证")

    answer = client.post(path, {**unchanged, "materials-1-name": "", "days": "9"})

    assert answer.status_code == 302, errors(answer)
    item.refresh_from_db()
    assert (item.code, item.name, item.days) == ("senior-card", "老年证", 9)
    assert (item.schema, len(item.materials)) == (SCHEMA, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": "{"}, "JSON"),
        ({"schema": "[]"}, "$：须为 JSON 对象"),
        ({"schema": "{}"}, "properties：至少要有一个字段"),
        (
            {"schema": '{"properties": {"kind": {"type": "string", "title": "类型"}}}'},
            "properties.kind：文本须有 maxLength",
        ),
        (
            {"schema": '{"properties": {"n": {"type": "integer", "title": "数", "minimum": "1"}}}'},
            "properties.n.minimum：",
        ),
        ({"schema": '{"properties": {"n": {"type": ["string"]}}}'}, "properties.n.type："),
        ({"schema": '{"required": ["z"], "properties": {}}'}, "properties：至少"),
        ({"materials-count": "0"}, "请至少填写一项材料"),
        ({"materials-count": "x"}, "请至少填写一项材料"),
        ({"materials-1-name": "身份证"}, "材料重复：身份证"),
        ({"materials-1-name": "", "materials-1-note": "见说明"}, "须有名称"),
        ({"materials-1-name": "长" * 61}, "不超过 60 字"),
        ({"days": "0"}, "时限须大于 0。"),
    ],
)
def test_what_a_guide_cannot_bear_is_refused(
    world: World, changes: dict[str, str], said: str
) -> None:
    with translation.override("zh-hans"):
        answer = browser(world.system_admin).post(f"{LIST}add/", sent(world, **changes))

    assert said in errors(answer)
    assert not ServiceItem.objects.exists()


def test_only_departments_of_today_are_offered(world: World) -> None:
    ended = create_unit(kind="department", name="旧所", parent=world.district)
    type(ended).objects.filter(pk=ended.pk).update(valid_to="2026-01-01")
    client = browser(world.system_admin)

    page = client.get(f"{LIST}add/").content.decode()

    assert "派出所" in page
    assert "旧所" not in page
    for unit in (ended, world.community):
        answer = client.post(f"{LIST}add/", sent(world, department=unit.pk))
        assert "选择" in errors(answer)


def test_only_the_system_administrator_changes(world: World) -> None:
    item = create_service_item(world.sanitation)
    path = f"{LIST}{item.pk}/change/"

    for who in (world.security_admin, world.audit_admin):
        html = browser(who).get(path).content.decode()
        assert "居民身份证 · 必需 原件" in html
        assert "出生日期 (birth_date)" in html
        assert "_save" not in html
        assert browser(who).post(path, sent(world)).status_code == 403
        assert browser(who).get(f"{LIST}add/").status_code == 403
    for who in (world.clerk, world.handler):
        assert browser(who).get(LIST, follow=True).status_code == 403
    assert browser(world.system_admin).get(f"{LIST}{item.pk}/delete/").status_code == 403
    item.refresh_from_db()
    assert item.name == "老年优待证"


def test_the_list_makes_as_many_queries_for_three_items_as_for_one(world: World) -> None:
    client = browser(world.system_admin)

    for number in (1, 3):
        for n in range(ServiceItem.objects.count(), number):
            create_service_item(world.sanitation, code=f"item-{n}", name=f"第{n}项")
        client.get(LIST)
        with queries(10):
            answer = client.get(LIST)
        assert len(answer.context["cl"].result_list) == number


def test_what_was_given_under_the_old_guide_stays_to_be_seen(world: World) -> None:
    shift_clock(to=MONDAY)
    request = entrust(world)
    item = ServiceItem.objects.get()
    changed = sent(world, code="x", name=item.name, name_en=item.name_en)
    path = f"{LIST}{item.pk}/change/"
    assert browser(world.system_admin).post(path, changed).status_code == 302
    client, url = browser(world.handler), f"/services/{request.number}/"

    page = client.get(url).content.decode()
    shown = client.post(f"{url}reveal/", {"reason": "核对"}).content.decode()

    assert "居民身份证" in page
    assert "指南已不要求" in page
    assert "<dt>birth_date</dt><dd>1950-05-01</dd>" in shown
