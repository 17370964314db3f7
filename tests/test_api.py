"""The ground floor's API: units, messages, the schema, and problems that say what is wrong."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from governance import clock, outbox
from governance.models import Message, Unit, User
from tests.builders import World, create_unit, create_user, queries
from tests.clients import KEY, Program

UNITS = "/api/v1/units/"
MESSAGES = "/api/v1/messages/"


def caller(user: User, **headers: str) -> Client:
    _row, token = AuthToken.objects.create(user)
    return Client(headers={"authorization": f"Token {token}", **headers})


@pytest.fixture
def clerk(world: World) -> Client:
    return caller(world.clerk)


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


def problem(answer: Any) -> tuple[int, str, str]:
    """(status, code, detail) of a well-formed problem document."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body.keys() >= {"type", "title", "status", "detail"}
    assert body["status"] == answer.status_code
    return body["status"], body["type"].removeprefix("urn:governance:problem:"), body["detail"]


def note(user: User, number: int = 1) -> Message:
    outbox.tell([outbox.Note(user.pk, "test.kind", f"key-{number}")], clock.now())
    return Message.objects.get(recipient=user, dedupe_key=f"key-{number}")


# Units ------------------------------------------------------------------------------------------


def test_units_by_kind_parent_and_name(clerk: Client, world: World) -> None:
    assert names(clerk.get(UNITS, {"kind": "street"})) == ["军粮城街道", "无瑕街道"]
    assert names(clerk.get(UNITS, {"parent": world.community.pk})) == [
        "军丽园第一网格",
        "军丽园第二网格",
    ]
    assert names(clerk.get(UNITS, {"q": "第一", "kind": "grid"})) == [
        "军丽园第一网格",
        "春霞里第一网格",
    ]
    assert len(names(clerk.get(UNITS))) == 11


def test_a_unit_with_its_chain_and_codes(clerk: Client, world: World) -> None:
    body = clerk.get(f"{UNITS}{world.community.pk}/").json()

    assert body == {
        "id": world.community.pk,
        "kind": "community",
        "name": "军丽园社区",
        "parent_id": world.street.pk,
        "district_id": world.district.pk,
        "street_id": world.street.pk,
        "community_id": world.community.pk,
        "grid_id": None,
        "valid_from": "2020-01-01",
        "valid_to": None,
        "successor_id": None,
        "codes": [
            {
                "scheme": "statistics",
                "code": "120110011001",
                "valid_from": "2020-01-01",
                "valid_to": None,
            }
        ],
    }


def test_units_of_a_day(clerk: Client, world: World) -> None:
    ended = clock.today() - timedelta(days=10)
    Unit.objects.filter(pk=world.second_grid.pk).update(valid_to=ended)
    of_community = {"parent": str(world.community.pk)}

    assert names(clerk.get(UNITS, of_community)) == ["军丽园第一网格"]
    day_before = (ended - timedelta(days=1)).isoformat()
    assert names(clerk.get(UNITS, {**of_community, "on": day_before})) == [
        "军丽园第一网格",
        "军丽园第二网格",
    ]
    assert names(clerk.get(UNITS, {**of_community, "on": "2019-12-31"})) == []


def test_pages_follow_each_other_without_gap(clerk: Client) -> None:
    seen: list[str] = []
    address: str | None = f"{UNITS}?limit=4&kind=grid&q=网格"
    pages = 0
    while address:
        answer = clerk.get(address)
        seen += names(answer)
        address = answer.json()["next"]
        pages += 1

    assert pages == 1
    address = f"{UNITS}?limit=3&kind=grid"
    seen = []
    while address:
        answer = clerk.get(address)
        seen += names(answer)
        address = answer.json()["next"]
    assert seen == ["军丽园第一网格", "军丽园第二网格", "春霞里第一网格", "春霞里第二网格"]


def test_a_longer_page_asks_no_more_often(clerk: Client, world: World) -> None:
    with queries(10):
        clerk.get(UNITS, {"parent": world.other_community.pk, "limit": 1})
    for _unit in range(3):
        create_unit(kind="grid", parent=world.other_community, code=str(_unit))

    with queries(10):
        clerk.get(UNITS, {"parent": world.other_community.pk})


# Messages ---------------------------------------------------------------------------------------


def test_one_reads_ones_own_messages(clerk: Client, world: World) -> None:
    first, second = note(world.clerk, 1), note(world.clerk, 2)
    note(world.outsider)

    listed = clerk.get(MESSAGES).json()

    assert [row["id"] for row in listed["results"]] == [second.pk, first.pk]
    assert listed["results"][0] == {
        "id": second.pk,
        "kind": "test.kind",
        "text": "test.kind",
        "url": "",
        "created_at": listed["results"][0]["created_at"],
        "read_at": None,
    }
    assert listed["next"] is None


