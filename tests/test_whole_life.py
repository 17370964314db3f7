"""A person's whole life in the registers, through the real web, worker and beat: registered twice,
merged, moved, visited, supported, exported, corrected, and erased as they asked. Afterwards no file
of the database, no backup, picture, mail or log tells of them, and no key opens what is left."""

from __future__ import annotations

import email
import email.policy
import io
import json
import re
import secrets
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from governance.engines import postgres
from tests import sealed
from tests.case_builders import MONDAY
from tests.engines import HOME, worker_number
from tests.people_builders import number
from tests.stack import WHOLE, Stack, wait_for, wait_until
from tests.visitor import Page, Visitor

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

# What nobody is called and nobody says; drawn anew, as an earlier run's words lie in the same WAL.
RARE = "龘靐齉爩麤灪龖厵滟爨癵籱饢驫鲡鹂鸾彠虋讟钃鱻"
# Three years for who asked, five for the words of a case that is over.
WAIT = timedelta(days=5 * 366 + 1)


def rare(length: int) -> str:
    return "".join(secrets.choice(RARE) for _ in range(length))


def phone() -> str:
    return f"139{secrets.randbelow(10**8):08d}"


@pytest.fixture(scope="module")
def marked() -> dict[str, str]:
    """All that is said of the one person, each found again wherever it comes to lie."""
    return {
        "name": f"欧{rare(3)}",
        "wrong name": f"殴{rare(3)}",
        "papers": number("19480615", secrets.randbelow(1000)),
        "wrong papers": number("19480615", secrets.randbelow(1000)),
        "phone": phone(),
        "new phone": phone(),
        "contact": f"司徒{rare(2)}",
        "contact phone": phone(),
        "note": f"独自在家{rare(6)}",
        "left": f"常忘关火{rare(6)}",
        "goal": f"每周三看望{rare(6)}",
        "agreed": f"三月二日当面同意{rare(6)}",
        "step": f"联系助浴{rare(6)}",
        "result": f"已约好{rare(6)}",
        "helper": f"尉迟{rare(2)}",
        "helper phone": phone(),
        "words": f"请删除我的全部信息{rare(6)}",
        "answer": f"已删除{rare(6)}",
    }


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own, whose time goes on by years, with three houses."""
    folder = tmp_path_factory.mktemp("life")
    made = Stack(f"life_{worker_number()}", broker=13, folder=folder, seed="doors")
    made.start(*WHOLE)
    yield made
    made.stop()


# By hand ----------------------------------------------------------------------------------------


def said(page: Page, words: str) -> Page:
    told = re.sub(r"<[^>]+>|\s+", " ", page.text.partition("<main")[2])
    assert (page.status, words in page.text) == (200, True), f"{words}: {page.url} {told}"
    return page


def key_of(page: Page) -> str:
    """The person whose page it is."""
    return page.path.rstrip("/").rpartition("/")[2]


def house(town: Stack, room: str) -> int:
    found: int = town.one("SELECT id FROM grids_house WHERE room = %s", room)
    return found


def register(who: Visitor, prefix: str, house_id: int, **fields: str) -> str:
    new = who.get(f"{prefix}new/{house_id}/")
    given = {"kind": "resident", "relation": "head", "began_on": "2026-03-01", **fields}
    return key_of(said(who.submit(new, **given), "已登记"))


def live(town: Stack, marked: dict[str, str]) -> str:
    """From the first registration to the export, each by who does it; returns the person's key."""
    clerk, lead, worker, leader = (
        town.visitor(name) for name in ("clerk", "station_lead", "grid_worker", "leader")
    )
    first, second = house(town, "101"), house(town, "202")
    next_door = house(town, "303")
    neighbour = {"document_kind": "none", "birth_date": "1970-01-01", "name": "李四"}
    register(clerk, "/people/", next_door, **neighbour)
    person = register(
        worker, "/m/people/", first, name=marked["wrong name"], phone=marked["phone"],
        document_kind="resident_id", document_number=marked["wrong papers"],
        contact_name=marked["contact"], contact_phone=marked["contact phone"],
    )  # fmt: skip
    twin = register(
        clerk, "/people/", first, name=marked["wrong name"], phone=marked["phone"],
        document_kind="none", birth_date="1948-06-15", relation="other",
    )  # fmt: skip

    # one of the two goes into the other
    page = said(worker.get(f"/m/people/{twin}/"), "可能是同一人")
    ask = re.findall(rf'href="([^"]+/ask/merge/\?into={person})"', page.text)[0]
    said(worker.submit(worker.get(ask), reason="同一人登记了两次"), "等待审批")
    decide(lead, "/m/people/changes/")
    assert key_of(clerk.get(f"/people/{twin}/")) == person

    # the papers were read wrongly, and so was the name
    ask = f"/m/people/{person}/ask/document/"
    papers = {"document_kind": "resident_id", "document_number": marked["papers"]}
    said(worker.submit(worker.get(ask), **papers, reason="看过证件"), "等待审批")
    decide(clerk, "/people/changes/")
    page = clerk.get(f"/people/{person}/")
    new = {"name": marked["name"], "phone": marked["new phone"]}
    said(clerk.submit(page, f"/{person}/correct/", **new), "已更正")

    # to another house: in there, out here
    page = worker.get(f"/m/people/houses/?person={person}")
    page = said(worker.submit(page, "/houses/", q="202"), "202")
    assert f"/{person}/move-in/{second}/" in page.text
    moved = worker.get(f"/m/people/{person}/move-in/{second}/")
    moved = worker.submit(moved, kind="resident", relation="head", began_on="2026-03-02")
    out = re.findall(r'action="([^"]+/out/)"', said(moved, "202").text)[0]
    worker.submit(moved, out, leaving="moved", on="2026-03-02")
    # in full: three digits stand in keys and tokens, too
    assert "号楼 1-101" not in said(worker.get(f"/m/people/{person}/"), "号楼 1-202").text

    # revealed at the door, visited, with what becomes of it
    page = worker.get(f"/m/people/{person}/")
    assert marked["new phone"] not in page.text
    said(worker.submit(page, "/reveal/", why="check"), marked["new phone"])
    home = "SELECT id FROM people_household WHERE house_id = %s AND ended_on IS NULL"
    visit = worker.get(f"/m/people/visits/new/{town.one(home, second)}/")
    visited = said(worker.submit(visit, aims=["care"], note=marked["note"]), marked["note"])
    for who, prefix, way in ((worker, "/m/", "/m/report/"), (clerk, "/", "/cases/new/")):
        here = said(who.get(f"{prefix}people/visits/{visited.path.split('/')[-2]}/"), way)
        report(who, re.findall(rf'href="({way}\?visit=\w+)"', here.text)[0], town)

    # one case keeps what was said at the door, against the note above its form, and comes to rest
    form = worker.get(f"/m/report/?visit={visited.path.split('/')[-2]}")
    page = said(worker.submit(form, description=marked["left"], item=other_item(town)), "编号")
    clerk.act(page.path.split("/")[-2], "refuse", note="已转社区上门")

    # a plan with a team
    plan = worker.get(f"/m/people/{person}/plans/new/")
    begun = {"goal": marked["goal"], "basis": "consent", "agreed": marked["agreed"]}
    page = said(worker.submit(plan, **begun), "已制定")
    helper = {"role": "family", "name": marked["helper"], "phone": marked["helper phone"]}
    page = said(worker.submit(page, "/join/", **helper), marked["helper"])
    page = said(worker.submit(page, "/join/", role="community", username="clerk"), "社区专干")
    page = said(worker.submit(page, "/step/", what=marked["step"], due_on="2026-03-09"), "助浴")
    desk = clerk.get(page.path.replace("/m/", "/"))
    said(clerk.submit(desk, "/done/", result=marked["result"]), marked["result"])

    # an export in clear, and the copy that they may ask for
    asked: dict[str, Any] = {
        "fields_": ["name", "document_number", "phone"],
        "is_clear": "on",
        "form": "xlsx",
    }
    said(clerk.submit(clerk.get("/exports/"), **asked, reason="核对名册"), "等待审批")
    said(leader.submit(leader.get("/exports/"), "/decide/", granted="1"), "已审批")
    wait_for(partial(town.one, "SELECT state FROM people_export"), "ready")
    assert marked["name"] in in_workbook(clerk.download(clerk.get("/exports/"), "/file/"))
    copied = copy_for(town, marked)
    for name in (
        *("name", "papers", "wrong papers", "new phone", "contact", "note"),
        *("goal", "step", "helper", "helper phone"),
    ):
        assert marked[name] in copied, name
    assert copied.count("cases.Reporter") == 2, "what they are named in elsewhere is theirs too"
    return person


