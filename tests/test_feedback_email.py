"""What residents hear of their case by e-mail, over a mail server that misbehaves."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from cases import feedback
from cases.models import Case, Notice, Reporter, State
from governance.models import AccessRecord, RateWindow
from tests import gateway as gateways
from tests.builders import World, moment, queries, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move
from tests.clients import KEY, Program, browser
from tests.gateway import Mailbox

ADDRESS = "zhangsan@example.cn"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with gateways.mail_running() as running:
        yield running


@pytest.fixture(autouse=True)
def smtp(world: World, mailbox: Mailbox, settings: Settings) -> None:
    shift_clock(to=MONDAY)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
    settings.EMAIL_TO_RESIDENTS = True
    settings.EMAIL_TIMEOUT = 0.3
    settings.DEFAULT_FROM_EMAIL = "grid@example.org"
    settings.SMS_URL = ""


def reported(world: World, *, state: str = State.ACCEPTED, **fields: Any) -> Case:
    """A resident left an address."""
    return create_case(world, state=state, **{"reporter_email": ADDRESS, **fields})


def at(text: str) -> int:
    shift_clock(to=moment(text))
    return feedback.deliver()


def test_a_resident_is_written_to(world: World, mailbox: Mailbox) -> None:
    case = reported(world, state=State.CLOSED)
    move(case, "answer", by=world.clerk, note="垃圾已于今日清运。")

    assert feedback.deliver() == 2

    assert [to for to, _message in mailbox.took] == [ADDRESS, ADDRESS]
    (_to, accepted), (_again, answered) = mailbox.took
    assert accepted["Subject"].strip() == f"您反映的事项有新进展（编号{case.number}）"
    assert accepted["From"] == "grid@example.org"
    assert mailbox.texts[0].endswith(f"凭编号和查询码{case.query_code}可查询进度。")
    assert "已办结：垃圾已于今日清运。" in mailbox.texts[1]
    assert accepted["Message-ID"] != answered["Message-ID"]
    assert feedback.deliver() == 0


def test_what_was_left_is_the_way_that_was_chosen(
    world: World, mailbox: Mailbox, settings: Settings
) -> None:
    with gateways.running() as gateway:
        settings.SMS_URL, settings.SMS_SECRET = gateway.url, "secret"
        reported(world)
        reported(world, reporter_email="", reporter_phone="13812345678")
        reported(world, reporter_phone="13812345678")
        reported(world, reporter_email="")

        assert feedback.deliver() == 4

        assert (len(mailbox.took), gateway.phones) == (2, ["13812345678"] * 2)


def test_where_no_mail_server_was_named_nothing_is_written(
    world: World, settings: Settings
) -> None:
    settings.EMAIL_TO_RESIDENTS = False
    case = reported(world)
    line = case.transitions.get(action="accept")

    assert not Notice.objects.exists()
    with queries(0):
        feedback.tell_reporter(case, line, MONDAY)


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        (451, "NotTaken: SMTP 451"),
        (554, "NotTaken: SMTP 554"),
        ("refuses", "NotTaken: SMTP 550"),
        ("hangs up", "NotTaken: SMTPServerDisconnected"),
    ],
)
def test_what_was_not_taken_is_tried_later_each_time(
    world: World, mailbox: Mailbox, mood: Any, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The server repeats the address with its error; nobody else does."""
    caplog.set_level(logging.DEBUG)
    case = reported(world)
    mailbox.moods = [mood, mood]
    waits = []
    for _try in range(2):
        began = shift_clock(to=max(Notice.objects.get().next_try_at, MONDAY))
        assert feedback.deliver() == 0
        waits.append(Notice.objects.get().next_try_at - began)

    notice = Notice.objects.get()
    assert waits == [timedelta(seconds=60), timedelta(seconds=120)]
    assert notice.last_error.startswith(error)
    rows = json.dumps(list(Notice.objects.values()), default=str, ensure_ascii=False)
    for kept in (rows, caplog.text):
        assert ADDRESS not in kept
        assert case.query_code not in kept
    shift_clock(by=timedelta(seconds=120))
    assert feedback.deliver() == 1


@pytest.mark.parametrize(("mood", "copies"), [("slow", 2), ("drips", 1)])
def test_a_server_that_takes_too_long_gets_the_same_message_again(
    world: World, mailbox: Mailbox, mood: str, copies: int
) -> None:
    reported(world)
    mailbox.moods = [mood]

    assert feedback.deliver() == 0
    assert Notice.objects.get().last_error == "NotTaken: timed out"
    assert at("2026-03-02 09:01") == 1

    ids = {message["Message-ID"] for _to, message in mailbox.took}
    assert (len(mailbox.took), len(ids)) == (copies, 1)
    assert ids.pop().endswith("@example.org>")


