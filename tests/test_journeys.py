"""Whole stories through the real web, worker and beat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.areas import place
from tests.builders import moment
from tests.case_builders import MONDAY, picture
from tests.engines import worker_number
from tests.stack import Stack, wait_for, wait_until
from tests.stack_seed import GROUPS, STORM, due_of_group
from tests.visitor import Visitor

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

LON, LAT = (str(value) for value in place(0.5, 0.5))


def report(resident: Visitor, description: str) -> tuple[str, str]:
    """A resident reports a heap of rubbish in the first grid; returns number and code."""
    page = resident.submit(
        resident.get("/report/"),
        photos=picture(),
        place="军丽园3号楼前",
        description=description,
        lon=LON,
        lat=LAT,
        reporter_phone="13812345678",
    )
    assert page.status == 200, page.text
    number, code = re.findall(r'class="receipt-number">(\d+)<', page.text)
    return number, code


def test_from_a_residents_photo_to_their_rating(stack: Stack) -> None:
    number, code = report(stack.visitor(), "楼前乱倒垃圾，好几天了")
    clerk, handler, worker = (stack.visitor(n) for n in ("clerk", "handler", "grid_worker"))

    assert number in clerk.get("/").text
    assert "待签收" in clerk.act(number, "accept").text  # dispatched by the item's rule
    handler.act(number, "sign")
    handler.act(number, "finish", outcome="solved", note="已清运", photos=picture())
    assert number in worker.get("/m/?tab=all").text
    worker.act(number, "verify", at="/m/cases/")
    clerk.act(number, "close")
    clerk.act(number, "answer", note="垃圾已清走，谢谢您。")
    after = stack.one("SELECT uuid FROM cases_photo WHERE kind = 'after' ORDER BY id DESC")
    clerk.submit(clerk.get(f"/cases/{number}/"), f"/photos/{after}/public/")

    resident = stack.visitor()  # on another device, with what stood on the receipt
    assert resident.get(f"/report/progress/{number}/").path == "/report/query/"
    page = resident.submit(resident.get("/report/query/"), number=number, code=code)
    assert "垃圾已清走" in page.text
    assert str(after) in page.text
    assert page.text.count("<img") == 1  # and not the one that nobody has ticked
    assert resident.get(f"/report/photo/{after}/").status == 200
    page = resident.submit(page, "/rate/", satisfied="1", note="很快")
    assert "谢谢您的评价" in page.text

    lines = stack.sql(
        "SELECT action, t.source, username FROM cases_transition t"
        " JOIN cases_case c ON case_id = c.id LEFT JOIN governance_user u ON by_id = u.id"
        " WHERE number = %s ORDER BY t.id",
        number,
    )
    assert lines == [
        ("report", "public", None),
        ("accept", "desk", "clerk"),
        ("dispatch", "desk", None),
        ("sign", "desk", "handler"),
        ("finish", "desk", "handler"),
        ("verify", "phone", "grid_worker"),
        ("close", "desk", "clerk"),
        ("answer", "desk", "clerk"),
        ("rate", "public", None),
    ]
    assert "13812345678" not in clerk.get(f"/cases/{number}/").text


# (the clock's hand is put here, the lines written by then, who is told)
LADDER = [
    ("2026-03-02 10:45", ["remind"], "clerk", "临近时限"),
    ("2026-03-02 11:05", ["overdue", "escalate"], "clerk", "已超期"),
    ("2026-03-02 11:06", [], "leader", "超期升级到社区"),
    ("2026-03-03 11:35", ["escalate"], "supervisor", "超期升级到街道"),
    ("2026-03-04 17:35", ["escalate"], "district_supervisor", "超期升级到区"),
]


def test_a_case_that_nobody_touches_climbs_to_the_district(stack: Stack) -> None:
    stack.move_time(MONDAY)
    number, _code = report(stack.visitor(), "又有人乱倒垃圾")
    expected = ["report"]

    for at, lines, username, words in LADDER:
        stack.move_time(moment(at))
        expected += lines
        wait_for(lambda: stack.history(number), expected)
        wait_until(partial(mailed, stack, number, username, words), what=f"{at}: e-mail")
        assert any(number in text and words in text for text in inbox(stack, username))

    page = stack.visitor("clerk").get(f"/cases/{number}/").text
    assert [page.count(word) for word in ("升级到社区", "升级到街道", "升级到区")] == [1, 1, 1]


def mailed(stack: Stack, number: str, username: str, words: str) -> bool:
    told = (subject for to, subject in stack.mails() if to == f"{username}@governance.example")
    return any(number in subject and words in subject for subject in told)


def inbox(stack: Stack, username: str) -> list[str]:
    """The lines of somebody's inbox page."""
    return re.split(r"<li>", stack.visitor(username).get("/inbox/").text)[1:]


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Stack]:
    """A thousand reminders to come, for two workers that two beats knock at."""
    made = Stack(f"storm_{worker_number()}", broker=15, folder=tmp_path, seed="storm")
    made.start("prefork 1", "prefork 2", "beat 1", "beat 2")
    yield made
    made.stop()


def test_every_timer_fires_once_whatever_dies(storm: Stack) -> None:
    size = STORM // GROUPS
    fired = partial(storm.one, "SELECT count(*) FROM governance_timer WHERE fired_at IS NOT NULL")
    for group in range(GROUPS - 1):
        with no_messages(storm):  # so that the sweep stands in the middle of its transaction
            storm.move_time(due_of_group(group) + timedelta(minutes=1))
            wait_until(lambda: storm.one(WAITING), what="a sweep in the middle")
            storm.kill("prefork")
        storm.empty_broker()
        assert fired() == size * group
        storm.start_child("prefork 1")
        storm.start_child("prefork 2")
        wait_for(fired, size * (group + 1))

    storm.empty_broker()  # while everybody lives
    storm.await_sweeps(2)
    storm.move_time(due_of_group(GROUPS))
    wait_for(fired, STORM)

    lines = storm.sql("SELECT case_id, count(*) FROM cases_transition GROUP BY case_id")
    assert [n for _case, n in lines] == [1] * STORM
    assert storm.sql("SELECT DISTINCT kind FROM governance_message") == [("case.stage_remind",)]
    assert storm.one("SELECT count(*) FROM governance_message") == STORM
    assert storm.one("SELECT max(attempts) FROM governance_timer") == 0


WAITING = (
    "SELECT count(*) FROM pg_locks WHERE relation = 'governance_message'::regclass AND NOT granted"
)


@contextmanager
def no_messages(storm: Stack) -> Iterator[None]:
    """Nobody can write an inbox line meanwhile: they wait."""
    with psycopg.connect(storm.engines.owner_url) as other:
        other.execute("LOCK TABLE governance_message IN SHARE MODE")
        yield
