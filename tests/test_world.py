"""The cast itself: what every other test takes for granted."""

import pytest
from django.conf import settings

from governance import permissions
from governance.roles import Role
from tests.builders import World


def test_the_tests_run_on_their_own_settings() -> None:
    assert settings.SETTINGS_MODULE == "tests.settings"
    assert settings.EMAIL_BACKEND == "django.core.mail.backends.locmem.EmailBackend"


@pytest.mark.xdist_group("a group")
def test_a_group_keeps_to_one_worker(request: pytest.FixtureRequest) -> None:
    """The sign by which pytest-xdist knows it; were it hidden, each stack would start twice."""
    if request.config.getoption("loadgroup", default=False):
        assert request.node.nodeid.endswith("@a group")


def test_each_role_is_held_by_one_of_the_cast(world: World) -> None:
    held = {
        role: [post.role for post in permissions.posts_of(world.holder(role))]
        for role in Role
        if role != Role.SPONSOR
    }

    assert held == {role: [role] for role in Role if role != Role.SPONSOR}


def test_the_outsider_works_in_the_other_street(world: World) -> None:
    (post,) = permissions.posts_of(world.outsider)

    assert (post.role, post.street_id) == ("clerk", world.other_street.pk)
