"""Photos: clean, private, one of a kind, public only after somebody looked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from cases import photos
from cases.models import Case, Photo, PhotoKind, State, Task
from governance import reference
from governance.models import User
from governance.uploads import BadPicture
from tests.builders import World, create_world, queries, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move, picture
from tests.clients import Program, broken_upload, browser, copy, upload


@pytest.fixture
def case(world: World) -> Case:
    return create_case(world)


@pytest.fixture
def photo(world: World, case: Case) -> Photo:
    return photos.add(case, picture(), kind=PhotoKind.BEFORE, by=world.grid_worker, now=MONDAY)


def files() -> set[Path]:
    return {path for path in Path(django_settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def test_a_photo_is_kept_under_a_name_that_says_nothing(photo: Photo) -> None:
    assert photo.file.name == f"cases/{photo.uuid.hex[:2]}/{photo.uuid}.jpg"
    assert photo.thumb.name == f"cases/{photo.uuid.hex[:2]}/{photo.uuid}.thumb.jpg"
    assert Path(photo.file.path).stat().st_mode & 0o777 == 0o600
    with Image.open(photo.file.path) as image:
        assert image.size == (60, 40)
        assert not dict(image.getexif())
    assert photo.no_person_visible is False


def looks(user: User, shown: Case, photo: Photo) -> list[bool]:
    """Whether somebody finds a photo on the page of a case: on the desk, the phone, by the API."""
    client, program, key = browser(user), Program(user), str(photo.uuid)
    pages = [client.get(f"{prefix}/cases/{shown.number}/") for prefix in ("", "/m")]
    answers = [page.content.decode() for page in (*pages, program.get(f"/cases/{shown.number}/"))]
    for fetched in (client.get(f"/photos/{key}/"), program.get(f"/photos/{key}/")):
        assert b"".join(fetched)  # to its end, which closes the file
        assert fetched.status_code == (200 if any(key in text for text in answers) else 404)
    return [key in text for text in answers]


def test_who_has_a_part_sees_what_was_reported_of_the_whole(world: World) -> None:
    whole = create_case(world, description="楼前垃圾，路灯也不亮", reporter_name="张三丰")
    photo = photos.add(whole, picture(), kind=PhotoKind.BEFORE, by=None, now=MONDAY)
    move(whole, "split", by=world.clerk)
    part = whole.parts.order_by("pk")[0]
    for action, who in (("accept", "clerk"), ("dispatch", "dispatcher")):
        part = move(part, action, by=getattr(world, who))

    assert looks(world.handler, part, photo) == [True, True, True]
    page = browser(world.handler).get(f"/cases/{part.number}/").content.decode()
    assert "楼前垃圾，路灯也不亮" in page
    assert "拆分前的反映" in page
    assert whole.number not in page  # the case itself is not theirs
    assert whole.number in browser(world.clerk).get(f"/cases/{part.number}/").content.decode()
    stranger = browser(world.police_handler)
    assert stranger.get(f"/photos/{photo.uuid}/").status_code == 404
    again = move(part, "return", by=world.handler)
    assert again.department is None
    assert browser(world.handler).get(f"/photos/{photo.uuid}/").status_code == 404


def test_who_has_the_main_case_sees_what_those_joined_to_it_reported(world: World) -> None:
    main = create_case(world, state=State.DISPATCHED)
    other = create_case(
        world, description="垃圾堵住了楼道门", reporter_name="李四光", reporter_phone="13900001111"
    )
    photo = photos.add(other, picture(), kind=PhotoKind.BEFORE, by=None, now=MONDAY)
    assert looks(world.handler, main, photo) == [False, False, False]

    other = move(other, "join", by=world.clerk, main=main.number)

    assert looks(world.handler, main, photo) == [True, True, True]
    for user, prefix in ((world.handler, ""), (world.handler, "/m"), (world.clerk, "")):
        page = browser(user).get(f"{prefix}/cases/{main.number}/").content.decode()
        assert "垃圾堵住了楼道门" in page
        assert not [word for word in ("李四光", "李*", "13900001111", "1111") if word in page]
    move(other, "unjoin", by=world.clerk)
    assert looks(world.handler, main, photo) == [False, False, False]


def test_what_was_reported_of_a_whole_follows_its_part_into_another_case(world: World) -> None:
    whole = create_case(world)
    photo = photos.add(whole, picture(), kind=PhotoKind.BEFORE, by=None, now=MONDAY)
    move(whole, "split", by=world.clerk)
    main = create_case(world, state=State.DISPATCHED)
    move(whole.parts.order_by("pk")[0], "join", by=world.clerk, main=main.number)

    assert looks(world.handler, main, photo) == [True, True, True]


def test_proof_and_task_pictures_stay_with_their_own_case(world: World) -> None:
    other = create_case(world, state=State.HANDLING)
    move(other, "ask_extension", by=world.handler)
    proof = photos.add(other, picture(), kind=PhotoKind.PROOF, by=world.handler, now=MONDAY)
    main = create_case(world, state=State.ACCEPTED)
    main = move(main, "dispatch", by=world.dispatcher, department_id=world.police.pk)
    move(other, "join", by=world.clerk, main=main.number)

    assert looks(world.police_handler, main, proof) == [False, False, False]


@pytest.mark.parametrize("number", [1, 3])
def test_more_joined_reports_ask_no_more_often(world: World, number: int) -> None:
    main = create_case(world, state=State.DISPATCHED)
    for _n in range(number):
        other = create_case(world)
        photos.add(other, picture(), kind=PhotoKind.BEFORE, by=None, now=MONDAY)
        move(other, "join", by=world.clerk, main=main.number)
    client = browser(world.clerk)
    client.get(f"/cases/{main.number}/")

    with queries(15):
        client.get(f"/cases/{main.number}/")


def test_the_same_picture_of_the_same_case_is_kept_once(world: World, case: Case) -> None:
    same = upload()
    other = create_case(world)

    def add(to: Case) -> Photo:
        return photos.add(to, copy(same), kind=PhotoKind.BEFORE, by=None, now=MONDAY)

    assert add(case) == add(case)
    assert add(other).case == other
    assert Photo.objects.count() == 2


def test_a_case_holds_the_pictures_of_its_whole_life_but_not_without_end(
    world: World, case: Case
) -> None:
    def add(number: int) -> None:
        for _n in range(number):
            photos.add(case, picture(), kind=PhotoKind.BEFORE, by=None, now=MONDAY)

    add(30)
    page = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert page.count("/thumb/") == 30

    add(photos.MOST - 30)
    with pytest.raises(BadPicture, match="最多 60 张"):
        add(1)
    assert case.photos.count() == 60


def test_an_upload_brings_no_more_than_twelve(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    path = f"/cases/{case.number}/finish/"
    sent = {"outcome": "solved", "note": "已清理", "version": case.version}
    client = browser(world.handler)

    many = client.post(path, {**sent, "photos": [picture() for _n in range(13)]})
    assert many.status_code == 400
    assert "一次最多 12 张照片" in many.content.decode()
    assert case.photos.count() == 0

    item = create_item(
        department=world.sanitation, code="0102", name="杂物", dispatch="manual", photo_after=True
    )
    asking = create_case(world, item=item, state=State.HANDLING)
    path, sent["version"] = f"/cases/{asking.number}/finish/", asking.version
    client.post(path, {**sent, "photos": [picture() for _n in range(12)]})
    assert asking.photos.count() == 12


def test_a_failed_transaction_leaves_no_file_behind(case: Case) -> None:
    before = files()

    def fail_after_adding() -> None:
        with photos.all_or_nothing():
            photos.add(case, picture(), kind=PhotoKind.BEFORE, by=None, now=MONDAY)
            assert len(files()) == len(before) + 2
            raise LookupError

    with pytest.raises(LookupError):
        fail_after_adding()

    assert files() == before
    assert not Photo.objects.exists()


def test_a_refused_move_leaves_no_picture(world: World) -> None:
    create_item(department=world.sanitation, dispatch="manual", photo_after=True)
    case = create_case(world, state=State.HANDLING)
    client, before = browser(world.handler), files()
    sent = {"note": "已清理", "outcome": "solved"}

    answers = [
        client.post(f"/cases/{case.number}/finish/", {**sent, "version": 2, "photos": upload()}),
        client.post(
            f"/cases/{case.number}/finish/",
            {**sent, "version": 3, "photos": [upload(), broken_upload()]},
        ),
        client.post(f"/cases/{case.number}/finish/", {**sent, "version": 3}),
    ]

    assert [answer.status_code for answer in answers] == [409, 400, 409]
    assert files() == before
    assert not Photo.objects.exists()


def test_the_same_picture_from_two_phones_at_once_is_one(committed_db: object) -> None:
    reference.forget()
    case = create_case(create_world())
    same = upload()
    sent = [copy(same) for _n in range(4)]

    def add(file: object) -> str:
        try:
            added = photos.add(case, file, kind=PhotoKind.BEFORE, by=None, now=MONDAY)  # type: ignore[arg-type]
            return str(added.uuid)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(add, sent))

    assert len(answers) == 1
    assert Photo.objects.count() == 1


# Downloading ------------------------------------------------------------------------------------

SEES = ("clerk", "dispatcher", "supervisor", "leader", "grid_worker", "grid_guide")
SEES_NOT = ("outsider", "other_grid_worker", "police_handler", "handler", "correspondent")


def test_a_photo_is_for_those_who_see_the_case(world: World, photo: Photo) -> None:
    for path in (f"/photos/{photo.uuid}/", f"/photos/{photo.uuid}/thumb/"):
        for who in SEES:
            answer = browser(getattr(world, who)).get(path)
            assert answer.status_code == 200, who
            assert answer["Content-Type"] == "image/jpeg"
            assert answer["Cache-Control"] == "private, max-age=86400"
            assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")  # type: ignore[attr-defined]
        for who in SEES_NOT:
            assert browser(getattr(world, who)).get(path).status_code == 404, who
        assert browser(world.system_admin).get(path).status_code == 403
        assert browser().get(path)["Location"].startswith("/login/")
    assert browser(world.clerk).get(f"/photos/{uuid4()}/").status_code == 404


def test_behind_nginx_only_the_name_is_handed_over(
    world: World, photo: Photo, settings: object
) -> None:
    settings.ACCEL_REDIRECT_PREFIX = "/private/"  # type: ignore[attr-defined]

    answer = browser(world.clerk).get(f"/photos/{photo.uuid}/")

    assert answer["X-Accel-Redirect"] == f"/private/{photo.file.name}"
    assert answer.content == b""


def test_only_the_centre_makes_a_photo_public_and_takes_it_back(world: World, photo: Photo) -> None:
    path = f"/photos/{photo.uuid}/public/"

    refused = [
        browser(getattr(world, who)).post(path, {"no_person_visible": "1"}).status_code
        for who in ("outsider", "grid_worker", "leader", "handler", "system_admin")
    ]
    assert refused == [404, 403, 403, 403, 403]
    assert browser(world.clerk).get(path).status_code == 405
    assert photos.public(photo.case) == []

    answer = browser(world.clerk).post(path, {"no_person_visible": "1"})
    assert answer["Location"] == f"/cases/{photo.case.number}/"
    assert photos.public(photo.case) == [photo]

    browser(world.dispatcher).post(path, {"no_person_visible": "0"})
    assert photos.public(photo.case) == []


# Of a called department -------------------------------------------------------------------------


def whistled(world: World) -> tuple[Case, Task, Task]:
    """A case to which both departments are called, with the task of each."""
    case = create_case(world, state=State.ACCEPTED)
    called = (world.sanitation.pk, world.police.pk)
    case = move(case, "whistle", by=world.clerk, department_ids=called)
    first, second = Task.objects.filter(case=case).order_by("pk")
    return case, first, second


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_each_called_department_shows_its_own_photos(world: World, prefix: str) -> None:
    case, mine, other = whistled(world)
    client = browser(world.police_handler)
    path = f"{prefix}/cases/{case.number}/report_task/"

    assert "完成情况照片" in client.get(f"{path}?task={other.pk}").content.decode()
    sent = {"task": other.pk, "note": "已劝离", "version": case.version}
    answer = client.post(path, {**sent, "photos": [upload(), upload()]})

    assert answer.status_code == 302
    assert list(case.photos.values_list("task", flat=True)) == [other.pk, other.pk]
    page = browser(world.clerk).get(f"{prefix}/cases/{case.number}/").content.decode()
    rows = page.split('<li class="task">')[1:]
    assert [row.count("/thumb/") for row in rows] == [0, 2]
    assert page.count("/thumb/") == 2  # and nowhere else
    assert mine.photos.count() == 0


def test_a_photo_of_a_task_is_its_departments_to_add(world: World) -> None:
    case, mine, other = whistled(world)
    client, before = browser(world.police_handler), files()
    path = f"/cases/{case.number}/report_task/"
    sent = {"note": "已劝离", "version": case.version, "photos": upload()}

    assert client.post(path, {**sent, "task": mine.pk}).status_code == 409
    assert files() == before

    program = Program(world.police_handler)
    path = f"/cases/{case.number}/photos/"
    answer = program.send(path, file=upload(), kind="after", task=other.pk)
    assert (answer.status_code, answer.json()["task"]) == (201, other.pk)
    assert program.send(path, file=upload(), kind="after", task=mine.pk).status_code == 403
    assert program.send(path, file=upload(), kind="after").status_code == 403
    outsider = Program(world.outsider).send(path, file=upload(), kind="after", task=other.pk)
    assert outsider.status_code == 404
    found = program.get(f"/cases/{case.number}/").json()
    assert [len(task["photos"]) for task in found["tasks"]] == [0, 1]

    move(case, "report_task", by=world.police_handler, task_id=other.pk)
    late = program.send(path, file=upload(), kind="after", task=other.pk)
    assert (late.status_code, late.json()["detail"]) == (409, "该任务已反馈或免除。")


def test_the_photos_of_tasks_cost_no_query_more(world: World) -> None:
    case, _mine, other = whistled(world)
    client = browser(world.clerk)

    def add(n: int) -> None:
        for _n in range(n):
            photos.add(case, picture(), kind=PhotoKind.AFTER, by=None, now=MONDAY, task_id=other.pk)

    client.get(f"/cases/{case.number}/")
    add(1)
    with CaptureQueriesContext(connection) as one:
        client.get(f"/cases/{case.number}/")
    add(2)
    with queries(len(one)):
        client.get(f"/cases/{case.number}/")


# Proof of a request -----------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/m"])
@pytest.mark.parametrize("action", ["ask_extension", "ask_suspension"])
def test_a_request_is_proved_to_who_decides_and_to_no_resident(
    world: World, prefix: str, action: str
) -> None:
    shift_clock(to=MONDAY)
    case = create_case(world, state=State.HANDLING)
    client = browser(world.handler)
    path = f"{prefix}/cases/{case.number}/{action}/"
    assert "证明照片" in client.get(path).content.decode()
    sent = {"note": "设备待修", "until": "2026-03-06", "version": case.version}

    answer = client.post(path, {**sent, "photos": [upload(), upload()]})

    assert answer.status_code == 302
    leave = case.leaves.get()
    assert set(case.photos.values_list("kind", "leave")) == {("proof", leave.pk)}
    page = browser(world.dispatcher).get(f"{prefix}/cases/{case.number}/").content.decode()
    request = page.split('aria-labelledby="leave-title"')[1].split("</section>")[0]
    assert (request.count("/thumb/"), page.count("/thumb/")) == (2, 2)
    assert "证明照片 1" in request
    assert "/public/" not in page
    proof = case.photos.order_by("pk")[0]
    tick = browser(world.clerk).post(f"/photos/{proof.uuid}/public/", {"no_person_visible": "1"})
    assert tick.status_code == 404

    # decided, it stays with the case's photos
    move(case, "deny", by=world.dispatcher)
    page = browser(world.dispatcher).get(f"{prefix}/cases/{case.number}/").content.decode()
    assert page.count("/thumb/") == 2


def test_a_request_needs_no_proof_and_a_refused_one_leaves_none(world: World) -> None:
    shift_clock(to=MONDAY)
    case = create_case(world, state=State.HANDLING)
    client, before = browser(world.handler), files()
    path = f"/cases/{case.number}/ask_extension/"
    sent = {"note": "设备待修", "version": case.version}

    too_early = client.post(path, {**sent, "until": "2026-03-03", "photos": upload()})
    broken = client.post(path, {**sent, "until": "2026-03-06", "photos": broken_upload()})
    assert (too_early.status_code, broken.status_code) == (409, 400)
    assert files() == before
    assert not case.leaves.exists()

    assert client.post(path, {**sent, "until": "2026-03-06"}).status_code == 302
    assert not case.photos.exists()


def test_the_same_picture_may_prove_a_second_request(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    same = upload()
    for _n in range(2):
        case = move(case, "ask_extension", by=world.handler)
        for _twice in range(2):
            photos.add(case, copy(same), kind=PhotoKind.PROOF, by=world.handler, now=MONDAY)
        case = move(case, "deny", by=world.dispatcher)

    assert [leave.photos.count() for leave in case.leaves.order_by("pk")] == [1, 1]


def test_a_program_adds_proof_to_the_request_that_waits(world: World) -> None:
    shift_clock(to=MONDAY)
    case = create_case(world, state=State.HANDLING)
    program, path = Program(world.handler), f"/cases/{case.number}/photos/"

    early = program.send(path, file=upload(), kind="proof")
    assert (early.status_code, early.json()["detail"]) == (409, "没有待审批的申请。")
    asked = {"version": case.version, "note": "设备待修", "until": "2026-03-06"}
    assert program.post(f"/cases/{case.number}/ask_extension/", asked).status_code == 200
    assert program.send(path, file=upload(), kind="proof").status_code == 201
    assert program.send(path, file=upload(), kind="proof", task=1).status_code == 400
    clerk = Program(world.clerk).send(path, file=upload(), kind="proof")
    assert clerk.status_code == 403
    outsider = Program(world.outsider).send(path, file=upload(), kind="proof")
    assert outsider.status_code == 404

    found = Program(world.dispatcher).get(f"/cases/{case.number}/").json()
    assert [photo["kind"] for photo in found["leave"]["photos"]] == ["proof"]
