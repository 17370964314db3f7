"""Every move of the table, made in a real browser on desk and phone by who has it to make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from cases.moves import MOVES, Action
from tests.areas import place
from tests.browser import CHROMIUM, DESK, INSTALL, PHONE, Watched, context_for, watch
from tests.engines import HOME
from tests.situations import SITUATIONS
from tests.stack import Stack
from tests.test_browser import SMALL, browser

__all__ = ["browser"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason=INSTALL),
    pytest.mark.xdist_group("browser"),
]
LON, LAT = place(0.5, 0.5)
HERE = {"geolocation": {"latitude": LAT, "longitude": LON, "accuracy": 8}}
SIZES = {"desk": DESK, "phone": PHONE}
# What one fills in that no form asks for: it would be refused for saying nothing.
FILLED: dict[str, dict[str, str]] = {
    Action.CORRECT: {"地点": "军丽园3号楼东侧"},
    Action.SPLIT: {"第 2 件": "占道经营"},
    Action.SHARE: {"部门": "派出所"},
}
Case = tuple[str, Action]


@pytest.fixture(scope="module")
def cases(website: Stack) -> dict[str, str]:
    """ "desk accept" → the number of the case that waits for it."""
    website.run("-m", "tests.stack_seed", "moves")
    query = (
        "SELECT split_part(description, '：', 1), number FROM cases_case WHERE parent_id IS NULL"
    )
    return dict(website.sql(query))


@pytest.fixture(scope="module")
def person(browser: Browser, website: Stack) -> Iterator[Callable[[str, str], Watched]]:
    """A page a person and surface, logged in."""
    known: dict[tuple[str, str], Watched] = {}

    def page_of(username: str, surface: str) -> Watched:
        if (username, surface) not in known:
            options: dict[str, Any] = {"permissions": ["geolocation"], **HERE}
            options |= SMALL if surface == "phone" else {}
            context: BrowserContext = context_for(browser, website.visitor(username), **options)
            known[username, surface] = watch(context)
        known[username, surface].complaints.clear()
        return known[username, surface]

    yield page_of
    for one in known.values():
        one.page.context.close()


def test_the_list_is_the_whole_table() -> None:
    assert list(SITUATIONS) == [move.action for move in MOVES]


@pytest.mark.parametrize("surface", ["desk", "phone"])
@pytest.mark.parametrize("action", SITUATIONS, ids=str)
def test_by_hand(
    website: Stack,
    cases: dict[str, str],
    person: Callable[[str, str], Watched],
    request: pytest.FixtureRequest,
    surface: str,
    action: Action,
) -> None:
    number, label = cases[f"{surface} {action}"], str(Action(action).label)
    watched = person(SITUATIONS[action].who, surface)
    page = watched.page
    page.goto(f"{'/m' if surface == 'phone' else ''}/cases/{number}/")
    version = website.one("SELECT version FROM cases_case WHERE number = %s", number)
    try:
        press(page, action)
        form = page.locator("dialog[open] form, form.act-form").first
        expect(form).to_be_visible()
        # the page behind it is looked at in test_browser
        complaints = watched.audit(SIZES[surface], "dialog[open], form.act-form")
        fill(form, action, (website.one("SELECT app_now()") + timedelta(days=9)).date().isoformat())
        form.locator("button.btn-primary").click()

        said = page.get_by_role("status").filter(has_text=f"已完成：{label}。")
        expect(said).to_be_visible()
    except AssertionError:
        (HOME / "screenshots").mkdir(exist_ok=True)
        page.screenshot(path=HOME / "screenshots" / f"{surface} {action}.png")
        raise
    assert complaints + watched.complaints == []
    assert action in website.history(number)[-2:]  # a move may bring the next one about
    assert website.one("SELECT version FROM cases_case WHERE number = %s", number) > version


def press(page: Page, action: Action) -> None:
    """The button of the move, which may stand behind "more"."""
    button = page.locator(f"[data-act='{action}']").first
    if not button.is_visible():
        page.get_by_role("button", name="更多").or_(
            page.locator("summary", has_text="更多")
        ).click()
    button.click()


def fill(form: Locator, action: Action, day: str) -> None:
    """What the form asks for, and what this move says nothing without."""
    for field in form.locator("textarea[required], input[type=text][required]").all():
        if not field.input_value():
            field.fill("已到现场核实，情况属实")
    for field in form.locator("input[type=date][required]").all():
        if not field.input_value():
            field.fill(day)
    for group in form.locator("fieldset:has(input[type=radio])").all():
        if not group.locator("input:checked").count():
            group.locator("input[type=radio]").first.check()
    for label, text in FILLED.get(action, {}).items():
        field = form.get_by_label(label, exact=True).first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(label=text)
        else:
            field.fill(text)
