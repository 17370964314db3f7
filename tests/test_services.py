"""办事代办: from the mandate to the visit, by the verb and on the pages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cases import (
    entrusting,
    schemas,
    service_catalogue,
    service_clock,
    service_items,
    service_moves,
    service_papers,
    services,
)
from cases.entrusting import Brought, Mandate
from cases.errors import Changed, NotAllowed
from cases.models import Paper, PaperKind, Regulation, ServiceItem, ServiceRequest, ServiceState
from cases.schemas import BadAnswers
from governance import timers, workcalendar
from governance.models import AccessRecord, CalendarDay, Delivery, Message, Timer, Unit, User
from tests.builders import (
    World,
    create_post,
    create_unit,
    create_user,
    create_world,
    kinds_told,
    moment,
    queries,
    shift_clock,
)
from tests.case_builders import MONDAY, create_case, picture
from tests.clients import KEY, browser
from tests.test_papers import words

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["birth_date", "kind"],
    "x-order": ["kind", "birth_date", "floor", "alone", "address"],
    "properties": {
        "kind": {"type": "string", "enum": ["新办", "补办"], "title": "办理类型"},
        "birth_date": {"type": "string", "format": "date", "title": "出生日期"},
        "floor": {"type": "integer", "minimum": 1, "maximum": 60, "title": "楼层"},
        "alone": {"type": "boolean", "title": "独居"},
        "address": {"type": "string", "maxLength": 10, "title": "居住地址"},
    },
}
ANSWERS = {"kind": "新办", "birth_date": "1950-05-01"}
FRIDAY = moment("2026-03-06 16:30")
HOUR = timedelta(hours=1)


def create_service_item(department: Unit, **fields: Any) -> ServiceItem:
    return ServiceItem.objects.create(
        **{
            "code": "senior-card",
            "name": "老年优待证",
            "name_en": "Senior citizen card",
            "department": department,
            "conditions": "年满60周岁",
            "materials": [
                {"name": "居民身份证", "needed": True, "note": "原件"},
                {"name": "居住证", "needed": False, "note": ""},
            ],
            "days": 5,
            "unit": "working_days",
            "schema": SCHEMA,
            **fields,
        }
    )


def entrust(world: World, *, by: User | None = None, **fields: Any) -> ServiceRequest:
    """A mandate that the grid worker took, with what is needed."""
    item = ServiceItem.objects.first() or create_service_item(world.sanitation)
    given = {"now": MONDAY, "key": None, **fields}
    options = {name: given.pop(name) for name in ("now", "key")}
    mandate = Mandate(
        item=service_items.facts(item.pk),
        **{
            "name": "李老太",
            "phone": "13912345678",
            "answers": ANSWERS,
            "materials": (Brought("居民身份证"),),
            "grid_id": world.grid.pk if by is None else None,
            **given,
        },
    )
    return entrusting.entrust(mandate, by=by or world.grid_worker, **options)


def take(
    world: World,
    request: ServiceRequest,
    action: str,
    who: str,
    now: datetime = MONDAY,
    **more: Any,
) -> ServiceRequest:
    return services.take(request, action, by=getattr(world, who), now=now, **more)


def handling(world: World, now: datetime = MONDAY) -> ServiceRequest:
    request = entrust(world, now=now)
    take(world, request, "accept", "handler", now)
    return take(world, request, "start", "handler", now)


# The life ---------------------------------------------------------------------------------------


def test_from_the_mandate_to_the_visit(world: World) -> None:
    shift_clock(to=MONDAY)
    request = entrust(world)
    assert kinds_told(world.handler) == ["service.turn"]

    request = take(world, request, "accept", "handler")
    assert request.due_at == moment("2026-03-09 17:30")  # five working days from Monday
    take(world, request, "start", "handler")
    request = take(world, request, "deliver", "grid_worker", MONDAY + HOUR, outcome="done")
    assert (request.kept, request.due_at) == (True, None)
    assert not Timer.objects.open().filter(kind=service_clock.OVERDUE).exists()

    request = take(world, request, "archive", "department_lead", MONDAY + HOUR)
    shift_clock(to=MONDAY + timedelta(days=8))
    timers.sweep()
    assert kinds_told(world.grid_worker)[-1] == "service.visit"
    request = take(world, request, "visit", "grid_worker", satisfied=True, note="很满意")

    assert (request.state, request.satisfied) == ("visited", True)
    assert list(request.steps.order_by("pk").values_list("action", flat=True)) == [
        "entrust",
        "accept",
        "start",
        "deliver",
        "archive",
        "visit",
    ]
    assert request.materials.get().name == "居民身份证"


def test_the_table_can_be_printed() -> None:
    with translation.override("zh-hans"):
        lines = list(service_moves.lines())

    assert lines[0] == "受理申请：委托 → 已受理；service.handle；必需材料已收齐"
    assert len(lines) == len(service_moves.MOVES)


def test_a_supplement_pauses_the_clock_across_a_weekend(world: World) -> None:
    request = handling(world)
    assert request.due_at == moment("2026-03-09 17:30")

    request = take(world, request, "ask", "handler", FRIDAY, note="照片不清楚")
    assert (request.state, request.due_at) == ("supplement", None)
    assert kinds_told(world.grid_worker) == ["service.turn"]
    monday = moment("2026-03-09 09:00")
    request = take(world, request, "supplement", "grid_worker", monday)

    # an hour of Friday and Monday's seven and a half were left; Monday gave seven of them
    assert request.state == ServiceState.HANDLING
    assert request.due_at == moment("2026-03-10 10:00")
    assert Timer.objects.open().get(kind=service_clock.OVERDUE).due_at == request.due_at


def test_what_is_late_is_told_to_whose_turn_it_is_and_to_the_station(world: World) -> None:
    shift_clock(to=MONDAY)
    request = handling(world)
    shift_clock(to=moment("2026-03-09 18:00"))

    timers.sweep()

    request.refresh_from_db()
    assert request.overdue_at == moment("2026-03-09 17:30")
    assert kinds_told(world.handler)[-1] == "service.overdue"
    assert kinds_told(world.station_lead)[-1] == "service.overdue"
    assert "service.overdue" not in kinds_told(world.clerk)
    message = Message.objects.filter(kind="service.overdue").first()
    assert message is not None
    assert "李" not in str(message.params)
    late = take(world, request, "deliver", "handler", moment("2026-03-10 09:00"), outcome="done")
    assert late.kept is False


def test_a_new_holiday_moves_the_due_moment(world: World) -> None:
    shift_clock(to=MONDAY)
    request = handling(world)
    CalendarDay.objects.create(day=date(2026, 3, 9), kind="rest", name="演示放假")
    workcalendar.changed(MONDAY)

    timers.sweep()
    timers.sweep()

    request.refresh_from_db()
    assert request.due_at == moment("2026-03-10 17:30")
    assert Timer.objects.open().get(kind=service_clock.OVERDUE).due_at == request.due_at


def test_nothing_is_told_of_what_was_paused(world: World) -> None:
    shift_clock(to=MONDAY)
    request = handling(world)
    take(world, request, "ask", "handler", note="缺照片")
    shift_clock(to=moment("2026-03-20 09:00"))

    timers.sweep()

    assert "service.overdue" not in kinds_told(world.handler)


def test_it_is_not_accepted_before_the_needed_materials_are_there(world: World) -> None:
    request = entrust(world, materials=[])

    with pytest.raises(NotAllowed, match="居民身份证"):
        take(world, request, "accept", "handler")
    request = take(world, request, "ask", "handler", note="请带身份证")
    with pytest.raises(NotAllowed, match="居民身份证"):
        take(world, request, "supplement", "grid_worker")
    entrusting.bring(request, [Brought("居民身份证")], by=world.grid_worker, now=MONDAY)
    request = take(world, request, "supplement", "grid_worker")

    assert (request.state, request.due_at) == ("entrusted", None)
    assert take(world, request, "accept", "handler").state == "accepted"


@pytest.mark.parametrize(
    ("action", "who", "state"),
    [("terminate", "handler", "terminated"), ("withdraw", "grid_worker", "withdrawn")],
)
def test_it_ends_with_a_reason(world: World, action: str, who: str, state: str) -> None:
    request = handling(world)
    take(world, request, "ask", "handler", note="缺照片")

    with pytest.raises(NotAllowed, match="说明"):
        take(world, request, action, who, note=" ")
    request = take(world, request, action, who, note="申请人已搬走")

    assert (request.state, request.reason, request.ended_at) == (state, "申请人已搬走", MONDAY)
    assert request.pauses.get().ended_at == MONDAY
    assert not Timer.objects.open().filter(kind__startswith="service.").exists()


def test_the_other_side_is_told_of_an_end(world: World) -> None:
    first, second = handling(world), handling(world)

    take(world, first, "terminate", "handler", note="不再办理此项")
    take(world, second, "withdraw", "grid_worker", note="申请人已搬走")

    assert kinds_told(world.grid_worker) == ["service.ended"]
    assert kinds_told(world.department_lead)[-2:] == ["service.ended", "service.ended"]
    assert kinds_told(world.handler)[-1] == "service.ended"
    page = browser(world.grid_worker).get("/inbox/").content.decode()
    assert "不再办理：终止" in page


def test_the_place_sets_when_who_was_helped_is_visited(world: World) -> None:
    shift_clock(to=MONDAY)
    Regulation.objects.create(valid_from=MONDAY.date(), service_visit_days=2)
    request = handling(world)

    take(world, request, "deliver", "handler", outcome="done", note="已送到家中")

    assert Timer.objects.open().get(kind="service.visit").due_at == MONDAY + timedelta(days=2)


def test_the_department_is_reminded_to_archive_before_the_visit(world: World) -> None:
    shift_clock(to=MONDAY)
    request = handling(world)
    take(world, request, "deliver", "handler", outcome="done", note="已送到家中")
    shift_clock(to=MONDAY + timedelta(days=8))

    timers.sweep()

    assert "service.visit" not in kinds_told(world.grid_worker)
    assert kinds_told(world.handler)[-1] == "service.turn"
    take(world, request, "archive", "handler")
    assert kinds_told(world.grid_worker)[-1] == "service.turn"
    with pytest.raises(NotAllowed, match="写明原因"):
        take(world, request, "visit", "grid_worker", satisfied=False)


def test_what_is_said_on_delivery_is_a_reason_only_where_it_failed(world: World) -> None:
    done, referred = handling(world), handling(world)

    done = take(world, done, "deliver", "handler", outcome="done", note="已送到家中")
    with pytest.raises(NotAllowed, match="转往何处"):
        take(world, referred, "deliver", "handler", outcome="referred")
    referred = take(world, referred, "deliver", "handler", outcome="referred", note="转市级窗口")

    assert (done.reason, referred.reason) == ("", "转市级窗口")
    assert done.steps.order_by("-pk")[0].note == "已送到家中"


def test_photos_are_counted_from_the_first_one_on(world: World) -> None:
    brought = [Brought("居民身份证", picture()) for _n in range(entrusting.PHOTOS_MOST + 1)]

    with pytest.raises(NotAllowed, match="最多 12 张"):
        entrust(world, materials=brought)

    assert not ServiceRequest.objects.exists()


def test_only_who_may_and_only_in_turn(world: World) -> None:
    request = entrust(world)

    with pytest.raises(NotAllowed, match="岗位"):
        take(world, request, "accept", "grid_worker")
    with pytest.raises(NotAllowed, match="岗位"):
        take(world, request, "accept", "police_handler")
    with pytest.raises(NotAllowed, match="送达结果"):
        take(world, request, "deliver", "handler", outcome="done")
    with pytest.raises(NotAllowed, match="fly"):
        take(world, request, "fly", "handler")
    with pytest.raises(NotAllowed, match="岗位"):
        entrust(world, by=world.handler)
    with pytest.raises(NotAllowed, match="网格"):
        entrust(world, grid_id=world.other_grid.pk)


def test_a_refusal_says_why(world: World) -> None:
    request = handling(world)

    with pytest.raises(NotAllowed, match="办理结果"):
        take(world, request, "deliver", "handler")
    with pytest.raises(NotAllowed, match="理由"):
        take(world, request, "deliver", "handler", outcome="refused")


def test_two_at_once(committed_db: Any) -> None:
    world = create_world()
    request = entrust(world)

    def act(action: str) -> str:
        try:
            services.take(request, action, by=world.handler, now=MONDAY, version=1, note="已无需要")
        except Changed:
            return "changed"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(act, ["accept", "terminate"]))

    assert results == ["changed", "done"]
    assert ServiceRequest.objects.get().steps.count() == 2


# The form ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "field", "why"),
    [
        ({"kind": "新办"}, "birth_date", "请填写"),
        ({**ANSWERS, "kind": "抢办"}, "kind", "选项"),
        ({**ANSWERS, "birth_date": "1950-13-01"}, "birth_date", "日期"),
        ({**ANSWERS, "floor": 61}, "floor", "60"),
        ({**ANSWERS, "floor": 0}, "floor", "1"),
        ({**ANSWERS, "floor": "三"}, "floor", "不符合"),
        ({**ANSWERS, "address": "一" * 11}, "address", "10"),
        ({**ANSWERS, "wish": "快"}, "", "不符合"),
    ],
)
def test_a_bad_answer_names_the_field(
    world: World, answers: dict[str, object], field: str, why: str
) -> None:
    with translation.override("zh-hans"), pytest.raises(BadAnswers) as caught:
        entrust(world, answers=answers)

    assert list(caught.value.faults) == [field]
    assert why in caught.value.faults[field]
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"properties": {}}, "properties：至少要有一个字段"),
        ({"additionalProperties": True}, "additionalProperties：须为 false"),
        ({"allOf": []}, "allOf：不支持的关键字"),
        ({"x-order": ["kind"]}, "x-order：须列出全部字段"),
        ({"required": ["wish"]}, "required：没有字段“wish”"),
        ({"required": "kind"}, "required：须为不重复的字段名列表"),
        ({"properties": {"kind": []}}, "properties.kind：须为 JSON 对象"),
        ({"properties": {"Kind": {"type": "boolean", "title": "x"}}}, "properties.Kind：字段名"),
        (
            {"properties": {"kind": {"type": "number", "title": "数"}}},
            "properties.kind.type：须为 string",
        ),
        (
            {"properties": {"kind": {"type": "string", "title": "文", "pattern": "."}}},
            "properties.kind.pattern：不支持",
        ),
        ({"properties": {"kind": {"type": "boolean"}}}, "properties.kind.title：请填写标题"),
        ({"properties": {"kind": {"type": "string", "title": "文"}}}, "properties.kind：文本须有"),
        (
            {"properties": {"kind": {"type": "string", "title": "文", "format": "uri"}}},
            "properties.kind.format：只支持 date",
        ),
        (
            {"properties": {"kind": {"type": "string", "title": "文", "maxLength": "9"}}},
            "properties.kind.maxLength：须为 1 至 2000",
        ),
        (
            {"properties": {"kind": {"type": "string", "title": "文", "enum": ["a", ""]}}},
            "properties.kind.enum：须为不重复",
        ),
        (
            {
                "properties": {
                    "kind": {"type": "integer", "title": "数", "minimum": 2, "maximum": 1}
                }
            },
            "properties.kind.minimum：minimum、maximum",
        ),
    ],
)
def test_a_schema_outside_the_subset_is_refused(change: dict[str, Any], why: str) -> None:
    order = {"x-order": list(change["properties"])} if change.get("properties") else {}
    required: dict[str, list[str]] = {"required": []} if order else {}

    assert why in schemas.complaint({**SCHEMA, **order, **required, **change})
    assert schemas.complaint(SCHEMA) == ""


def test_the_catalogue_of_the_demo(world: World, tmp_path: Path) -> None:
    before = Unit.objects.count()
    call_command("load_services", "--parent", "120110011000", verbosity=0)
    call_command("load_services", "--parent", "120110011000", verbosity=0)

    items = list(ServiceItem.objects.all())
    assert (len(items), len({item.department_id for item in items})) == (36, 5)
    assert {"老年优待证", "丧葬补贴", "就业推荐", "低保复核"} <= {item.name for item in items}
    assert Unit.objects.count() == before + 5
    assert all(item.conditions and item.materials and item.days for item in items)
    assert len({str(item.schema) for item in items}) == 36
    text = service_catalogue.FILE.read_text().replace('type = "boolean"', 'type = "number"', 1)
    (tmp_path / "odd.toml").write_text(text)
    with pytest.raises(CommandError, match=r"\.type：须为 string"):
        call_command("load_services", tmp_path / "odd.toml", "--parent", "120110011000")
    (tmp_path / "odd.toml").write_text(text.replace('department = "services"', "", 1))
    with pytest.raises(CommandError, match="department"):
        call_command("load_services", tmp_path / "odd.toml", "--parent", "120110011000")


# Who sees ---------------------------------------------------------------------------------------


def test_it_is_seen_where_it_lies_and_where_it_is_handled(world: World) -> None:
    request = entrust(world)
    see = {
        name: services.visible_services(getattr(world, name)).exists()
        for name in (
            *("grid_worker", "clerk", "dispatcher", "leader", "handler", "department_lead"),
            *("police_handler", "outsider", "other_grid_worker", "correspondent"),
        )
    }

    assert [name for name, sees in see.items() if not sees] == [
        "police_handler",
        "outsider",
        "other_grid_worker",
        "correspondent",
    ]
    with pytest.raises(Http404):
        services.request_for(world.outsider, request.number)
    with pytest.raises(Http404):
        services.request_for(world.clerk, "B\x00")


def test_a_stranger_gets_404(world: World) -> None:
    request = entrust(world)
    address = f"/services/{request.number}/"
    for user in (world.outsider, world.other_grid_worker):
        client = browser(user)
        assert client.get(address).status_code == 404
        assert client.post(f"{address}reveal/", {"reason": "看看"}).status_code == 404
        assert client.post(f"{address}withdraw/", {}).status_code == 404
    assert browser(world.dispatcher).post(f"{address}reveal/", {"reason": "看"}).status_code == 403
    assert browser(world.correspondent).get("/services/").status_code == 403


def test_the_worker_who_moved_on_is_replaced_in_messages(world: World) -> None:
    request = handling(world)
    User.objects.filter(pk=world.grid_worker.pk).update(is_active=False)

    take(world, request, "ask", "handler", note="缺照片")

    assert kinds_told(world.grid_leader) == ["service.turn"]


# The pages --------------------------------------------------------------------------------------


def form_of(**fields: Any) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "name": "李老太",
        "phone": "13912345678",
        "answer_kind": "新办",
        "answer_birth_date": "1950-05-01",
        "answer_floor": "3",
        "answer_alone": "on",
        "material_0": "on",
        **fields,
    }


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("id.jpg", picture().read(), "image/jpeg")


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_a_mandate_on_the_desk_and_on_the_phone(world: World, prefix: str, settings: Any) -> None:
    create_service_item(world.sanitation)
    client = browser(world.grid_worker)
    assert "老年优待证" in client.get(f"{prefix}/services/guide/").content.decode()
    address = f"{prefix}/services/new/senior-card/"
    page = client.get(address).content.decode()
    assert "年满60周岁" in page
    assert page.index("办理类型") < page.index("出生日期")

    wrong = client.post(address, form_of(answer_floor="61", phone="abc"))
    assert wrong.status_code == 400
    response = client.post(address, form_of(photo_1=upload()))

    request = ServiceRequest.objects.get()
    assert response["Location"] == f"{prefix}/services/{request.number}/"
    assert request.grid_id == world.grid.pk
    assert sorted(request.materials.values_list("name", flat=True)) == ["居住证", "居民身份证"]
    page = client.get(response["Location"]).content.decode()
    assert "李**" in page
    assert "139****5678" in page
    assert "1950-05-01" not in page
    listing = client.get(f"{prefix}/services/").content.decode()
    assert request.number in listing
    assert "李老太" not in listing


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_the_same_mandate_sent_twice_is_one(world: World, prefix: str) -> None:
    create_service_item(world.sanitation)
    client, address = browser(world.grid_worker), f"{prefix}/services/new/senior-card/"
    assert 'name="key" value="' in client.get(address).content.decode()
    sent = form_of()

    first, second = (client.post(address, {**sent, "photo_1": upload()}) for _n in range(2))

    request = ServiceRequest.objects.get()
    assert first["Location"] == second["Location"] == f"{prefix}/services/{request.number}/"
    assert request.materials.count() == 2
    other = client.post(address, {**sent, "name": "王小明"})
    assert other.status_code == 400
    assert "已用于另一次提交" in other.content.decode()
    assert client.post(address, {**sent, "key": ""}).status_code == 400


def test_a_picture_that_is_none_leaves_nothing(world: World, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    create_service_item(world.sanitation)
    bad = SimpleUploadedFile("id.jpg", b"no picture", "image/jpeg")

    response = browser(world.grid_worker).post(
        "/services/new/senior-card/", form_of(photo_0=upload(), photo_1=bad)
    )

    assert response.status_code == 400
    assert not ServiceRequest.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_answers_are_shown_after_the_look_was_written_down(world: World) -> None:
    request = entrust(world, materials=[Brought("居民身份证", picture())])
    client = browser(world.handler)
    address = f"/services/{request.number}/"

    assert client.post(f"{address}reveal/", {}).status_code == 400
    assert not AccessRecord.objects.exists()
    shown = client.post(f"{address}reveal/", {"reason": "核对年龄"})

    assert "1950-05-01" in shown.content.decode()
    assert "13912345678" in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    record = AccessRecord.objects.get()
    assert (record.columns, record.reason) == (
        ["name", "phone", "answers"],
        f"{request.number} 核对年龄",
    )
    key = request.materials.get().uuid
    seen = client.get(f"{address}materials/{key}/")
    assert seen["Content-Type"] == "image/jpeg"
    assert seen["Cache-Control"] == "private, no-store"
    assert b"".join(seen.streaming_content)[:2] == b"\xff\xd8"  # type: ignore[attr-defined]
    assert AccessRecord.objects.count() == 2
    assert client.get(f"{address}materials/{KEY}/").status_code == 404


def test_moves_on_the_page(world: World) -> None:
    request = entrust(world, materials=[])
    client = browser(world.handler)
    address = f"/services/{request.number}/"

    missing = client.post(f"{address}accept/", {"accept-version": 1})
    assert missing.status_code == 400
    assert "居民身份证" in missing.content.decode()
    worker = browser(world.grid_worker)
    assert worker.post(f"{address}materials/", {}).status_code == 302
    assert not request.materials.exists()
    worker.post(f"{address}materials/", {"material_0": "on"})
    done = client.post(f"{address}accept/", {"accept-version": 1})
    assert done["Location"] == address
    late = client.post(f"{address}terminate/", {"terminate-version": 1, "terminate-note": "搬走"})
    assert late.status_code == 409
    assert client.post(f"{address}fly/").status_code == 404
    worker.post(f"{address}materials/", {"material_0": "on"})
    assert request.materials.count() == 1


def test_the_list_has_what_is_due_first_in_front(world: World) -> None:
    late = handling(world, MONDAY + timedelta(days=1))
    early = handling(world)
    ended = entrust(world)
    take(world, ended, "withdraw", "grid_worker", note="不办了")
    client = browser(world.clerk)

    page = client.get("/services/").content.decode()
    assert page.index(early.number) < page.index(late.number)
    assert ended.number not in page
    assert ended.number in client.get("/services/?tab=ended").content.decode()
    assert early.number in client.get("/services/?item=senior-card&tab=handling").content.decode()


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_the_list_makes_as_many_queries_for_three_as_for_one(world: World, prefix: str) -> None:
    counted = []
    client = browser(world.clerk)
    client.get(f"{prefix}/services/")  # what is kept in memory is read once
    for more in (1, 2):
        for _ in range(more):
            handling(world)
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{prefix}/services/")
        counted.append(len(captured))

    assert counted[0] == counted[1]


def test_what_a_calendar_would_move_is_counted_at_once(world: World) -> None:
    for expected in (1, 3):
        while ServiceRequest.objects.count() < expected:
            request = handling(world)
            take(world, request, "ask", "handler", note="缺照片")
            take(world, request, "supplement", "grid_worker", MONDAY + timedelta(days=1))
        service_clock.moving()  # what is kept in memory is read once
        with queries(3):  # the requests, their pauses, and whether what is in memory is new
            assert service_clock.moving() == 0


# From a case ------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_a_wish_is_handed_over_from_its_case_and_told_once(world: World, prefix: str) -> None:
    shift_clock(to=MONDAY)
    create_service_item(world.sanitation)
    case = create_case(world, reporter_name="李老太", reporter_phone="13912345678")
    client = browser(world.grid_worker)
    guide = client.get(f"{prefix}/services/guide/?case={case.number}").content.decode()
    address = f"{prefix}/services/new/senior-card/?case={case.number}"
    assert address in guide
    assert case.number in client.get(address).content.decode()

    answer = client.post(address, form_of(name="", phone=""))

    request = ServiceRequest.objects.get()
    assert answer["Location"] == f"{prefix}/services/{request.number}/"
    assert (request.case, request.grid_id) == (case, world.grid.pk)
    assert request.applicant.name.reveal() == "李老太"
    assert request.applicant.phone.reveal() == "13912345678"
    assert not AccessRecord.objects.exists()
    page = client.get(answer["Location"]).content.decode()
    assert f'href="{prefix}/cases/{case.number}/"' in page
    assert "李老太" not in page
    line = case.transitions.get(action="service_handed")
    assert line.details == {"service": request.number}
    assert "转办事代办" in client.get(f"{prefix}/cases/{case.number}/").content.decode()


def test_another_may_be_the_applicant_and_somebody_must(world: World) -> None:
    shift_clock(to=MONDAY)
    named = create_case(world, reporter_name="李老太", reporter_phone="13912345678")
    nameless = create_case(world)

    request = entrust(world, case=named, name="王小明", phone="13800000000")

    assert request.applicant.name.reveal() == "王小明"
    with pytest.raises(NotAllowed, match="姓名和电话"):
        entrust(world, case=nameless, name="", phone="")
    with pytest.raises(NotAllowed, match="姓名和电话"):
        entrust(world, name=" ")


def test_only_who_may_know_who_reported_hands_a_case_over(world: World) -> None:
    create_service_item(world.sanitation)
    reported = create_case(world, by=world.other_grid_worker, reporter_name="李老太")
    address = f"/services/new/senior-card/?case={reported.number}"

    # who once reported it sees it, and is nobody's there; another does not even see it
    for who in (world.other_grid_worker, world.outsider):
        client = browser(who)
        assert client.get(address).status_code == 404
        assert client.post(address, form_of(name="", phone="")).status_code == 404
    with pytest.raises(NotAllowed, match="不能将该事件"):
        entrust(world, by=world.outsider, case=reported, name="", phone="")
    assert not ServiceRequest.objects.exists()


# Papers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_the_mandate_is_made_for_the_person_to_sign(world: World, prefix: str) -> None:
    shift_clock(to=MONDAY)
    request = entrust(world)
    client, url = browser(world.grid_worker), f"{prefix}/services/{request.number}/"
    page = client.get(url).content.decode()
    assert 'value="service_mandate"' in page
    assert 'value="service_notice"' not in page  # it is not accepted yet

    made = client.post(f"{url}papers/", {"paper": "service_mandate"}, follow=True)

    paper = Paper.objects.get()
    assert paper.number == f"{world.community.name}代委〔2026〕1号"
    html, said = made.content.decode(), words(Path(paper.file.path).read_bytes())
    for text in ("代办委托书", "李老太", "13912345678", "老年优待证", request.number, "居民身份证"):
        assert text in html, text
        assert text in said, text
    assert "{" not in said
    assert "1950-05-01" not in said
    looks = AccessRecord.objects.order_by("pk").values_list("model", "reason")
    assert list(looks) == [
        ("cases.ServiceApplicant", paper.number),
        ("cases.Paper", paper.number),
    ]
    step = request.steps.order_by("-pk")[0]
    assert (step.action, step.note) == ("paper", paper.number)
    page = client.get(url).content.decode()
    assert f'href="/services/{request.number}/papers/{paper.pk}/"' in page
    assert "<strong>制作文书</strong>" in page
    file = client.get(f"/services/{request.number}/papers/{paper.pk}/file/")
    kept = b"".join(file.streaming_content)  # type: ignore[attr-defined]
    assert words(kept) == said


def test_word_that_it_was_accepted_says_until_when(world: World) -> None:
    shift_clock(to=MONDAY)
    request = handling(world)

    paper = service_papers.make(request, PaperKind.SERVICE_NOTICE, by=world.handler, now=MONDAY)

    said = words(Path(paper.file.path).read_bytes())
    for text in ("李老太：", "已于2026年3月2日受理", "办理期限为2026年3月9日", "5 工作日"):
        assert text in said, text
    assert "13912345678" not in said
    assert paper.number.startswith(world.sanitation.name)


def test_who_makes_and_reads_a_request_s_papers(world: World) -> None:
    request = entrust(world)
    url = f"/services/{request.number}/papers/"
    sent = {"paper": "service_mandate"}

    answers = {
        who: browser(getattr(world, who)).post(url, sent).status_code
        for who in ("outsider", "police_handler", "leader", "dispatcher", "clerk")
    }

    assert list(answers.values()) == [404, 404, 403, 403, 302]
    paper = Paper.objects.get()
    for who, status in (("outsider", 404), ("leader", 403), ("handler", 200)):
        client = browser(getattr(world, who))
        for tail in ("", "file/"):
            answer = client.get(f"{url}{paper.pk}/{tail}")
            list(answer)  # a file is closed when it was read to its end
            assert answer.status_code == status
    page = browser(world.leader).get(f"/services/{request.number}/").content.decode()
    assert paper.number in page
    assert f"{url}{paper.pk}/" not in page
    other = entrust(world)
    elsewhere = f"/services/{other.number}/papers/{paper.pk}/"
    assert browser(world.clerk).get(elsewhere).status_code == 404
    for kind, why in (("service_notice", "受理以后"), ("mandate", "没有这种文书"), ("", "没有")):
        page = browser(world.clerk).post(url, {"paper": kind}, follow=True).content.decode()
        assert why in page
    assert Paper.objects.count() == 1


def test_messages_lead_to_the_request(world: World) -> None:
    request = entrust(world)

    page = browser(world.handler).get("/inbox/", follow=True).content.decode()

    assert f"/services/{request.number}/" in page
    assert "老年优待证" in page
    assert not Delivery.objects.exists()


def test_the_lead_of_the_station_unit_is_found(world: World) -> None:
    station = create_unit(kind="station", name="网格站", parent=world.community)
    lead = create_user(role="station_lead", unit=station)
    create_post(role="station_lead", unit=world.other_community, user=world.outsider)

    assert set(services.station_leads(entrust(world))) == {lead.pk, world.station_lead.pk}
