"""A resident reports without an account, follows it with number and code, and rates the result."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localtime

from cases import photos
from cases.models import Case, Photo, PhotoKind, Source, State
from governance.models import AccessRecord, RateWindow
from people import registering
from tests.areas import draw, place, square
from tests.builders import World, moment, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move, picture
from tests.clients import KEY, broken_upload, browser, upload

PHONE = "13812345678"


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


@pytest.fixture
def district(world: World) -> World:
    """The catalogue: rubbish, and what fits nothing."""
    create_item(department=world.sanitation, dispatch="manual", photo_before=True)
    create_item(department=world.police, code="0699", name="其他诉求", dispatch="manual")
    draw(world.grid, square(0, 0))
    draw(world.other_grid, square(1, 0))
    return world


def form(**fields: Any) -> dict[str, Any]:
    return {"description": "有人乱倒垃圾", "place": "军丽园3号楼", "key": str(KEY), **fields}


def report(client: Client, **fields: Any) -> Case:
    answer = client.post("/report/", form(**fields))
    assert answer.status_code == 302, answer.content.decode()
    number = answer["Location"].removeprefix("/report/received/").rstrip("/")
    return Case.objects.get(number=number)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def stages(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<li class="(done|now|todo)"[^>]*><strong>([^<]+)', page)


# Reporting --------------------------------------------------------------------------------------


def test_a_report_becomes_a_case_with_a_receipt(district: World) -> None:
    client = Client()
    lon, lat = place(0.5, 0.5)

    case = report(client, lon=lon, lat=lat, reporter_phone=PHONE, photos=[upload(), upload()])

    assert (case.item.code, case.source, case.grid) == ("0101", Source.PUBLIC, district.grid)
    assert (case.reported_by, case.photos.count()) == (None, 2)
    assert case.reporter is not None
    assert case.reporter.phone.reveal() == PHONE
    page = text(client, f"/report/received/{case.number}/")
    assert case.number in page
    assert case.query_code in page
    assert case.transitions.get().source == "public"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１３８１２３４５６７８", PHONE),
        ("+86 138-1234-5678", PHONE),
        ("（022）8437 1234", "02284371234"),
        ("- - - - - - -", ""),
        ("0000000", ""),
        ("123456", ""),
        ("1381234567812345", ""),
    ],
)
def test_a_telephone_number_is_one_however_it_is_typed(
    district: World, typed: str, kept: str
) -> None:
    if kept:
        reporter = report(Client(), reporter_phone=typed).reporter
        assert reporter is not None
        assert reporter.phone.reveal() == kept
    else:
        answer = Client().post("/report/", form(reporter_phone=typed))
        assert answer.status_code == 400
        assert "请填写电话号码，例如 13812345678。" in answer.content.decode()
    assert registering.telephone(typed) == (kept or None)


def test_what_fits_nothing_goes_to_the_fallback_and_without_a_place_to_the_district(
    district: World,
) -> None:
    case = report(Client(), description="楼上漏水")

    assert case.item.code == "0699"
    assert (case.district, case.street, case.grid) == (district.district, None, None)


def test_sent_twice_it_is_one_case_and_one_receipt(district: World) -> None:
    client = Client()

    first, second = report(client, photos=[upload()]), report(client, photos=[upload()])

    assert first == second
    assert Photo.objects.count() == 1


def test_the_key_of_somebody_else_shows_nothing_of_theirs(district: World) -> None:
    first = report(Client(), description="垃圾堆在井边")
    other = Client()

    answer = other.post("/report/", form(description="另一件事"))

    assert answer.status_code == 400
    assert first.number not in answer.content.decode()
    assert "内容不同" in answer.content.decode()
    assert other.get(f"/report/progress/{first.number}/").status_code == 302


def test_a_form_at_fault_comes_back_as_it_was_filled_in(district: World) -> None:
    for wrong, said in (
        ({"description": ""}, "必填"),
        ({"place": ""}, "请填写地点，或在地图上点选。"),
        ({"reporter_phone": "不告诉"}, "请填写电话号码，例如 13812345678。"),
        ({"photos": [broken_upload()]}, "不是可识别的图片"),
        ({"lon": "nan", "lat": "39"}, ""),
        ({"lon": "117.3", "lat": "39", "accuracy_m": "1e300"}, ""),
        ({"key": "x"}, ""),
    ):
        answer = Client(REMOTE_ADDR=f"10.0.0.{len(said)}").post(
            "/report/", form(place="西门", description="垃圾桶满了") | wrong
        )
        page = answer.content.decode()
        assert answer.status_code == 400, wrong
        assert said in page
        assert "西门" in page or "垃圾桶满了" in page

    assert (Case.objects.count(), Photo.objects.count()) == (0, 0)


def test_photos_that_a_refused_form_lost_are_asked_for_again(district: World) -> None:
    for wrong in (
        {"reporter_phone": "不告诉", "photos": [upload(), upload()]},
        {"photos": [upload(), broken_upload("模糊.jpg")]},
    ):
        answer = Client().post("/report/", form(**wrong))

        assert answer.status_code == 400
        assert "照片没有保留，请重新选择（2 张）。" in answer.content.decode()
    assert "“模糊.jpg”：不是可识别的图片" in answer.content.decode()
    without = Client().post("/report/", form(reporter_phone="不告诉")).content.decode()
    assert "照片没有保留" not in without


def test_without_a_catalogue_residents_are_told_to_call(world: World) -> None:
    answer = Client().post("/report/", form(description="楼上漏水"))

    assert answer.status_code == 400
    assert "请拨打社区电话" in answer.content.decode()


def test_ten_reports_in_ten_minutes_and_no_more(district: World) -> None:
    client = Client()
    for number in range(10):
        report(client, key=f"00000000-0000-4000-8000-{number:012}")

    refused = client.post("/report/", form(key="00000000-0000-4000-8000-000000000099"))
    assert refused.status_code == 429
    assert "请过十分钟再试" in refused.content.decode()
    assert "有人乱倒垃圾" in refused.content.decode()

    other = Client(REMOTE_ADDR="10.0.0.9")
    report(other, key="00000000-0000-4000-8000-000000000098")
    shift_clock(by=timedelta(minutes=10))
    report(client, key="00000000-0000-4000-8000-000000000097")
    assert Case.objects.count() == 12
    assert "127.0.0.1" not in str(list(RateWindow.objects.values_list()))


def test_a_report_by_somebody_logged_in_is_still_a_resident_s_form(district: World) -> None:
    case = report(browser(district.grid_worker), photos=[upload()])

    assert (case.source, case.reported_by) == (Source.PUBLIC, district.grid_worker)


# Following it -----------------------------------------------------------------------------------


def test_number_and_code_open_the_progress_on_another_device(district: World) -> None:
    case = report(Client())
    other = Client()
    path = f"/report/progress/{case.number}/"
    assert other.get(path).status_code == 302

    answer = other.post("/report/query/", {"number": f" {case.number} ", "code": case.query_code})

    assert answer["Location"] == path
    assert case.number in text(other, path)


def test_a_wrong_code_and_an_unknown_number_read_alike(district: World) -> None:
    case = report(Client())
    wrong = f"{(int(case.query_code) + 1) % 10**8:08d}"

    answers = [
        Client().post("/report/query/", {"number": number, "code": code}).content.decode()
        for number, code in ((case.number, wrong), ("20260302999999", wrong), ("\x00", wrong))
    ]

    assert "编号或查询码不对" in answers[0]
    assert "编号或查询码不对" in answers[1]
    assert case.query_code not in "".join(answers)


def test_guessing_codes_ends_after_ten(district: World) -> None:
    case = report(Client())
    client = Client()
    guess = {"number": case.number, "code": "00000000"}
    assert case.query_code != "00000000"
    answers = [client.post("/report/query/", guess).status_code for _n in range(10)]
    assert set(answers) == {400}

    right = {"number": case.number, "code": case.query_code}
    refused = client.post("/report/query/", right)

    assert refused.status_code == 429
    assert client.get(f"/report/progress/{case.number}/").status_code == 302
    shift_clock(by=timedelta(minutes=10))
    assert client.post("/report/query/", right).status_code == 302


def test_the_stages_in_plain_words(district: World) -> None:
    client = Client()
    case = report(client, lon=place(0.5, 0.5)[0], lat=place(0.5, 0.5)[1])
    path = f"/report/progress/{case.number}/"
    names = ["已收到", "已受理", "正在处理", "已办结", "已回复"]
    reached = []

    for action, who in (
        ("", ""),
        ("accept", "clerk"),
        ("dispatch", "dispatcher"),
        ("sign", "handler"),
        ("finish", "handler"),
        ("verify", "grid_worker"),
        ("close", "clerk"),
        ("answer", "clerk"),
    ):
        if action:
            case = move(case, action, by=getattr(district, who))
        page = stages(text(client, path))
        assert [name for _state, name in page] == names
        marks = [state for state, _name in page]
        here = marks.index("now")
        assert marks == ["done"] * here + ["now"] + ["todo"] * (4 - here)
        reached.append(here)

    assert reached == [0, 1, 1, 2, 2, 2, 3, 4]


def test_a_moved_promise_shows_both_dates_for_ever(district: World) -> None:
    client = Client()
    case = report(client, lon=place(0.5, 0.5)[0], lat=place(0.5, 0.5)[1])
    path = f"/report/progress/{case.number}/"
    ways: list[tuple[str, str, dict[str, Any]]] = [
        ("accept", "clerk", {}),
        ("dispatch", "dispatcher", {}),
        ("sign", "handler", {}),
        ("ask_extension", "handler", {"until": date(2026, 3, 6)}),
        ("grant", "dispatcher", {}),
        ("finish", "handler", {}),
        ("verify", "grid_worker", {}),
    ]
    for action, who, given in ways:
        case = move(case, action, by=getattr(district, who), **given)
    assert case.promise_due_at is not None
    moved = f"{localtime(case.promise_due_at):%m-%d}"
    both = rf"{moved}.*<br><small>原期限 <s>.*03-05"
    assert moved != "03-05"
    page = text(client, path)
    assert re.search(both, page)
    assert "结案" not in page

    for action in ("close", "answer", "archive"):
        case = move(case, action, by=district.clerk)
        page = text(client, path)
        assert re.search(both, page), action
        assert "按期结案" in page, action


def test_a_broken_promise_is_shown_as_broken(district: World) -> None:
    client = Client()
    case = report(client, lon=place(0.5, 0.5)[0], lat=place(0.5, 0.5)[1])
    move(case, "handle_on_spot", by=district.grid_worker, now=MONDAY + timedelta(days=20))
    move(case, "close", by=district.clerk, now=MONDAY + timedelta(days=20))

    page = text(client, f"/report/progress/{case.number}/")
    assert "03-05" in page
    assert "超期结案" in page


def test_a_refusal_says_why(district: World) -> None:
    client = Client()
    case = report(client)

    move(case, "refuse", by=district.clerk, note="不属于城市管理范围")

    page = text(client, f"/report/progress/{case.number}/")
    assert stages(page) == [("done", "已收到"), ("now", "不予受理")]
    assert "不属于城市管理范围" in page


def test_what_the_staff_wrote_among_themselves_is_not_shown(district: World) -> None:
    client = Client()
    case = report(client, lon=place(0.5, 0.5)[0], lat=place(0.5, 0.5)[1])
    for action, who, note in (
        ("accept", "clerk", ""),
        ("dispatch", "dispatcher", ""),
        ("return", "handler", "内部：踢皮球"),
        ("insist", "dispatcher", ""),
        ("sign", "handler", ""),
        ("finish", "handler", "内部：联系王小二"),
        ("verify", "grid_worker", ""),
        ("close", "clerk", ""),
    ):
        given: dict[str, Any] = {"note": note} if note else {}
        case = move(case, action, by=getattr(district, who), **given)

    page = text(client, f"/report/progress/{case.number}/")

    assert "内部" not in page
    assert "部门处置员" not in page
    assert "环卫所" not in page


def answered(world: World, client: Client) -> Case:
    case = report(client, lon=place(0.5, 0.5)[0], lat=place(0.5, 0.5)[1])
    for action, who in (
        ("accept", "clerk"),
        ("dispatch", "dispatcher"),
        ("sign", "handler"),
        ("finish", "handler"),
        ("verify", "grid_worker"),
        ("close", "clerk"),
    ):
        case = move(case, action, by=getattr(world, who))
    return move(case, "answer", by=world.clerk, note="垃圾已清走")


def test_satisfied_once(district: World) -> None:
    client = Client()
    case = answered(district, client)
    path = f"/report/progress/{case.number}/"
    assert "垃圾已清走" in text(client, path)
    assert "您对办理结果满意吗" in text(client, path)

    answer = client.post(f"{path}rate/", {"satisfied": "1", "note": "很快"})

    assert answer["Location"] == path
    case.refresh_from_db()
    assert (case.state, case.satisfied) == (State.ANSWERED, True)
    line = case.transitions.order_by("-pk")[0]
    assert (line.action, line.by, line.note, line.source) == ("rate", None, "很快", "public")
    assert "您对办理结果满意吗" not in text(client, path)
    again = client.post(f"{path}rate/", {"satisfied": "0"}, follow=True).content.decode()
    assert "该事件已评价过。" in again
    case.refresh_from_db()
    assert case.satisfied is True


def test_dissatisfied_and_the_same_case_goes_on(district: World) -> None:
    client = Client()
    case = answered(district, client)
    path = f"/report/progress/{case.number}/"

    client.post(f"{path}rate/", {"satisfied": "0", "note": "又堆起来了"})

    case.refresh_from_db()
    assert (case.state, case.rework_count) == (State.HANDLING, 1)
    assert "正在重新处理" in text(client, path)
    assert Case.objects.count() == 1


def test_after_rework_the_new_answer_is_rated_once(district: World) -> None:
    client = Client()
    case = answered(district, client)
    path = f"/report/progress/{case.number}/"
    client.post(f"{path}rate/", {"satisfied": "0"})
    for action, who in (
        ("finish", "handler"),
        ("verify", "grid_worker"),
        ("close", "clerk"),
        ("answer", "clerk"),
    ):
        case = move(case, action, by=getattr(district, who), now=moment("2026-03-03 10:00"))

    for satisfied in ("1", "0"):
        client.post(f"{path}rate/", {"satisfied": satisfied})

    case.refresh_from_db()
    assert (case.state, case.satisfied, case.rework_count) == (State.ANSWERED, True, 1)


def test_nobody_rates_an_answer_that_they_have_not_read(district: World) -> None:
    client = Client()
    case = answered(district, client)
    path = f"/report/progress/{case.number}/"
    seen = f'name="version" value="{case.version}"'
    assert seen in text(client, path)
    move(case, "reopen", by=district.clerk, note="又脏了")

    answer = client.post(f"{path}rate/", {"satisfied": "1", "version": str(case.version)})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "刚刚有了新进展" in page
    assert seen not in page
    case.refresh_from_db()
    assert (case.state, case.satisfied) == (State.HANDLING, None)


def test_an_answer_to_a_question_that_was_taken_back_is_not_lost(district: World) -> None:
    client = Client()
    case = report(client, lon=place(0.5, 0.5)[0], lat=place(0.5, 0.5)[1])
    case = move(case, "ask_reporter", by=district.clerk, note="在几号楼？")
    path = f"/report/progress/{case.number}/"
    old = str(case.version)
    case = move(case, "reply", by=district.clerk, note="电话里说是3号楼")
    move(case, "ask_reporter", by=district.clerk, note="几单元？")

    answer = client.post(f"{path}reply/", {"note": "3号楼东侧", "version": old})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "几单元？" in page
    assert "3号楼东侧" in page


def test_a_rating_at_fault_is_asked_again(district: World) -> None:
    client = Client()
    case = answered(district, client)
    path = f"/report/progress/{case.number}/rate/"

    assert client.get(path).status_code == 405
    answer = client.post(path, {"satisfied": ""})

    assert answer.status_code == 400
    assert "您对办理结果满意吗" in answer.content.decode()


def test_photos_only_after_somebody_looked_at_them(district: World) -> None:
    client = Client()
    case = answered(district, client)
    shown, hidden = (
        photos.add(case, picture(), kind=PhotoKind.AFTER, by=district.handler, now=MONDAY)
        for _n in range(2)
    )
    path = f"/report/progress/{case.number}/"
    assert str(shown.uuid) not in text(client, path)
    assert client.get(f"/report/photo/{shown.uuid}/").status_code == 404

    Photo.objects.filter(pk=shown.pk).update(no_person_visible=True)

    page = text(client, path)
    assert str(shown.uuid) in page
    assert str(hidden.uuid) not in page
    picture_sent = client.get(f"/report/photo/{shown.uuid}/")
    assert b"".join(picture_sent.streaming_content).startswith(b"\xff\xd8")  # type: ignore[attr-defined]
    assert client.get(f"/report/photo/{hidden.uuid}/").status_code == 404
    assert Client().get(f"/report/photo/{shown.uuid}/").status_code == 404


def test_other_people_s_cases_are_not_there(district: World) -> None:
    own = Client()
    report(own)
    other = create_case(district, state=State.ANSWERED)

    answers = [
        own.get(f"/report/received/{other.number}/"),
        own.get(f"/report/progress/{other.number}/"),
        own.post(f"/report/progress/{other.number}/rate/", {"satisfied": "0"}),
        own.get("/report/progress/%00/"),
    ]

    assert [answer.status_code for answer in answers] == [302] * 4
    other.refresh_from_db()
    assert other.satisfied is None


def test_no_public_page_or_address_holds_personal_data(district: World) -> None:
    client = Client()
    case = report(client, reporter_phone=PHONE)
    number, code = case.number, case.query_code
    paths = [
        "/report/",
        f"/report/received/{number}/",
        "/report/query/",
        f"/report/progress/{number}/",
        "/report/privacy/",
        "/report/accessibility/",
        "/report/areas.geojson",
    ]

    for path in paths:
        # the CSP's nonce and the CSRF token are random: by chance they hold any four digits
        page = re.sub(r'(nonce|content|value)="[^"]{30,}"', "", text(client, path))
        for secret in (PHONE, PHONE[-4:], "社区专干", district.grid_worker.display_name):
            assert secret not in page, path
        if "received" not in path:
            assert code not in page, path
        for address in re.findall(r'(?:href|action|src)="([^"]*)"', page):
            assert code not in address

    assert not AccessRecord.objects.exists()
