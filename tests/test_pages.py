"""Every page that needs no argument, on the first day of an installation: nothing is there yet."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.models import User
from tests.builders import create_unit, create_user
from tests.clients import browser
from tests.routes import NO_PAGES, admin_pages, pages, routes

pytestmark = pytest.mark.django_db


def is_page(client: Client, path: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 200 and answer.content[:15].lower() == b"<!doctype html>"


@pytest.mark.parametrize("found", [pages(), admin_pages()], ids=["pages", "admin"])
def test_a_page_opens_where_there_is_nothing(found: list[tuple[str, str]]) -> None:
    district = create_unit(name="东丽区")
    clients = {"": browser()}
    for who in {who for who, _path in found} - {""}:
        clients[who] = browser(create_user(role=who, unit=district))

    assert len(found) > 80
    assert [(who, path) for who, path in found if not is_page(clients[who], path)] == []


def test_what_is_said_to_be_no_page_is_none() -> None:
    district = create_unit(name="东丽区")
    client = browser(create_user(role="clerk", unit=district))

    assert {route.path for route in routes()} >= NO_PAGES
    assert [path for path in NO_PAGES if is_page(client, path)] == []
    assert User.objects.count() == 1
