"""What residents hear of their case, over a gateway that misbehaves; and the calls afterwards."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from cases import callbacks, feedback, sampling, workflow
from cases.errors import NotAllowed
from cases.models import (
    CallBack,
    Case,
    Ladder,
    LadderStep,
    Notice,
    Regulation,
    Reporter,
    State,
    Transition,
)
from governance import channels, checks, sending, tasks, timers
from governance.models import Message, RateWindow
from tests import gateway as gateways
from tests.builders import World, moment, queries, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move
from tests.clients import browser
from tests.gateway import Gateway

PHONE = "13812345678"
SECRET = "only-we-and-the-gateway"
URGENT = {"handle": (2, "urgent_hours"), "promise": (1, "working_days")}


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with gateways.running() as running:
        yield running


@pytest.fixture(autouse=True)
def sms(world: World, gateway: Gateway, settings: Settings) -> None:
    shift_clock(to=MONDAY)
    settings.SMS_URL = f"{gateway.url}/sms?account=secret-account"
    settings.SMS_SECRET = SECRET
    settings.CHANNEL_SECONDS = 0.3
    settings.WECOM_ROBOTS = {}


def reported(world: World, *, state: str = State.REPORTED, **fields: Any) -> Case:
    """A resident rang up and left a phone number."""
    fields = {"reporter_name": "张三", "reporter_phone": PHONE, **fields}
    return create_case(world, state=state, **fields)


def kinds(case: Case) -> list[str]:
    rows = Notice.objects.filter(case=case, channel="sms").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def at(text: str) -> int:
    shift_clock(to=moment(text))
    return feedback.deliver()


# What residents are told ------------------------------------------------------------------------


def test_a_resident_hears_of_acceptance_and_of_the_result(world: World, gateway: Gateway) -> None:
    case = reported(world, state=State.CLOSED)
    move(case, "answer", by=world.clerk, note="垃圾已于今日清运。")

    assert feedback.deliver() == 2

    assert gateway.phones == [PHONE, PHONE]
    accepted, answered = gateway.texts
    assert accepted == (
        f"您反映的“暴露垃圾”（编号{case.number}）已受理。"
        f"凭编号和查询码{case.query_code}可查询进度。"
    )
    assert answered == (
        f"您反映的“暴露垃圾”（编号{case.number}）已办结：垃圾已于今日清运。 请在查询页评价。"
    )
    assert feedback.deliver() == 0


def test_a_refusal_comes_with_its_reason(world: World, gateway: Gateway) -> None:
    case = reported(world)
    move(case, "refuse", by=world.clerk, note="属于家庭纠纷，请向法院起诉。")

    feedback.deliver()

    assert gateway.texts == [
        f"您反映的“暴露垃圾”（编号{case.number}）不予受理：属于家庭纠纷，请向法院起诉。"
    ]


def test_each_change_that_matters_is_told_and_no_other(world: World, gateway: Gateway) -> None:
    case = reported(world, state=State.HANDLING)
    move(case, "ask_extension", by=world.handler, until=moment("2026-03-10 12:00").date())
    move(case, "grant", by=world.dispatcher)
    move(case, "ask_reporter", by=world.handler, note="是哪个单元门口？")
    move(case, "reply", by=world.clerk, note="三单元")
    move(case, "ask_suspension", by=world.handler, until=moment("2026-04-07 12:00").date())
    move(case, "grant", by=world.dispatcher)
    move(case, "resume", by=world.dispatcher)
    move(case, "finish", by=world.handler)

    assert kinds(case) == ["accepted", "extended", "asked", "suspended", "resumed"]
    feedback.deliver()
    extended, asked, suspended, resumed = gateway.texts[1:]
    assert "最迟2026-03-1" in extended
    assert "是哪个单元门口？ 请在查询页答复。" in asked
    assert "将于2026-04-07恢复处理" in suspended
    assert resumed == f"您反映的“暴露垃圾”（编号{case.number}）已恢复处理。"


def test_a_refused_extension_and_a_failed_verification_are_told_without_the_staffs_words(
    world: World, gateway: Gateway
) -> None:
    case = reported(world, state=State.HANDLING)
    move(case, "ask_extension", by=world.handler, until=moment("2026-03-10 12:00").date())
    move(case, "deny", by=world.dispatcher, note="人手够")
    move(case, "ask_suspension", by=world.handler)
    move(case, "deny", by=world.dispatcher, note="不必挂账")
    move(case, "finish", by=world.handler)
    move(case, "fail", by=world.grid_worker, note="垃圾还在")

    assert kinds(case) == ["accepted", "not_extended", "reworked"]
    feedback.deliver()
    assert gateway.texts[1:] == [
        f"您反映的“暴露垃圾”（编号{case.number}）不延长办理时间，仍按原定期限办理。",
        f"您反映的“暴露垃圾”（编号{case.number}）经现场核查尚未解决，已要求重新处理。",
    ]


def test_what_goes_on_while_a_case_is_suspended_is_not_told_as_a_suspension(world: World) -> None:
    case = reported(world, state=State.SUSPENDED)
    move(case, "supervise", by=world.supervisor)
    move(case, "consult", by=world.dispatcher)

    assert kinds(case) == ["accepted", "suspended"]


def test_a_suspension_that_ends_by_itself_is_told(world: World) -> None:
    case = reported(world, state=State.SUSPENDED)
    silent = reported(world, state=State.WAITING)
    shift_clock(to=moment("2026-03-20 09:00"))

    timers.sweep()

    case.refresh_from_db()
    assert case.state == State.HANDLING
    assert kinds(case)[-1] == "resumed"
    assert "resumed" not in kinds(silent)


def test_who_was_joined_hears_of_it_of_delays_and_of_the_result(
    world: World, gateway: Gateway
) -> None:
    main = reported(world, state=State.HANDLING)
    other = reported(world, reporter_name="李四", reporter_phone="13900001111")
    move(other, "join", by=world.clerk, main=main.number)
    move(main, "ask_suspension", by=world.handler)
    move(main, "grant", by=world.dispatcher)
    move(main, "resume", by=world.dispatcher)
    for action, who in (("finish", "handler"), ("verify", "grid_worker"), ("close", "clerk")):
        move(main, action, by=getattr(world, who))
    move(main, "answer", by=world.clerk, note="已清运")

    assert kinds(main) == ["accepted", "suspended", "resumed", "answered"]
    assert kinds(other) == ["joined", "suspended", "resumed", "answered"]
    feedback.deliver()
    own = [text for text in gateway.texts if other.number in text]
    assert len(own) == 4
    assert "已办结：已清运" in own[-1]


@pytest.mark.parametrize("last", ["rate", "archive"])
def test_who_was_joined_hears_of_rework_and_of_the_second_result(
    world: World, gateway: Gateway, last: str
) -> None:
    main = reported(world, state=State.HANDLING)
    other = reported(world, reporter_name="李四", reporter_phone="13900001111")
    move(other, "join", by=world.clerk, main=main.number)
    ends = (("finish", "handler"), ("verify", "grid_worker"), ("close", "clerk"))
    for action, who in (*ends, ("answer", "clerk")):
        move(main, action, by=getattr(world, who), note="第一次清运")
    move(other, "rate", by=None, satisfied=True)
    if last == "archive":
        move(other, "archive", by=world.clerk)

    move(main, "rate", by=None, satisfied=False)
    assert kinds(main) == ["accepted", "answered"]  # they know that they were not content
    assert kinds(other) == ["joined", "answered", "reopened"]
    for action, who in (*ends, ("answer", "clerk")):
        move(main, action, by=getattr(world, who), note="第二次清运")

    assert kinds(other) == ["joined", "answered", "reopened", "answered"]
    feedback.deliver()
    own = [text for text in gateway.texts if other.number in text]
    assert "已重新办理" in own[-2]
    assert "已办结：第二次清运" in own[-1]
    other.refresh_from_db()
    assert (other.state, other.answer, other.satisfied) == ("answered", "第二次清运", None)
    move(other, "rate", by=None, satisfied=True)


def test_a_promise_that_a_correction_moves_is_told_and_no_other_correction(
    world: World, gateway: Gateway
) -> None:
    case = reported(world, by=world.grid_worker, source="worker", state=State.HANDLING)
    other = reported(world, reporter_name="李四", reporter_phone="13900001111")
    move(other, "join", by=world.clerk, main=case.number)
    move(case, "correct", by=world.clerk, place="军丽园5号楼")
    day = moment("2026-03-20 12:00").date()
    move(case, "correct", by=world.clerk, promise_on=day, place=None)

    assert kinds(case) == ["accepted", "promise_moved"]
    assert kinds(other) == ["joined", "promise_moved"]
    feedback.deliver()
    said = f"（编号{case.number}）的办结时间改为2026-03-20。"
    assert sum(said in text for text in gateway.texts) == 1
    inbox = Message.objects.filter(recipient=world.grid_worker, kind="case.told_promise_moved")
    assert inbox.count() == 1


def test_of_a_split_report_each_part_is_told(world: World) -> None:
    case = move(reported(world), "split", by=world.clerk)
    part = case.parts.order_by("pk")[0]

    move(part, "accept", by=world.clerk)

    assert (kinds(case), kinds(part)) == (["split"], ["accepted"])


def test_nothing_is_written_for_nobody_for_old_work_or_without_a_gateway(
    world: World, settings: Settings
) -> None:
    create_case(world, state=State.ACCEPTED)  # left no phone
    create_case(world, state=State.ACCEPTED, reporter_name="张三")
    workflow.take(reported(world), "accept", by=None, now=MONDAY, historical=True)
    settings.SMS_URL = ""
    reported(world, state=State.ACCEPTED)

    assert not Notice.objects.exists()


def test_a_move_that_did_not_happen_tells_nobody(world: World) -> None:
    case = reported(world)
    with transaction.atomic():
        move(case, "accept", by=world.clerk)
        assert kinds(case) == ["accepted"]
        transaction.set_rollback(True)

    assert not Notice.objects.exists()


def test_the_same_line_is_told_once(world: World, gateway: Gateway) -> None:
    case = reported(world, state=State.ACCEPTED)
    line = case.transitions.get(action="accept")

    feedback.tell_reporter(case, line, MONDAY)

    assert kinds(case) == ["accepted"]


def test_long_words_are_cut_short(world: World, gateway: Gateway) -> None:
    move(reported(world), "refuse", by=world.clerk, note="因" * 1000)

    feedback.deliver()

    assert gateway.texts[0].endswith("因…")
    assert len(gateway.texts[0]) < 250


def test_the_sender_sees_what_each_channel_will_say(
    world: World, gateway: Gateway, settings: Settings
) -> None:
    settings.EMAIL_TO_RESIDENTS = True
    case = reported(world, state=State.CLOSED, reporter_email="zhangsan@example.cn")
    page = browser(world.clerk).get(f"/cases/{case.number}/answer/").content.decode()

    shown = page[page.index('class="sent-as"') :].split("</div>")[0]
    assert shown.index("短信") < shown.index("最多发送 200 字") < shown.index("电子邮件")
    assert shown.count(f"您反映的“暴露垃圾”（编号{case.number}）已办结：<span") == 2
    assert shown.count("</span> 请在查询页评价。") == 2
    assert 'data-most="200"' in shown
    assert 'data-most=""' in shown
    silent = create_case(world, state=State.CLOSED)
    assert (
        "sent-as"
        not in browser(world.clerk).get(f"/cases/{silent.number}/answer/").content.decode()
    )
    inside = browser(world.handler).get(
        f"/cases/{reported(world, state=State.HANDLING).number}/finish/"
    )
    assert "sent-as" not in inside.content.decode()


def test_an_email_is_not_cut(world: World, settings: Settings) -> None:
    settings.EMAIL_TO_RESIDENTS = True
    case = reported(world, reporter_email="zhangsan@example.cn")
    move(case, "refuse", by=world.clerk, note="因" * 1000)

    said = {notice.channel: feedback.text_of(notice) for notice in Notice.objects.all()}

    assert said["email"].count("因") == 1000
    assert said["sms"].count("因") == 199


def test_residents_read_the_language_of_the_place(world: World, gateway: Gateway) -> None:
    reported(world, state=State.ACCEPTED)

    with translation.override("en"):
        feedback.deliver()

    assert "已受理" in gateway.texts[0]


# What never leaves ------------------------------------------------------------------------------


def test_the_phone_is_nowhere_but_in_the_post(
    world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    """The gateway echoes what it was sent with its error; nobody repeats it."""
    caplog.set_level(logging.DEBUG)
    case = reported(world, state=State.CLOSED)
    move(case, "answer", by=world.clerk, note="已与13812345678联系")
    gateway.moods = [(500, ""), "hangs up"]

    assert feedback.deliver() == 0

    assert len(gateway.got) == 2
    rows = json.dumps(list(Notice.objects.values()), default=str, ensure_ascii=False)
    for kept in (rows, caplog.text):
        assert PHONE not in kept
        assert "已与" not in kept
        assert "secret-account" not in kept
        assert case.query_code not in kept
    assert all(PHONE not in got.path for got in gateway.got)


def test_an_erased_reporter_is_not_reached(world: World, gateway: Gateway) -> None:
    case = reported(world, state=State.ACCEPTED)
    key = Reporter.objects.get().data_key
    key.destroyed_at = MONDAY
    key.save(update_fields=["destroyed_at"])

    assert feedback.deliver() == 0

    assert (gateway.got, case.notices.get().last_error) == ([], "LookupError: no phone")


# A gateway that misbehaves ----------------------------------------------------------------------


def test_posts_are_signed_over_time_and_body_and_carry_the_key(
    world: World, gateway: Gateway
) -> None:
    reported(world, state=State.ACCEPTED)
    feedback.deliver()

    (got,) = gateway.got
    said = got.headers["x-timestamp"].encode() + b"\n" + got.body
    expected = hmac.new(SECRET.encode(), said, hashlib.sha256).hexdigest()
    assert got.headers["x-signature"] == f"sha256={expected}"
    assert int(got.headers["x-timestamp"]) == int(MONDAY.timestamp())
    assert got.key == Notice.objects.get().dedupe_key
    assert got.content.keys() == {"phone", "text"}


@pytest.mark.parametrize("mood", ["slow", "drips"])
def test_a_gateway_that_answers_too_late_gets_it_again_and_counts_it_once(
    world: World, gateway: Gateway, mood: str
) -> None:
    """It took the first one, only we did not hear so: the same key comes again."""
    reported(world, state=State.ACCEPTED)
    gateway.moods = [mood]

    assert feedback.deliver() == 0
    assert Notice.objects.get().last_error == "NotTaken: timed out"
    assert at("2026-03-02 09:01") == 1

    assert [got.key for got in gateway.got] == [Notice.objects.get().dedupe_key] * 2
    assert len(gateway.taken) == 1


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ((500, ""), "NotTaken: HTTP 500"),
        ((302, ""), "NotTaken: HTTP 302"),
        ("hangs up", "NotTaken: RemoteDisconnected"),
    ],
)
def test_what_was_not_taken_is_tried_later_each_time(
    world: World, gateway: Gateway, mood: Any, error: str
) -> None:
    reported(world, state=State.ACCEPTED)
    gateway.moods = [mood, mood]

    waits = []
    for _try in range(2):
        began = shift_clock(to=max(Notice.objects.get().next_try_at, MONDAY))
        assert feedback.deliver() == 0
        waits.append(Notice.objects.get().next_try_at - began)

    assert waits == [timedelta(seconds=60), timedelta(seconds=120)]
    assert Notice.objects.get().last_error == error
    shift_clock(by=timedelta(seconds=120))
    assert feedback.deliver() == 1
    assert Notice.objects.get().last_error == ""


def test_a_gateway_that_is_not_there_says_so(world: World, settings: Settings) -> None:
    settings.SMS_URL = "http://127.0.0.1:1/"
    reported(world, state=State.ACCEPTED)

    assert feedback.deliver() == 0
    assert Notice.objects.get().last_error == "NotTaken: ConnectionRefusedError"

    settings.SMS_URL = "file:///etc/passwd"
    assert at("2026-03-02 09:01") == 0
    assert Notice.objects.get().attempts == 2


def test_retry_after_is_respected(world: World, gateway: Gateway) -> None:
    reported(world, state=State.ACCEPTED)
    gateway.moods = [(429, "1800")]

    assert feedback.deliver() == 0
    assert at("2026-03-02 09:29") == 0
    assert len(gateway.got) == 1
    assert at("2026-03-02 09:30") == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7), ("", 0), ("soon", 0), ("-3", 0), ("99999999999999", 86400)],
)
def test_what_retry_after_may_say(gateway: Gateway, said: str, seconds: int) -> None:
    gateway.moods = [(429, said)]

    with pytest.raises(sending.NotTaken) as caught:
        channels.send_sms(PHONE, "您好", "key")

    assert caught.value.retry_after == timedelta(seconds=seconds)


def test_retry_after_may_be_a_date(gateway: Gateway) -> None:
    gateway.moods = [(503, "Fri, 31 Dec 2999 23:59:59 GMT"), (503, "Mon, 1 Jan 2001 00:00:00 GMT")]
    waits = []
    for _try in range(2):
        with pytest.raises(sending.NotTaken) as caught:
            channels.send_sms(PHONE, "您好", "key")
        waits.append(caught.value.retry_after)

    assert waits == [timedelta(days=1), timedelta()]


def test_it_is_given_up_visibly_and_an_administrator_tries_again(
    client: Client, world: World, gateway: Gateway
) -> None:
    reported(world, state=State.ACCEPTED)
    gateway.moods = [(500, "")] * 8
    for _try in range(9):
        notice = Notice.objects.get()
        shift_clock(to=max(notice.next_try_at, MONDAY))
        feedback.deliver()
    assert len(gateway.got) == 8
    shift_clock(to=moment("2026-03-03 09:00"))

    client.force_login(world.system_admin)
    page = client.get("/admin/cases/notice/", {"state": "failed"})
    assert page.context["cl"].result_count == 1
    assert PHONE not in page.content.decode()
    assert "HTTP 500" in page.content.decode()
    answer = client.post(
        "/admin/cases/notice/",
        {"action": "retry", "_selected_action": [Notice.objects.get().pk]},
        follow=True,
    )

    assert "已重新排入 1 项。" in answer.content.decode()
    assert feedback.deliver() == 1


def test_no_more_leave_in_a_minute_than_the_channel_takes(
    world: World, gateway: Gateway, settings: Settings
) -> None:
    settings.SMS_PER_MINUTE = 2
    for _case in range(5):
        reported(world, state=State.ACCEPTED)

    assert at("2026-03-02 09:00:30") == 2
    assert at("2026-03-02 09:00:59") == 0
    assert at("2026-03-02 09:01") == 2
    assert at("2026-03-02 09:02") == 1
    assert set(Notice.objects.values_list("attempts", flat=True)) == {1}
    assert PHONE not in str(list(RateWindow.objects.values_list("key")))


def test_one_that_another_worker_holds_is_left_alone(world: World, gateway: Gateway) -> None:
    reported(world, state=State.ACCEPTED)
    sending.lease(Notice.objects.all(), 10)  # a worker that dies now

    assert feedback.deliver() == 0
    assert at("2026-03-02 09:02") == 1


def test_the_worker_and_the_command_knock(world: World, gateway: Gateway, capsys: Any) -> None:
    reported(world, state=State.ACCEPTED)
    assert tasks.deliver_outside() == 1

    reported(world, state=State.ACCEPTED)
    call_command("sweep")

    assert "sent=1" in capsys.readouterr().out
    assert len(gateway.taken) == 2


def test_a_gateway_without_a_secret_is_a_mistake(settings: Settings) -> None:
    assert checks.check_channels() == []
    settings.SMS_SECRET = ""
    assert [error.id for error in checks.check_channels()] == ["governance.E013"]


# Quiet hours ------------------------------------------------------------------------------------


def test_at_night_an_ordinary_message_waits_for_the_morning(world: World, gateway: Gateway) -> None:
    shift_clock(to=moment("2026-03-02 23:00"))
    case = reported(world, now=moment("2026-03-02 23:00"))
    move(case, "accept", by=world.clerk, now=moment("2026-03-02 23:00"))

    assert feedback.deliver() == 0
    assert at("2026-03-03 07:29") == 0
    assert gateway.got == []
    assert at("2026-03-03 07:30") == 1


def test_at_night_an_urgent_item_is_told_at_once(world: World, gateway: Gateway) -> None:
    item = create_item(
        department=world.sanitation, code="0900", name="井盖缺失", dispatch="manual", limits=URGENT
    )
    now = shift_clock(to=moment("2026-03-02 02:00"))
    move(reported(world, item=item, now=now), "accept", by=world.clerk, now=now)

    assert feedback.deliver() == 1


def test_what_failed_in_the_evening_does_not_leave_at_night(world: World, gateway: Gateway) -> None:
    now = shift_clock(to=moment("2026-03-02 21:59:30"))
    move(reported(world, now=now), "accept", by=world.clerk, now=now)
    gateway.moods = [(500, "")]
    assert feedback.deliver() == 0

    assert at("2026-03-02 22:01") == 0
    assert len(gateway.got) == 1
    assert Notice.objects.get().attempts == 1  # to wait is no try
    assert at("2026-03-03 07:30") == 1


@pytest.mark.parametrize(
    ("begin", "end", "now", "leaves"),
    [
        ("22:00", "07:30", "2026-03-02 21:59", "2026-03-02 21:59"),
        ("22:00", "07:30", "2026-03-02 22:00", "2026-03-03 07:30"),
        ("22:00", "07:30", "2026-03-03 00:10", "2026-03-03 07:30"),
        ("22:00", "07:30", "2026-03-03 07:30", "2026-03-03 07:30"),
        ("12:00", "14:00", "2026-03-02 13:00", "2026-03-02 14:00"),
        ("12:00", "14:00", "2026-03-02 11:00", "2026-03-02 11:00"),
        ("08:00", "08:00", "2026-03-02 08:00", "2026-03-02 08:00"),  # none at all
    ],
)
def test_when_the_quiet_hours_end(begin: str, end: str, now: str, leaves: str) -> None:
    Regulation.objects.create(valid_from=MONDAY.date(), quiet_from=begin, quiet_to=end)

    assert feedback.after_quiet(moment(now)) == moment(leaves)


# Group robots -----------------------------------------------------------------------------------


@pytest.fixture
def robots(gateway: Gateway, settings: Settings) -> None:
    settings.WECOM_ROBOTS = {
        "环卫所": f"{gateway.url}/robot?key=department-key",
        "军粮城街道": f"{gateway.url}/robot?key=street-key",
    }


def posts(gateway: Gateway) -> list[tuple[str, str]]:
    found = [got for got in gateway.taken.values() if got.path.startswith("/robot")]
    return [(got.path.partition("=")[2], got.content["text"]["content"]) for got in found]


def test_a_red_card_is_posted_to_the_departments_group(
    world: World, gateway: Gateway, robots: None
) -> None:
    case = reported(world, state=State.HANDLING)
    move(case, "supervise", by=world.supervisor, severity="yellow")
    move(case, "supervise", by=world.supervisor, severity="red")

    feedback.deliver()

    assert posts(gateway) == [("department-key", f"红牌督办：暴露垃圾（{case.number}），处置中。")]


def test_a_case_that_climbs_to_the_district_is_posted_to_the_streets_group(
    world: World, gateway: Gateway, robots: None
) -> None:
    case = reported(world)

    shift_clock(to=moment("2026-03-04 17:00"))
    timers.sweep()  # the street knows
    assert feedback.deliver() == 0
    shift_clock(to=moment("2026-03-04 18:00"))
    timers.sweep()
    assert feedback.deliver() == 1

    assert posts(gateway) == [
        ("street-key", f"超期升级到区级：暴露垃圾（{case.number}），待受理。")
    ]


def test_a_red_card_of_the_clock_is_posted_too(
    world: World, gateway: Gateway, robots: None
) -> None:
    case = reported(world, state=State.HANDLING)
    LadderStep.objects.filter(ladder=Ladder.objects.get(), step=0).update(severity="red")

    shift_clock(to=moment("2026-03-04 09:00"))
    timers.sweep()
    feedback.deliver()

    assert posts(gateway) == [("department-key", f"红牌督办：暴露垃圾（{case.number}），处置中。")]


def test_a_robot_that_refuses_with_200_gets_it_again(
    world: World, gateway: Gateway, robots: None
) -> None:
    case = create_case(world, state=State.HANDLING)
    move(case, "supervise", by=world.supervisor, severity="red")
    gateway.moods = ["refuses"]

    assert feedback.deliver() == 0
    assert Notice.objects.get().last_error == "NotTaken: errcode 45009"
    assert "key=" not in Notice.objects.get().last_error
    assert at("2026-03-02 09:01") == 1


# Call-backs -------------------------------------------------------------------------------------


def call_back_all(percent: int = 100) -> None:
    Regulation.objects.create(valid_from=MONDAY.date(), callback_percent=percent)


def test_answered_cases_are_drawn_as_anybody_can_check(world: World) -> None:
    call_back_all(50)
    cases = [reported(world, state=State.ANSWERED) for _case in range(6)]

    drawn = set(CallBack.objects.values_list("case__number", flat=True))

    digests = {c.number: hashlib.sha256(c.number.encode()).hexdigest() for c in cases}
    assert drawn == {number for number, digest in digests.items() if int(digest, 16) % 100 < 50}


def test_the_place_sets_how_soon_is_called(world: World) -> None:
    Regulation.objects.create(valid_from=MONDAY.date(), callback_percent=100, callback_days=5)
    case = reported(world, state=State.ANSWERED)

    assert case.call_backs.get().due_at == moment("2026-03-09 17:30")


def test_about_the_share_that_the_place_sets_is_drawn() -> None:
    numbers = [f"20260302{n:06d}" for n in range(4000)]

    shares = [sum(sampling.is_drawn(n, percent) for n in numbers) for percent in (0, 10, 100)]

    assert shares[0] == 0
    assert 300 < shares[1] < 500
    assert shares[2] == 4000


def test_who_left_no_number_is_not_drawn_nor_work_done_elsewhere(world: World) -> None:
    call_back_all()
    create_case(world, state=State.ANSWERED)
    case = reported(world, state=State.CLOSED)
    workflow.take(case, "answer", by=None, now=MONDAY, note="已办", historical=True)

    assert not CallBack.objects.exists()


def test_a_clerk_calls_and_the_resident_is_content(client: Client, world: World) -> None:
    call_back_all()
    case = reported(world, state=State.ANSWERED)
    client.force_login(world.clerk)
    page = client.get("/callbacks/")
    assert case.number in page.content.decode()
    assert PHONE not in page.content.decode()
    (row,) = page.context["rows"]

    name = row["form"].prefix
    answer = client.post(
        row["record_url"], {f"{name}-result": "satisfied", f"{name}-note": ""}, follow=True
    )

    assert "回访已记录。" in answer.content.decode()
    assert answer.context["rows"] == []
    done = CallBack.objects.get()
    assert (done.done_by, done.result, done.done_at) == (world.clerk, "satisfied", MONDAY)
    assert client.post(row["record_url"], {f"{name}-result": "satisfied"}).status_code == 404


def test_a_resident_who_is_not_content_has_the_case_worked_on_again(
    client: Client, world: World
) -> None:
    call_back_all()
    case = reported(world, state=State.ANSWERED)
    client.force_login(world.clerk)
    call_back = CallBack.objects.get()
    url, name = f"/callbacks/{call_back.pk}/", f"call{call_back.pk}"

    silent = client.post(url, {f"{name}-result": "dissatisfied"})
    assert silent.status_code == 400
    assert "不满意的，请写明原因。" in silent.content.decode()
    empty = client.post(url, {})
    assert empty.status_code == 400
    client.post(url, {f"{name}-result": "dissatisfied", f"{name}-note": "垃圾又堆回来了"})

    case.refresh_from_db()
    assert case.state == State.HANDLING
    line = Transition.objects.filter(case=case).latest("pk")
    assert (line.action, line.by, line.note) == ("reopen", world.clerk, "垃圾又堆回来了")
    assert kinds(case)[-1] == "reopened"


def test_a_case_answered_anew_is_called_about_once(world: World) -> None:
    call_back_all()
    case = reported(world, state=State.ANSWERED)
    move(case, "reopen", by=world.clerk)
    assert not callbacks.open_for(world.clerk).exists()

    for action, who in (("finish", "handler"), ("verify", "grid_worker"), ("close", "clerk")):
        move(case, action, by=getattr(world, who))
    move(case, "answer", by=world.clerk)

    assert callbacks.open_for(world.clerk).count() == 1


def test_who_was_joined_and_is_not_content_brings_the_main_case_back(world: World) -> None:
    call_back_all()
    main = create_case(world, state=State.VERIFIED)
    other = reported(world)
    # joined while the main case was at work
    Case.objects.filter(pk=main.pk).update(state=State.FINISHED)
    move(other, "join", by=world.clerk, main=main.number)
    for action, who in (("verify", "grid_worker"), ("close", "clerk"), ("answer", "clerk")):
        move(main, action, by=getattr(world, who))

    call_back = CallBack.objects.get(case=other)
    callbacks.record(call_back, by=world.clerk, result="dissatisfied", note="没有清", now=MONDAY)

    main.refresh_from_db()
    assert main.state == State.HANDLING


def test_calls_of_other_places_are_neither_seen_nor_made(client: Client, world: World) -> None:
    call_back_all()
    reported(world, state=State.ANSWERED)
    call_back = CallBack.objects.get()

    client.force_login(world.outsider)
    assert client.get("/callbacks/").context["rows"] == []
    assert client.post(f"/callbacks/{call_back.pk}/", {}).status_code == 404
    Case.objects.update(reported_by=world.outsider)  # it is shown, but not to be called about
    assert client.get("/callbacks/").context["rows"] == []
    client.force_login(world.handler)
    assert client.get("/callbacks/").status_code == 403
    with pytest.raises(NotAllowed):
        callbacks.record(call_back, by=world.handler, result="satisfied", note="", now=MONDAY)


def test_a_longer_list_asks_no_more_often(client: Client, world: World) -> None:
    call_back_all()
    client.force_login(world.clerk)
    counts = []
    for _more in range(2):
        reported(world, state=State.ANSWERED)
        client.get("/callbacks/")
        counts.append(number_of_queries(client))

    assert counts[0] == counts[1]


def number_of_queries(client: Client) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get("/callbacks/")
    return len(captured)


def test_without_channels_a_move_asks_nothing_more(world: World, settings: Settings) -> None:
    case = reported(world, state=State.ACCEPTED)
    line = case.transitions.get(action="accept")
    settings.SMS_URL = ""

    with queries(0):
        feedback.tell_reporter(case, line, MONDAY)
        feedback.post_to_robots([(case, "red", "1")], MONDAY)
