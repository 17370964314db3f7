"""The first administrators of a deployment, and tokens for programs: by command."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from governance import permissions
from governance.models import User
from tests.builders import World


def create(monkeypatch: pytest.MonkeyPatch, password: str, **options: str) -> str:
    """As an operator types it; only the keyboard is stood in for."""
    monkeypatch.setattr("getpass.getpass", lambda prompt: password)
    out = StringIO()
    given = {"name": "张三", "role": "system_admin", "unit": "120110000000", **options}
    call_command("create_user", "zhangsan", stdout=out, **given)
    return out.getvalue().strip()


def test_the_first_administrator_is_made_by_command(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = create(monkeypatch, "Wangge-2027")

    user = User.objects.get(username="zhangsan")
    assert said == "zhangsan: system_admin @ 东丽区"
    assert permissions.may(user, "unit.change")
    assert not permissions.may(user, "post.change")
    assert user.check_password("Wangge-2027")


@pytest.mark.parametrize(
    ("password", "options", "reason"),
    [
        ("short", {}, "密码"),
        ("Short-1", {}, "密码至少 8 位。"),
        ("Wangge-2027", {"unit": "999"}, "没有代码为 999 的单位"),
        ("Wangge-2027", {"name": ""}, "display_name: "),
        ("Wangge-2027", {"name": "长" * 41}, "display_name: .*40"),
    ],
)
def test_a_faulty_account_is_not_made(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    password: str,
    options: dict[str, str],
    reason: str,
) -> None:
    with pytest.raises(CommandError, match=reason):
        create(monkeypatch, password, **options)

    assert not User.objects.filter(username="zhangsan").exists()


def test_a_token_opens_the_api_for_its_user_only(world: World) -> None:
    out = StringIO()

    call_command("api_token", "clerk", stdout=out)

    header = {"authorization": f"Token {out.getvalue().strip()}"}
    assert Client().get("/api/v1/cases/", headers=header).status_code == 200
    with pytest.raises(CommandError, match="no active user nobody"):
        call_command("api_token", "nobody")
