"""The administrators' pages: each sees and does what is theirs, by the product's own verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from cases.models import WhistleLimit
from governance import actor, clock, outbox, resets, timers, units
from governance.admin_site import ReadOnlyAdmin
from governance.models import (
    AccessRecord,
    CalendarDay,
    Delivery,
    ErasureCertificate,
    Message,
    Post,
    Seal,
    SignIn,
    Timer,
    Unit,
    UnitChange,
    UnitCode,
    User,
)
from tests.builders import (
    World,
    create_post,
    create_unit,
    create_user,
    moment,
    queries,
    shift_clock,
)
from tests.case_builders import create_case

DAY = date(2026, 6, 1)
LISTS = [
    model._meta.label_lower
    for model in admin.site._registry
    if model._meta.app_label == "governance"
]


@pytest.fixture(autouse=True)
def first_of_june(world: World) -> None:
    shift_clock(to=moment("2026-06-01 10:00"))
    User.objects.update(password_changed_at=clock.now())


@pytest.fixture
def system(world: World) -> Client:
    return signed_in(world.system_admin)


@pytest.fixture
def security(world: World) -> Client:
    return signed_in(world.security_admin)


@pytest.fixture
def audit(world: World) -> Client:
    return signed_in(world.audit_admin)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(model: str, page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:{model.replace('.', '_')}_{page}", args=args)


def errors(answer: Any) -> list[str]:
    """Every error of a form that was shown again; a redirect has none."""
    if answer.status_code == 302:
        return []
    form = answer.context["adminform"].form
    return [error for listed in form.errors.values() for error in listed]


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def act(client: Client, model: str, action: str, *rows: Any) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(address(model), data, follow=True)


def without_inlines() -> dict[str, object]:
    return {
        f"{name}-{count}": 0
        for name in ("codes", "organisation")
        for count in ("TOTAL_FORMS", "INITIAL_FORMS")
    }


# Who sees what ----------------------------------------------------------------------------------


def test_each_administrator_sees_their_own_pages(
    system: Client, security: Client, audit: Client
) -> None:
    ours = {"governance"}

    def pages(client: Client) -> set[str]:
        apps = client.get("/admin/").context["app_list"]
        return {
            model["object_name"]
            for app in apps
            if app["app_label"] in ours
            for model in app["models"]
            if not model["object_name"].endswith("Event")
        }

    shared = {"Unit", "UnitChange", "User", "Post"}
    calendar = {"CalendarDay", "CalendarYear", "WorkingHours"}
    jobs = {"Timer", "Message", "Delivery", "Heartbeat"}
    assert pages(system) == shared | calendar | jobs
    assert pages(security) == shared | {"ApiToken"}
    assert pages(audit) == shared | {
        *("AccessRecord", "ErasureCertificate", "Seal", "SignIn"),
    }


def test_only_the_auditor_sees_history(system: Client, security: Client, audit: Client) -> None:
    histories = [label for label in LISTS if label.endswith("event")]
    assert len(histories) >= 9

    for label in histories:
        statuses = [client.get(address(label)).status_code for client in (system, security, audit)]
        assert statuses == [403, 403, 200], label


def test_history_tells_from_where_and_hides_the_code_of_the_reporter(
    world: World, audit: Client
) -> None:
    with actor.acting(world.grid_worker.pk, "phone"):
        case = create_case(world, source="public")

    html = audit.get(address("cases.caseevent")).content.decode()
    row = html.partition('<td class="field-surface">')[2].partition("</td>")[0]
    assert row == "手机"  # where it was changed, not where the case came from
    assert "pgh" not in re.sub(r'"[^"]*"', "", html).lower()
    event = apps.get_model("cases", "CaseEvent").objects.filter(pgh_obj_id=case.pk)[0]
    page = audit.get(address("cases.caseevent", "change", event.pk)).content.decode()
    assert case.query_code not in page
    assert f"{world.community} (#{world.community.pk})" in page


@pytest.mark.parametrize("label", LISTS)
def test_every_list_and_every_page_of_a_row_opens(
    label: str, world: World, system: Client, security: Client, audit: Client
) -> None:
    rows = fill(world)
    answers = [client.get(address(label), {"q": "1"}) for client in (system, security, audit)]
    row = rows.get(label) or admin.site.get_model_admin(model_of(label)).model.objects.first()
    assert row is not None, label

    assert {answer.status_code for answer in answers} <= {200, 403}
    opened = [
        client.get(address(label, "change", row.pk)).status_code
        for client, answer in zip((system, security, audit), answers, strict=True)
        if answer.status_code == 200
    ]
    assert opened
    assert set(opened) == {200}


def model_of(label: str) -> Any:
    return next(model for model in admin.site._registry if model._meta.label_lower == label)


def fill(world: World) -> dict[str, Any]:
    """A row of everything that the small world itself does not have."""
    from governance.models import CalendarYear, PartyOrganisation, WorkingHours

    now = clock.now()
    change = units.decide(
        UnitChange(
            kind="move",
            unit=world.grid,
            into=world.street,
            effective=DAY,
            reason="调整",
            decided_by=world.system_admin,
        ),
        now,
    )
    PartyOrganisation.objects.create(unit=world.street, form="committee", name="党委")
    resets.begin(world.clerk, world.system_admin, now)
    message = Message.objects.create(
        recipient=world.clerk, kind="x", dedupe_key="x", created_at=now
    )
    return {
        "governance.unitchange": change,
        "governance.timer": timers.start("test.note", 1, now),
        "governance.message": message,
        "governance.delivery": Delivery.objects.create(
            message=message, channel="email", next_try_at=now
        ),
        "governance.accessrecord": AccessRecord.objects.create(
            user=world.clerk, at=now, model="m", object_id="1", columns=["phone"], reason="回访"
        ),
        "governance.erasurecertificate": ErasureCertificate.objects.create(
            model="m", object_id="1", policy="p", at=now
        ),
        "governance.signin": SignIn.objects.create(user=world.clerk, deed="in", at=now),
        "governance.seal": Seal.objects.create(
            table="t", after=0, before=1, rows=0, digest=b"", chain=b"\1", sealed_at=now
        ),
        "governance.apitoken": AuthToken.objects.create(world.clerk)[0],
        "governance.heartbeat": sweep_once(),
        "governance.workinghours": WorkingHours.objects.create(
            valid_from=DAY, spans=[["09:00", "17:00"]]
        ),
        "governance.calendaryear": CalendarYear.objects.first(),
    }


def sweep_once() -> Any:
    from governance.models import Heartbeat

    timers.sweep()
    return Heartbeat.objects.get(name="sweep")


def test_nothing_is_deleted(system: Client, world: World) -> None:
    for model, row in (("governance.unit", world.grid), ("governance.user", world.clerk)):
        assert system.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in system.get(address("governance.unit")).content.decode()


def test_the_door_is_the_products_own(client: Client, world: World) -> None:
    assert client.get("/admin/login/?next=/admin/").headers["Location"] == "/login/?next=/admin/"
    client.force_login(world.clerk)
    assert client.get("/admin/login/?next=/admin/").status_code == 403
    client.force_login(world.audit_admin)
    assert client.get("/admin/password_change/").headers["Location"] == "/password/"


# Lists do not ask row by row --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "more"),
    [
        ("governance.unit", lambda w: create_unit(kind="grid", parent=w.community)),
        ("governance.user", lambda w: create_user(role="clerk", unit=w.community)),
        ("governance.post", lambda w: create_user(role="clerk", unit=w.community)),
        ("governance.message", lambda w: tell(w)),
        ("governance.delivery", lambda w: tell(w)),
        ("governance.timer", lambda w: timers.start("t", create_user().pk, clock.now())),
        ("governance.unitevent", lambda w: create_unit(kind="grid", parent=w.community)),
        ("governance.userevent", lambda w: create_user()),
        ("governance.apitoken", lambda w: AuthToken.objects.create(create_user())),
    ],
)
def test_a_longer_list_asks_no_more_often(label: str, more: Any, world: World) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    owner = {
        "governance.apitoken": world.security_admin,
        "governance.unitevent": world.audit_admin,
        "governance.userevent": world.audit_admin,
    }
    client = signed_in(owner.get(label, world.system_admin))
    counts = []
    for _round in range(2):
        with actor.acting(world.clerk.pk, "desk"):
            more(world)
            more(world)
        client.get(address(label))
        with CaptureQueriesContext(connection) as captured:
            page = client.get(address(label))
        counts.append((page.context["cl"].result_count, len(captured)))

    (few, asked), (many, asked_again) = counts
    assert many >= few + 2
    assert asked == asked_again


def tell(world: World) -> None:
    reader = create_user(email="a@example.com")
    outbox.tell([outbox.Note(reader.pk, "x", "k")], clock.now())


def test_the_list_of_units_asks_a_known_number_of_times(system: Client) -> None:
    system.get(address("governance.unit"))

    with queries(10):
        system.get(address("governance.unit"))


# Units ------------------------------------------------------------------------------------------


def test_a_unit_is_made_with_its_chain(system: Client, world: World) -> None:
    data = {
        "kind": "grid",
        "name": "军丽园第三网格",
        "parent": world.community.pk,
        "valid_from": "2026-06-01",
        **without_inlines(),
        "codes-TOTAL_FORMS": 1,
        "codes-0-scheme": "grid",
        "codes-0-code": "120110011001003",
        "codes-0-valid_from": "2026-06-01",
    }

    assert errors(system.post(address("governance.unit", "add"), data)) == []

    unit = Unit.objects.get(name="军丽园第三网格")
    assert (unit.street, unit.community, unit.grid) == (world.street, world.community, unit)
    assert UnitCode.objects.get(unit=unit).code == "120110011001003"


@pytest.mark.parametrize(
    ("kind", "name", "fault"),
    [
        ("street", "倒置街道", "不能颠倒"),
        ("grid", "军丽园第一网格", "同名同类"),
    ],
)
def test_what_the_tree_would_not_bear_is_a_forms_error(
    system: Client, world: World, kind: str, name: str, fault: str
) -> None:
    parent = world.community.pk
    data = {"kind": kind, "name": name, "parent": parent, "valid_from": "2026-06-01"}

    (error,) = errors(system.post(address("governance.unit", "add"), {**data, **without_inlines()}))

    assert fault in error


def test_a_unit_that_hangs_nowhere_is_refused_in_one_sentence(system: Client) -> None:
    data = {"kind": "community", "name": "无上级社区", "parent": "", "valid_from": "2026-06-01"}

    answer = system.post(address("governance.unit", "add"), {**data, **without_inlines()})

    assert errors(answer) == ["“社区（村）”不能隶属于“（无）”：层级可以跳过，不能颠倒。"]


def test_a_rename_to_a_taken_name_is_a_forms_error(system: Client, world: World) -> None:
    change = address("governance.unit", "change", world.grid.pk)

    (error,) = errors(system.post(change, {"name": "军丽园第二网格", **without_inlines()}))

    assert "同名同类" in error


def test_the_place_in_the_tree_is_not_edited(system: Client, world: World) -> None:
    change = address("governance.unit", "change", world.grid.pk)
    moved = {
        "name": "改名",
        "kind": "street",
        "parent": world.district.pk,
        "valid_to": "2026-06-01",
    }

    assert errors(system.post(change, {**moved, **without_inlines()})) == []

    unit = Unit.objects.get(pk=world.grid.pk)
    assert (unit.name, unit.kind, unit.parent, unit.valid_to) == (
        "改名",
        "grid",
        world.community,
        None,
    )


def test_a_code_taken_by_another_unit_is_a_forms_error(system: Client, world: World) -> None:
    data = {
        "name": world.grid.name,
        **without_inlines(),
        "codes-TOTAL_FORMS": 1,
        "codes-0-scheme": "statistics",
        "codes-0-code": "120110011001",
        "codes-0-valid_from": "2026-06-01",
    }

    answer = system.post(address("governance.unit", "change", world.grid.pk), data)

    assert answer.status_code == 200
    assert "该编码方案下已有此代码" in answer.content.decode()


def names(answer: Any) -> list[str]:
    return sorted(unit.name for unit in answer.context["cl"].result_list)


def test_units_are_found_by_name_code_and_place(system: Client, world: World) -> None:
    Unit.objects.filter(pk=world.other_second_grid.pk).update(valid_to=DAY)
    listed = address("governance.unit")

    assert names(system.get(listed, {"q": "军丽园第"})) == ["军丽园第一网格", "军丽园第二网格"]
    assert names(system.get(listed, {"q": "120110009001"})) == ["春霞里社区"]
    assert names(
        system.get(listed, {"street": str(world.street.pk), "kind__exact": "community"})
    ) == ["军丽园社区"]
    below: dict[str, Any] = {
        "street": world.other_street.pk,
        "community": world.other_community.pk,
    }
    assert names(system.get(listed, {**below, "existing": "yes"})) == [
        "春霞里社区",
        "春霞里第一网格",
    ]
    assert names(system.get(listed, {"existing": "no"})) == ["春霞里第二网格"]
    assert system.get(listed, {"street": "x"}).status_code == 200


def test_the_security_administrator_only_looks(security: Client, world: World) -> None:
    change = address("governance.unit", "change", world.grid.pk)

    assert security.get(change).status_code == 200
    assert security.post(change, {"name": "改", **without_inlines()}).status_code == 403
    assert security.get(address("governance.unit", "add")).status_code == 403


# Changes of the tree ----------------------------------------------------------------------------


def merge(world: World, **more: object) -> dict[str, object]:
    return {
        "kind": "merge",
        "unit": world.community.pk,
        "into": world.other_community.pk,
        "effective": "2026-06-01",
        "reason": "区委编办〔2026〕1号",
        "parts_text": "",
        **more,
    }


def test_a_change_is_previewed_then_decided(system: Client, world: World) -> None:
    add = address("governance.unitchange", "add")

    preview = system.post(add, merge(world))

    page = preview.content.decode()
    assert dict(preview.context["lines"])["岗位"] == 4
    assert "合并 · 军丽园社区 → 春霞里社区" in page
    assert not UnitChange.objects.exists()
    posted = dict(preview.context["posted"])
    done = system.post(add, {**posted, "_confirmed": "1"}, follow=True)
    assert said(done) == ["变更已执行。"]
    change = UnitChange.objects.get()
    assert (change.decided_by, change.applied_at) == (world.system_admin, clock.now())
    assert Unit.objects.get(pk=world.community.pk).successor == world.other_community


def test_a_coming_change_is_announced_and_can_be_withdrawn(system: Client, world: World) -> None:
    add = address("governance.unitchange", "add")
    coming = merge(world, effective="2026-07-01", _confirmed="1")
    assert said(system.post(add, coming, follow=True)) == ["变更将在生效日执行。"]

    change = UnitChange.objects.get()

    answer = act(system, "governance.unitchange", "withdraw", change)

    assert said(answer) == ["已撤回 1 项变更。"]
    assert str(change) in system.get("/admin/").content.decode()  # among the latest deeds
    assert not UnitChange.objects.exists()
    assert not Timer.objects.open().filter(kind="unit.change").exists()


def test_a_change_before_the_unit_began_says_so(system: Client, world: World) -> None:
    add = address("governance.unitchange", "add")
    Unit.objects.filter(pk=world.community.pk).update(valid_from=date(2026, 5, 1))

    answer = system.post(add, merge(world, effective="2026-04-30"))

    assert errors(answer) == ["“军丽园社区”在该日尚未设立。"]


def test_what_is_not_allowed_is_a_forms_error(system: Client, world: World) -> None:
    add = address("governance.unitchange", "add")

    assert errors(system.post(add, merge(world, into=world.street.pk))) == [
        "只能并入另一个同类单位。"
    ]
    assert errors(system.post(add, merge(world, into="", _confirmed="1"))) == [
        "只能并入另一个同类单位。"
    ]
    assert errors(system.post(add, merge(world, effective="昨天"))) == ["输入一个有效的日期。"]
    assert not UnitChange.objects.exists()


def test_a_split_is_written_in_words(system: Client, world: World) -> None:
    add = address("governance.unitchange", "add")
    text = "军丽园西社区：军丽园第一网格\n军丽园东社区: 军丽园第二网格"
    split = merge(world, kind="split", parts_text=text)

    assert "军丽园东社区 · 1" in system.post(add, split).content.decode()
    system.post(add, {**split, "_confirmed": "1"})

    assert Unit.objects.get(pk=world.second_grid.pk).parent.name == "军丽园东社区"  # type: ignore[union-attr]
    wrong = merge(
        world, unit=world.other_community.pk, kind="split", parts_text="甲：无此网格\n乙："
    )
    assert errors(system.post(add, wrong)) == ["“春霞里社区”没有下级单位：无此网格。"]


def test_others_do_not_change_the_tree(security: Client, world: World) -> None:
    add = address("governance.unitchange", "add")

    assert security.post(add, merge(world)).status_code == 403
    assert security.post(add, merge(world, _confirmed="1")).status_code == 403
    assert not UnitChange.objects.exists()


# Users (passwords: test_resets.py) ---------------------------------------------------------------


def test_a_locked_account_is_shown_and_unlocked(
    system: Client, security: Client, world: World
) -> None:
    for address_of_attempt, failures in (("10.0.0.1", 3), ("10.0.0.2", 2)):
        AccessAttempt.objects.create(
            username="clerk",
            ip_address=address_of_attempt,
            user_agent="",
            get_data="",
            post_data="",
            http_accept="",
            path_info="",
            failures_since_start=failures,
            attempt_time=timezone.now(),
        )

    def locked() -> list[str]:
        users = system.get(address("governance.user")).context["cl"].result_list
        return [user.username for user in users if user.locked]

    assert locked() == ["clerk"]
    act(security, "governance.user", "unlock", world.clerk)
    assert locked() == ["clerk"]
    answer = act(system, "governance.user", "unlock", world.clerk)
    assert said(answer) == ["已解除 1 个用户的登录锁定。"]
    assert locked() == []


def test_the_list_of_users_says_what_they_hold(system: Client, world: World) -> None:
    Post.objects.filter(user=world.leader).update(valid_to=DAY)

    page = system.get(address("governance.user")).content.decode()

    assert "社区专干 · 军丽园社区" in page
    assert "书记 · 军丽园社区" not in page


# Posts ------------------------------------------------------------------------------------------


def appointment(world: World, user: User, **more: object) -> dict[str, object]:
    return {
        "role": "clerk",
        "unit": world.community.pk,
        "user": user.pk,
        "member_name": "",
        "holder_unit": "",
        "valid_from": "2026-06-01",
        "valid_to": "",
        **more,
    }


def test_a_post_is_given_and_ended(security: Client, world: World) -> None:
    user = create_user()
    add = address("governance.post", "add")
    assert errors(security.post(add, appointment(world, user))) == []
    post = Post.objects.get(user=user)

    change = address("governance.post", "change", post.pk)
    ended = {"valid_to": "2026-06-30", "member_name": "", "unit": world.street.pk}
    assert errors(security.post(change, ended)) == []

    post.refresh_from_db()
    assert (post.valid_to, post.unit) == (date(2026, 6, 30), world.community)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"member_name": "李四"}, "须且只能由一名用户"),
        ({"user": ""}, "须且只能由一名用户"),
        ({"valid_to": "2026-05-31"}, "离任日期早于任职日期"),
        ({"unit": ""}, "必填"),
    ],
)
def test_a_faulty_post_is_a_forms_error(
    security: Client, world: World, more: dict[str, object], fault: str
) -> None:
    data = {**appointment(world, create_user()), **more}

    answer = security.post(address("governance.post", "add"), data)

    assert any(fault in error for error in errors(answer))


def test_a_post_cannot_end_before_it_began(security: Client, world: World) -> None:
    post = create_post(role="clerk", unit=world.community, user=create_user(), valid_from=DAY)
    change = address("governance.post", "change", post.pk)

    assert errors(security.post(change, {"valid_to": "2026-05-31", "member_name": ""})) == [
        "离任日期早于任职日期。"
    ]


def test_two_of_one_name_are_told_apart(security: Client, world: World) -> None:
    for username in ("wangfang1", "wangfang2"):
        create_user(username=username, name="王芳")
    named = ["王芳（wangfang1）", "王芳（wangfang2）"]

    for model in ("post", "apitoken"):
        asked = {"app_label": "governance", "model_name": model, "field_name": "user"}
        offered = security.get("/admin/autocomplete/", {**asked, "term": "王芳"}).json()["results"]
        assert [one["text"] for one in offered] == named
    chosen = appointment(world, User.objects.get(username="wangfang2"), valid_to="2020-01-01")
    assert named[1] in security.post(address("governance.post", "add"), chosen).text


def test_administrators_are_kept_apart(security: Client, world: World) -> None:
    add = address("governance.post", "add")
    to_audit = appointment(world, world.system_admin, role="audit_admin", unit=world.district.pk)
    to_self = appointment(world, world.security_admin)

    assert errors(security.post(add, to_audit)) == ["系统、安全、审计管理员须由不同的人担任。"]
    assert errors(security.post(add, to_self)) == ["不能给自己任职，请由另一名安全管理员办理。"]
    assert Post.objects.filter(user__in=[world.system_admin, world.security_admin]).count() == 2


def test_only_the_security_administrator_gives_posts(
    system: Client, audit: Client, world: World
) -> None:
    data = appointment(world, create_user())
    add = address("governance.post", "add")

    assert [client.post(add, data).status_code for client in (system, audit)] == [403, 403]


# Tokens -----------------------------------------------------------------------------------------


def status(token: str) -> int:
    headers = {"authorization": f"Token {token}"}
    return Client().get("/api/v1/messages/", headers=headers).status_code


def shown_token(page: Any) -> str:
    return re.search(r"<code>(\w{64})</code>", page.text)[1]  # type: ignore[index]


def test_a_token_is_granted_taken_by_its_owner_alone_and_revoked(
    security: Client, world: World
) -> None:
    granted = security.post(
        address("governance.apitoken", "add"), {"user": world.clerk.pk}, follow=True
    )
    assert said(granted)[0] == "已签发。令牌由本人在“接口令牌”页领取，只显示给本人。"
    # or who grants it could act as the clerk
    assert {status(word) for word in re.findall(r"\w{64}", granted.text)} == {401}
    key = AuthToken.objects.get().token_key
    told = Message.objects.get(recipient=world.clerk)
    assert outbox.link(told.kind, told.params) == "/tokens/"

    clerk = signed_in(world.clerk)
    assert key in clerk.get("/tokens/").text
    for other in (security, signed_in(world.leader)):
        assert "<code>" not in other.post("/tokens/", {"token_key": key}).text
    token = shown_token(clerk.post("/tokens/", {"token_key": key}))
    ends = AuthToken.objects.get().expiry

    assert (
        token not in clerk.get("/tokens/").text + security.get(address("governance.apitoken")).text
    )
    assert status(token) == 200
    again = shown_token(clerk.post("/tokens/", {"token_key": AuthToken.objects.get().token_key}))
    assert AuthToken.objects.get().expiry == ends
    assert [status(token), status(again)] == [401, 200]
    revoked = act(security, "governance.apitoken", "revoke", AuthToken.objects.get())
    assert said(revoked) == ["已吊销 1 个令牌。"]
    assert "<code>" not in clerk.post("/tokens/", {"token_key": again[:15]}).text
    assert status(again) == 401


def test_a_password_that_is_due_is_changed_before_a_token_is_taken(world: World) -> None:
    clerk = signed_in(world.clerk)
    User.objects.filter(pk=world.clerk.pk).update(password_changed_at=None)

    assert clerk.get("/tokens/").headers["Location"] == "/password/"


def test_others_issue_no_tokens(system: Client, audit: Client, world: World) -> None:
    add = address("governance.apitoken", "add")

    for client in (system, audit):
        assert client.post(add, {"user": world.clerk.pk}).status_code == 403
    assert not AuthToken.objects.exists()


# Calendar, timers, messages ---------------------------------------------------------------------


def test_a_change_of_the_calendar_has_deadlines_computed_again(system: Client) -> None:
    day = {"day": "2026-06-03", "kind": "rest", "name": "停工", "spans": ""}

    assert errors(system.post(address("governance.calendarday", "add"), day)) == []

    assert CalendarDay.objects.get(day="2026-06-03").edited
    assert Timer.objects.open().get(kind="calendar.recompute").due_at == clock.now()


def test_a_loaded_day_that_is_edited_is_kept_from_then_on(system: Client) -> None:
    loaded = CalendarDay.objects.get(day="2026-10-10")
    assert not loaded.edited
    change = address("governance.calendarday", "change", loaded.pk)
    short = {"day": "2026-10-10", "kind": "work", "name": "", "spans": '[["09:00", "12:00"]]'}

    assert errors(system.post(change, short)) == []

    loaded.refresh_from_db()
    assert (loaded.edited, loaded.spans) == (True, [["09:00", "12:00"]])


@pytest.mark.parametrize("spans", ["[]", "", '[["12:00", "09:00"]]', "from nine to five"])
def test_nonsense_hours_are_a_forms_error(system: Client, spans: str) -> None:
    data = {"valid_from": "2026-07-01", "spans": spans}

    assert errors(system.post(address("governance.workinghours", "add"), data))
    assert not Timer.objects.filter(kind="calendar.recompute").exists()


@pytest.mark.parametrize(
    "span", ['["08:30Z", "12:00Z"]', '["08:30", "12:00+08:00"]', '{"08:30": 1, "12:00": 2}']
)
def test_hours_with_a_zone_or_a_name_are_a_forms_error(system: Client, span: str) -> None:
    data = {"valid_from": "2026-07-01", "spans": f"[{span}]"}

    (fault,) = errors(system.post(address("governance.workinghours", "add"), data))

    assert fault.startswith("时段“")
    assert "08:30" in fault
    assert fault.endswith("”不是起止时间。")


def test_parked_timers_are_retried(system: Client) -> None:
    parked = timers.start("test.note", 7, clock.now())
    other = timers.start("test.note", 8, clock.now())
    Timer.objects.update(parked_at=clock.now(), attempts=5, last_error="ValueError: 坏")
    Timer.objects.filter(pk=other.pk).update(parked_at=None)
    listed = system.get(address("governance.timer"), {"state": "parked"})
    assert [row.pk for row in listed.context["cl"].result_list] == [parked.pk]

    assert said(act(system, "governance.timer", "retry", parked, other)) == ["已重新排入 1 项。"]

    assert not Timer.objects.parked().exists()


@pytest.mark.parametrize("state", ["open", "parked", "fired", "cancelled", "none"])
def test_timers_are_filtered_by_state(system: Client, state: str) -> None:
    now = clock.now()
    for subject, name in enumerate(("open", "parked", "fired", "cancelled")):
        timer = timers.start(name, subject, now)
        if name != "open":
            Timer.objects.filter(pk=timer.pk).update(**{f"{name}_at": now})

    shown = system.get(address("governance.timer"), {"state": state}).context["cl"].result_list

    expected = {"open": {"open", "parked"}, "none": {"open", "parked", "fired", "cancelled"}}
    assert {timer.kind for timer in shown} == expected.get(state, {state})


def test_given_up_deliveries_are_retried(system: Client, world: World) -> None:
    tell(world)
    Delivery.objects.update(failed_at=clock.now(), attempts=8)
    assert (
        system.get(address("governance.delivery"), {"state": "sent"}).context["cl"].result_count
        == 0
    )
    failed = system.get(address("governance.delivery"), {"state": "failed"})
    assert failed.context["cl"].result_count == 1

    act(system, "governance.delivery", "retry", Delivery.objects.get())

    assert Delivery.objects.to_send(clock.now()).count() == 1


# History ----------------------------------------------------------------------------------------


def test_history_names_the_deed_the_actor_and_the_source(audit: Client, world: World) -> None:
    with actor.acting(world.system_admin.pk, "admin"):
        Unit.objects.filter(pk=world.grid.pk).update(name="新名网格")

    listed = audit.get(
        address("governance.unitevent"), {"q": str(world.grid.pk), "source": "admin"}
    )

    (row,) = listed.context["cl"].result_list
    page = listed.content.decode()
    assert "修改" in page
    assert "系统管理员" in page
    assert "管理后台" in page
    detail = audit.get(address("governance.unitevent", "change", row.pk)).content.decode()
    assert "<strong>名称</strong> 新名网格" in detail
    assert "<strong>类别</strong> 网格" in detail


def test_looks_name_what_was_seen(audit: Client, world: World) -> None:
    for model, columns in (("people.ChangeRequest", ["before", "after"]), ("old.Gone", ["x"])):
        AccessRecord.objects.create(
            user=world.clerk, at=clock.now(), model=model, object_id="1", columns=columns, reason=""
        )

    page = audit.get(address("governance.accessrecord")).text

    assert "people.ChangeRequest" not in page.replace("?model=people.ChangeRequest", "")
    for shown in ("变更申请", "变更前、变更后", "old.Gone", "x"):
        assert shown in page


def test_deliveries_name_their_channel(system: Client, world: World) -> None:
    tell(world)

    page = system.get(address("governance.delivery")).text

    assert "电子邮件" in page


def test_history_is_only_looked_at(audit: Client, world: World) -> None:
    event = Unit.pgh_event_model.objects.first()  # type: ignore[attr-defined]
    change = address("governance.unitevent", "change", event.pk)

    assert audit.post(change, {"name": "x"}).status_code == 403
    assert audit.get(address("governance.unitevent", "add")).status_code == 403
    assert audit.post(address("governance.unitevent", "delete", event.pk)).status_code == 403


def chinese_names() -> Iterator[tuple[str, str]]:
    for model in admin.site._registry:
        yield model._meta.label, str(model._meta.verbose_name_plural)


def test_every_page_has_a_chinese_name() -> None:
    strange = {
        label: name
        for label, name in chinese_names()
        if not any("一" <= letter <= "鿿" for letter in name)
    }

    assert strange == {}


def edited() -> Iterator[Any]:
    """The models whose rows the admin's forms take."""
    for model, page in admin.site._registry.items():
        if not isinstance(page, ReadOnlyAdmin):
            yield from (model, *(inline.model for inline in page.inlines))


def test_every_constraint_says_in_a_sentence_what_it_refuses() -> None:
    silent = [
        constraint.name
        for model in edited()
        for constraint in model._meta.constraints
        if constraint.violation_error_message == constraint.default_violation_error_message
    ]

    assert not silent
    assert WhistleLimit in edited()
