"""Disputes: from the reception to the visit that sees whether a promise was kept."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import access, disputes, papers, services, workflow
from cases.disputes import Promise
from cases.errors import NotAllowed
from cases.models import (
    Case,
    Dispute,
    DisputeOutcome,
    DisputeParty,
    Paper,
    PaperKind,
    Regulation,
    Side,
    Source,
    State,
    Track,
    Transition,
)
from governance import reference, timers
from governance.models import AccessRecord, Timer, User
from tests.builders import World, kinds_told, moment, queries, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move, place_in
from tests.clients import KEY, browser
from tests.test_papers import words
from tests.test_services import entrust

TUESDAY = MONDAY + timedelta(days=1)
NAME, OTHER, NUMBER = "王小明", "李大力", "13912345678"


@pytest.fixture
def case(world: World) -> Case:
    shift_clock(to=MONDAY)
    return create_case(world, state=State.HANDLING, place="军丽园3号楼")


def opened(case: Case, by: User, **more: Any) -> Dispute:
    given = {"request": "请求停止夜间噪声", **more}
    return disputes.open_dispute(case, by=by, now=MONDAY, **given)


def with_parties(case: Case, by: User, *, agree: bool = True) -> tuple[DisputeParty, DisputeParty]:
    """Both sides, and their word that they want to be mediated."""
    opened(case, by)
    made = []
    for name, side in ((NAME, Side.APPLICANT), (OTHER, Side.RESPONDENT)):
        party = disputes.add_party(case, by=by, now=MONDAY, name=name, side=side, phone=NUMBER)
        if agree:
            disputes.consent(case, by=by, now=MONDAY, party_id=party.pk, agrees=True)
        made.append(party)
    return made[0], made[1]


def settle(case: Case, by: User, *, written: bool = True, **more: Any) -> Dispute:
    given = {"terms": "夜间十点后不放音乐", **more}
    return disputes.agree(case, by=by, now=MONDAY, written=written, **given)


def actions(case: Case) -> list[str]:
    lines = Transition.objects.filter(case=case, action__contains="dispute").order_by("pk")
    return list(lines.values_list("action", flat=True))


# The way ----------------------------------------------------------------------------------------


def test_a_dispute_is_mediated_agreed_and_its_keeping_visited(world: World, case: Case) -> None:
    by = world.handler
    applicant, respondent = with_parties(case, by)
    session = disputes.hold_session(
        case,
        by=by,
        now=TUESDAY,
        held_at=TUESDAY - timedelta(hours=1),
        place="社区调解室",
        minutes="双方各自陈述",
        present_ids=[applicant.pk, respondent.pk],
    )
    owed = Promise(respondent.pk, "加装隔音垫", date(2026, 3, 6))

    dispute = settle(case, by, obligations=[owed])

    assert session.present.count() == 2
    assert dispute.outcome == DisputeOutcome.AGREED_WRITTEN
    case.refresh_from_db()
    assert not case.dispute_open
    assert actions(case) == [
        *("dispute_opened", "dispute_party", "dispute_consent", "dispute_party"),
        *("dispute_consent", "dispute_session", "dispute_ended"),
    ]
    obligation = dispute.obligations.get()
    open_timers = Timer.objects.open().filter(kind="case.obligation_due")
    assert open_timers.get().due_at == moment("2026-03-06 17:30")

    shift_clock(to=moment("2026-03-06 18:00"))
    timers.sweep()

    assert kinds_told(by).count("case.obligation_due") == 1
    assert case.transitions.filter(action="obligation_due").count() == 1
    visit: dict[str, Any] = {"obligation_id": obligation.pk, "note": "已上门查看"}
    disputes.fulfil(case, by=by, now=TUESDAY, fulfilled=False, **visit)
    done = disputes.fulfil(case, by=by, now=TUESDAY, fulfilled=True, **visit)
    assert done.fulfilled_at == TUESDAY
    with pytest.raises(NotAllowed, match="该项已履行"):
        disputes.fulfil(case, by=by, now=TUESDAY, fulfilled=True, **visit)


def test_a_promise_may_last_for_years_but_not_for_ever(world: World, case: Case) -> None:
    applicant, _other = with_parties(case, world.handler)
    for due_on in (date(9999, 12, 31), date(2062, 3, 9)):
        with pytest.raises(NotAllowed, match="超出十年"):
            settle(case, world.handler, obligations=[Promise(applicant.pk, "分期偿还", due_on)])

    promise = Promise(applicant.pk, "分期偿还", date(2029, 3, 9))
    assert settle(case, world.handler, obligations=[promise]).ended_at == MONDAY


def test_a_promise_kept_before_its_day_is_not_asked_after(world: World, case: Case) -> None:
    _applicant, respondent = with_parties(case, world.handler)
    owed = Promise(respondent.pk, "加装隔音垫", date(2026, 3, 6))
    row = settle(case, world.handler, obligations=[owed]).obligations.get()
    disputes.fulfil(
        case, by=world.handler, now=MONDAY, obligation_id=row.pk, fulfilled=True, note="已装"
    )

    shift_clock(to=moment("2026-03-06 18:00"))
    timers.sweep()

    assert "case.obligation_due" not in kinds_told(world.handler)


def test_nobody_is_mediated_who_does_not_want_to(world: World, case: Case) -> None:
    by = world.handler
    _applicant, respondent = with_parties(case, by, agree=False)
    with pytest.raises(NotAllowed, match="须全体当事人同意"):
        settle(case, by)

    dispute = disputes.consent(case, by=by, now=MONDAY, party_id=respondent.pk, agrees=False)

    assert dispute.outcome == DisputeOutcome.REFUSED
    assert not Timer.objects.open().filter(kind="case.dispute_due").exists()
    html = browser(by).get(f"/cases/{case.number}/dispute/").content.decode()
    assert "行政裁决、申请仲裁，或者向人民法院起诉" in html
    with pytest.raises(NotAllowed, match="调解已结束"):
        disputes.add_party(case, by=by, now=MONDAY, name="赵", side=Side.APPLICANT)


def test_both_sides_must_be_there(world: World, case: Case) -> None:
    opened(case, world.handler)
    party = disputes.add_party(case, by=world.handler, now=MONDAY, name=NAME, side=Side.APPLICANT)
    disputes.consent(case, by=world.handler, now=MONDAY, party_id=party.pk, agrees=True)

    with pytest.raises(NotAllowed, match="双方当事人"):
        settle(case, world.handler)


def test_an_oral_agreement_is_written_down_and_no_court_confirms_it(
    world: World, case: Case
) -> None:
    with_parties(case, world.handler)
    with pytest.raises(NotAllowed, match="口头协议也须记录"):
        settle(case, world.handler, written=False, terms=" ")

    dispute = settle(case, world.handler, written=False)

    assert (dispute.outcome, dispute.terms) == ("agreed_oral", "夜间十点后不放音乐")
    with pytest.raises(NotAllowed, match="只有书面"):
        disputes.confirm_by_court(case, by=world.handler, now=TUESDAY, on=date(2026, 3, 3))


@pytest.mark.parametrize(
    ("on", "allowed"),
    [("2026-03-01", False), ("2026-03-02", True), ("2026-04-01", True), ("2026-04-02", False)],
)
def test_the_court_is_asked_within_thirty_days(
    world: World, case: Case, *, on: str, allowed: bool
) -> None:
    with_parties(case, world.handler)
    settle(case, world.handler)
    day, later = date.fromisoformat(on), MONDAY + timedelta(days=60)

    if allowed:
        done = disputes.confirm_by_court(case, by=world.handler, now=later, on=day)
        assert done.court_confirmed_on == day
        with pytest.raises(NotAllowed, match="已登记"):
            disputes.confirm_by_court(case, by=world.handler, now=later, on=day)
    else:
        with pytest.raises(NotAllowed, match="30 日内"):
            disputes.confirm_by_court(case, by=world.handler, now=later, on=day)


def test_a_day_to_come_is_not_a_day_on_which_the_court_was_asked(world: World, case: Case) -> None:
    with_parties(case, world.handler)
    settle(case, world.handler)

    with pytest.raises(NotAllowed, match="不能晚于今天"):
        disputes.confirm_by_court(case, by=world.handler, now=MONDAY, on=date(2026, 3, 3))


def test_a_dispute_is_handed_over_with_a_reason(world: World, case: Case) -> None:
    opened(case, world.handler)
    to: dict[str, Any] = {"track": Track.ADMINISTRATIVE, "track_unit_id": world.police.pk}
    with pytest.raises(NotAllowed, match="移交理由"):
        disputes.hand_over(case, by=world.handler, now=MONDAY, note=" ", **to)
    with pytest.raises(NotAllowed, match="须选择主持单位"):
        disputes.hand_over(case, by=world.handler, now=MONDAY, note="理由", track=Track.JUDICIAL)

    dispute = disputes.hand_over(case, by=world.handler, now=MONDAY, note="涉及治安", **to)

    assert (dispute.track, dispute.track_unit_id) == (Track.ADMINISTRATIVE, world.police.pk)
    line = case.transitions.get(action="dispute_handover")
    assert line.details == {"tracks": ["people", "administrative"], "unit": world.police.pk}
    assert line.note == "涉及治安"


def test_what_the_centre_shares_outlives_the_mediation(world: World, case: Case) -> None:
    """The police mediate, and look at the case for another reason as well."""
    opened(case, world.clerk)
    case = move(case, "share", by=world.clerk, unit_id=world.police.pk, mode="read")
    handed: dict[str, Any] = {"by": world.clerk, "now": MONDAY, "note": "改由他人调解"}
    disputes.hand_over(case, track=Track.ADMINISTRATIVE, track_unit_id=world.police.pk, **handed)
    assert access.helps(world.police_handler, case)
    page = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "协助（调解）" in page
    assert page.count(f"/unshare/?unit={world.police.pk}") == 2  # one button: href and hx-get

    disputes.hand_over(case, track=Track.PEOPLE, **handed)

    assert access.sees(world.police_handler, case)
    assert not access.helps(world.police_handler, case)
    assert browser(world.police_handler).get(f"/cases/{case.number}/").status_code == 200
    case.refresh_from_db()
    move(case, "unshare", by=world.clerk, unit_id=world.police.pk)
    assert not access.sees(world.police_handler, case)
    assert browser(world.police_handler).get(f"/cases/{case.number}/").status_code == 404


def test_a_sitting_is_not_older_than_the_dispute(world: World, case: Case) -> None:
    applicant, _respondent = with_parties(case, world.handler)
    given: dict[str, Any] = {"place": "调解室", "minutes": "谈", "present_ids": [applicant.pk]}
    given |= {"by": world.handler, "now": TUESDAY}

    for slip in (MONDAY - timedelta(days=1), MONDAY - timedelta(days=400)):
        with pytest.raises(NotAllowed, match="不能早于登记纠纷的当天"):
            disputes.hold_session(case, held_at=slip, **given)
    disputes.hold_session(case, held_at=MONDAY - timedelta(hours=1), **given)


def test_the_unit_that_a_dispute_is_handed_to_mediates_it(world: World, case: Case) -> None:
    by, police = world.handler, world.police_handler
    with_parties(case, by)
    path = f"/cases/{case.number}/dispute/"
    assert browser(police).get(path).status_code == 404

    to_police: dict[str, Any] = {"track": Track.ADMINISTRATIVE, "track_unit_id": world.police.pk}
    dispute = disputes.hand_over(case, by=by, now=MONDAY, note="涉及治安", **to_police)

    assert kinds_told(police) == ["case.moved"]
    assert browser(police).get(path).status_code == 200
    assert disputes.to_tell(dispute, case) == [police.pk]
    disputes.hand_over(
        case, by=police, now=MONDAY, note="指定调解员", mediator_ids=[police.pk], **to_police
    )
    assert list(dispute.mediators.all()) == [police]

    disputes.hand_over(case, by=police, now=MONDAY, note="社区更合适", track=Track.PEOPLE)
    assert browser(police).get(path).status_code == 404
    with pytest.raises(NotAllowed, match="您的岗位不能调解"):
        settle(case, police)


def test_who_helps_with_something_else_does_not_mediate(world: World, case: Case) -> None:
    opened(case, world.handler)
    move(case, "share", by=world.clerk, unit_id=world.police.pk, mode="help")

    path = f"/cases/{case.number}/dispute/"
    assert browser(world.police_handler).get(path).status_code == 403


def test_a_mediation_past_its_thirty_days_is_brought_to_mind(world: World, case: Case) -> None:
    dispute = opened(case, world.handler)
    assert dispute.due_at == moment("2026-04-01 17:30")

    shift_clock(to=moment("2026-04-01 18:00"))
    timers.sweep()

    assert "case.dispute_due" in kinds_told(world.handler)
    assert case.transitions.filter(action="dispute_due").exists()


def test_the_place_sets_how_long_mediation_may_take(world: World, case: Case) -> None:
    Regulation.objects.create(valid_from=date(2026, 1, 1), mediation_days=10)
    reference.forget()

    assert opened(case, world.handler).due_at == moment("2026-03-12 17:30")


# The case and its dispute -----------------------------------------------------------------------


def test_a_case_is_not_finished_while_its_dispute_is_open(world: World, case: Case) -> None:
    opened(case, world.handler)

    with pytest.raises(NotAllowed, match="纠纷还在调解"):
        move(case, "finish", by=world.handler)
    offered = [row.action for row in workflow.allowed(fresh(case), world.handler, MONDAY)]
    assert "finish" not in offered

    disputes.end_without(case, by=world.handler, now=MONDAY, outcome="failed", note="各执一词")
    assert move(case, "finish", by=world.handler).state == State.FINISHED


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_a_case_closed_by_force_takes_its_dispute_along(world: World, case: Case) -> None:
    opened(case, world.handler)

    move(case, "force_close", by=world.leader)

    dispute = Dispute.objects.get(case=case)
    assert (dispute.outcome, dispute.ended_at) == (DisputeOutcome.FAILED, MONDAY)
    assert not fresh(case).dispute_open
    assert not Timer.objects.open().filter(kind="case.dispute_due").exists()


def test_one_dispute_a_case_and_only_while_it_is_worked_on(world: World, case: Case) -> None:
    opened(case, world.handler)
    with pytest.raises(NotAllowed, match="已登记纠纷"):
        opened(case, world.handler)

    finished = create_case(world, state=State.FINISHED)
    with pytest.raises(NotAllowed, match="不在办理中"):
        opened(finished, world.clerk)


@pytest.mark.parametrize(
    "who", ["leader", "supervisor", "grid_guide", "outsider", "police_handler"]
)
def test_only_who_mediates_in_the_territory_may(world: World, case: Case, who: str) -> None:
    with pytest.raises(NotAllowed, match="您的岗位不能调解"):
        opened(case, getattr(world, who))

    assert not Dispute.objects.exists()
    assert not fresh(case).dispute_open


# Names ------------------------------------------------------------------------------------------


def test_no_line_no_message_and_no_page_names_a_party(world: World, case: Case) -> None:
    applicant, respondent = with_parties(case, world.handler)
    owed = Promise(respondent.pk, "加装隔音垫", date(2026, 3, 6))
    settle(case, world.handler, obligations=[owed])
    client = browser(world.handler)

    said = json.dumps(list(case.transitions.values("note", "details")), ensure_ascii=False)
    for path in ("/cases/{}/", "/cases/{}/dispute/", "/m/cases/{}/", "/m/cases/{}/dispute/"):
        said += client.get(path.format(case.number)).content.decode()

    for secret in (NAME, OTHER, NUMBER):
        assert secret not in said
    assert "王**" in said
    assert "139****5678" in said
    stored = DisputeParty.objects.filter(pk=applicant.pk).values_list("name", flat=True)[0]
    assert NAME.encode() not in bytes(stored)


def test_the_agreement_on_paper_names_the_parties_and_says_who_looked(
    world: World, case: Case
) -> None:
    with_parties(case, world.handler)
    settle(case, world.handler)

    paper = papers.make(case, PaperKind.MEDIATION_AGREEMENT, by=world.handler, now=MONDAY)

    said = json.loads(paper.content.reveal())
    assert (said["reporter_name"], said["party"]) == (NAME, OTHER)
    looks = AccessRecord.objects.filter(model="cases.DisputeParty", user=world.handler)
    assert looks.count() == 2


def test_the_agreement_says_what_was_agreed_who_does_what_and_how_it_came(
    world: World, case: Case
) -> None:
    applicant, respondent = with_parties(case, world.handler)
    disputes.hold_session(
        case,
        by=world.handler,
        now=TUESDAY,
        held_at=MONDAY,
        place="社区调解室",
        minutes="各自陈述",
        present_ids=[applicant.pk],
    )
    owed = [
        Promise(respondent.pk, "加装隔音垫", date(2026, 3, 6)),
        Promise(applicant.pk, "撤回投诉", date(2026, 3, 9)),
    ]
    settle(case, world.handler, terms="夜间十点后不放音乐\n双方互谅", obligations=owed)
    client, url = browser(world.handler), f"/cases/{case.number}/papers/"

    page = client.post(url, {"paper": "mediation_agreement"}, follow=True).content.decode()

    paper = Paper.objects.get()
    said = words(Path(paper.file.path).read_bytes())
    for text in (
        f"甲方：{NAME}",
        f"乙方：{OTHER}",
        "夜间十点后不放音乐",
        "双方互谅",
        f"1．{OTHER}：加装隔音垫，于2026年3月6日前履行",
        f"2．{NAME}：撤回投诉，于2026年3月9日前履行",
        "人民调解",
        "请求停止夜间噪声",
        "书面协议",
        "2026年3月2日 社区调解室",
        str(world.handler),
    ):
        assert text in page, text
        assert text in said, text
    assert NUMBER not in said
    assert "______" not in said
    html = client.get(f"/cases/{case.number}/").content.decode()
    assert NAME not in html


def test_before_the_agreement_there_are_lines_to_write_on_and_none_after_a_failure(
    world: World, case: Case
) -> None:
    with_parties(case, world.handler)
    kind = PaperKind.MEDIATION_AGREEMENT
    draft = papers.make(case, kind, by=world.handler, now=MONDAY)
    assert "______" in words(Path(draft.file.path).read_bytes())

    disputes.end_without(case, by=world.handler, now=MONDAY, outcome="failed", note="不成")

    with pytest.raises(NotAllowed, match="没有达成协议"):
        papers.make(case, kind, by=world.handler, now=MONDAY)


def test_the_unit_that_mediated_makes_the_agreement_and_no_other_paper(
    world: World, case: Case
) -> None:
    police = world.police_handler
    with_parties(case, world.handler)
    to: dict[str, Any] = {"track": Track.ADMINISTRATIVE, "track_unit_id": world.police.pk}
    disputes.hand_over(case, by=world.handler, now=MONDAY, note="涉及治安", **to)
    settle(case, police)
    client, url = browser(police), f"/cases/{case.number}/"
    page = client.get(url).content.decode()
    assert 'value="mediation_agreement"' in page
    assert 'value="disposal_sheet"' not in page

    made = client.post(f"{url}papers/", {"paper": "mediation_agreement"}, follow=True)

    paper = Paper.objects.get()
    assert paper.number.startswith(world.police.name)
    assert f"经{world.police.name}主持调解" in made.content.decode()
    client.post(f"{url}papers/", {"paper": "disposal_sheet"})
    assert Paper.objects.count() == 1
    # who helps with something else neither makes nor reads it
    other = create_case(world, state=State.HANDLING)
    opened(other, world.handler)
    move(other, "share", by=world.clerk, unit_id=world.police.pk, mode="help")
    refused = client.post(f"/cases/{other.number}/papers/", {"paper": "mediation_agreement"})
    assert refused.status_code == 403


# Pages ------------------------------------------------------------------------------------------


def test_a_dispute_is_led_through_its_page(world: World, case: Case) -> None:
    client, url = browser(world.grid_worker), f"/m/cases/{case.number}/dispute/"
    assert "登记矛盾纠纷" in client.get(f"/m/cases/{case.number}/").content.decode()
    assert "调解请求" in client.get(url).content.decode()

    def post(verb: str, **data: Any) -> Any:
        answer = client.post(f"{url}{verb}/", data)
        assert answer.status_code == 302, answer.content.decode()
        return answer

    post("open", request="请求停止噪声", track="people", mediator_ids=[world.grid_worker.pk])
    for name, side in ((NAME, "applicant"), (OTHER, "respondent")):
        post("party", name=name, side=side, phone=NUMBER)
    dispute = Dispute.objects.get(case=case)
    ids = list(dispute.parties.values_list("pk", flat=True))
    assert client.post(f"{url}agree/", {"written": "1", "terms": "好"}).status_code == 409
    for pk in ids:
        post("consent", party_id=pk, agrees="1")
    post("session", held_at="2026-03-02T08:30", place="楼下", minutes="谈", present_ids=ids)
    row = {"party_0": ids[0], "what_0": "道歉", "due_on_0": "2026-03-09"}
    half = client.post(f"{url}agree/", {"written": "1", "terms": "好", "what_0": "道歉"})
    assert "请填全履行人、内容和期限" in half.content.decode()
    post("agree", written="1", terms="互相体谅", **row)
    obligation = dispute.obligations.get()
    post("visit", obligation_id=obligation.pk, fulfilled="1", note="已道歉")
    post("court", on="2026-03-02")

    html = client.get(url).content.decode()
    for word in ("达成书面协议", "互相体谅", "道歉", "已履行", "楼下"):
        assert word in html
    assert "达成书面协议" in client.get(f"/m/cases/{case.number}/").content.decode()


def test_a_visit_that_is_refused_shows_its_own_form(world: World, case: Case) -> None:
    _applicant, respondent = with_parties(case, world.handler)
    rows = [Promise(respondent.pk, what, date(2026, 3, 6)) for what in ("道歉", "赔偿")]
    dispute = settle(case, world.handler, obligations=rows)
    second = dispute.obligations.get(what="赔偿")

    answer = browser(world.handler).post(
        f"/cases/{case.number}/dispute/visit/", {"obligation_id": second.pk, "fulfilled": "1"}
    )

    html = answer.content.decode()
    assert answer.status_code == 400
    assert html.count('<details class="card" open>') == 1


def test_who_sees_a_case_does_not_therefore_see_its_mediation(world: World, case: Case) -> None:
    with_parties(case, world.handler)
    path = f"/cases/{case.number}/dispute/"

    assert browser(world.leader).get(path).status_code == 403
    assert browser(world.outsider).get(path).status_code == 404
    card = browser(world.leader).get(f"/cases/{case.number}/").content.decode()
    assert "人民调解" in card
    assert path not in card


def test_the_card_costs_one_query_and_only_where_there_is_a_dispute(
    world: World, case: Case
) -> None:
    client, path = browser(world.handler), f"/cases/{case.number}/"
    client.get(path)
    with CaptureQueriesContext(connection) as before:
        client.get(path)
    opened(case, world.handler)

    with queries(len(before) + 1):
        client.get(path)


def test_the_page_makes_as_many_queries_for_three_sessions_as_for_one(
    world: World, case: Case
) -> None:
    applicant, respondent = with_parties(case, world.handler)
    client, path = browser(world.handler), f"/cases/{case.number}/dispute/"

    def hold() -> None:
        disputes.hold_session(
            case,
            by=world.handler,
            now=MONDAY,
            held_at=MONDAY,
            place="调解室",
            minutes="记录",
            present_ids=[applicant.pk, respondent.pk],
        )

    hold()
    client.get(path)
    with CaptureQueriesContext(connection) as before:
        client.get(path)
    hold()
    hold()
    with queries(len(before)):
        client.get(path)


# The window -------------------------------------------------------------------------------------


def test_the_window_sees_who_waits_longest_first(world: World, case: Case) -> None:
    opened(case, world.handler)
    caller = create_case(world, source=Source.WALK_IN, now=MONDAY - timedelta(minutes=30))
    create_case(world, source=Source.WALK_IN, now=MONDAY - timedelta(days=3))
    elsewhere = create_case(world, grid=world.other_grid, by=world.outsider)
    opened(elsewhere, world.outsider)

    html = browser(world.clerk).get("/reception/").content.decode()

    assert html.index(caller.number) < html.index(case.number)
    assert elsewhere.number not in html
    assert html.count("/dispute/") == 1
    assert browser(world.grid_worker).get("/reception/").status_code == 403


def test_one_form_at_the_window_leads_to_the_dispute_and_nothing_is_told_twice(
    world: World,
) -> None:
    shift_clock(to=MONDAY)
    item = create_item(department=world.sanitation, dispatch="manual")
    client = browser(world.clerk)
    assert "/cases/new/?source=walk_in" in client.get("/reception/").content.decode()
    page = client.get("/cases/new/?source=walk_in").content.decode()
    assert '<option value="walk_in" selected>' in page
    report = {
        "item": item.pk,
        "description": "楼上夜间噪声",
        "place": "军丽园3号楼",
        "source": "walk_in",
        "reporter_name": NAME,
        "reporter_phone": NUMBER,
        "key": KEY,
        "then": "dispute",
    }

    answer = client.post("/cases/new/", report)

    case = Case.objects.get()
    place_in(case, world.grid)
    assert answer["Location"] == f"/cases/{case.number}/dispute/"
    page = client.get(answer["Location"]).content.decode()
    assert "楼上夜间噪声</textarea>" in page
    assert "反映人就是申请人" in page
    sent = {"request": "请求停止噪声", "track": "people", "reporter_applies": "on"}
    client.post(f"/cases/{case.number}/dispute/open/", sent)
    party = Dispute.objects.get().parties.get()
    assert (party.side, party.name.reveal(), party.phone.reveal()) == ("applicant", NAME, NUMBER)
    assert not AccessRecord.objects.exists()
    html = client.get(f"/cases/{case.number}/dispute/").content.decode()
    assert NAME not in html
    assert f"/services/guide/?case={case.number}" in html
    other = {**report, "key": "00000000-0000-4000-8000-000000000002", "then": "service"}
    leads_on = client.post("/cases/new/", other)["Location"]
    assert leads_on.startswith("/services/guide/?case=")
    assert client.get(leads_on).status_code == 200


def test_who_did_not_say_who_they_are_is_no_applicant(world: World, case: Case) -> None:
    with pytest.raises(NotAllowed, match="没有反映人的姓名"):
        opened(case, world.handler, reporter_applies=True)

    assert not Dispute.objects.exists()
    page = browser(world.handler).get(f"/cases/{case.number}/dispute/").content.decode()
    assert "反映人就是申请人" not in page


def test_mandates_that_nobody_accepted_wait_at_the_window(world: World) -> None:
    shift_clock(to=MONDAY)
    waiting, accepted = entrust(world), entrust(world)
    services.take(accepted, "accept", by=world.handler, now=MONDAY)

    html = browser(world.clerk).get("/reception/").content.decode()

    assert waiting.number in html
    assert accepted.number not in html
    assert waiting.number not in browser(world.outsider).get("/reception/").content.decode()


def test_the_settled_rate_shows_both_its_numbers(world: World) -> None:
    shift_clock(to=MONDAY)
    for ends in ("agree", "agree", "end"):
        case = create_case(world)
        with_parties(case, world.clerk)
        if ends == "agree":
            settle(case, world.clerk)
        else:
            disputes.end_without(case, by=world.clerk, now=MONDAY, outcome="failed", note="不成")
    opened(create_case(world), world.clerk)  # still going on: not counted

    seen = access.visible_to(world.clerk)
    rates = disputes.settled(seen, MONDAY, TUESDAY)

    assert rates == {world.community.pk: (2, 3)}
    assert rates[world.community.pk].percent == 67
    assert disputes.settled(seen, TUESDAY, TUESDAY + timedelta(days=1)) == {}
    shift_clock(to=TUESDAY)
    html = browser(world.clerk).get("/reception/").content.decode()
    assert "<td>2</td><td>3</td><td>67%</td>" in html


# Looking at a party -----------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["/cases/", "/m/cases/"])
def test_a_party_is_shown_after_the_look_was_written_down(
    world: World, case: Case, prefix: str
) -> None:
    applicant, _respondent = with_parties(case, world.handler)
    client, url = browser(world.handler), f"{prefix}{case.number}/dispute/"
    reveal = f"{url}parties/{applicant.pk}/"
    assert f'hx-post="{reveal}"' in client.get(url).content.decode()

    without = client.post(reveal, {"reason": " "})

    assert without.status_code == 400
    assert "请写明查看的事由" in without.content.decode()
    assert not AccessRecord.objects.exists()
    line = client.post(reveal, {"reason": "通知到场"}, headers={"HX-Request": "true"})
    html = line.content.decode()
    assert html.startswith(f'<li id="party-{applicant.pk}">')
    assert NAME in html
    assert NUMBER in html
    assert line["Cache-Control"] == "no-store"
    look = AccessRecord.objects.get()
    assert (look.model, look.object_id) == ("cases.DisputeParty", str(applicant.pk))
    assert (look.columns, look.reason) == (["name", "phone"], f"{case.number} 通知到场")
    page = client.post(reveal, {"reason": "再看一次"}).content.decode()
    assert NAME in page
    assert OTHER not in page
    assert AccessRecord.objects.count() == 2


def test_only_who_mediates_looks_at_a_party(world: World, case: Case) -> None:
    applicant, _respondent = with_parties(case, world.handler)
    other = create_case(world, state=State.HANDLING)
    opened(other, world.handler)
    path = f"/cases/{case.number}/dispute/parties/{applicant.pk}/"

    answers = {
        who: browser(getattr(world, who)).post(path, {"reason": "看看"}).status_code
        for who in ("leader", "outsider", "police_handler", "grid_worker")
    }

    assert answers == {"leader": 403, "outsider": 404, "police_handler": 404, "grid_worker": 200}
    elsewhere = f"/cases/{other.number}/dispute/parties/{applicant.pk}/"
    assert browser(world.handler).post(elsewhere, {"reason": "看看"}).status_code == 404
    assert AccessRecord.objects.count() == 1
    assert browser(world.handler).get(path).status_code == 405


# What went wrong once ---------------------------------------------------------------------------


def test_what_was_written_wrongly_of_a_party_is_put_right(world: World, case: Case) -> None:
    applicant, _respondent = with_parties(case, world.handler)
    client, url = browser(world.handler), f"/cases/{case.number}/dispute/correct/"

    nothing = client.post(url, {"party_id": applicant.pk})
    done = client.post(url, {"party_id": applicant.pk, "name": "王小朋"})

    assert (nothing.status_code, done.status_code) == (409, 302)
    party = DisputeParty.objects.get(pk=applicant.pk)
    assert (party.name.reveal(), party.phone.reveal()) == ("王小朋", NUMBER)
    assert (party.side, party.consent) == (Side.APPLICANT, True)
    line = case.transitions.get(action="dispute_corrected")
    assert line.details == {"side": "applicant"}
    settle(case, world.handler)
    with pytest.raises(NotAllowed, match="调解已结束"):
        disputes.correct_party(
            case, by=world.handler, now=MONDAY, party_id=applicant.pk, name="王小明"
        )


def test_a_mediator_is_one_who_may_mediate_this_case(world: World, case: Case) -> None:
    for stranger in (world.outsider, world.leader, world.police_handler):
        with pytest.raises(NotAllowed, match="在岗人员"):
            opened(case, world.handler, mediator_ids=[stranger.pk])

    dispute = opened(case, world.handler, mediator_ids=[world.clerk.pk, world.handler.pk])

    assert set(dispute.mediators.all()) == {world.clerk, world.handler}
    assert "case.dispute_named" in kinds_told(world.clerk)
    assert "case.dispute_named" not in kinds_told(world.handler)
    to: dict[str, Any] = {"track": Track.ADMINISTRATIVE, "track_unit_id": world.police.pk}
    disputes.hand_over(
        case,
        by=world.handler,
        now=MONDAY,
        note="涉及治安",
        mediator_ids=[world.police_handler.pk],
        **to,
    )
    assert "case.dispute_named" in kinds_told(world.police_handler)


def test_mediators_stay_with_their_unit(world: World, case: Case) -> None:
    by, police = world.handler, world.police_handler
    to: dict[str, Any] = {"track_unit_id": world.police.pk, "mediator_ids": [police.pk]}
    opened(case, by, track=Track.ADMINISTRATIVE, **to)

    same_unit: dict[str, Any] = {"track": Track.JUDICIAL, "track_unit_id": world.police.pk}
    dispute = disputes.hand_over(case, by=by, now=MONDAY, note="转司法", **same_unit)
    assert list(dispute.mediators.all()) == [police]

    # and go with it: who does not see the case any more is told of it no more
    dispute = disputes.hand_over(case, by=by, now=MONDAY, note="社区更合适", track=Track.PEOPLE)
    assert not dispute.mediators.exists()
    assert police.pk not in disputes.to_tell(dispute, case)


def test_a_unit_that_gets_a_dispute_again_is_told_again(world: World, case: Case) -> None:
    opened(case, world.handler)
    to: dict[str, Any] = {"track": Track.ADMINISTRATIVE, "track_unit_id": world.police.pk}
    for hour in (1, 3):
        disputes.hand_over(
            case, by=world.handler, now=MONDAY + timedelta(hours=hour), note="涉及治安", **to
        )
        back = MONDAY + timedelta(hours=hour + 1)
        disputes.hand_over(case, by=world.handler, now=back, note="退回", track=Track.PEOPLE)

    assert kinds_told(world.police_handler).count("case.moved") == 2


def test_a_promise_that_was_not_kept_is_asked_after_again(world: World, case: Case) -> None:
    by = world.handler
    _applicant, respondent = with_parties(case, by)
    owed = Promise(respondent.pk, "加装隔音垫", date(2026, 3, 6))
    row = settle(case, by, obligations=[owed]).obligations.get()
    seen: dict[str, Any] = {"obligation_id": row.pk, "note": "未装"}
    disputes.fulfil(case, by=by, now=TUESDAY, fulfilled=False, **seen)
    shift_clock(to=moment("2026-03-06 18:00"))
    timers.sweep()
    visited = moment("2026-03-07 10:00")

    disputes.fulfil(case, by=by, now=visited, fulfilled=False, **seen)

    again = Timer.objects.open().get(kind="case.obligation_due")
    assert again.due_at == moment("2026-03-16 17:30")  # the week ends on a Saturday
    shift_clock(to=moment("2026-03-16 18:00"))
    timers.sweep()
    assert kinds_told(by).count("case.obligation_due") == 2


def test_the_place_sets_when_a_broken_promise_is_asked_after_again(
    world: World, case: Case
) -> None:
    Regulation.objects.create(valid_from=date(2026, 1, 1), obligation_again_days=2)
    _applicant, respondent = with_parties(case, world.handler)
    owed = Promise(respondent.pk, "加装隔音垫", date(2026, 3, 6))
    row = settle(case, world.handler, obligations=[owed]).obligations.get()
    shift_clock(to=moment("2026-03-06 18:00"))
    timers.sweep()
    visited = moment("2026-03-09 10:00")

    seen: dict[str, Any] = {"obligation_id": row.pk, "note": "未装", "fulfilled": False}
    disputes.fulfil(case, by=world.handler, now=visited, **seen)

    again = Timer.objects.open().get(kind="case.obligation_due")
    assert again.due_at == moment("2026-03-11 17:30")


def test_the_unit_that_mediated_may_visit_when_the_promise_is_due(world: World, case: Case) -> None:
    by, police = world.handler, world.police_handler
    _applicant, respondent = with_parties(case, by)
    to: dict[str, Any] = {"track": Track.ADMINISTRATIVE, "track_unit_id": world.police.pk}
    disputes.hand_over(case, by=by, now=MONDAY, note="涉及治安", **to)
    row = settle(
        case, police, obligations=[Promise(respondent.pk, "赔偿", date(2026, 8, 31))]
    ).obligations.get()
    shift_clock(to=moment("2026-08-31 18:00"))
    timers.sweep()

    assert "case.obligation_due" in kinds_told(police)
    assert browser(police).get(f"/cases/{case.number}/dispute/").status_code == 200
    done = disputes.fulfil(
        case,
        by=police,
        now=moment("2026-09-01 10:00"),
        obligation_id=row.pk,
        fulfilled=True,
        note="已赔",
    )
    assert done.fulfilled_at is not None