def test_a_server_that_is_not_there_says_so(world: World, settings: Settings) -> None:
    settings.EMAIL_PORT = 1
    reported(world)

    assert feedback.deliver() == 0
    assert Notice.objects.get().last_error == "NotTaken: ConnectionRefusedError"


def test_it_keeps_to_the_number_a_minute_and_to_the_quiet_hours(
    world: World, mailbox: Mailbox, settings: Settings
) -> None:
    settings.EMAIL_PER_MINUTE = 1
    reported(world)
    reported(world)

    assert at("2026-03-02 09:00:30") == 1
    assert at("2026-03-02 09:01") == 1
    assert ADDRESS not in str(list(RateWindow.objects.values_list("key")))
    late = moment("2026-03-02 23:00")
    shift_clock(to=late)
    reported(world, now=late)
    assert feedback.deliver() == 0
    assert at("2026-03-03 07:30") == 1


def test_an_erased_reporter_is_not_reached(world: World, mailbox: Mailbox) -> None:
    reported(world)
    key = Reporter.objects.get().data_key
    key.destroyed_at = MONDAY
    key.save(update_fields=["destroyed_at"])

    assert feedback.deliver() == 0
    assert (mailbox.took, Notice.objects.get().last_error) == ([], "LookupError: no address")


def test_the_command_knocks(world: World, mailbox: Mailbox, capsys: Any) -> None:
    reported(world)

    call_command("sweep")

    assert "sent=1" in capsys.readouterr().out


# Where the address is given, seen and corrected --------------------------------------------------


def test_a_resident_leaves_an_address_on_the_public_form(world: World, mailbox: Mailbox) -> None:
    create_item(department=world.police, code="0699", name="其他诉求", dispatch="manual")
    client = Client()
    form = {"description": "楼上漏水", "place": "3号楼", "key": str(KEY)}

    assert client.post("/report/", {**form, "reporter_email": "zhangsan"}).status_code == 400
    assert client.post("/report/", {**form, "reporter_email": ADDRESS}).status_code == 302

    case = Case.objects.get()
    assert case.reporter is not None
    assert case.reporter.email.reveal() == ADDRESS
    move(case, "accept", by=world.clerk)
    feedback.deliver()
    assert [to for to, _message in mailbox.took] == [ADDRESS]


def test_staff_see_it_masked_and_in_clear_after_a_reason(world: World) -> None:
    case = reported(world)
    client = browser(world.clerk)

    for address in (f"/cases/{case.number}/", f"/m/cases/{case.number}/"):
        page = client.get(address).content.decode()
        assert "z***@example.cn" in page
        assert ADDRESS not in page
    shown = client.post(f"/cases/{case.number}/reporter/", {"reason": "核实情况"})
    assert ADDRESS in shown.content.decode()
    assert AccessRecord.objects.get().columns == ["name", "phone", "email"]


def test_a_clerk_writes_it_down_and_corrects_it(world: World) -> None:
    item = create_item(department=world.sanitation, dispatch="manual")
    client = browser(world.clerk)
    form = {"item": item.pk, "description": "垃圾", "place": "西门", "source": "phone_call"}
    client.post("/cases/new/", {**form, "key": str(KEY), "reporter_email": "a@example.cn"})
    case = Case.objects.get()

    assert 'name="reporter_email"' in client.get(f"/cases/{case.number}/correct/").content.decode()
    move(case, "correct", by=world.clerk, reporter_email=ADDRESS)

    case.refresh_from_db()
    assert case.reporter is not None
    assert case.reporter.email.reveal() == ADDRESS
    line = case.transitions.get(action="correct")
    assert (line.details["reporter"], ADDRESS in str(line.details)) == (True, False)


def test_a_program_gives_it(world: World) -> None:
    item = create_item(department=world.sanitation, dispatch="manual")
    program = Program(world.clerk)
    body = {"item": item.pk, "description": "垃圾", "place": "西门"}
    key = {"Idempotency-Key": str(KEY)}

    wrong = program.post("/cases/", {**body, "reporter_email": "nobody"}, **key)
    made = program.post("/cases/", {**body, "reporter_email": ADDRESS}, **key)
    other = program.post("/cases/", {**body, "reporter_email": "b@example.cn"}, **key)

    assert (wrong.status_code, made.status_code, other.status_code) == (400, 201, 409)
    case = program.get(f"/cases/{Case.objects.get().number}/").json()
    assert case["reporter"]["email_masked"] == "z***@example.cn"
