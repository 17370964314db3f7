"""A forgotten password: by two administrators of different kinds, neither of whom knows the new."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from governance import clock, outbox, resets
from governance.models import Delivery, Message, PasswordReset, Post, User
from tests.builders import PASSWORD, World, create_post, create_unit, create_user, shift_clock
from tests.clients import Program, browser

ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


def page_of(user: User) -> str:
    return reverse("admin:auth_user_password_change", args=[user.pk])


def step(by: User, user: User, act: str) -> str:
    """What the page says after this step of an administrator."""
    answer = browser(by).post(page_of(user), {"act": act}, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def half(said: str) -> str:
    return re.search(r"：([a-z2-9]{8}-?)$", said)[1]  # type: ignore[index]


def enters(user: User, password: str) -> bool:
    client = Client()
    client.post("/login/", {"username": user.username, "password": password})
    return "_auth_user_id" in client.session


def told(user: User) -> list[str]:
    lines = Message.objects.filter(recipient=user).order_by("pk")
    return [outbox.sentence(line.kind, line.params) for line in lines]


# Nobody alone -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["clerk", *ADMINISTRATORS])
@pytest.mark.parametrize("by", ADMINISTRATORS)
def test_no_administrator_alone_sets_a_password(world: World, by: str, role: str) -> None:
    user = world.holder(role)
    chosen = {"password1": "Chu-shi-99", "password2": "Chu-shi-99", "set-password": "1"}

    browser(world.holder(by)).post(page_of(user), chosen)
    for act in ("begin", "confirm", "begin", "confirm"):
        step(world.holder(by), user, act)

    assert enters(user, PASSWORD)
    assert not enters(user, "Chu-shi-99")


def test_two_kinds_reset_a_password_that_neither_knows(world: World) -> None:
    theirs, program = browser(world.clerk), Program(world.clerk)

    first = half(step(world.system_admin, world.clerk, "begin"))
    assert enters(world.clerk, PASSWORD)  # what was only asked for changes nothing
    second = half(step(world.security_admin, world.clerk, "confirm"))

    assert [enters(world.clerk, said) for said in (PASSWORD, first, second)] == [False] * 3
    assert theirs.get("/password/").status_code == 302
    assert program.get("/messages/").status_code == 401
    client = Client()
    client.post("/login/", {"username": "clerk", "password": first + second})
    assert client.get("/").headers["Location"] == "/password/"
    fields = ("old_password", "new_password1", "new_password2")
    values = (first + second, "Zai-huan-8", "Zai-huan-8")
    client.post("/password/", dict(zip(fields, values, strict=True)))
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("owner", "begins", "confirms"),
    [
        ("system_admin", "security_admin", "audit_admin"),
        ("security_admin", "audit_admin", "system_admin"),
        ("audit_admin", "system_admin", "security_admin"),
    ],
)
def test_the_two_others_help_an_administrator(
    world: World, owner: str, begins: str, confirms: str
) -> None:
    user = world.holder(owner)

    first = half(step(world.holder(begins), user, "begin"))
    second = half(step(world.holder(confirms), user, "confirm"))

    assert enters(user, first + second)


def test_two_of_one_kind_are_one(world: World) -> None:
    second = create_user(role="system_admin", unit=world.district)
    step(world.system_admin, world.clerk, "begin")

    page = browser(second).get(page_of(world.clerk)).content.decode()
    said = step(second, world.clerk, "confirm")

    assert "等待另一类管理员确认。" in page
    assert said == "须由另一类管理员确认。"
    assert enters(world.clerk, PASSWORD)


def test_the_owner_has_no_hand_in_it(world: World) -> None:
    refused = "本人的密码不能由本人重置；记得的请自行修改，忘记的请另两名管理员办理。"
    step(world.system_admin, world.security_admin, "begin")

    assert step(world.security_admin, world.security_admin, "confirm") == refused
    assert refused in browser(world.security_admin).get(page_of(world.security_admin)).text
    assert enters(world.security_admin, PASSWORD)


def test_the_auditor_stays_out_of_the_staffs(world: World) -> None:
    refused = "工作人员的密码由系统管理员和安全管理员共同重置。"
    assert step(world.audit_admin, world.clerk, "begin") == refused

    step(world.system_admin, world.clerk, "begin")

    assert step(world.audit_admin, world.clerk, "confirm") == refused
    assert told(world.audit_admin) == []


def test_one_who_is_to_administer_tomorrow_counts_as_an_administrator(world: World) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    create_post(role="audit_admin", unit=world.district, user=world.leader, valid_from=tomorrow)

    assert half(step(world.audit_admin, world.leader, "begin"))


def test_others_have_no_such_page(world: World) -> None:
    assert browser(world.leader).post(page_of(world.clerk), {"act": "begin"}).status_code == 302
    assert browser(world.system_admin).get("/admin/governance/user/0/password/").status_code == 404
    assert not PasswordReset.objects.exists()


def test_the_database_wants_two_kinds_too(world: World) -> None:
    reset = PasswordReset.objects.create(
        user=world.clerk,
        begun_by=world.system_admin,
        begun_as="system_admin",
        begun_at=clock.now(),
    )
    rows = PasswordReset.objects.filter(pk=reset.pk)

    def refused(by: User, role: str) -> str:
        with pytest.raises(IntegrityError) as raised, transaction.atomic():
            rows.update(confirmed_by=by, confirmed_as=role, confirmed_at=clock.now())
        return str(raised.value)

    for by, role in (
        (world.clerk, "security_admin"),
        (world.system_admin, "security_admin"),
        (world.security_admin, "system_admin"),
        (world.security_admin, ""),
    ):
        assert "reset_is_confirmed_by_another_kind" in refused(by, role)
    with pytest.raises(IntegrityError, match="reset_is_not_begun_by_its_owner"):
        rows.update(begun_by=world.clerk)


# From asking to entering ------------------------------------------------------------------------


def test_the_owner_is_told_of_both_steps_and_the_other_hand_is_asked(world: World) -> None:
    User.objects.filter(pk=world.clerk.pk).update(email="clerk@example.com")

    step(world.system_admin, world.clerk, "begin")
    step(world.security_admin, world.clerk, "confirm")

    assert told(world.clerk) == [
        "系统管理员申请重置您的密码。不是您要求的，请立即告知其他管理员，不予确认。",
        "您的密码已由系统管理员和安全管理员重置。不是您要求的，请立即告知审计管理员。",
    ]
    assert Delivery.objects.filter(message__recipient=world.clerk, channel="email").count() == 2
    assert told(world.security_admin) == [
        "系统管理员申请重置账号 clerk 的密码，请当面核实本人后确认。"
    ]
    asked = Message.objects.get(recipient=world.security_admin)
    assert outbox.link(asked.kind, asked.params) == page_of(world.clerk)
    assert told(world.system_admin) == []


def test_who_did_it_stands_in_the_audit(world: World) -> None:
    step(world.system_admin, world.clerk, "begin")
    step(world.security_admin, world.clerk, "confirm")

    auditor = browser(world.audit_admin)
    listed = auditor.get(reverse("admin:governance_passwordresetevent_changelist"))
    rows = [(row.pgh_label, row.pgh_actor) for row in listed.context["cl"].result_list]
    assert rows == [("update", "安全管理员"), ("insert", "系统管理员")]
    newest = listed.context["cl"].result_list[0]
    detail = reverse("admin:governance_passwordresetevent_change", args=[newest.pk])
    assert "安全管理员" in auditor.get(detail).text
    history = apps.get_model("governance", "UserEvent").objects.filter(pgh_obj_id=world.clerk.pk)
    assert history.latest("pgh_id").password_changed_at is None


def test_the_halves_are_kept_nowhere(world: World) -> None:
    halves = [
        half(step(world.system_admin, world.clerk, "begin")).rstrip("-"),
        half(step(world.security_admin, world.clerk, "confirm")),
    ]
    models: list[Any] = [
        *(LogEntry, Message, PasswordReset, User),
        *(apps.get_model("governance", name) for name in ("PasswordResetEvent", "UserEvent")),
    ]

    kept = str([list(model.objects.values()) for model in models])

    assert "确认重置密码" in kept
    assert [one in kept for one in halves] == [False, False]
    for by in (world.system_admin, world.security_admin):
        shown = browser(by).get(page_of(world.clerk)).text
        assert [one in shown for one in halves] == [False, False]


def test_what_is_not_confirmed_within_a_day_lapses(world: World) -> None:
    first = step(world.system_admin, world.clerk, "begin")
    shift_clock(by=timedelta(days=1))

    late = step(world.security_admin, world.clerk, "confirm")
    again = step(world.security_admin, world.clerk, "begin")
    second = step(world.system_admin, world.clerk, "confirm")

    assert late == "没有待确认的重置申请，或已超过一天，请重新申请。"
    assert half(again) != half(first)
    assert enters(world.clerk, half(again) + half(second))


def test_one_is_open_at_a_time_until_it_is_withdrawn(world: World) -> None:
    step(world.system_admin, world.clerk, "begin")
    open_already = step(world.security_admin, world.clerk, "begin")
    page = browser(world.security_admin).get(page_of(world.clerk)).text

    assert open_already == "已有待确认的重置申请，请先确认或撤回。"
    assert "系统管理员（系统管理员）于" in page
    step(world.security_admin, world.clerk, "withdraw")
    assert not PasswordReset.objects.open().exists()
    assert "没有待确认" in step(world.security_admin, world.clerk, "confirm")
    assert enters(world.clerk, PASSWORD)


def test_who_remembers_after_all_ends_what_was_asked(world: World) -> None:
    step(world.system_admin, world.clerk, "begin")

    browser(world.clerk).post(
        "/password/",
        {"old_password": PASSWORD, "new_password1": "Xin-mima-7", "new_password2": "Xin-mima-7"},
    )

    assert "没有待确认" in step(world.security_admin, world.clerk, "confirm")
    assert enters(world.clerk, "Xin-mima-7")


def test_the_list_of_users_finds_what_waits(world: World) -> None:
    step(world.system_admin, world.clerk, "begin")
    users = reverse("admin:governance_user_changelist")
    security = browser(world.security_admin)

    found = security.get(users, {"reset": "waiting"}).context["cl"].result_list
    assert [user.username for user in found] == ["clerk"]
    change = reverse("admin:governance_user_change", args=[world.clerk.pk])
    assert f'<a href="{page_of(world.clerk)}">待确认的密码重置</a>' in security.get(change).text


# Accounts ---------------------------------------------------------------------------------------


def test_a_new_account_is_opened_by_two_as_well(world: World) -> None:
    data = {"username": "zhangsan", "display_name": "张三", "email": "", "language": "zh-hans"}
    add = reverse("admin:governance_user_add")

    known = {**data, "password1": "Chu-shi-99", "password2": "Chu-shi-99"}
    answer = browser(world.system_admin).post(add, known, follow=True)
    first = half(str(next(iter(answer.context["messages"]))))
    user = User.objects.get(username="zhangsan")
    assert not user.has_usable_password()
    second = half(step(world.security_admin, user, "confirm"))

    assert not enters(user, "Chu-shi-99")
    assert enters(user, first + second)


def test_one_administrator_does_not_shut_another_out(world: World) -> None:
    def disable(user: User) -> bool:
        data = {"username": user.username, "display_name": "x", "email": "", "language": "zh-hans"}
        change = reverse("admin:governance_user_change", args=[user.pk])
        assert browser(world.system_admin).post(change, data).status_code == 302
        return not User.objects.get(pk=user.pk).is_active

    assert [disable(world.clerk), disable(world.audit_admin)] == [True, False]
    Post.objects.filter(user=world.audit_admin).update(valid_to=clock.today())
    assert disable(world.audit_admin)


def test_a_former_post_does_not_come_back_by_ones_own_hand(world: World) -> None:
    ended = clock.today() - timedelta(days=30)
    posts = [
        create_post(role=role, unit=create_unit(), user=user, valid_to=ended)
        for role, user in (
            ("clerk", world.security_admin),
            ("audit_admin", world.system_admin),
            ("clerk", world.clerk),
        )
    ]

    def prolong(post: Post, valid_to: str = "") -> list[str]:
        change = reverse("admin:governance_post_change", args=[post.pk])
        data = {"member_name": "", "valid_to": valid_to}
        answer = browser(world.security_admin).post(change, data)
        return answer.context["errors"] if answer.status_code == 200 else []

    own, overlapping, plain = posts
    assert "不能给自己任职，请由另一名安全管理员办理。" in str(prolong(own))
    assert "系统、安全、审计管理员须由不同的人担任。" in str(prolong(overlapping))
    assert prolong(own, (ended - timedelta(days=1)).isoformat()) == []
    assert prolong(plain) == []


def test_the_rule_is_said_where_the_permissions_are(world: World) -> None:
    page = browser(world.audit_admin).get("/permissions/").text

    assert "重置密码（须两类管理员共同办理）" in page
    assert "没有人能独自取得他人的账号" in page


def test_a_step_that_is_none_does_nothing(world: World) -> None:
    assert step(world.system_admin, world.clerk, "fly") == ""
    assert resets.waiting(world.clerk, clock.now()) is None