def test_messages_in_pages_newest_first(clerk: Client, world: World) -> None:
    known = [note(world.clerk, number).pk for number in range(5)]

    first = clerk.get(MESSAGES, {"limit": 3}).json()
    second = clerk.get(first["next"]).json()

    assert [row["id"] for row in first["results"] + second["results"]] == known[::-1]
    assert second["next"] is None


def test_reading_marks_once(clerk: Client, world: World) -> None:
    message, other = note(world.clerk, 1), note(world.clerk, 2)
    read = f"{MESSAGES}{message.pk}/read/"

    first = clerk.post(read).json()["read_at"]

    assert first is not None
    assert clerk.post(read).json()["read_at"] == first
    unread = clerk.get(MESSAGES, {"unread": "true"}).json()["results"]
    assert [row["id"] for row in unread] == [other.pk]


def test_anothers_message_is_not_there(clerk: Client, world: World) -> None:
    theirs = note(world.outsider)

    assert problem(clerk.post(f"{MESSAGES}{theirs.pk}/read/"))[:2] == (404, "not_found")

    theirs.refresh_from_db()
    assert theirs.read_at is None


# Problems ---------------------------------------------------------------------------------------


def test_without_a_token(db: None) -> None:
    answer = Client().get(UNITS)

    assert problem(answer) == (401, "not_authenticated", "请先登录，或提供令牌。")
    assert answer.headers["WWW-Authenticate"].startswith("Token")


@pytest.mark.parametrize("said", ["Token 0123456789", "Token", "Token a b", "Token \u00e4"])
def test_with_a_wrong_token(db: None, said: str) -> None:
    answer = Client(headers={"authorization": said}).get(UNITS)

    assert problem(answer) == (401, "authentication_failed", "令牌无效或已过期。")


def test_an_expired_token_and_that_of_one_who_left(world: World) -> None:
    expired, left = caller(world.clerk), caller(world.leader)
    AuthToken.objects.filter(user=world.clerk).update(expiry=timezone.now())
    User.objects.filter(pk=world.leader.pk).update(is_active=False)

    assert problem(expired.get(UNITS))[:2] == (401, "authentication_failed")
    assert problem(left.get(UNITS))[:2] == (401, "authentication_failed")


def test_without_the_permission(world: World) -> None:
    assert problem(caller(create_user()).get(UNITS)) == (
        403,
        "permission_denied",
        "您的岗位没有此项权限。",
    )


def test_what_is_not_there(clerk: Client) -> None:
    assert problem(clerk.get(f"{UNITS}0/")) == (404, "not_found", "没有此内容，或不在您的范围内。")
    assert problem(clerk.get("/api/v1/nothing/")) == (404, "not_found", "没有此地址。")
    assert problem(Client().get("/api/nothing")) == (404, "not_found", "没有此地址。")


def test_a_page_that_is_not_there_stays_a_page(client: Client, db: None) -> None:
    answer = client.get("/nothing/")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_method_that_is_not_offered(clerk: Client) -> None:
    answer = clerk.delete(UNITS)

    assert problem(answer)[:2] == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_what_is_no_json_is_a_problem_in_the_language_of_the_caller(world: World) -> None:
    program = Program(world.clerk)

    deep = program.post("/cases/", "[" * 100_000, **{"Idempotency-Key": str(KEY)})
    assert (deep.status_code, deep.json()["type"]) == (400, "urn:governance:problem:parse_error")
    assert deep.json()["detail"].startswith("不是有效的 JSON（第 1 行")
    english = Program(world.clerk, language="en").post(
        "/cases/", '{"a": ', **{"Idempotency-Key": str(KEY)}
    )
    assert english.json()["detail"].startswith("No valid JSON")


def test_a_body_that_is_too_large_is_a_problem_too(world: World, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    answer = Program(world.clerk).post("/cases/", {"description": "路灯不亮" * 10})

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_only_json_is_spoken(clerk: Client) -> None:
    assert problem(clerk.get(UNITS, headers={"accept": "text/csv"}))[0] == 406


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"on": "yesterday"}, "on"),
        ({"on": "2026-02-30"}, "on"),
        ({"on": "2026-06-01T00:00:00+22:28"}, "on"),
        ({"kind": "block"}, "kind"),
        ({"parent": "x"}, "parent"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"after": "-1"}, "after"),
        ({"q": "长" * 81}, "q"),
        ({"q": "a\0b"}, "q"),
    ],
)
def test_a_malformed_query_says_which_part(
    clerk: Client, query: dict[str, str], field: str
) -> None:
    answer = clerk.get(UNITS, query)

    assert problem(answer) == (400, "invalid", "所交内容有误。")
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize("number", ["9" * 18, "9" * 30])
def test_a_number_too_large_finds_nothing_or_is_refused(clerk: Client, number: str) -> None:
    assert clerk.get(UNITS, {"parent": number}).status_code in {200, 400}
    assert clerk.get(UNITS, {"after": number}).status_code in {200, 400}
    assert clerk.get(f"{UNITS}{number}/").status_code == 404
    assert clerk.post(f"{MESSAGES}{number}/read/").status_code == 404


