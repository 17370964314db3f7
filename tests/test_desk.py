"""The command centre's desk: the queue's tabs and filters, the case page, moves, a new case."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import access, deadlines, intake, queue
from cases.models import Case, Photo, Source, State
from governance import clock
from governance.models import AccessRecord, User
from tests.areas import draw, place, square
from tests.builders import World, create_unit, moment, queries, shift_clock
from tests.case_builders import (
    MONDAY,
    create_case,
    create_item,
    long_case,
    move,
    place_in,
    report_of,
)
from tests.clients import KEY, broken_upload, browser, upload

OPEN = ("reported", "accepted", "dispatched", "handling", "finished", "verified", "closed")


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def page(user: User, path: str, **headers: str) -> str:
    answer = browser(user).get(path, headers=headers)
    assert answer.status_code == 200, (user, path)
    return answer.content.decode()


def rows(html: str) -> list[str]:
    return re.findall(r'data-row="(\d+)"', html)


def tabs(html: str) -> dict[str, int | None]:
    """Tab key → the count shown, None where none is."""
    nav = html.partition('<nav class="tabs"')[2].partition("</nav>")[0]
    links = re.findall(r'href="[^"]*tab=(\w+)"[^>]*>[^<]*(?:<span[^>]*>(\d+)</span>)?', nav)
    return {key: int(count) if count else None for key, count in links}


def link(html: str, rel: str) -> str:
    found = re.search(rf'href="([^"]*)" rel="{rel}"', html)
    return found.group(1).replace("&amp;", "&") if found else ""


@pytest.fixture
def every_state(world: World) -> dict[str, str]:
    """A case of the first grid in each state (→ its number), and one in the other street."""
    made = {state.value: create_case(world, state=state) for state in State}
    for beside in Case.objects.exclude(pk__in=[case.pk for case in made.values()]):
        place_in(beside, world.other_grid)  # the case that one was joined to, the parts of another
    create_case(world, grid=world.other_grid, by=world.outsider)
    return {state: case.number for state, case in made.items()}


# The queue --------------------------------------------------------------------------------------

MINE = {
    "clerk": ("reported", "joint", "finished", "verified", "closed"),
    "dispatcher": ("reported", "accepted", "joint", "verified", "closed"),
    "handler": ("dispatched", "handling"),
    "department_lead": ("dispatched",),  # what the handler has signed is the handler's
    "grid_worker": ("finished",),
    "grid_leader": ("finished",),
    "station_lead": ("finished",),
    "leader": ("referred", "joint"),
    "supervisor": ("referred",),
    "police_handler": (),
    "correspondent": (),
}


def test_what_waits_for_each(world: World, every_state: dict[str, str]) -> None:
    for who, states in MINE.items():
        html = page(getattr(world, who), "/")
        assert sorted(rows(html)) == sorted(every_state[state] for state in states), who
        assert tabs(html)["mine"] == len(states), who


def test_the_tabs_count_the_own_territory(world: World, every_state: dict[str, str]) -> None:
    shift_clock(to=moment("2026-03-02 10:40"))
    near = {"to_accept": 1, "to_dispatch": 1, "near_due": 5, "overdue": 0}
    held = {"supervised": 0, "paused": 2}

    assert tabs(page(world.clerk, "/")) == {"mine": 5, **near, **held, "no_grid": 0, "all": None}
    assert tabs(page(world.leader, "/")) == {"mine": 2, **near, **held, "all": None}
    assert tabs(page(world.handler, "/")) == {
        "mine": 2,
        "tasks": 1,
        "near_due": 2,  # theirs, waiting to be closed and answered
        "overdue": 0,
        **held,
        "all": None,
    }
    shift_clock(to=moment("2026-03-02 11:01"))
    late = tabs(page(world.clerk, "/"))
    assert (late["near_due"], late["overdue"]) == (0, 5)
    overdue = rows(page(world.clerk, "/?tab=overdue"))
    past = ("reported", "accepted", "referred", "verified", "closed")
    assert sorted(overdue) == sorted(every_state[state] for state in past)


def test_each_tab_shows_what_it_counts(world: World, every_state: dict[str, str]) -> None:
    shift_clock(to=moment("2026-03-02 10:40"))
    counted = tabs(page(world.clerk, "/"))

    for key, count in counted.items():
        shown = rows(page(world.clerk, f"/?tab={key}"))
        # "all" has the own reports as well: the main case of the joined one, two parts
        assert len(shown) == (len(State) + 3 if key == "all" else count), key


def test_with_filters_each_tab_counts_what_they_find(
    world: World, every_state: dict[str, str]
) -> None:
    Case.objects.filter(number=every_state["dispatched"]).update(source="walk_in")
    for number in (every_state["reported"], every_state["accepted"]):
        case = Case.objects.get(number=number)
        move(case, "correct", by=world.clerk, description="路灯不亮")
    shift_clock(to=moment("2026-03-02 10:40"))

    odd = ("100%s", "it's", "路灯\\'", "%(now)s /* what the filters find */")
    narrow = f"since=2026-03-02&state=handling&unit={world.community.pk}"
    asked = [(world.clerk, "q=路灯"), (world.handler, "source=walk_in"), (world.clerk, narrow)]
    for who, query in [*asked, *((world.clerk, f"q={quote(words)}") for words in odd)]:
        for key, count in tabs(page(who, f"/?{query}")).items():
            shown = rows(page(who, f"/?tab={key}&{query}"))
            assert key == "all" or len(shown) == count, (who, key)
    assert tabs(page(world.clerk, "/?q=路灯"))["to_accept"] == 1
    assert tabs(page(world.clerk, "/?source=walk_in"))["to_accept"] == 0
    assert tabs(page(world.clerk, f"/?{narrow}"))["overdue"] == 0
    assert tabs(page(world.clerk, "/?since=2026-03-03"))["to_accept"] == 0


def test_the_map_colours_a_case_as_its_page_does(world: World) -> None:
    item = create_item(department=world.sanitation, dispatch="manual")
    lon, lat = place(0.5, 0.5)
    cases = [create_case(world, item=item, lon=lon, lat=lat) for _n in range(3)]
    cases.append(create_case(world, state=State.VERIFIED, lon=lon, lat=lat))  # without a clock
    create_case(world, state=State.ARCHIVED, lon=lon, lat=lat)
    create_case(world, lon=lon + 1, lat=lat)
    create_case(world)
    due = moment("2026-03-02 11:00")
    for case, warn in zip(cases[:3], ("10:00", "10:30", "10:50"), strict=True):
        Case.objects.filter(pk=case.pk).update(
            stage_warn_at=moment(f"2026-03-02 {warn}"), stage_due_at=due
        )
    box = f"{lon - 0.1},{lat - 0.1},{lon + 0.1},{lat + 0.1}"

    for time in ("10:29", "10:30", "10:55", "11:00", "11:01"):
        shift_clock(to=moment(f"2026-03-02 {time}"))
        answer = browser(world.clerk).get(f"/map/points/?bbox={box}").json()
        fresh = Case.objects.in_bulk([case.pk for case in cases]).values()
        now = clock.now()
        expected = {
            case.number: deadlines.light(case.stage_warn_at, case.stage_due_at, now)
            for case in fresh
        }
        assert {point[2]: point[3] for point in answer["points"]} == expected, time
        assert answer["items"] == {str(item.pk): item.name}
        assert answer["more"] is False


def test_the_outsider_meets_nothing_of_it(world: World) -> None:
    draw(world.grid, square(0, 0))
    lon, lat = place(0.5, 0.5)
    case = create_case(world, lon=lon, lat=lat)
    west, south, east, north = lon - 1, lat - 1, lon + 1, lat + 1
    client = browser(world.outsider)

    listed = page(world.outsider, "/?tab=all")
    assert rows(listed) == []
    assert set(tabs(listed).values()) == {0, None}
    assert rows(page(world.outsider, f"/?tab=all&q={case.number}")) == []
    assert client.get(f"/map/points/?bbox={west},{south},{east},{north}").json()["points"] == []
    assert case.number not in client.get("/grids/boundaries.geojson").content.decode()
    for path in (f"/cases/{case.number}/", f"/m/cases/{case.number}/"):
        assert client.get(path).status_code == 404
    assert client.post(f"/cases/{case.number}/accept/", {"version": 0}).status_code == 404
    assert client.post(f"/cases/{case.number}/reporter/", {"reason": "x"}).status_code == 404


def test_administrators_and_strangers_have_no_desk(world: World) -> None:
    assert browser(world.system_admin).get("/").status_code == 403
    assert browser().get("/")["Location"] == "/login/?next=/"


def test_cases_without_a_grid_are_the_centre_s(world: World) -> None:
    item = create_item(department=world.sanitation)
    lost, _new = intake.open_case(report_of(item, source=Source.PUBLIC), by=None, now=MONDAY)
    near, _new = intake.open_case(report_of(item), by=world.clerk, now=MONDAY)
    create_case(world, item=item)

    for who, found in (
        ("clerk", [near.number, lost.number]),
        ("dispatcher", [near.number, lost.number]),
        ("outsider", [lost.number]),
    ):
        html = page(getattr(world, who), "/?tab=no_grid")
        assert rows(html) == found, who
        assert tabs(html)["no_grid"] == len(found)
    for who in ("leader", "grid_worker", "handler"):
        assert "no_grid" not in tabs(page(getattr(world, who), "/"))
        assert lost.number not in page(getattr(world, who), "/?tab=no_grid")


def test_filters_live_in_the_address(world: World) -> None:
    item = create_item(department=world.sanitation, dispatch="manual")
    cover = create_item(department=world.police, code="0201", name="井盖缺失", dispatch="manual")
    a = create_case(world, item=item, description="路灯不亮").number
    tuesday = moment("2026-03-03 09:00")
    b = create_case(world, item=cover, grid=world.second_grid, now=tuesday, source="public").number
    c = create_case(world, item=item, state=State.HANDLING).number
    create_case(world, grid=world.other_grid, description="路灯不亮", by=world.outsider)

    for query, found in (
        ("", [c, b, a]),
        ("q=路灯", [a]),
        (f"q={b}", [b]),
        ("q=！", []),
        (f"item_class={item.item_class_id}", [c, b, a]),
        ("state=handling", [c]),
        (f"unit={world.second_grid.pk}", [b]),
        ("source=public", [b]),
        ("since=2026-03-03", [b]),
        ("state=reported&source=phone_call", [a]),
        # what does not fit is left out, never an error
        (f"unit={world.other_grid.pk}", [c, b, a]),
        ("state=nonsense&unit=x&since=yesterday&item_class=-1&q=%00", [c, b, a]),
        ("size=7&tab=nonsense&tab=all", [c, b, a]),
    ):
        html = page(world.clerk, f"/?tab=all&{quote(query, safe='=&%')}")
        assert sorted(rows(html)) == sorted(found), query

    html = page(world.clerk, "/?tab=all&state=handling&unit=")
    assert "/?tab=mine" not in html  # the tabs keep the filters
    assert "state=handling&amp;tab=mine" in html


def choices(html: str) -> list[str]:
    """The units that the filter offers."""
    select = html.partition('name="unit"')[2].partition("</select>")[0]
    return [name.strip("　") for name in re.findall(r"<option[^>]*>([^<]*)", select)]


def test_grids_join_the_filter_below_the_chosen_community(world: World) -> None:
    whole = choices(page(world.dispatcher, "/"))
    path = f"/?unit={world.community.pk}"
    opened = page(world.dispatcher, path)
    part = page(world.dispatcher, path, hx_request="true")

    assert world.community.name in whole
    assert world.grid.name not in whole
    assert {world.grid.name, world.second_grid.name} <= set(choices(opened))
    assert world.other_grid.name not in choices(opened)
    assert f'value="{world.community.pk}" selected' in opened
    # the list alone is fetched anew, and brings the choices along
    assert choices(part) == choices(opened)
    assert 'hx-swap-oob="innerHTML"' in part
    assert "hx-swap-oob" not in opened
    # who works in one community has its grids at hand
    assert world.grid.name in choices(page(world.clerk, "/"))


def test_the_filter_offers_what_is_new_at_once(world: World) -> None:
    before = page(world.dispatcher, "/")
    new = create_unit(kind="community", name="新辟社区", parent=world.street)
    create_item(department=world.sanitation)
    html = page(world.dispatcher, "/")

    assert new.name not in choices(before)
    assert ">市容环境</option>" not in before
    assert new.name in choices(html)
    assert ">市容环境</option>" in html


def walk(world: World, *, by_due: bool) -> tuple[list[list[str]], list[list[str]]]:
    """The pages of two, from the first to the last and back again."""
    cases = access.visible_to(world.clerk)
    forth: list[list[str]] = []
    back: list[list[str]] = []
    after = before = ""
    while after or not forth:
        found = queue.page(cases, by_due=by_due, after=after, before="", size=2)
        forth.append([line.number for line in found.lines])
        after, before = found.next_key, found.previous_key
    while before:
        found = queue.page(cases, by_due=by_due, after="", before=before, size=2)
        back.append([line.number for line in found.lines])
        before = found.previous_key
    return forth, back


def test_pages_go_forth_and_back_by_what_is_due(world: World) -> None:
    later = (40, 30, 20, 10, 10)  # minutes past nine: the last two are due at the same moment
    cases = [create_case(world, now=MONDAY + timedelta(minutes=m)).number for m in later]
    undue = [create_case(world, state=State.ANSWERED).number for _n in range(3)]
    create_case(world, grid=world.other_grid, by=world.outsider)

    forth, back = walk(world, by_due=True)

    assert forth == [
        [cases[3], cases[4]],
        [cases[2], cases[1]],
        [cases[0], undue[0]],  # what has no clock comes last
        [undue[1], undue[2]],
    ]
    assert back == forth[-2::-1]


def test_pages_go_forth_and_back_by_what_came_last(world: World) -> None:
    numbers = [create_case(world).number for _n in range(5)][::-1]
    create_case(world, grid=world.other_grid, by=world.outsider)

    forth, back = walk(world, by_due=False)

    assert forth == [numbers[:2], numbers[2:4], numbers[4:]]
    assert back == forth[-2::-1]


def test_the_page_links_to_its_neighbours_and_keeps_the_filters(world: World) -> None:
    numbers = [create_case(world).number for _n in range(26)][::-1]

    first = page(world.clerk, "/?tab=all&state=reported")
    second = page(world.clerk, link(first, "next"))
    again = page(world.clerk, link(second, "prev"))

    assert (rows(first), rows(second), rows(again)) == (numbers[:25], numbers[25:], numbers[:25])
    assert (link(first, "prev"), link(second, "next"), link(again, "prev")) == ("", "", "")
    assert "state=reported" in link(first, "next")
    assert rows(page(world.clerk, "/?tab=all&size=50")) == numbers


def test_a_page_key_that_was_tampered_with_is_the_first_page(world: World) -> None:
    case = create_case(world)

    for tab in ("mine", "all"):
        for key in ("x", "~", "x~1", "2026-03-02~x", "2026-03-02T00:00:00+22:28~1", f"{10**40}"):
            html = page(world.clerk, f"/?tab={tab}&before={quote(key)}")
            assert rows(html) in ([case.number], []), key
    assert rows(page(world.clerk, "/?tab=mine&after=2026-13-45~1")) == [case.number]


def test_the_queue_makes_as_many_queries_for_three_rows_as_for_one(world: World) -> None:
    client = browser(world.dispatcher)

    for number in (1, 3):
        for _n in range(number - Case.objects.count()):
            create_case(world)
        client.get("/")
        with queries(9):
            html = client.get("/").content.decode()
        assert len(rows(html)) == number


def test_htmx_gets_the_table_and_the_back_button_the_page(world: World) -> None:
    create_case(world)
    asked = {"HX-Request": "true"}

    part = page(world.clerk, "/", **asked)
    whole = page(world.clerk, "/", **asked, **{"HX-History-Restore-Request": "true"})

    assert part.strip().startswith('<div id="queue">')
    assert "<html" in whole


# The case page ----------------------------------------------------------------------------------

# What brings the case on, then what stands behind "more".
DESK = ["urge", "correct", "share"]
ACTIONS: dict[str, dict[str, list[str]]] = {
    "reported": {
        "clerk": ["accept", "refuse", "split", "ask_reporter", *DESK, "join"],
        "dispatcher": ["accept", "refuse", "split", "ask_reporter", *DESK, "join"],
        "grid_worker": ["handle_on_spot"],
        "leader": ["supervise", "force_close"],
    },
    "accepted": {
        "clerk": ["split", "pass_up", "ask_reporter", "whistle", "find", *DESK, "join"],
        "dispatcher": [
            *("dispatch", "split", "pass_up", "ask_reporter", "whistle", "consult", "find"),
            *(*DESK, "join"),
        ],
        "station_lead": ["handle_on_spot", "find"],
    },
    "referred": {"supervisor": ["rule", "consult", "urge", "supervise", "share"]},
    "dispatched": {"handler": ["sign", "return"], "department_lead": ["sign", "return"]},
    "handling": {
        "handler": ["finish", "return", "ask_extension", "ask_suspension", "ask_reporter", "find"],
        "leader": ["whistle", "consult", "supervise", "force_close"],
    },
    "joint": {
        "leader": ["consult", "supervise", "force_close", "excuse"],
        "grid_worker": ["find"],
    },
    "suspended": {
        "handler": ["resume"],
        "dispatcher": ["resume", "consult", "correct", "share"],
    },
    "waiting": {"clerk": ["reply", "correct", "share"], "handler": ["resume"]},
    "finished": {"clerk": ["verify", *DESK, "fail"], "grid_leader": ["verify", "fail"]},
    "verified": {"clerk": ["close", *DESK], "dispatcher": ["close", *DESK]},
    "closed": {"clerk": ["answer", "correct", "share"], "leader": []},
    "answered": {"clerk": ["rate", "archive", "reopen"], "leader": []},
    "refused": {"clerk": ["archive"], "leader": []},
    "archived": {"clerk": ["reopen"], "leader": []},
    "joined": {"clerk": ["unjoin"], "leader": []},
    "split": {"clerk": [], "leader": []},
}


def test_each_is_offered_only_what_they_may_do(world: World, every_state: dict[str, str]) -> None:
    assert set(ACTIONS) == set(State)
    for state, offered in ACTIONS.items():
        for who, expected in offered.items():
            html = page(getattr(world, who), f"/cases/{every_state[state]}/")
            assert sorted(re.findall(r'data-act="(\w+)"', html)) == sorted(expected), (state, who)


def test_what_leads_on_stands_first(world: World) -> None:
    case = create_case(world, state=State.HANDLING)

    html = page(world.handler, f"/cases/{case.number}/")

    first, more = html.split('<details class="more-acts"', 1)
    assert re.findall(r'data-act="(\w+)"', first) == ["finish", "return"]
    assert re.findall(r'data-act="(\w+)"', more)[:2] == ["ask_extension", "ask_suspension"]


def test_what_the_resident_rated_nobody_rates_again(world: World) -> None:
    case = create_case(world, state=State.ANSWERED)
    assert "代录评价" in page(world.clerk, f"/cases/{case.number}/")
    move(case, "rate", by=None, satisfied=True)

    assert "代录评价" not in page(world.clerk, f"/cases/{case.number}/")


def test_accepting_says_where_the_case_went_on(world: World) -> None:
    item = create_item(department=world.sanitation, dispatch="automatic")
    case = create_case(world, item=item)
    client = browser(world.clerk)

    answer = client.post(
        f"/cases/{case.number}/accept/", {"version": 0, "item_id": item.pk}, follow=True
    )

    assert "已受理，并自动派遣给环卫所。" in answer.content.decode()


def test_the_second_of_two_gets_back_what_was_typed(world: World) -> None:
    case = create_case(world)
    move(case, "accept", by=world.dispatcher)

    answer = browser(world.clerk).post(
        f"/cases/{case.number}/refuse/", {"version": 0, "note": "不属于本社区，已告知物业电话"}
    )

    assert answer.status_code == 409
    assert "不属于本社区，已告知物业电话" in answer.content.decode()


def test_who_may_no_move_sees_no_hidden_form_of_it(world: World) -> None:
    case = create_case(world)

    html = page(world.co_opted, f"/cases/{case.number}/")

    assert "下一步" not in html
    assert 'name="version"' not in html


def test_the_form_of_a_move_comes_as_a_dialog_or_as_a_page(world: World) -> None:
    case = create_case(world, state=State.VERIFIED)
    path = f"/cases/{case.number}/close/"

    whole = page(world.clerk, path)
    part = page(world.clerk, path, HX_Request="true")

    assert "<html" in whole
    assert '<form class="act-form"' in whole
    assert "<html" not in part
    assert part.strip().startswith('<dialog id="act-close"')
    refused = browser(world.clerk).get(f"/cases/{case.number}/accept/", follow=True)
    assert "“待结案”的事件不能“受理”；现在可以：结案。" in refused.content.decode()
    refused = browser(world.leader).get(path, follow=True)
    assert "您的岗位不能对该事件“结案”。" in refused.content.decode()


def test_the_page_makes_as_many_queries_for_three_lines_as_for_one(world: World) -> None:
    lon, lat = place(0.5, 0.5)
    case = create_case(world, lon=lon, lat=lat, reporter_phone="13812345678")
    client = browser(world.clerk)
    client.get(f"/cases/{case.number}/")
    with queries(12):
        client.get(f"/cases/{case.number}/")

    for _n in range(2):
        create_case(world, lon=lon, lat=lat)
        case.transitions.create(
            action="remind", from_state="reported", to_state="reported", at=MONDAY
        )
    with queries(12):
        html = client.get(f"/cases/{case.number}/").content.decode()
    assert "附近的事件" in html


def test_a_long_case_makes_as_many_queries_as_a_short_one(world: World) -> None:
    names = ("市场监督管理局", "消防救援大队", "生态环境局", "住建委")
    more = [create_unit(kind="department", name=name, parent=world.district) for name in names]
    called = [world.sanitation, world.police, *more]
    short = long_case(world, departments=called[:2], pictures=1, lines=5)
    long = long_case(world, departments=called, pictures=6, lines=61)
    client = browser(world.clerk)
    client.get(f"/cases/{short.number}/")

    with CaptureQueriesContext(connection) as for_short:
        client.get(f"/cases/{short.number}/")
    with CaptureQueriesContext(connection) as for_long:
        html = client.get(f"/cases/{long.number}/").content.decode()

    assert len(for_long) == len(for_short)
    assert html.count("市场监督管理局") > 0


def test_nearby_are_the_open_ones_that_one_may_see(world: World) -> None:
    lon, lat = place(0.5, 0.5)
    case = create_case(world, lon=lon, lat=lat)
    near = create_case(world, lon=lon + 0.0005, lat=lat, description="近处")
    nearest = create_case(world, lon=lon + 0.0001, lat=lat, description="最近")
    create_case(world, lon=lon + 0.002, lat=lat, description="远处")
    create_case(world, lon=lon, lat=lat, state=State.ARCHIVED)
    create_case(world, lon=lon, lat=lat, grid=world.other_grid, by=world.outsider)

    html = page(world.clerk, f"/cases/{case.number}/").partition("附近的事件")[2]

    found = re.findall(r'href="/cases/(\d+)/"', html)
    assert found == [nearest.number, near.number]
    assert "9 米" in html


# Acting -----------------------------------------------------------------------------------------


def act(user: User, case: Case, action: str, **given: Any) -> Any:
    given.setdefault("version", case.version)
    return browser(user).post(f"/cases/{case.number}/{action}/", given)


def test_a_case_goes_its_whole_way_on_the_desk(world: World) -> None:
    case = create_case(world)

    for action, who, given, state in (
        ("accept", "clerk", {"item_id": case.item_id}, "accepted"),
        ("dispatch", "dispatcher", {"department": world.sanitation.pk}, "dispatched"),
        ("sign", "handler", {}, "handling"),
        ("finish", "handler", {"outcome": "solved", "note": "已清理"}, "finished"),
        ("verify", "grid_worker", {}, "verified"),
        ("close", "clerk", {}, "closed"),
        ("answer", "clerk", {"note": "已清走"}, "answered"),
        ("rate", "clerk", {"satisfied": "1"}, "answered"),
        ("archive", "clerk", {}, "archived"),
    ):
        answer = act(getattr(world, who), case, action, **given)
        assert answer.status_code == 302, answer.content.decode()
        assert answer["Location"] == f"/cases/{case.number}/"
        case.refresh_from_db()
        assert case.state == state
    lines = case.transitions.exclude(action="report").values_list("source", flat=True)
    assert set(lines) == {"desk"}


def test_the_second_of_two_gets_a_page_that_leads_back(world: World) -> None:
    case = create_case(world)
    move(case, "refuse", by=world.dispatcher, note="重复")

    answer = act(world.clerk, case, "accept", version=0, item_id=case.item_id)

    assert answer.status_code == 409
    html = answer.content.decode()
    assert "该事件已被派遣员更新，请查看最新情况后再操作。" in html
    assert f'href="/cases/{case.number}/"' in html
    case.refresh_from_db()
    assert case.state == State.REFUSED


def test_a_wrong_move_is_answered_by_a_sentence(world: World) -> None:
    case = create_case(world, state=State.HANDLING)

    answer = act(world.clerk, case, "close")

    assert answer.status_code == 409
    said = "“处置中”的事件不能“结案”；现在可以：退单、处置反馈。"
    assert said in answer.content.decode()


def test_what_is_missing_is_asked_for_in_the_form(world: World) -> None:
    case = create_case(world, state=State.HANDLING)

    answer = act(world.handler, case, "finish", outcome="solved", note="")

    assert answer.status_code == 400
    html = answer.content.decode()
    dialog = html.partition('<dialog id="act-finish"')[2].partition("</dialog>")[0]
    assert "data-open-now" in dialog
    assert "必填" in dialog
    assert act(world.handler, case, "finish", version="", note="x").status_code == 400
    assert act(world.handler, case, "explode").status_code == 404
    assert browser(world.handler).delete(f"/cases/{case.number}/finish/").status_code == 405


def test_who_returns_a_case_is_led_home(world: World) -> None:
    case = create_case(world, state=State.HANDLING)

    answer = act(world.handler, case, "return", note="不属于本单位")

    assert answer["Location"] == "/"
    assert browser(world.handler).get(f"/cases/{case.number}/").status_code == 404


def test_the_dispatcher_reads_the_reasons(world: World) -> None:
    create_item(department=world.sanitation, joint=(world.police,), dispatch="manual")
    case = create_case(world, state=State.ACCEPTED)

    html = page(world.dispatcher, f"/cases/{case.number}/dispatch/")

    assert "清单主责部门 · 在办 0 件" in html
    assert html.index("清单主责部门") < html.index("清单配合部门")


def test_a_form_of_another_department_is_refused(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)

    answer = act(world.dispatcher, case, "dispatch", department=world.community.pk)

    assert answer.status_code == 400
    case.refresh_from_db()
    assert case.department is None


# The reporter -----------------------------------------------------------------------------------

PHONE = "13812345678"


@pytest.fixture
def told(world: World) -> Case:
    return create_case(world, reporter_name="王小二", reporter_phone=PHONE)


def test_the_reporter_is_masked_on_every_page(world: World, told: Case) -> None:
    for who in ("clerk", "grid_worker", "leader"):
        for path in (f"/cases/{told.number}/", f"/m/cases/{told.number}/", "/?tab=all"):
            html = page(getattr(world, who), path)
            assert PHONE not in html
            assert "王小二" not in html
    html = page(world.clerk, f"/cases/{told.number}/")
    assert "138****5678" in html
    assert "王**" in html
    assert not AccessRecord.objects.exists()


def test_revealing_wants_a_reason_and_is_written_down(world: World, told: Case) -> None:
    client, path = browser(world.clerk), f"/cases/{told.number}/reporter/"

    assert client.get(path).status_code == 405
    masked = client.post(path, {"reason": " "}).content.decode()
    assert PHONE not in masked
    assert not AccessRecord.objects.exists()

    answer = client.post(path, {"reason": "回访"})

    assert PHONE in answer.content.decode()
    assert "王小二" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    record = AccessRecord.objects.get()
    assert (record.user, record.model) == (world.clerk, "cases.Reporter")
    assert record.object_id == str(told.reporter_id)
    assert (record.columns, record.reason) == (["name", "phone", "email"], f"{told.number} 回访")
    assert PHONE not in page(world.clerk, f"/cases/{told.number}/")


def test_who_may_not_reveal_gets_nothing(world: World, told: Case) -> None:
    path = f"/cases/{told.number}/reporter/"

    for who, status in (
        ("leader", 403),
        ("supervisor", 403),
        ("system_admin", 403),
        ("handler", 404),  # not at this department
        ("outsider", 404),
        ("other_grid_worker", 404),
    ):
        answer = browser(getattr(world, who)).post(path, {"reason": "x"})
        assert answer.status_code == status, who
        assert PHONE not in answer.content.decode()
    assert "reveal" not in page(world.leader, f"/cases/{told.number}/")
    anonymous = create_case(world)
    refused = browser(world.clerk).post(f"/cases/{anonymous.number}/reporter/", {"reason": "x"})
    assert refused.status_code == 404
    assert not AccessRecord.objects.exists()


# A new case -------------------------------------------------------------------------------------


def form(item_id: int, **fields: Any) -> dict[str, Any]:
    return {
        "item": item_id,
        "description": "有人来电说楼前有垃圾",
        "place": "军丽园3号楼",
        "source": "phone_call",
        "reporter_name": "王小二",
        "reporter_phone": PHONE,
        "key": str(KEY),
        **fields,
    }


def test_a_call_becomes_a_case(world: World) -> None:
    draw(world.second_grid, square(0, 0))
    item = create_item(department=world.sanitation)
    lon, lat = place(0.5, 0.5)

    answer = browser(world.clerk).post(
        "/cases/new/", form(item.pk, lon=lon, lat=lat, photos=[upload()])
    )

    case = Case.objects.get()
    assert answer["Location"] == f"/cases/{case.number}/"
    assert (case.source, case.grid, case.reported_by) == (
        "phone_call",
        world.second_grid,
        world.clerk,
    )
    assert case.reporter is not None
    assert (case.reporter.name.reveal(), case.photos.count()) == ("王小二", 1)


def test_pressed_twice_it_is_one_case(world: World) -> None:
    item = create_item(department=world.sanitation)
    client = browser(world.clerk)

    answers = [client.post("/cases/new/", form(item.pk, photos=[upload()])) for _n in range(2)]

    assert answers[0]["Location"] == answers[1]["Location"]
    assert (Case.objects.count(), Photo.objects.count()) == (1, 1)
    conflict = client.post("/cases/new/", form(item.pk, description="另一件事"))
    assert conflict.status_code == 400
    assert "内容不同" in conflict.content.decode()
    assert Case.objects.count() == 1


def test_a_form_at_fault_keeps_what_was_typed(world: World) -> None:
    item = create_item(department=world.sanitation)

    for wrong in (
        {"photos": [broken_upload()]},
        {"item": ""},
        {"item": 999_999},
        {"item": "x"},
        {"place": ""},
        {"description": ""},
        {"reporter_phone": "?"},
        {"source": "import"},
        {"accuracy_m": "1e300"},
    ):
        answer = browser(world.clerk).post("/cases/new/", form(item.pk) | wrong)
        html = answer.content.decode()
        assert answer.status_code == 400, wrong
        assert "军丽园3号楼" in html or "有人来电说楼前有垃圾" in html
        if "item" not in wrong:
            assert "暴露垃圾" in html  # the item that was picked

    assert not Case.objects.exists()


def test_photos_that_a_refused_form_lost_are_asked_for_again(world: World) -> None:
    item = create_item(department=world.sanitation)
    wrong = form(item.pk, reporter_phone="?", photos=[upload(), upload()])

    answer = browser(world.clerk).post("/cases/new/", wrong)

    assert "照片没有保留，请重新选择（2 张）。" in answer.content.decode()


def test_items_while_typing(world: World) -> None:
    create_item(department=world.sanitation)
    create_item(department=world.police, code="0201", name="井盖缺失")

    html = page(world.clerk, f"/cases/items/?q={quote('井盖')}")

    assert "井盖缺失" in html
    assert "暴露垃圾" not in html


def test_a_form_opens_for_the_case_as_the_page_showed_it(world: World) -> None:
    case = create_case(world)
    seen = f"/cases/{case.number}/correct/?version={case.version}"
    assert "更正的理由" in page(world.clerk, seen)
    move(case, "urge", by=world.dispatcher)  # the move is still legal, and yet nobody saw this case

    client = browser(world.clerk)
    assert client.get(seen)["Location"] == f"/cases/{case.number}/"
    asked = client.get(seen, headers={"HX-Request": "true"})
    assert asked["HX-Redirect"] == f"/cases/{case.number}/"
    assert "已被派遣员更新" in client.get(f"/cases/{case.number}/").content.decode()
