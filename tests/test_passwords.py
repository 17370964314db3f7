"""Getting in: password rules, lock-out, sessions, and the language of the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from governance import clock, passwords
from governance.models import PastPassword, SignIn, User
from tests.builders import PASSWORD, World, create_user, moment, shift_clock
from tests.clients import Program

NEXT = "Xin-mima-7"


@pytest.fixture
def user(world: World) -> User:
    return world.security_admin


def log_in(client: Client, username: str, password: str) -> int:
    return client.post("/login/", {"username": username, "password": password}).status_code


def is_in(client: Client) -> bool:
    return client.get("/password/").status_code == 200


def messages_for(password: str, user: User) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [str(fault.code) for fault in error.error_list]
    return []


# The password itself ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("Xin-mima-7", []),
        ("xinmima-77", []),
        ("XINMIMA#77", []),
        ("新密码abcD12", []),
        ("Ab-1", ["password_too_short"]),
        ("xinmima-neu", ["password_classes"]),
        ("XinMimaNeu", ["password_classes"]),
        ("3957305822", ["password_classes"]),
        ("Password1", ["password_too_common"]),
        ("Security_admin1", ["password_too_similar"]),
    ],
)
def test_three_classes_and_the_usual_rules(user: User, password: str, faults: list[str]) -> None:
    assert messages_for(password, user) == faults


def test_the_present_one_and_the_last_five_are_not_used_again(user: User) -> None:
    used = [PASSWORD, *(f"Geng-huan-{number}" for number in range(1, 7))]
    for number, password in enumerate(used[1:]):
        passwords.change(user, password, moment("2026-06-01 09:00") + timedelta(days=number))

    faults = {password: messages_for(password, user) for password in used}

    assert faults == {
        PASSWORD: [],
        "Geng-huan-1": ["password_reused"],
        "Geng-huan-2": ["password_reused"],
        "Geng-huan-3": ["password_reused"],
        "Geng-huan-4": ["password_reused"],
        "Geng-huan-5": ["password_reused"],
        "Geng-huan-6": ["password_reused"],
    }


def test_somebody_elses_old_passwords_do_not_matter(user: User, world: World) -> None:
    passwords.change(world.system_admin, NEXT, clock.now())

    assert messages_for(NEXT, user) == []


# Its age ----------------------------------------------------------------------------------------


def test_after_90_days_one_is_sent_to_change_it(client: Client, user: User) -> None:
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(password_changed_at=clock.now() - timedelta(days=90))
    assert client.get("/admin/").status_code == 200

    shift_clock(by=timedelta(seconds=1))

    assert client.get("/admin/").headers["Location"] == "/password/"
    assert client.get("/password/").status_code == 200


def test_a_password_set_by_an_administrator_is_changed_first(client: Client, user: User) -> None:
    passwords.reset(user, NEXT, clock.now())
    client.force_login(user)

    assert client.get("/home/").headers["Location"] == "/password/"
    client.post(
        "/password/",
        {"old_password": NEXT, "new_password1": "Zai-huan-8", "new_password2": "Zai-huan-8"},
    )
    assert client.get("/home/").headers["Location"] == "/admin/"


def test_changing_it_remembers_the_old_and_ends_other_sessions(user: User) -> None:
    here, elsewhere, of_another = Client(), Client(), Client()
    create_user(username="other")
    assert log_in(here, user.username, PASSWORD) == 302
    assert log_in(elsewhere, user.username, PASSWORD) == 302
    assert log_in(of_another, "other", PASSWORD) == 302

    answer = here.post(
        "/password/",
        {"old_password": PASSWORD, "new_password1": NEXT, "new_password2": NEXT},
    )

    assert answer.headers["Location"] == "/password/done/"
    assert [is_in(here), is_in(elsewhere), is_in(of_another)] == [True, False, True]
    assert PastPassword.objects.filter(user=user).count() == 1
    changed = User.objects.get(pk=user.pk)
    assert changed.check_password(NEXT)
    assert changed.password_changed_at == clock.now()


def test_changing_it_ends_the_tokens_of_programs(client: Client, user: User, world: World) -> None:
    mine, of_another = Program(user), Program(world.clerk)
    assert mine.get("/messages/").status_code == 200
    client.force_login(user)

    page = client.get("/password/").content.decode()
    client.post(
        "/password/",
        {"old_password": PASSWORD, "new_password1": NEXT, "new_password2": NEXT},
    )

    assert "您的其他登录和接口令牌随即失效" in page
    assert mine.get("/messages/").status_code == 401
    assert of_another.get("/messages/").status_code == 200


@pytest.mark.parametrize(
    ("old", "new"), [("falsch", NEXT), (PASSWORD, PASSWORD), (PASSWORD, "schwach")]
)
def test_a_refused_change_changes_nothing(client: Client, user: User, old: str, new: str) -> None:
    client.force_login(user)

    answer = client.post(
        "/password/", {"old_password": old, "new_password1": new, "new_password2": new}
    )

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


# Lock-out ---------------------------------------------------------------------------------------


def test_five_failures_lock_the_account_also_for_the_right_password(
    client: Client, user: User, world: World
) -> None:
    answers = [log_in(client, user.username, "Falsch-123") for _attempt in range(5)]

    assert answers == [200, 200, 200, 200, 429]
    locked = client.post("/login/", {"username": user.username, "password": PASSWORD})
    assert "账号已暂时锁定" in locked.content.decode()
    assert log_in(Client(REMOTE_ADDR="10.0.0.9"), user.username, PASSWORD) == 429
    assert log_in(client, world.system_admin.username, PASSWORD) == 302


def test_the_lock_opens_after_the_cool_off(client: Client, user: User) -> None:
    for _attempt in range(5):
        log_in(client, user.username, "Falsch-123")
    attempt = AccessAttempt.objects.get(username=user.username)
    then = attempt.attempt_time

    AccessAttempt.objects.update(attempt_time=then - timedelta(minutes=29))
    assert log_in(client, user.username, PASSWORD) == 429
    AccessAttempt.objects.update(attempt_time=then - timedelta(minutes=31))
    assert log_in(client, user.username, PASSWORD) == 302


def test_four_failures_and_a_success_count_from_the_beginning(client: Client, user: User) -> None:
    for _attempt in range(4):
        log_in(client, user.username, "Falsch-123")
    assert log_in(client, user.username, PASSWORD) == 302
    client.logout()

    assert [log_in(client, user.username, "Falsch-123") for _attempt in range(4)] == [200] * 4


def test_a_name_that_nobody_has_is_locked_alike(client: Client, db: None) -> None:
    assert [log_in(client, "nobody", "Falsch-123") for _attempt in range(5)][-1] == 429


def test_each_entry_failure_lock_and_exit_is_recorded(client: Client, user: User) -> None:
    log_in(client, user.username, "Falsch-123")
    log_in(client, "Geheim-im-falschen-Feld", "Falsch-123")
    log_in(client, user.username, PASSWORD)
    client.post("/logout/")
    for _attempt in range(5):
        log_in(client, user.username, "Falsch-123")

    rows = list(SignIn.objects.order_by("pk").values_list("user", "deed", "address"))
    assert rows[:4] == [
        (user.pk, "failed", "127.0.0.1"),
        (None, "failed", "127.0.0.1"),  # what was typed may be a password: it is not kept
        (user.pk, "in", "127.0.0.1"),
        (user.pk, "out", "127.0.0.1"),
    ]
    assert sorted(deed for _user, deed, _address in rows[4:]) == [*["failed"] * 5, "locked"]


def test_behind_our_nginx_the_address_is_the_one_that_it_saw(
    client: Client, user: User, settings: Settings
) -> None:
    settings.BEHIND_NGINX = True
    seen = {"x-real-ip": "203.0.113.7"}

    client.post("/login/", {"username": user.username, "password": "Falsch-123"}, headers=seen)
    client.post("/login/", {"username": user.username, "password": PASSWORD}, headers=seen)
    log_in(Client(REMOTE_ADDR=""), user.username, PASSWORD)  # over a socket, and no nginx

    assert list(SignIn.objects.order_by("pk").values_list("deed", "address")) == [
        ("failed", "203.0.113.7"),
        ("in", "203.0.113.7"),
        ("in", None),
    ]


def test_one_who_left_does_not_get_in(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert log_in(client, user.username, PASSWORD) == 200
    assert not is_in(client)


# Sessions ---------------------------------------------------------------------------------------


def test_a_session_is_written_at_most_every_five_minutes(client: Client, user: User) -> None:
    client.force_login(user)
    client.get("/password/")
    first = Session.objects.get().session_data

    client.get("/password/")
    assert Session.objects.get().session_data == first

    session = client.session
    session["touched"] -= 301
    session.save()
    aged = Session.objects.get().session_data
    client.get("/password/")
    assert Session.objects.get().session_data != aged
    assert client.session["touched"] >= session["touched"] + 301


def test_an_unused_session_of_an_administrator_ends_sooner(client: Client, world: World) -> None:
    lasts = {}
    for user in (world.dispatcher, world.security_admin):
        client.force_login(user)
        client.get("/password/")
        lasts[user.username] = client.session.get_expiry_age() // 60

    assert lasts == {world.dispatcher.username: 60, world.security_admin.username: 30}


def test_logging_out_needs_a_post_and_ends_the_session(client: Client, user: User) -> None:
    client.force_login(user)

    assert client.get("/logout/").status_code == 405
    client.post("/logout/")

    assert not is_in(client)
    assert not Session.objects.exists()


def test_the_session_of_one_who_left_ends(client: Client, user: User) -> None:
    client.force_login(user)
    assert is_in(client)

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert not is_in(client)


# Language ---------------------------------------------------------------------------------------


def languages(client: Client, path: str, **headers: str) -> str:
    return client.get(path, headers=headers).headers["Content-Language"]


def test_pages_are_chinese_whatever_the_browser_says(client: Client, user: User) -> None:
    client.force_login(user)

    assert languages(client, "/password/", accept_language="en-US,en;q=0.9") == "zh-hans"


def test_the_switch_sets_a_cookie_that_holds(client: Client, user: User) -> None:
    client.force_login(user)

    client.post("/i18n/", {"language": "en", "next": "/password/"})

    assert languages(client, "/password/") == "en"
    assert languages(client, "/password/", accept_language="zh-CN") == "en"


def test_a_cookie_of_an_unknown_language_is_nothing(client: Client, user: User) -> None:
    client.force_login(user)
    client.cookies["django_language"] = "xx"

    assert languages(client, "/password/") == "zh-hans"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN", "zh-hans"),
        ("fr", "zh-hans"),
        ("", "zh-hans"),
    ],
)
def test_the_api_speaks_what_the_caller_asks_for(
    client: Client, db: None, asked: str, answered: str
) -> None:
    headers = {"accept_language": asked} if asked else {}

    assert languages(client, "/api/v1/units/", **headers) == answered
