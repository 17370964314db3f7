"""The permission table, and that nothing goes round it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client

from governance import actor, clock, permissions
from governance.admin_site import TablePermissions
from governance.models import Post, User
from governance.permissions import ADMINISTRATORS, TABLE
from governance.roles import Role
from tests.builders import World, create_post, create_unit, create_user


def again(user: User) -> User:
    """As the next request reads them: posts are kept on the object."""
    return User.objects.get(pk=user.pk)


# The table --------------------------------------------------------------------------------------


def test_the_three_administrators_do_not_overlap() -> None:
    shared = {code for code, row in TABLE.items() if len(row.roles & ADMINISTRATORS) > 1}

    of_everybody = {"unit.see", "grid.see", "item.see", "message.see", "platform.suggest"}
    # a reset takes two of different kinds: what all three share none has alone
    shown = {"admin.enter", "permission.see", "user.see"}
    assert shared - of_everybody - shown == {"user.reset"}
    assert {
        role: len([1 for row in TABLE.values() if role in row.roles]) for role in ADMINISTRATORS
    }


def test_administrators_do_no_work_and_workers_do_not_administer() -> None:
    work = {
        code
        for code in TABLE
        if code.startswith(("case.", "reporter.", "person.")) or code == "place.register"
    }
    administration = {code for code in TABLE if code.endswith((".change", ".retry", ".enter"))}

    assert len(work) > 10
    assert len(administration) > 5
    for code in work:
        assert not TABLE[code].roles & ADMINISTRATORS, code
    for code in administration:
        assert TABLE[code].roles <= ADMINISTRATORS, code


def test_every_permission_is_held_by_somebody_and_labelled_in_chinese() -> None:
    for code, row in TABLE.items():
        assert row.roles, code
        assert any("一" <= letter <= "鿿" for letter in str(row.label)), code


def test_every_role_but_the_sponsor_may_something() -> None:
    idle = [role for role in Role if not any(role in row.roles for row in TABLE.values())]

    assert idle == [Role.SPONSOR]


def test_the_command_prints_the_table() -> None:
    said = StringIO()

    call_command("permissions", stdout=said)

    lines = said.getvalue().splitlines()
    assert len(lines) == len(TABLE)
    assert "history.see            查看审计记录：审计管理员" in lines


# Posts ------------------------------------------------------------------------------------------


def test_a_post_gives_what_its_role_may(world: World) -> None:
    assert permissions.may(world.dispatcher, "case.dispatch")
    assert not permissions.may(world.clerk, "case.dispatch")
    assert not permissions.may(create_user(), "case.see")
    assert not permissions.may(AnonymousUser(), "case.see")


def test_a_code_that_is_not_in_the_table_is_a_mistake(world: World) -> None:
    with pytest.raises(KeyError):
        permissions.may(world.clerk, "case.fly")


def test_a_post_counts_from_its_first_day_to_the_day_before_its_last(world: World) -> None:
    today, day = clock.today(), timedelta(days=1)
    dates = [
        (today - day, today),  # yesterday was the last day
        (today + day, None),  # begins tomorrow
        (today, None),
        (today - day, today + day),
    ]
    users = []
    for begins, ends in dates:
        user = create_user()
        create_post(role="clerk", unit=world.community, user=user, valid_from=begins, valid_to=ends)
        users.append(user)

    assert [permissions.may(user, "case.accept") for user in users] == [False, False, True, True]


def test_several_posts_add_up(world: World) -> None:
    user = create_user(role="grid_worker", unit=world.grid)
    create_post(role="dispatcher", unit=world.street, user=user)

    assert {post.role for post in permissions.posts_of(user)} == {"grid_worker", "dispatcher"}
    assert [post.unit_id for post in permissions.posts_with(user, "case.dispatch")] == [
        world.street.pk
    ]


def test_posts_are_kept_in_memory(world: World, django_assert_num_queries: Any) -> None:
    with actor.acting(world.clerk.pk, "desk"):
        permissions.posts_of(again(world.clerk))
        clerk = again(world.clerk)

        with django_assert_num_queries(0):
            for code in TABLE:
                permissions.may(clerk, code)


def test_one_who_left_may_nothing(world: World) -> None:
    User.objects.filter(pk=world.clerk.pk).update(is_active=False)

    assert not permissions.may(again(world.clerk), "case.see")


def test_what_a_post_covers(world: World) -> None:
    station = create_unit(kind="station", name="网格站", parent=world.community)
    lead = create_user(role="station_lead", unit=station)
    area = create_user(role="leader", unit=create_unit(kind="area", parent=world.district))

    def territory(user: User) -> tuple[str, int] | None:
        (post,) = permissions.posts_of(user)
        return post.territory

    assert territory(world.dispatcher) == ("street_id", world.street.pk)
    assert territory(world.clerk) == ("community_id", world.community.pk)
    assert territory(world.grid_worker) == ("grid_id", world.grid.pk)
    assert territory(lead) == ("community_id", world.community.pk)
    assert territory(world.handler) is None
    assert territory(area) is None


def test_nobody_is_a_superuser(db: None) -> None:
    with pytest.raises(IntegrityError, match="no_superuser"):
        User.objects.create(username="root", is_superuser=True)


# The admin --------------------------------------------------------------------------------------


def test_every_page_of_the_admin_asks_the_table() -> None:
    registered = admin.site._registry

    assert len(registered) > 20
    for model, page in registered.items():
        assert isinstance(page, TablePermissions), model
        assert page.see in TABLE, model
        assert TABLE[page.see].roles & ADMINISTRATORS, model
        assert page.change == "" or page.change in TABLE, model
        for inline in page.inlines:
            assert issubclass(inline, TablePermissions), inline


def test_rights_that_django_itself_would_give_are_not_on_offer() -> None:
    names = {model._meta.label for model in admin.site._registry}

    assert not names & {"auth.Group", "auth.Permission", "axes.AccessAttempt", "knox.AuthToken"}


def test_only_administrators_enter(client: Client, world: World) -> None:
    answers = {}
    for role in Role:
        if role != Role.SPONSOR:
            client.force_login(world.holder(role))
            answers[role] = client.get("/admin/", follow=True).status_code

    assert {role for role, status in answers.items() if status == 200} == ADMINISTRATORS
    assert {answers[role] for role in answers if role not in ADMINISTRATORS} == {403}


def test_a_former_administrator_does_not_enter(client: Client, world: World) -> None:
    client.force_login(world.system_admin)
    assert client.get("/admin/").status_code == 200

    Post.objects.filter(user=world.system_admin).update(valid_to=clock.today())

    assert client.get("/admin/", follow=True).status_code == 403


def test_the_table_is_a_page(client: Client, world: World) -> None:
    client.force_login(world.audit_admin)

    page = client.get("/permissions/").content.decode()

    assert page.count('<th scope="row">') == len(TABLE)
    assert "查看审计记录" in page