def test_problems_speak_the_callers_language(world: World) -> None:
    english = Client(headers={"accept-language": "en"})

    assert english.get(UNITS).headers["Content-Language"] == "en"
    limit = caller(world.clerk, **{"accept-language": "en"}).get(UNITS, {"limit": "201"})
    assert limit.json()["errors"]["limit"] == ["Ensure this value is less than or equal to 200."]
    chinese = caller(world.clerk).get(UNITS, {"limit": "201"})
    assert chinese.json()["errors"]["limit"] == ["请确保该值小于或者等于 200。"]


def test_a_fault_of_ours_is_a_problem_too(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk.raise_request_exception = False
    monkeypatch.setattr(clock, "today", lambda: 1 // 0)

    assert problem(clerk.get(UNITS)) == (500, "internal", "系统出错，已记录；请稍后再试。")


def test_a_session_needs_its_csrf_token(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.clerk)
    message = note(world.clerk)

    assert problem(browser.post(f"{MESSAGES}{message.pk}/read/")) == (
        403,
        "csrf_failed",
        "缺少防伪标记（CSRF）或已失效，请刷新页面后再试；程序调用请改用令牌。",
    )
    message.refresh_from_db()
    assert message.read_at is None


def test_a_session_whose_password_is_due_is_told_so(world: World) -> None:
    browser = Client()
    browser.force_login(world.clerk)
    User.objects.filter(pk=world.clerk.pk).update(password_changed_at=None)

    due = (403, "password_due", "密码已到期，请先登录网页修改密码。")
    assert problem(browser.get(UNITS)) == due
    assert problem(browser.get("/api/v1/nothing/")) == due
    assert browser.get("/home/").headers["Location"] == "/password/"


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("zh-hans", ["未认证", "无权操作", "未找到", "请求有误", "方法不允许", "格式不支持"]),
        (
            "en",
            [
                *("Unauthorized", "Forbidden", "Not Found", "Bad Request"),
                *("Method Not Allowed", "Not Acceptable"),
            ],
        ),
    ],
)
def test_titles_are_in_the_callers_language(world: World, language: str, titles: list[str]) -> None:
    asks = {"accept-language": language}
    clerk = caller(world.clerk, **asks)

    answers = [
        Client(headers=asks).get(UNITS),
        caller(create_user(), **asks).get(UNITS),
        clerk.get("/api/v1/nothing/"),
        clerk.get(UNITS, {"limit": "0"}),
        clerk.delete(UNITS),
        clerk.get(UNITS, headers={"accept": "text/csv"}),
    ]

    assert [answer.json()["title"] for answer in answers] == titles


# The schema -------------------------------------------------------------------------------------


def test_the_schema_names_what_there_is(clerk: Client) -> None:
    schema = clerk.get("/api/schema/", {"format": "json"}).json()

    assert schema["openapi"].startswith("3.")
    assert {UNITS, f"{UNITS}{{id}}/", MESSAGES, f"{MESSAGES}{{id}}/read/"} <= schema["paths"].keys()
    asked = {part["name"] for part in schema["paths"][UNITS]["get"]["parameters"]}
    assert asked == {"after", "limit", "kind", "parent", "q", "on"}
    assert "token" in schema["components"]["securitySchemes"]
    clock = schema["components"]["schemas"]["Clock"]
    assert {"provisional", "original_due"} <= clock["properties"].keys() - set(clock["required"])
    for path in schema["paths"].values():
        for operation in path.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]
    acted = schema["paths"]["/api/v1/cases/{number}/{action}/"]["post"]["responses"]
    assert "application/problem+json" in acted["409"]["content"]


def test_the_schema_is_for_those_with_an_account(db: None) -> None:
    assert problem(Client().get("/api/schema/"))[0] == 401


def test_dates_are_iso(clerk: Client, world: World) -> None:
    Unit.objects.filter(pk=world.grid.pk).update(valid_to=date(2027, 1, 1))

    assert clerk.get(f"{UNITS}{world.grid.pk}/").json()["valid_to"] == "2027-01-01"
