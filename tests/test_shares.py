"""One case shown to a person or a department for a while."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import access, shared
from cases.models import CaseShare, CaseUnitPermission, CaseUserPermission, Finding, State
from governance.models import Unit, User
from tests.builders import World, create_user, moment, shift_clock
from tests.case_builders import MONDAY, create_case, move, refused, sweep, told
from tests.clients import browser, post_move


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def test_a_share_shows_one_case_until_its_minute(world: World) -> None:
    case, other = create_case(world), create_case(world)
    reader = world.police_handler
    assert access.visible_to(reader).count() == 0

    move(case, "share", by=world.clerk, user_id=reader.pk, unit_id=None, until=date(2026, 3, 4))

    assert list(access.visible_to(reader)) == [case]
    assert CaseUserPermission.objects.count() == 1
    client = browser(reader)
    assert client.get(f"/cases/{case.number}/").status_code == 200
    assert client.get(f"/cases/{other.number}/").status_code == 404
    shift_clock(to=moment("2026-03-04 17:30"))
    assert list(access.visible_to(reader)) == []
    sweep("2026-03-04 17:30")
    assert CaseUserPermission.objects.count() == 0
    assert CaseShare.objects.get().ended_at is not None


def test_a_share_with_a_department_is_for_those_who_hold_a_post_there(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "share", by=world.clerk, unit_id=world.police.pk, mode="help")
    assert told(world.police_handler) == ["share"]
    assert access.sees(world.police_handler, case)
    assert access.helps(world.police_handler, case)
    case = move(case, "find", by=world.police_handler)
    assert Finding.objects.count() == 1

    # a permission without its share gives nothing, nor a share without its permission
    CaseUnitPermission.objects.all().delete()
    CaseShare.objects.update(mode="read")
    assert not access.sees(world.police_handler, case)
    case = move(case, "unshare", by=world.clerk, unit_id=world.police.pk)
    assert shared.of_case(case) == []
    assert "没有与其共享" in refused(case, "unshare", by=world.clerk)


def test_a_history_that_names_more_people_asks_no_more_often(world: World) -> None:
    case = create_case(world)
    client, counts = browser(world.clerk), []
    for lot in range(2):
        for n in range(1 + 2 * lot):
            reader = create_user(role="handler", unit=world.police, name=f"读者{lot}{n}")
            case = move(case, "share", by=world.clerk, user_id=reader.pk, unit_id=None)
        client.get(f"/cases/{case.number}/")
        with CaptureQueriesContext(connection) as captured:
            page = client.get(f"/cases/{case.number}/").content.decode()
        counts.append(len(captured))

    assert counts[0] == counts[1]
    assert "读者12" in page


def test_a_share_tells_of_no_other_case(world: World) -> None:
    main, other, whole = (create_case(world) for _ in range(3))
    move(other, "join", by=world.clerk, main=main.number)
    move(whole, "split", by=world.clerk)
    for shown, hidden in ((main, other), (whole.parts.order_by("pk")[0], whole)):
        move(shown, "share", by=world.clerk, unit_id=world.police.pk)
        address, link = f"/cases/{shown.number}/", f'href="/cases/{hidden.number}/"'

        assert link in browser(world.clerk).get(address).content.decode()
        assert link not in browser(world.police_handler).get(address).content.decode()


def test_a_share_given_again_has_the_new_end(world: World) -> None:
    case = create_case(world)
    case = move(case, "share", by=world.clerk, unit_id=world.police.pk, mode="help")
    case = move(case, "share", by=world.clerk, unit_id=world.police.pk, until=date(2026, 3, 3))

    row = CaseShare.objects.get()
    assert (row.mode, row.until) == ("read", moment("2026-03-03 17:30"))
    assert not access.helps(world.police_handler, case)
    both = {"unit_id": world.police.pk, "user_id": world.handler.pk}
    assert "一个部门或一个人" in refused(case, "share", by=world.clerk, **both)
    assert "在用" in refused(case, "share", by=world.clerk, unit_id=None, user_id=0)


def test_a_share_is_ended_also_when_its_department_or_person_is_gone(world: World) -> None:
    case = create_case(world)
    move(case, "share", by=world.clerk, unit_id=world.police.pk)
    reader = create_user()
    case = move(case, "share", by=world.clerk, unit_id=None, user_id=reader.pk)
    Unit.objects.filter(pk=world.police.pk).update(valid_to="2026-03-01")
    User.objects.filter(pk=reader.pk).update(is_active=False)

    assert post_move(world.clerk, case, "unshare", unit_id=world.police.pk) == 302
    assert post_move(world.clerk, case, "unshare", user_id=reader.pk) == 302

    assert not CaseShare.objects.filter(ended_at=None).exists()
    assert post_move(world.clerk, case, "unshare", user_id=reader.pk) == 409
    assert "现有部门" in refused(case, "share", by=world.clerk, unit_id=world.police.pk)
