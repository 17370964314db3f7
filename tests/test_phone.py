"""The grid worker's phone: what is due first on top, big buttons, reporting on the spot."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
import shapely

from cases.models import Case, Photo, Source, State
from governance.models import User
from grids.models import Grid
from tests.areas import draw, place, square
from tests.builders import World, moment, queries, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move
from tests.clients import KEY, broken_upload, browser, upload


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def tasks(user: User, query: str = "") -> list[str]:
    answer = browser(user).get(f"/m/{query}")
    assert answer.status_code == 200
    return re.findall(r'data-row="(\d+)"', answer.content.decode())


def test_what_is_due_first_is_on_top_and_what_is_elsewhere_is_not_there(world: World) -> None:
    late = create_case(world, state=State.FINISHED, now=MONDAY + timedelta(days=1))
    early = create_case(world, state=State.FINISHED, now=MONDAY - timedelta(days=10))
    for state in (State.REPORTED, State.HANDLING, State.CLOSED):
        create_case(world, state=state)
    create_case(world, state=State.FINISHED, grid=world.second_grid)

    assert tasks(world.grid_worker) == [early.number, late.number]
    assert tasks(world.grid_worker, "?tab=overdue") == [early.number]
    assert len(tasks(world.grid_worker, "?tab=all")) == 5
    assert tasks(world.grid_worker, "?tab=nonsense") == [early.number, late.number]
    assert tasks(world.other_grid_worker) == []


def test_own_work_is_no_task_of_the_one_who_did_it(world: World) -> None:
    case = create_case(world, state=State.FINISHED)
    Case.objects.filter(pk=case.pk).update(handler=world.grid_worker)

    assert tasks(world.grid_worker) == []
    assert tasks(world.grid_leader) == [case.number]


def test_a_called_department_has_its_task_on_the_phone_as_on_the_desk(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    move(case, "whistle", by=world.clerk, department_ids=(world.police.pk,))
    client = browser(world.police_handler)

    assert case.number not in client.get("/m/").content.decode()
    html = client.get("/m/?tab=tasks").content.decode()

    assert "联办任务" in html
    assert f"/m/cases/{case.number}/" in html
    assert "联办任务" not in browser(world.grid_worker).get("/m/").content.decode()


def test_a_volunteer_sees_what_they_reported(world: World) -> None:
    own = create_case(world, by=world.correspondent)
    create_case(world)

    assert tasks(world.correspondent) == []
    assert tasks(world.correspondent, "?tab=all") == [own.number]


def test_the_list_makes_as_many_queries_for_three_tasks_as_for_one(world: World) -> None:
    client = browser(world.grid_worker)
    for rows in (1, 3):
        for _n in range(rows - Case.objects.count()):
            create_case(world, state=State.FINISHED)
        client.get("/m/")
        with queries(10):
            answer = client.get("/m/")
        assert len(re.findall("data-row", answer.content.decode())) == rows


def test_htmx_gets_the_table_only(world: World) -> None:
    create_case(world, state=State.FINISHED)

    part = browser(world.grid_worker).get("/m/", headers={"HX-Request": "true"}).content.decode()

    assert part.strip().startswith('<div id="tasks">')
    assert "<html" not in part


# Reporting --------------------------------------------------------------------------------------


def form(item_id: int, **fields: Any) -> dict[str, Any]:
    return {
        "item": item_id,
        "description": "楼前有一堆垃圾",
        "place": "军丽园3号楼",
        "key": str(KEY),
        **fields,
    }


def test_a_report_from_where_one_stands(world: World) -> None:
    draw(world.grid, square(0, 0))
    item = create_item(department=world.sanitation, photo_before=True)
    lon, lat = place(0.5, 0.5)
    sent = form(item.pk, lon=lon, lat=lat, accuracy_m="12.6", photos=[upload(), upload()])

    answer = browser(world.grid_worker).post("/m/report/", sent)

    case = Case.objects.get()
    assert answer["Location"] == f"/m/cases/{case.number}/"
    assert (case.source, case.grid, case.accuracy_m) == (Source.WORKER, world.grid, 13)
    assert (case.reported_by, case.photos.count()) == (world.grid_worker, 2)
    assert case.transitions.get().source == "phone"


def test_an_item_that_wants_a_picture_gets_one_from_a_worker(world: World) -> None:
    item = create_item(department=world.sanitation, photo_before=True)

    answer = browser(world.grid_worker).post("/m/report/", form(item.pk))

    assert answer.status_code == 400
    page = answer.content.decode()
    assert "该事项要求上报时附照片。" in page
    assert "楼前有一堆垃圾" in page  # nothing has to be typed again
    assert not Case.objects.exists()


def test_a_double_tap_is_one_case(world: World) -> None:
    item = create_item(department=world.sanitation)
    client = browser(world.grid_worker)

    first = client.post("/m/report/", form(item.pk, photos=[upload()]))
    second = client.post("/m/report/", form(item.pk, photos=[upload()]))

    assert first["Location"] == second["Location"]
    assert (Case.objects.count(), Photo.objects.count()) == (1, 1)


def test_a_bad_picture_keeps_the_words_and_opens_nothing(world: World) -> None:
    item = create_item(department=world.sanitation)

    answer = browser(world.grid_worker).post(
        "/m/report/", form(item.pk, photos=[upload(), broken_upload()])
    )

    assert answer.status_code == 400
    assert "不是可识别的图片" in answer.content.decode()
    assert "军丽园3号楼" in answer.content.decode()
    assert (Case.objects.count(), Photo.objects.count()) == (0, 0)


def test_photos_that_a_refused_report_lost_are_asked_for_again(world: World) -> None:
    create_item(department=world.sanitation)

    answer = browser(world.grid_worker).post(
        "/m/report/", form(0, photos=[upload()]) | {"item": ""}
    )

    assert "请选择事项。" in answer.content.decode()
    assert "照片没有保留，请重新选择（1 张）。" in answer.content.decode()


def test_each_form_has_a_key_of_its_own(world: World) -> None:
    client = browser(world.grid_worker)

    keys = [
        re.findall(r'name="key" value="([^"]+)"', client.get("/m/report/").content.decode())
        for _n in range(2)
    ]

    assert [len(found) for found in keys] == [1, 1]
    assert UUID(keys[0][0]) != UUID(keys[1][0])


def test_the_items_one_reports_most_are_one_tap_away(world: World) -> None:
    rubbish = create_item(department=world.sanitation)
    cover = create_item(department=world.police, code="0201", name="井盖缺失")
    create_item(department=world.police, code="0301", name="占道经营")
    for item in (cover, rubbish, cover):
        create_case(world, item=item, by=world.grid_worker)

    page = browser(world.grid_worker).get("/m/report/").content.decode()

    assert page.index("井盖缺失") < page.index("暴露垃圾")
    assert "占道经营" not in page


def test_administrators_report_nothing(world: World) -> None:
    assert browser(world.system_admin).get("/m/report/").status_code == 403
    assert browser().get("/m/report/")["Location"] == "/login/?next=/m/report/"


# Acting -----------------------------------------------------------------------------------------


def test_handled_on_the_spot_with_a_picture_of_it(world: World) -> None:
    create_item(department=world.sanitation, dispatch="manual", photo_after=True)
    case = create_case(world, by=world.grid_worker)
    client = browser(world.grid_worker)
    path = f"/m/cases/{case.number}/"
    assert 'data-act="handle_on_spot"' in client.get(path).content.decode()
    assert "处置后照片" in client.get(f"{path}handle_on_spot/").content.decode()
    sent = {"version": 0, "outcome": "solved", "note": "已清走"}

    without = client.post(f"{path}handle_on_spot/", sent)
    assert without.status_code == 409
    assert "该事项要求上传处置后照片。" in without.content.decode()

    answer = client.post(f"{path}handle_on_spot/", {**sent, "photos": upload()})
    assert answer["Location"] == path
    case.refresh_from_db()
    assert (case.state, case.outcome, case.result) == (State.VERIFIED, "solved", "已清走")
    assert case.photos.get().kind == "after"
    assert case.handler == world.grid_worker


def test_rework_with_the_same_picture_is_told_so(world: World) -> None:
    create_item(department=world.sanitation, dispatch="manual", photo_after=True)
    case = create_case(world, state=State.HANDLING)
    client, path = browser(world.handler), f"/m/cases/{case.number}/finish/"
    same = upload()
    sent = {"outcome": "solved", "note": "已清走"}
    client.post(path, {**sent, "version": case.version, "photos": same})
    case = move(case, "fail", by=world.grid_worker, now=moment("2026-03-03 09:00"))
    shift_clock(to=moment("2026-03-03 10:00"))
    same.seek(0)

    again = client.post(path, {**sent, "version": case.version, "photos": same})

    assert again.status_code == 409
    said = "返工后须上传新的处置后照片，返工前发送过的照片不能再用。"
    assert said in again.content.decode()
    new = client.post(path, {**sent, "version": case.version, "photos": upload()})
    assert new.status_code == 302


def test_verifying_needs_no_more_than_a_tap(world: World) -> None:
    case = create_case(world, state=State.FINISHED)

    answer = browser(world.grid_worker).post(
        f"/m/cases/{case.number}/verify/", {"version": case.version}
    )

    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == State.VERIFIED


def test_who_came_second_reads_who_was_first_and_goes_on_from_there(world: World) -> None:
    case = create_case(world, state=State.FINISHED)
    seen = case.version
    move(case, "verify", by=world.grid_leader, now=moment("2026-03-02 09:30"))

    answer = browser(world.grid_worker).post(f"/m/cases/{case.number}/verify/", {"version": seen})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "该事件已被网格长更新" in page
    assert f"/m/cases/{case.number}/" in page


def test_another_grid_s_case_is_not_there(world: World) -> None:
    case = create_case(world, state=State.FINISHED)
    client = browser(world.other_grid_worker)

    assert client.get(f"/m/cases/{case.number}/").status_code == 404
    sent = {"version": case.version}
    assert client.post(f"/m/cases/{case.number}/verify/", sent).status_code == 404


def test_the_inbox_stays_on_the_phone(world: World) -> None:
    case = create_case(world, state=State.FINISHED)
    client = browser(world.grid_worker)

    html = client.get("/m/inbox/").content.decode()
    assert f'href="/m/cases/{case.number}/"' in html
    assert 'href="/m/report/"' in html  # the bar below
    assert "未读" in html
    read = client.post("/m/inbox/read/", follow=True)
    assert read.redirect_chain == [("/m/inbox/", 302)]
    assert "未读" not in read.content.decode()
    assert f'href="/cases/{case.number}/"' in client.get("/inbox/").content.decode()


def test_the_map_of_a_report_opens_on_the_own_grid(world: World) -> None:
    draw(world.grid, square(0, 0))
    draw(world.other_grid, square(3, 3))
    west, south, east, north = shapely.from_geojson(
        orjson.dumps(Grid.objects.get(unit=world.grid).boundary)
    ).bounds

    html = browser(world.grid_worker).get("/m/report/").content.decode()

    assert f'data-extent="{west:.5f},{south:.5f},{east:.5f},{north:.5f}"' in html
