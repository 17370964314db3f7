"""建议: collected by residents and staff, answered or handed over, counted; and what staff say of
the platform."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import suggestion_clock, suggestions
from cases.errors import NotAllowed
from cases.models import Case, Item, Regulation, Source, Suggestion, SuggestionState, SuggestionStep
from cases.submissions import Conflict
from cases.suggestions import Said, Tally
from governance import timers, workcalendar
from governance.models import AccessRecord, CalendarDay, Message, Timer, User
from tests.builders import World, create_user, create_world, kinds_told, moment, shift_clock
from tests.case_builders import MONDAY, create_item
from tests.clients import KEY, Program, browser

PHONE = "13812345678"
WORDS = "希望在小区西门加装路灯"
DUE = moment("2026-03-23 17:30")  # fifteen working days from Monday
PREFIXES = ["", "/m"]


@pytest.fixture
def world(db: None) -> World:
    """The small world, on Monday at nine."""
    shift_clock(to=MONDAY)
    return create_world()


@pytest.fixture
def chief(world: World) -> User:
    """Who supervises the whole district."""
    return create_user(role="supervisor", unit=world.district, username="chief", name="区督办员")


def collect(world: World, *, by: User | None = None, **fields: Any) -> Suggestion:
    """A worker met a resident who had an idea."""
    said = {
        "subject": "community",
        "kind": "facilities",
        "words": WORDS,
        "source": "worker",
        "unit_id": world.grid.pk,
        "name": "李老太",
        "phone": PHONE,
    }
    own = {name: fields.pop(name) for name in ("now", "key") if name in fields}
    row, _new = suggestions.collect(
        Said(**{**said, **fields}), by=by or world.grid_worker, **{"now": MONDAY, **own}
    )
    return row


def opinion(by: User, *, signed: bool = True, **fields: Any) -> Suggestion:
    said = {"kind": "burden", "words": "同一户信息要录三遍", **fields}
    row, _new = suggestions.collect(
        Said(subject="platform", source="staff", **said), by=by, now=MONDAY, signed=signed
    )
    return row


def answer(row: Suggestion, by: User, **fields: Any) -> Suggestion:
    given = {"outcome": "adopted", "text": "三月底前装好。", "now": MONDAY, **fields}
    return suggestions.answer(row, by=by, **given)


def lines(row: Suggestion) -> list[str]:
    return list(row.steps.order_by("pk").values_list("action", flat=True))


# The life ---------------------------------------------------------------------------------------


def test_a_suggestion_is_collected_and_answered(world: World) -> None:
    row = collect(world)

    assert (row.state, row.due_at, row.unit) == ("received", DUE, world.community)
    assert (row.grid, row.author) == (world.grid, world.grid_worker)
    assert kinds_told(world.clerk) == ["suggestion.received"]
    row = answer(row, world.clerk)
    assert (row.state, row.outcome, row.answered_by) == ("answered", "adopted", world.clerk)
    assert kinds_told(world.grid_worker) == ["suggestion.answered"]
    assert lines(row) == ["collect", "answer"]
    assert not Timer.objects.open().filter(kind=suggestion_clock.OVERDUE).exists()


def test_an_answer_is_given_once_and_in_words(world: World) -> None:
    row = collect(world)

    with pytest.raises(NotAllowed, match="理由"):
        answer(row, world.clerk, outcome="declined", text=" ")
    with pytest.raises(NotAllowed, match="结果"):
        answer(row, world.clerk, outcome="maybe")
    answer(row, world.clerk, outcome="declined", text="该处属于规划道路，暂不能装。")
    for again in (lambda: answer(row, world.clerk), lambda: hand_over(world, row)):
        with pytest.raises(NotAllowed, match="已经答复"):
            again()


def hand_over(world: World, row: Suggestion, **fields: Any) -> Case:
    item = Item.objects.first() or create_item(department=world.sanitation)
    given = {"item_id": item.pk, "by": world.clerk, "now": MONDAY, **fields}
    return suggestions.hand_over(row, **given)[1]


def test_what_must_be_handled_becomes_a_case_and_nothing_is_typed_twice(world: World) -> None:
    row = collect(world)

    case = hand_over(world, row, place="西门")

    row.refresh_from_db()
    assert (row.state, row.case) == ("handed_over", case)
    assert (case.description, case.place, case.source) == (WORDS, "西门", Source.SUGGESTION)
    assert (case.grid, case.state, case.reported_by) == (world.grid, "reported", world.clerk)
    assert case.reporter is not None
    assert (case.reporter.name.reveal(), case.reporter.phone.reveal()) == ("李老太", PHONE)
    assert not AccessRecord.objects.exists()  # nobody was shown them
    assert lines(row) == ["collect", "hand_over"]
    assert kinds_told(world.grid_worker)[-1:] == ["suggestion.answered"]


def test_a_bad_item_hands_nothing_over(world: World) -> None:
    row = collect(world)

    with pytest.raises(NotAllowed, match="事项"):
        suggestions.hand_over(row, item_id=0, by=world.clerk, now=MONDAY)

    row.refresh_from_db()
    assert (row.state, Case.objects.count()) == ("received", 0)


def test_it_can_be_passed_to_a_department_that_then_answers(world: World) -> None:
    row = collect(world)
    assert not suggestions.visible_suggestions(world.handler).exists()

    for wrong in (world.other_street.pk, world.community.pk, 0):
        with pytest.raises(NotAllowed, match="请选择"):
            suggestions.reassign(row, unit_id=wrong, note="", by=world.clerk, now=MONDAY)
    with pytest.raises(NotAllowed, match="在岗"):
        suggestions.reassign(row, unit_id=world.district.pk, note="", by=world.clerk, now=MONDAY)
    to = world.sanitation.pk
    row = suggestions.reassign(row, unit_id=to, note="请看看", by=world.clerk, now=MONDAY)

    assert row.due_at == DUE
    assert kinds_told(world.handler) == ["suggestion.received"]
    assert suggestions.suggestion_for(world.handler, row.number) == row
    assert row.steps.latest("pk").note == "环卫所 请看看"
    assert answer(row, world.handler).state == "answered"


def test_who_may_not(world: World) -> None:
    row = collect(world)
    for user in (world.grid_worker, world.handler, world.outsider, world.system_admin):
        with pytest.raises(NotAllowed, match="岗位"):
            answer(row, user)
        with pytest.raises(NotAllowed, match="岗位"):
            hand_over(world, row, by=user)
        with pytest.raises(NotAllowed, match="岗位"):
            suggestions.reassign(row, unit_id=world.police.pk, note="", by=user, now=MONDAY)
    with pytest.raises(NotAllowed, match="岗位"):
        collect(world, by=world.system_admin)
    with pytest.raises(NotAllowed, match="列表"):
        collect(world, unit_id=world.other_grid.pk)
    with pytest.raises(NotAllowed, match="类别"):
        collect(world, kind="burden")
    with pytest.raises(NotAllowed, match="内容"):
        collect(world, words="  ")
    said = Said(subject="community", kind="other", words="好", source="worker")
    with pytest.raises(NotAllowed, match="登录"):
        suggestions.collect(said, by=None, now=MONDAY)


def test_sent_again_it_is_the_same_one(world: World) -> None:
    key = uuid.uuid4()

    assert collect(world, key=key) == collect(world, key=key)
    assert collect(world, key=key, by=world.clerk) != collect(world, key=key)
    with pytest.raises(Conflict):
        collect(world, key=key, words="别的话")
    assert Suggestion.objects.count() == 2


def test_sent_four_times_at_once_it_is_one(committed_db: Any) -> None:
    shift_clock(to=MONDAY)
    world = create_world()

    def send(_number: int) -> str:
        try:
            return collect(world, key=KEY).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(send, range(4)))

    assert (len(numbers), Suggestion.objects.count()) == (1, 1)


def test_without_a_place_it_is_the_post_s_and_of_nobody_the_district_s(world: World) -> None:
    create_user(role="dispatcher", unit=world.district, username="duty")
    by_clerk = collect(world, by=world.clerk, unit_id=None)
    said = Said(subject="community", kind="other", words="多种树", source="public")
    by_nobody, _new = suggestions.collect(said, by=None, now=MONDAY)

    assert (by_clerk.community, by_clerk.grid) == (world.community, None)
    assert (by_nobody.district, by_nobody.street, by_nobody.contributor) == (
        world.district,
        None,
        None,
    )
    assert kinds_told(User.objects.get(username="duty")) == ["suggestion.received"]
    seen = suggestions.visible_suggestions
    assert seen(world.clerk).filter(pk=by_nobody.pk).exists()
    assert not seen(world.grid_worker).filter(pk=by_nobody.pk).exists()
    assert answer(by_nobody, world.outsider).state == "answered"


# The clock --------------------------------------------------------------------------------------


def test_past_its_limit_it_is_marked_and_who_must_answer_is_told(world: World) -> None:
    late, done = collect(world), collect(world)
    answer(done, world.clerk)
    shift_clock(to=DUE - timedelta(minutes=1))
    timers.sweep()
    late.refresh_from_db()
    assert late.overdue_at is None

    shift_clock(to=DUE)
    timers.sweep()

    late.refresh_from_db()
    done.refresh_from_db()
    assert done.overdue_at is None
    assert late.overdue_at == DUE
    assert kinds_told(world.clerk).count("suggestion.overdue") == 1
    assert lines(late) == ["collect", "overdue"]
    assert answer(late, world.clerk, now=DUE).overdue_at == DUE


def test_the_place_sets_the_limit(world: World) -> None:
    Regulation.objects.create(valid_from=MONDAY.date(), suggestion_days=2)

    assert collect(world).due_at == moment("2026-03-04 17:30")
    with pytest.raises(IntegrityError), transaction.atomic():
        Regulation.objects.create(valid_from=date(2026, 4, 1), suggestion_days=0)


def test_a_new_holiday_moves_the_due_moment(world: World) -> None:
    row = collect(world)
    CalendarDay.objects.create(day=date(2026, 3, 9), kind="rest", name="演示放假")
    workcalendar.changed(MONDAY)

    timers.sweep()
    timers.sweep()

    row.refresh_from_db()
    assert row.due_at == moment("2026-03-24 17:30")
    assert Timer.objects.open().get(kind=suggestion_clock.OVERDUE).due_at == row.due_at


# Who sees ---------------------------------------------------------------------------------------


def test_it_is_seen_where_it_lies_and_by_who_collected_it(world: World) -> None:
    row = collect(world)
    by_volunteer = collect(world, by=world.correspondent, unit_id=None)
    names = (
        *("grid_worker", "clerk", "dispatcher", "leader", "correspondent"),
        *("handler", "outsider", "other_grid_worker", "household_head"),
    )
    seen = {
        name: set(
            suggestions.visible_suggestions(getattr(world, name)).values_list("pk", flat=True)
        )
        for name in names
    }

    assert [name for name in names if row.pk in seen[name]] == [*names[:4]]
    assert seen["correspondent"] == {by_volunteer.pk}
    with pytest.raises(Http404):
        suggestions.suggestion_for(world.outsider, row.number)
    with pytest.raises(Http404):
        suggestions.suggestion_for(world.clerk, "J\x00")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_stranger_gets_404(world: World, prefix: str) -> None:
    row = collect(world)
    address = f"{prefix}/suggestions/{row.number}/"
    client = browser(world.outsider)

    assert client.get(address).status_code == 404
    for verb in ("answer", "hand_over", "reassign", "publish", "reveal"):
        assert client.post(f"{address}{verb}/", {"reason": "看看"}).status_code == 404
    assert browser(world.clerk).post(f"{address}fly/").status_code == 404
    assert row.number not in client.get(f"{prefix}/suggestions/").content.decode()
    assert browser(world.system_admin).get(f"{prefix}/suggestions/").status_code == 403


# The pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_worker_writes_down_what_a_resident_suggests(world: World, prefix: str) -> None:
    client = browser(world.grid_worker)
    address = f"{prefix}/suggestions/new/"
    page = client.get(address).content.decode()
    assert "军丽园第一网格" in page
    assert "春霞里" not in page
    form = {"unit_id": world.grid.pk, "source": "worker", "kind": "safety", "words": WORDS}

    wrong = client.post(address, {**form, "key": str(KEY), "phone": "- - - - - - -"})
    made = client.post(
        address, {**form, "key": str(KEY), "name": "李老太", "phone": PHONE}, follow=True
    )

    row = Suggestion.objects.get()
    assert wrong.status_code == 400
    assert made.redirect_chain[-1][0] == f"{prefix}/suggestions/{row.number}/"
    page = made.content.decode()
    for shown in (WORDS, row.query_code, "李**", "138****5678"):
        assert shown in page
    assert "李老太" not in page


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_clerk_answers_on_the_page_and_publishes(world: World, prefix: str) -> None:
    row = collect(world)
    client = browser(world.clerk)
    address = f"{prefix}/suggestions/{row.number}/"
    assert "转交答复" in client.get(address).content.decode()

    silent = client.post(f"{address}answer/", {"answer-outcome": "adopted"})
    done = client.post(
        f"{address}answer/",
        {"answer-outcome": "adopted", "answer-text": "三月底前装好。", "answer-publish": "on"},
    )

    assert (silent.status_code, done["Location"]) == (400, address)
    public = Client().get("/report/suggestions/").content.decode()
    assert WORDS in public
    assert "三月底前装好。" in public
    for hidden in ("李", "138", row.number):
        assert hidden not in public
    assert "撤回公开" in client.get(address).content.decode()
    client.post(f"{address}publish/", {"shown": "0"})
    assert WORDS not in Client().get("/report/suggestions/").content.decode()
    client.post(f"{address}publish/", {"shown": "1"})
    assert lines(row) == ["collect", "answer", "publish", "withdraw", "publish"]
    again = client.post(f"{address}answer/", {"answer-outcome": "adopted", "answer-text": "好"})
    assert again.status_code == 400
    assert "已经答复" in again.content.decode()


def test_what_is_not_answered_is_not_published(world: World) -> None:
    row = collect(world)
    client = browser(world.clerk)

    page = client.post(f"/suggestions/{row.number}/publish/", {"shown": "1"}, follow=True)

    assert "答复之后才能公开。" in page.content.decode()
    answer(row, world.clerk)
    with pytest.raises(NotAllowed):
        suggestions.publish(row, shown=True, by=world.grid_worker, now=MONDAY)


def test_the_published_ones_of_one_community(world: World) -> None:
    answer(collect(world), world.clerk, publish=True)
    other = collect(world, by=world.outsider, unit_id=world.other_community.pk, words="多放椅子")
    answer(other, world.outsider, publish=True)

    own = Client().get("/report/suggestions/", {"community": world.community.pk}).content.decode()

    assert WORDS in own
    assert "多放椅子" not in own
    for odd in ("x", "9" * 30, "0"):
        assert Client().get("/report/suggestions/", {"community": odd}).status_code == 200


def test_a_clerk_hands_over_and_passes_on_from_the_page(world: World) -> None:
    item = create_item(department=world.sanitation, name="路灯", words=["路灯"])
    first, second = collect(world), collect(world)
    client = browser(world.clerk)
    page = client.get(f"/suggestions/{first.number}/").content.decode()
    assert f'value="{item.pk}" selected' in page

    given = {"hand_over-item_id": item.pk, "hand_over-place": "西门"}
    client.post(f"/suggestions/{first.number}/hand_over/", given)
    client.post(
        f"/suggestions/{second.number}/reassign/",
        {"reassign-unit_id": world.sanitation.pk, "reassign-note": ""},
    )

    case = Case.objects.get()
    assert case.number in client.get(f"/suggestions/{first.number}/").content.decode()
    second.refresh_from_db()
    assert second.unit == world.sanitation
    # the department hands it on to the police and sees it no more
    assert (
        browser(world.handler)
        .post(f"/suggestions/{second.number}/reassign/", {"reassign-unit_id": world.police.pk})
        .status_code
        == 400
    )


def test_the_contributor_is_shown_after_the_look_was_written_down(world: World) -> None:
    row = collect(world)
    client = browser(world.clerk)
    address = f"/suggestions/{row.number}/reveal/"

    assert client.post(address, {}).status_code == 400
    assert browser(world.grid_worker).post(address, {"reason": "看"}).status_code == 403
    assert not AccessRecord.objects.exists()
    shown = client.post(address, {"reason": "问清位置"})

    assert PHONE in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    record = AccessRecord.objects.get()
    assert (record.model, record.columns) == ("cases.Contributor", ["name", "phone"])
    assert record.reason == f"{row.number} 问清位置"
    bare = collect(world, name="", phone="")
    assert client.post(f"/suggestions/{bare.number}/reveal/", {"reason": "看"}).status_code == 404


def test_the_tabs_and_the_counts(world: World) -> None:
    rows = [collect(world) for _row in range(4)]
    answer(rows[0], world.clerk)
    answer(rows[1], world.clerk, outcome="explained")
    hand_over(world, rows[2])
    collect(world, now=moment("2025-12-30 10:00"))
    client = browser(world.clerk)

    page = client.get("/suggestions/").content.decode()
    assert "收集 4 条 · 答复 2 条" in page
    assert rows[3].number in page
    assert rows[0].number not in page
    assert rows[0].number in client.get("/suggestions/?tab=answered").content.decode()
    assert rows[2].number in client.get("/suggestions/?tab=all").content.decode()
    every = client.get("/suggestions/?period=all")
    assert "收集 5 条" in every.content.decode()
    seen = suggestions.tallies(suggestions.visible_suggestions(world.clerk), None)
    assert seen == {world.community.pk: Tally(5, 2, 1, 1, 0)}
    other = browser(world.outsider).get("/suggestions/?period=month").content.decode()
    assert "收集 0 条 · 答复 0 条" in other


@pytest.mark.parametrize("address", ["/suggestions/", "/m/suggestions/", "/opinions/"])
def test_a_list_makes_as_many_queries_for_three_as_for_one(
    world: World, chief: User, address: str
) -> None:
    client = browser(chief)
    counted = []
    for more in (1, 2):
        for _row in range(more):
            collect(world)
            opinion(world.grid_worker)
        client.get(address)  # what is kept in memory is read once
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        counted.append(len(captured))

    assert counted[0] == counted[1]


def test_the_ways_in(world: World) -> None:
    reception = browser(world.clerk).get("/reception/").content.decode()
    assert "/suggestions/new/?source=walk_in" in reception
    form = browser(world.clerk).get("/suggestions/new/?source=walk_in").content.decode()
    assert 'value="walk_in" selected' in form
    assert "/m/suggestions/" in browser(world.grid_worker).get("/m/report/").content.decode()
    inbox = browser(world.clerk)
    row = collect(world)
    assert f"/suggestions/{row.number}/" in inbox.get("/inbox/").content.decode()
    assert f"/m/suggestions/{row.number}/" in inbox.get("/m/inbox/").content.decode()


# Residents --------------------------------------------------------------------------------------


def suggest(client: Client, world: World, **fields: Any) -> Any:
    form = {"unit_id": world.community.pk, "kind": "facilities", "words": WORDS, "key": str(KEY)}
    return client.post("/report/suggest/", {**form, **fields})


def test_a_resident_suggests_and_reads_the_answer_with_number_and_code(world: World) -> None:
    client = Client()
    assert "提建议" in client.get("/report/").content.decode()
    assert "军丽园社区" in client.get("/report/suggest/").content.decode()

    first, second = suggest(client, world, phone=PHONE), suggest(client, world, phone=PHONE)

    row = Suggestion.objects.get()
    assert first["Location"] == second["Location"] == f"/report/suggest/{row.number}/received/"
    receipt = client.get(first["Location"]).content.decode()
    assert row.number in receipt
    assert row.query_code in receipt
    assert (row.source, row.author, row.community) == ("public", None, world.community)
    assert kinds_told(world.clerk) == ["suggestion.received"]
    answer(row, world.clerk)
    stranger = Client()
    progress = f"/report/suggest/{row.number}/"
    assert stranger.get(progress).status_code == 302
    wrong = stranger.post("/report/query/", {"number": row.number, "code": "0"})
    assert wrong.status_code == 400
    right = stranger.post("/report/query/", {"number": row.number, "code": row.query_code})
    assert right["Location"] == progress
    page = stranger.get(progress).content.decode()
    assert "三月底前装好。" in page
    assert "采纳" in page
    assert stranger.get(f"/report/progress/{row.number}/").status_code == 404


def test_one_that_became_a_case_leads_to_the_case(world: World) -> None:
    client = Client()
    suggest(client, world)
    row = Suggestion.objects.get()

    case = hand_over(world, row)

    page = client.get(f"/report/suggest/{row.number}/").content.decode()
    assert f"/report/progress/{case.number}/" in page
    assert client.get(f"/report/progress/{case.number}/").status_code == 200
    assert Client().get(f"/report/progress/{case.number}/").status_code == 302


def test_a_form_at_fault_comes_back(world: World) -> None:
    faults: tuple[dict[str, Any], ...] = (
        *({"words": ""}, {"phone": "不告诉"}, {"kind": "burden"}),
        {"unit_id": world.grid.pk},
    )
    for number, wrong in enumerate(faults):
        client = Client(REMOTE_ADDR=f"10.0.1.{number}")
        answered = suggest(client, world, **wrong)
        assert answered.status_code == 400, wrong
    assert not Suggestion.objects.exists()
    suggest(Client(), world)
    other = suggest(Client(), world, words="别的话")
    assert other.status_code == 400
    assert "内容不同" in other.content.decode()


def test_ten_in_ten_minutes_and_no_more(world: World) -> None:
    client = Client()
    for number in range(10):
        suggest(client, world, key=f"00000000-0000-4000-8000-{number:012}")

    assert suggest(client, world, key=str(uuid.uuid4())).status_code == 429
    assert Suggestion.objects.count() == 10


# On the platform itself -------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", PREFIXES)
def test_staff_say_what_burdens_them_and_the_district_answers(
    world: World, chief: User, prefix: str
) -> None:
    client = browser(world.grid_worker)
    assert f'href="{prefix}/opinions/"' in client.get(f"{prefix}/suggestions/").content.decode()
    address = f"{prefix}/opinions/"
    form = {"kind": "burden", "words": "同一户信息要录三遍", "signed": "on", "key": str(KEY)}
    assert client.post(address, {**form, "words": ""}).status_code == 400
    client.post(address, form)
    client.post(address, form)

    row = Suggestion.objects.get()
    assert (row.unit, row.author, row.grid) == (world.district, world.grid_worker, world.grid)
    assert kinds_told(chief) == ["platform.received"]
    assert "已收到 1 条，已答复 0 条" in client.get(address).content.decode()
    reader = browser(world.outsider).get(address).content.decode()
    assert "同一户信息要录三遍" in reader
    assert "网格员</small>" not in reader
    boss = browser(chief)
    assert str(world.grid_worker) in boss.get(address).content.decode()
    answers = {f"{row.number}-outcome": "adopted", f"{row.number}-text": "改为一次录入。"}
    assert boss.post(f"{address}{row.number}/answer/", {}).status_code == 400
    assert boss.post(f"{address}{row.number}/answer/", answers)["Location"] == address
    assert boss.post(f"{address}{row.number}/answer/", answers).status_code == 400
    page = browser(world.outsider).get(address).content.decode()
    assert "改为一次录入。" in page
    assert "已收到 1 条，已答复 1 条" in page
    assert kinds_told(world.grid_worker) == ["platform.answered"]


def test_an_unsigned_one_keeps_no_author(world: World, chief: User) -> None:
    row = opinion(world.grid_worker, signed=False)

    assert (row.author, row.street, row.community, row.grid) == (None, None, None, None)
    assert SuggestionStep.objects.get().by is None
    kept = str(list(Suggestion.objects.values())) + str(list(Message.objects.values("params")))
    assert "grid_worker" not in kept
    page = browser(chief).get("/opinions/").content.decode()
    assert "未署名" in page
    answer(row, chief)
    assert kinds_told(world.grid_worker) == []


def test_the_audit_log_knows_and_the_form_says_so(world: World, chief: User) -> None:
    form = {"kind": "fault", "words": "地图打不开", "key": str(KEY)}
    client = browser(world.grid_worker)
    assert "审计日志照样记下" in client.get("/opinions/").content.decode()

    client.post("/opinions/", form)

    event = Suggestion.pgh_event_model.objects.get()  # type: ignore[attr-defined]
    assert event.author_id is None
    assert event.pgh_context["user"] == world.grid_worker.pk


def test_only_the_district_answers_for_the_platform(world: World, chief: User) -> None:
    row = opinion(world.grid_worker)

    for user in (world.supervisor, world.leader, world.clerk):
        with pytest.raises(NotAllowed, match="岗位"):
            answer(row, user)
    assert browser(world.clerk).post(f"/opinions/{row.number}/answer/").status_code == 403
    assert answer(row, chief, publish=True).published is False
    with pytest.raises(NotAllowed):
        suggestions.publish(row, shown=True, by=chief, now=MONDAY)
    other = opinion(world.grid_worker)
    with pytest.raises(NotAllowed):
        suggestions.reassign(other, unit_id=world.police.pk, note="", by=chief, now=MONDAY)
    with pytest.raises(NotAllowed):
        hand_over(world, other, by=world.clerk)


def test_neither_is_among_the_other(world: World, chief: User) -> None:
    of_community, of_platform = collect(world), opinion(world.clerk)

    assert browser(world.clerk).get(f"/suggestions/{of_platform.number}/").status_code == 404
    address = f"/opinions/{of_community.number}/answer/"
    assert browser(chief).post(address, {}).status_code == 404
    assert browser(world.system_admin).get("/opinions/").status_code == 200


def test_an_opinion_left_lying_is_overdue(world: World, chief: User) -> None:
    opinion(world.grid_worker)
    shift_clock(to=DUE)

    timers.sweep()

    assert kinds_told(chief) == ["platform.received", "platform.overdue"]
    assert "已超期" in browser(chief).get("/opinions/").content.decode()


# What the database refuses ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "nonsense",
    [
        {"state": SuggestionState.ANSWERED},
        {"state": SuggestionState.HANDED_OVER, "answered_at": MONDAY},
        {"outcome": "adopted"},
        {"published": True},
        {"kind": "burden"},
    ],
)
def test_nonsense_is_refused(world: World, nonsense: dict[str, Any]) -> None:
    row = collect(world)

    with pytest.raises(IntegrityError), transaction.atomic():
        Suggestion.objects.filter(pk=row.pk).update(**nonsense)


def test_an_unsigned_one_cannot_tell_the_post(world: World) -> None:
    row = opinion(world.grid_worker, signed=False)

    with pytest.raises(IntegrityError), transaction.atomic():
        Suggestion.objects.filter(pk=row.pk).update(grid=world.grid)


# The API ----------------------------------------------------------------------------------------


def body(**fields: Any) -> dict[str, Any]:
    return {"kind": "facilities", "words": WORDS, **fields}


def test_a_program_collects_and_lists(world: World) -> None:
    program = Program(world.clerk)
    key = {"Idempotency-Key": str(KEY)}
    given = body(unit=world.community.pk, name="李老太", phone=PHONE)

    made = program.post("/suggestions/", given, **key)
    again = program.post("/suggestions/", given, **key)
    other = program.post("/suggestions/", body(words="别的话"), **key)

    assert (made.status_code, again.status_code, other.status_code) == (201, 200, 409)
    row = Suggestion.objects.get()
    assert (
        made.json()
        == again.json()
        == {
            "number": row.number,
            "query_code": row.query_code,
            "state": "received",
            "due_at": made.json()["due_at"],
        }
    )
    answer(row, world.clerk)
    newer = collect(world)
    found = program.get("/suggestions/?limit=1").json()
    assert [one["number"] for one in found["results"]] == [newer.number]
    rest = program.client.get(found["next"], headers=program.headers).json()
    assert [one["number"] for one in rest["results"]] == [row.number]
    assert rest["next"] is None
    assert rest["results"][0]["answer"] == "三月底前装好。"
    for hidden in ("李老太", PHONE, row.query_code):
        assert hidden not in str(rest)
    answered = program.get("/suggestions/?state=answered").json()["results"]
    assert [one["number"] for one in answered] == [row.number]
    assert Program(world.outsider).get("/suggestions/").json()["results"] == []


def test_a_program_is_told_what_is_wrong(world: World) -> None:
    program = Program(world.clerk)
    key = {"Idempotency-Key": str(KEY)}

    assert program.post("/suggestions/", body()).status_code == 400
    assert program.post("/suggestions/", body(kind="burden"), **key).status_code == 400
    assert program.post("/suggestions/", body(phone="x"), **key).status_code == 400
    far = program.post("/suggestions/", body(unit=world.other_grid.pk), **key)
    assert (far.status_code, far.json()["type"]) == (409, "urn:governance:problem:not_allowed")
    assert program.get("/suggestions/?state=x").status_code == 400
    assert Program(world.system_admin).get("/suggestions/").status_code == 403


# The same by programs ---------------------------------------------------------------------------


def test_a_program_answers_and_publishes_once(world: World) -> None:
    row = collect(world)
    program, path = Program(world.clerk), f"/suggestions/{row.number}/"
    body = {"outcome": "adopted", "text": "三月底前装好。", "publish": True}
    assert program.post(f"{path}answer/", {**body, "outcome": "perhaps"}).status_code == 400

    found = program.post(f"{path}answer/", body)

    assert found.status_code == 200
    assert (found.json()["state"], found.json()["published"]) == ("answered", True)
    again = program.post(f"{path}answer/", body)
    assert again.status_code == 409
    assert again.json()["type"] == "urn:governance:problem:not_allowed"
    for _twice in range(2):
        back = program.post(f"{path}publish/", {"shown": False})
        assert (back.status_code, back.json()["published"]) == (200, False)
    assert [step["action"] for step in back.json()["steps"]] == [
        "withdraw",
        "publish",
        "answer",
        "collect",
    ]
    assert program.get(path).json() == back.json()
    assert "李老太" not in str(back.json())


def test_a_program_hands_over_and_passes_on(world: World) -> None:
    item = create_item(department=world.sanitation, name="路灯", words=["路灯"])
    first, second = collect(world), collect(world)
    program = Program(world.clerk)
    body = {"item": item.pk, "place": "西门"}

    made = program.post(f"/suggestions/{first.number}/hand_over/", body)
    twice = program.post(f"/suggestions/{first.number}/hand_over/", body)
    passed = program.post(f"/suggestions/{second.number}/reassign/", {"unit": world.sanitation.pk})

    assert (made.status_code, twice.status_code, passed.status_code) == (200, 409, 200)
    assert made.json()["case"] == Case.objects.get().number
    assert passed.json()["unit_name"] == "环卫所"
    wrong = program.post(f"/suggestions/{second.number}/reassign/", {"unit": world.grid.pk})
    assert wrong.status_code == 409


def test_a_program_sees_who_made_it_after_the_look_was_written_down(world: World) -> None:
    row = collect(world)
    path = f"/suggestions/{row.number}/reveal/"
    assert Program(world.clerk).post(path, {}).status_code == 400

    found = Program(world.clerk).post(path, {"reason": "回电"})

    assert found.json() == {"name": "李老太", "phone": PHONE}
    assert found["Cache-Control"] == "no-store"
    assert AccessRecord.objects.get(model="cases.Contributor").reason == f"{row.number} 回电"


def test_a_program_of_a_stranger_gets_404_and_of_who_may_not_403(world: World) -> None:
    row = collect(world)
    path = f"/suggestions/{row.number}/"
    bodies = {
        "answer": {"outcome": "adopted", "text": "好"},
        "hand_over": {"item": 1},
        "reassign": {"unit": world.sanitation.pk},
        "publish": {"shown": True},
        "reveal": {"reason": "看看"},
    }

    stranger, worker = Program(world.outsider), Program(world.grid_worker)

    assert stranger.get(path).status_code == 404
    for verb, body in bodies.items():
        assert stranger.post(f"{path}{verb}/", body).status_code == 404, verb
        assert worker.post(f"{path}{verb}/", body).status_code == 403, verb
    assert worker.get(path).status_code == 200
