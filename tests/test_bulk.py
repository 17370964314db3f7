"""One move for many cases: said before what will change, one bad case stops no other."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import QueryDict

from cases import bulk_moves
from cases.models import BulkJob, Case, CaseShare, State, Transition
from governance import timers
from tests.builders import World, create_unit, moment, shift_clock
from tests.case_builders import MONDAY, create_case, move
from tests.clients import browser


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def send(world: World, who: str, **fields: Any) -> Any:
    return browser(getattr(world, who)).post("/bulk/", fields, follow=True)


def test_it_says_first_what_will_change_and_what_will_not(world: World) -> None:
    ready = [create_case(world, state=State.ACCEPTED) for _n in range(2)]
    early = create_case(world)
    hidden = create_case(world, grid=world.other_grid, by=world.outsider, state=State.REPORTED)
    numbers = [case.number for case in (*ready, early, hidden)]

    html = send(world, "dispatcher", action="dispatch", number=numbers).content.decode()

    assert "将办理 2 件。" in html
    assert "另有 1 件不能办理" in html
    assert "“待受理”的事件不能“派遣”" in html
    assert hidden.number not in html
    assert Case.objects.filter(state=State.DISPATCHED).count() == 0


def test_a_selection_is_dispatched_slice_by_slice(world: World) -> None:
    cases = [create_case(world, state=State.ACCEPTED) for _n in range(3)]
    sent = {
        "action": "dispatch",
        "number": [case.number for case in cases],
        "confirmed": "1",
        "department": world.sanitation.pk,
    }
    page = send(world, "dispatcher", **sent)
    assert "共 3 件，已处理 0 件" in page.content.decode()
    job = BulkJob.objects.get()
    move(cases[1], "handle_on_spot", by=world.grid_worker)  # meanwhile, by somebody else

    client = browser(world.dispatcher)
    done = client.post(f"/bulk/{job.pk}/", headers={"HX-Request": "true"}).content.decode()

    assert "已完成。 共 3 件，已处理 3 件，其中办理 2 件。" in done
    assert "已被专职网格员更新" in done
    assert Case.objects.filter(state=State.DISPATCHED, department=world.sanitation).count() == 2
    lines = Transition.objects.filter(action="dispatch").order_by("pk")
    reasons = [dict(line.details["reasons"]) for line in lines]
    assert [said["load"] for said in reasons] == [{"load": 0}, {"load": 1}]  # the first counts
    assert "hx-post" not in done
    again = client.post(f"/bulk/{job.pk}/")
    assert "已处理 3 件" in again.content.decode()
    assert browser(world.clerk).get(f"/bulk/{job.pk}/").status_code == 404


def test_a_job_whose_page_was_closed_goes_on_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [create_case(world) for _n in range(3)]
    numbers = [case.number for case in cases]
    send(world, "clerk", action="urge", number=numbers, confirmed="1")
    job = BulkJob.objects.get()
    bulk_moves.work(job.pk, MONDAY, size=1)

    shift_clock(to=moment("2026-03-02 09:02"))
    timers.sweep()

    job.refresh_from_db()
    assert (job.tried, job.refused) == (3, [])
    assert Case.objects.exclude(urged_at=None).count() == 3


def test_all_that_the_filters_find(world: World) -> None:
    create_case(world, state=State.HANDLING)
    for _n in range(3):
        create_case(world)

    html = send(world, "clerk", action="accept", all="1", query="tab=to_accept").content.decode()

    assert "将办理 3 件。" in html
    assert "请先选择事件" in send(world, "clerk", action="accept").content.decode()
    assert send(world, "clerk", action="close", number=["1"]).status_code == 404
    assert send(world, "grid_worker", action="accept", number=["1"]).status_code == 404


def test_a_filter_that_means_nothing_takes_nothing_and_the_list_stays(world: World) -> None:
    case = create_case(world)
    query = f"tab=to_accept&q={'路灯不亮' * 60}"

    sent = {"action": "urge", "all": "1", "query": query}
    answer = browser(world.clerk).post("/bulk/", sent)

    assert not BulkJob.objects.exists()
    assert answer.url == f"/?{QueryDict(query).urlencode()}"  # type: ignore[attr-defined]
    html = browser(world.clerk).get(f"/?{query}").content.decode()
    assert "请先选择事件" in browser(world.clerk).post("/bulk/", sent, follow=True).content.decode()
    assert "不超过 200 字符" in html
    preview = send(world, "clerk", action="urge", number=[case.number], query="tab=to_accept&q=井")
    assert 'href="/?tab=to_accept&amp;q=%E4%BA%95"' in preview.content.decode()


def test_a_selection_larger_than_a_form_may_have_fields(world: World, settings: Any) -> None:
    """Django refuses a form of more than a thousand fields; the filters may find more cases."""
    for _n in range(12):
        create_case(world)
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    asked = {"action": "urge", "all": "1", "query": "tab=to_accept"}
    html = send(world, "clerk", **asked).content.decode()
    numbers = re.search(r'name="numbers" value="([^"]*)"', html)
    assert numbers

    send(world, "clerk", action="urge", confirmed="1", numbers=numbers[1])

    assert len(BulkJob.objects.get().cases) == 12


def test_sharing_and_joining_a_selection(world: World) -> None:
    main, *others = [create_case(world) for _n in range(3)]
    numbers = [case.number for case in others]
    share = {"department": world.police.pk, "mode": "read", "until": "2026-03-09"}
    send(world, "clerk", action="share", number=numbers, confirmed="1", **share)
    bulk_moves.work(BulkJob.objects.get().pk, MONDAY)
    assert CaseShare.objects.filter(unit=world.police).count() == 2

    assert send(world, "clerk", action="join", number=numbers, confirmed="1").status_code == 400
    send(world, "clerk", action="join", number=numbers, confirmed="1", main=main.number)
    job = bulk_moves.work(BulkJob.objects.order_by("-pk")[0].pk, MONDAY)
    assert job.refused == []
    assert list(Case.objects.filter(main=main).values_list("number", flat=True)) == numbers


def test_what_is_filled_in_is_judged_before_anything_begins(world: World) -> None:
    """The department had sent the second case back: it does not simply get it again."""
    ready = create_case(world, state=State.ACCEPTED)
    other = create_case(world, state=State.DISPATCHED)
    move(other, "return", by=world.handler)
    numbers = [ready.number, other.number]
    sent = {"action": "dispatch", "number": numbers}
    first = send(world, "dispatcher", **sent).content.decode()
    assert "将办理 2 件。" in first
    assert world.sanitation.name in first

    chosen = {"action": "dispatch", "numbers": " ".join(numbers), "confirmed": "1"}
    chosen["department"] = str(world.sanitation.pk)
    split = send(world, "dispatcher", **chosen).content.decode()

    assert not BulkJob.objects.exists()
    assert "将办理 1 件。 另有 1 件不能办理" in split
    assert f'<span class="number">{other.number}</span> 该部门已退单' in split
    assert f'name="numbers" value="{ready.number} {other.number}"' in split
    agreed = re.search(r'name="agreed" value="([^"]*)"', split)
    assert agreed
    send(world, "dispatcher", **chosen, agreed=agreed[1])
    assert BulkJob.objects.get().cases == [ready.pk]


def test_another_choice_is_judged_anew(world: World) -> None:
    """What fits nobody starts nothing; what was agreed to for one department is not for another."""
    cases = [create_case(world) for _n in range(2)]
    closed = create_case(world, state=State.CLOSED)
    join = {"action": "join", "number": [case.number for case in cases], "confirmed": "1"}

    none = send(world, "clerk", **join, main=closed.number).content.decode()
    assert "所选的事件都不能这样办理" in none
    assert "不在办理中，不能并入" in none
    itself = send(world, "clerk", **join, main=cases[0].number).content.decode()
    assert "不能并入自己。" in itself
    share = {**join, "action": "share", "department": world.police.pk, "mode": "read"}
    past = send(world, "clerk", **share, until="2026-02-27").content.decode()
    assert "日期须在今天之后。" in past
    assert not BulkJob.objects.exists()
    send(world, "clerk", **join, main=cases[0].number, agreed=cases[0].number)
    assert BulkJob.objects.get().cases == [cases[1].pk]


def test_only_departments_that_may_get_one_of_them_are_offered(world: World) -> None:
    elsewhere = create_unit(kind="department", name="外街道环卫所", parent=world.other_street)
    case = create_case(world, state=State.ACCEPTED)

    html = send(world, "dispatcher", action="dispatch", number=[case.number]).content.decode()

    assert f'value="{world.sanitation.pk}"' in html
    assert elsewhere.name not in html


def test_the_list_offers_boxes_to_those_who_may(world: World) -> None:
    create_case(world)
    assert 'form="bulk" name="number"' in browser(world.clerk).get("/?tab=all").content.decode()
    html = browser(world.grid_worker).get("/?tab=all").content.decode()
    assert 'form="bulk"' not in html
