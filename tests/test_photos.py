"""Photos: clean, private, one of a kind, public only after somebody looked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection
from PIL import Image

from cases import photos
from cases.models import Case, Photo, PhotoKind, State
from governance import reference
from governance.uploads import BadPicture
from tests.builders import World, create_world
from tests.case_builders import MONDAY, create_case, create_item, picture
from tests.clients import broken_upload, browser, copy, upload


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