def decide(who: Visitor, changes: str) -> None:
    page = who.get(changes)
    chosen = re.findall(r'name="chosen" value="([^"]+)"', page.text)
    said(who.submit(page, "/decide/", chosen=chosen, granted="1"), "已审批 1 件")


def other_item(town: Stack) -> int:
    found: int = town.one("SELECT id FROM cases_item WHERE code = '0699'")
    return found


def report(who: Visitor, way: str, town: Stack) -> None:
    """A case of what was found at the door, in words for a department, told by who lives there."""
    form = who.get(way)
    (resident,) = re.findall(r'<option value="(\d+)">欧', form.text)
    given = {
        "description": "楼道灯不亮，请派人维修",
        "resident": resident,
        "item": other_item(town),
    }
    said(who.submit(form, **given), "编号")


def in_workbook(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def asked_for(town: Stack, marked: dict[str, str], kind: str) -> str:
    """The number of a request that the person makes on the public page, verified by the clerk."""
    resident, clerk = town.visitor(), town.visitor("clerk")
    page = resident.submit(
        resident.get("/report/rights/"),
        kind=kind, name=marked["name"], phone=marked["new phone"],
        document_number=marked["papers"], words=marked["words"],
        unit_id=town.one("SELECT id FROM governance_unit WHERE name = '军丽园社区'"),
    )  # fmt: skip
    request: str = re.findall(r'class="receipt-number">(\w+)<', said(page, "查询码").text)[0]
    page = said(clerk.get(f"/rights/{request}/"), "待核验身份")
    assert marked["name"] not in page.text
    page = said(clerk.submit(page, "/reveal/"), marked["papers"])
    said(clerk.submit(page, "/verify/", proof="document", in_register="on"), "已核验身份")
    return request


def copy_for(town: Stack, marked: dict[str, str]) -> str:
    request, clerk = asked_for(town, marked, "copy"), town.visitor("clerk")
    page = clerk.get(f"/rights/{request}/")
    told = json.loads(clerk.submit(page, "/copy/", form="json").text)
    said(clerk.submit(page, "/end/", done="1", answer="已当面交付"), "已答复")
    return json.dumps(told, ensure_ascii=False)


def erase(town: Stack, marked: dict[str, str]) -> str:
    """As the person asked: the clerk makes sure who it is, the station lead does it."""
    request, lead = asked_for(town, marked, "erase"), town.visitor("station_lead")
    page = said(lead.get(f"/m/rights/{request}/"), "不可恢复")
    said(lead.submit(page, "/end/", done="1", answer=marked["answer"]), "已答复")
    return request


# What is left -----------------------------------------------------------------------------------


def at_rest(town: Stack) -> list[Path]:
    """Where this database, its journal and its server's log lie, all written out."""
    name = town.engines.admin_url.rpartition("/")[2]
    with psycopg.connect(town.engines.admin_url, autocommit=True) as server:
        server.execute("VACUUM")
        server.execute("CHECKPOINT")
        row = server.execute("SELECT oid FROM pg_database WHERE datname = %s", [name]).fetchone()
    assert row is not None
    cluster = postgres.cluster_of(HOME.resolve())
    return [cluster.data / "base" / str(row[0]), cluster.data / "pg_wal", cluster.log]


def backup(town: Stack, to: Path) -> Path:
    """Every table as COPY writes it: a logical backup, as the owner takes it."""
    tables = town.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    with to.open("wb") as file:
        for (table,) in tables:
            file.write(f"{table}\n".encode())
            with town.database.cursor().copy(f'COPY "{table}" TO STDOUT'.encode()) as rows:
                file.writelines(bytes(part) for part in rows)
    return to


def mails_in_clear(town: Stack, to: Path) -> Path:
    """The mails as who gets them reads them, whatever they are coded in."""
    with to.open("w") as file:
        for path in (town.folder / "mail").glob("*.log"):
            for part in path.read_text().split("-" * 79):
                mail: Any = email.message_from_string(part.lstrip(), policy=email.policy.default)
                file.writelines([f"{mail['Subject']}\n", *map(str, contents(mail))])
    return to


def contents(mail: Any) -> Iterator[Any]:
    return (part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")


def told(places: list[Path], marked: dict[str, str]) -> dict[str, list[str]]:
    return {
        name: names for place in places for name, names in sealed.told_in(place, marked).items()
    }


def test_after_a_whole_life_nothing_tells_of_them(
    town: Stack, marked: dict[str, str], tmp_path: Path
) -> None:
    person = live(town, marked)
    clear, _shut = sealed.opened(town)
    # what is looked for is there, and was only ever sealed
    assert {name for name, text in marked.items() if text not in clear} == {"answer", "left"}
    assert list((town.folder / "media").rglob("*.xlsx"))

    request = erase(town, marked)

    assert town.visitor("clerk").get(f"/people/{person}/").status == 404
    assert not list((town.folder / "media").rglob("*.xlsx"))
    clear, shut = sealed.opened(town)
    proof = {"name", "papers", "new phone", "words", "answer"}
    # what they asked and what they were told proves for three years that it was done
    assert {name for name, text in marked.items() if text in clear} == proof
    assert "李四" in clear
    assert shut > 50

    town.move_time(MONDAY + WAIT)
    town.run("manage.py", "retention")

    clear, shut = sealed.opened(town)
    assert {name for name, text in marked.items() if text in clear} == set()
    assert "李四" in clear  # who lives next door is held as before
    assert shut > 60
    certificates = dict(
        town.sql(
            "SELECT model, count(*) FROM governance_erasurecertificate"
            " WHERE model LIKE 'people.%%' OR model = 'cases.Reporter' GROUP BY model"
        )
    )
    assert certificates == {
        "people.Person": 2,
        "people.ChangeRequest": 2,
        "people.VisitWords": 1,
        "people.SupportPlan": 1,
        "people.PlanWords": 1,
        "people.StepWords": 1,
        "people.TeamMember": 1,
        "people.Claimant": 2,
        "people.Export": 1,
        "cases.Reporter": 2,
    }
    by_request = "SELECT DISTINCT policy FROM governance_erasurecertificate WHERE object_id = %s"
    assert town.sql(by_request, person) == [(request,)]
    town.run("manage.py", "verify_history")

    wait_until(lambda: town.mails(), what="the mails have left")
    files, journal, log = at_rest(town)
    copied = backup(town, tmp_path / "backup.copy")
    others = [
        log,
        copied,
        town.folder,  # media, mails, the erasures' file, the logs of web, worker and beat
        mails_in_clear(town, tmp_path / "mails.txt"),
    ]
    assert all(place.exists() for place in (files, journal, *others))
    # Words of a case were never sealed. Rows, history and backups lose them; the bytes of the page
    # they stood on stay until it is rewritten, and the journal of that day until it is reused.
    unsealed = {"left": marked["left"]}
    ever_sealed = {name: text for name, text in marked.items() if name not in unsealed}
    assert told([files, journal], ever_sealed) == {}
    assert told(others, marked) == {}
    town.sql("VACUUM FULL")
    assert told(at_rest(town)[:1], unsealed) == {}
    # the search itself finds what is there
    for place in (files, journal, copied):
        assert told([place], {"case": "楼道灯不亮"}) != {}, place
