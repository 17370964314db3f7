"""The English interface: every text is translated and compiled, no page keeps a Chinese word."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from cases import suggestions
from cases.case_page import ACTION_LABELS
from cases.models import Case, Item, ItemClass, Ladder, State
from cases.suggestions import Said
from governance import outbox, scope
from governance.models import CalendarDay, CalendarYear, Unit, User
from people.models import SupportKind
from tests.areas import draw, place, square
from tests.builders import World, create_world, shift_clock
from tests.case_builders import MONDAY, WAY, create_case, create_item, move
from tests.clients import KEY, Program, browser

ROOT = Path(settings.BASE_DIR)
COMMITTED = ROOT / "locale" / "en" / "LC_MESSAGES" / "django"
# Han characters and their punctuation; not the ideographic space that indents a select.
CHINESE = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uff00-\uffef]+")
# A language is listed by its own name.
OWN_NAME = "简体中文"
needs_gettext = pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs gettext")
Catalogue = dict[Any, str]

# The catalogue ----------------------------------------------------------------------------------


def read(mo: Path) -> Catalogue:
    with mo.open("rb") as file:
        return dict(GNUTranslations(file)._catalog)  # type: ignore[attr-defined]


def compiled(po: Path, folder: Path) -> Catalogue:
    """What msgfmt makes of it: without what is untranslated or fuzzy."""
    mo = folder / "compiled.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", mo, po], check=True)
    return read(mo)


@pytest.fixture
def extracted(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Catalogue:
    """Every text of the sources as they are now, each as its own translation."""
    for name in ("governance", "grids", "cases", "templates"):
        (tmp_path / name).symlink_to(ROOT / name)
    settings.LOCALE_PATHS = [str(tmp_path / "locale")]
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=["en"], symlinks=True, verbosity=0)
    found, named = tmp_path / "locale/en/LC_MESSAGES/django.po", tmp_path / "named.po"
    subprocess.run(["msgen", "-o", named, found], check=True)
    return compiled(named, tmp_path)


@needs_gettext
def test_every_text_of_the_sources_is_translated(extracted: Catalogue, tmp_path: Path) -> None:
    translated = compiled(COMMITTED.with_suffix(".po"), tmp_path)

    assert len(extracted) > 500
    assert sorted({str(text) for text in extracted.keys() - translated.keys()}) == []


@needs_gettext
def test_what_is_compiled_is_what_is_written(tmp_path: Path) -> None:
    written = compiled(COMMITTED.with_suffix(".po"), tmp_path)

    assert read(COMMITTED.with_suffix(".mo")) == written, "make messages"


def test_translations_are_english_and_fit_for_any_place() -> None:
    texts = {str(key): text for key, text in read(COMMITTED.with_suffix(".mo")).items() if key}

    assert {text for text in texts.values() if CHINESE.search(text)} == set()
    # {% translate %} does not escape what it writes; fonts for Chinese draw “ ” and ’ too wide
    unfit = {
        text for key, text in texts.items() if set(text) & (set('"<&') - set(key) | set("“”’"))
    }
    assert unfit == set()


# The sources ------------------------------------------------------------------------------------

WRAPPED = re.compile(
    r"{% comment %}.*?{% endcomment %}|{#.*?#}"
    r"|{% blocktrans.*?{% endblocktrans\w* %}|{% trans(?:late)? .*?%}|_\((['\"]).*?\1\)",
    re.DOTALL,
)


@pytest.mark.parametrize("folder", ["templates", "static/js"])
def test_nothing_chinese_stands_outside_a_translation(folder: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in {".html", ".js"}
        for text in CHINESE.findall(WRAPPED.sub("", path.read_text()))
        if text != OWN_NAME
    }
    assert found == set()


# The pages --------------------------------------------------------------------------------------


@pytest.fixture
def world(db: None) -> World:
    """The small world, its people and words in English; only its units keep their names."""
    shift_clock(to=MONDAY)
    with translation.override("en"):
        world = create_world()
        User.objects.filter(
            username__in=["police_handler", "outsider", "other_grid_worker"]
        ).update(display_name="Somebody")
        create_item(
            department=world.sanitation,
            dispatch="manual",
            words=["rubbish"],
            admission="A heap",
            closing="No heap",
            source="Test",
        )
        draw(world.grid, square(0, 0))
    return world


def case_in(world: World, state: str = State.REPORTED) -> Case:
    lon, lat = place(0.5, 0.5)
    with translation.override("en"):
        case = create_case(
            world, lon=lon, lat=lat, description="Rubbish", place="No. 3", reporter_name="Lee"
        )
        for action, who in WAY[state]:
            case = on(world, case, action, who)
    return case


def on(world: World, case: Case, action: str, who: str) -> Case:
    with translation.override("en"):
        return move(case, action, by=world.holder(who), note="As seen")


def english(user: User | None = None) -> Client:
    client = browser(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def names() -> list[str]:
    """What may be Chinese: places, holidays, and what items are called."""
    columns = (
        *((model, "name") for model in (Unit, CalendarDay, Item, ItemClass, Ladder)),
        (CalendarYear, "source"),
        *((SupportKind, column) for column in ("name", "purpose", "basis", "needs")),
    )
    found = {
        name
        for model, column in columns
        for text in model._default_manager.values_list(column, flat=True).distinct()
        for name in (text or "").splitlines()
    }
    return sorted(filter(None, found), key=len, reverse=True)


def chinese(answer: Any) -> list[str]:
    """What is Chinese on a page beside names."""
    page = answer.content.decode().replace(OWN_NAME, "")
    for name in names() if CHINESE.search(page) else ():
        page = page.replace(name, "")
    return [f"{answer.request['PATH_INFO']}: {text}" for text in CHINESE.findall(page)]


def chinese_in(client: Client, *paths: str, status: int = 200) -> list[str]:
    answers = [client.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {status}, paths
    return [text for answer in answers for text in chinese(answer)]


PAGES = {
    "clerk": ["/", "/?tab=all", "/?q=nothing", "/cases/new/", "/cases/items/?q=rubbish", "/map/"],
    "dispatcher": ["/grids/", "/inbox/", "/password/"],
    "grid_worker": ["/m/", "/m/?tab=all", "/m/report/", "/m/inbox/"],
    "system_admin": ["/permissions/", "/api/schema/"],
    "outsider": ["/", "/inbox/"],
    "station_lead": ["/people/", "/people/changes/", "/people/visits/", "/people/visits/plans/"],
    "leader": ["/people/plans/", "/people/sheets/"],
    "grid_leader": ["/m/people/", "/m/people/houses/?q=1", "/m/people/visits/"],
}


def test_the_pages_of_the_staff_are_english(world: World) -> None:
    for state in (State.REPORTED, State.DISPATCHED, State.HANDLING, State.ANSWERED):
        case_in(world, state)

    assert {who: chinese_in(english(world.holder(who)), *PAGES[who]) for who in PAGES} == {
        who: [] for who in PAGES
    }


def test_the_page_of_a_case_is_english_all_its_way(world: World) -> None:
    case, visitor = case_in(world), english()
    desk, phone = f"/cases/{case.number}/", f"/m/cases/{case.number}/"
    visitor.post(reverse("public:query"), {"number": case.number, "code": case.query_code})
    public = [reverse(f"public:{name}", args=[case.number]) for name in ("receipt", "progress")]

    for action, who in (None, ""), *WAY[State.ARCHIVED]:
        if action is not None:
            case = on(world, case, action, who)
        found = chinese_in(english(world.clerk), desk)
        found += chinese_in(english(world.dispatcher), desk)
        found += chinese_in(english(world.grid_worker), phone)
        if case.department_id:
            found += chinese_in(english(world.handler), desk)
        assert found + chinese_in(visitor, *public) == [], case.state


def test_the_pages_of_suggestions_are_english(world: World) -> None:
    visitor, clerk = english(), english(world.clerk)
    with translation.override("en"):
        said = Said("community", "facilities", "More lamps", "public", world.community.pk, "Li")
        row, _new = suggestions.collect(said, by=None, now=MONDAY)
        opinion = Said("platform", "burden", "Too many forms", "staff")
        suggestions.collect(opinion, by=world.clerk, now=MONDAY)
    visitor.post(reverse("public:query"), {"number": row.number, "code": row.query_code})
    own = [reverse(f"public:{n}", args=[row.number]) for n in ("suggestion", "suggest_receipt")]
    places = ("suggestions/", "suggestions/new/", f"suggestions/{row.number}/", "opinions/")
    staff = [f"/{prefix}{place}" for place in places for prefix in ("", "m/")]

    found = chinese_in(clerk, *staff) + chinese_in(visitor, *own)
    with translation.override("en"):
        suggestions.answer(
            row, outcome="adopted", text="By June", publish=True, by=world.clerk, now=MONDAY
        )
    found += chinese_in(clerk, *staff) + chinese_in(visitor, *own, reverse("public:suggestions"))
    assert found == []


def test_the_pages_for_everybody_are_english(world: World) -> None:
    own = ("report", "query", "privacy", "accessibility", "suggest", "suggestions")
    names = [f"public:{name}" for name in own]

    assert chinese_in(english(), *map(reverse, ["login", *names])) == []
    assert chinese_in(english(), "/nowhere/", status=404) == []
    assert chinese_in(english(world.clerk), "/permissions/", status=403) == []


def test_what_a_move_is_answered_with_is_english(world: World) -> None:
    case, client = case_in(world), english(world.clerk)
    refused = client.post(f"/cases/{case.number}/refuse/", {"version": case.version})
    late = client.post(f"/cases/{case.number}/accept/", {"version": 99, "item_id": case.item_id})
    done = client.post(
        f"/cases/{case.number}/accept/",
        {"version": case.version, "item_id": case.item_id},
        follow=True,
    )

    assert (refused.status_code, late.status_code, done.status_code) == (400, 409, 200)
    assert "Done: Accept." in done.content.decode()
    assert [*chinese(refused), *chinese(late), *chinese(done)] == []


def test_the_administration_is_english(world: World) -> None:
    case_in(world, State.HANDLING)
    for who in ("system_admin", "security_admin", "audit_admin"):
        pages = list(administration(english(world.holder(who))))
        assert len(pages) > 5
        assert [text for page in pages for text in chinese(page)] == []


def administration(client: Client) -> Iterator[Any]:
    """The front page, and of each model that it leads to: the list, the form, the newest row."""
    front = client.get("/admin/")
    yield front
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if f'href="{reverse(f"{base}_changelist")}"' not in front.content.decode():
            continue
        listed = client.get(reverse(f"{base}_changelist"))
        yield listed
        if f'href="{reverse(f"{base}_add")}' in listed.content.decode():
            yield client.get(reverse(f"{base}_add"))
        scope.open_history()
        newest = model._default_manager.order_by("pk").values_list("pk", flat=True).last()
        if newest is not None:
            yield client.get(reverse(f"{base}_change", args=[newest]))


def test_the_timeline_and_the_inbox_have_words_for_everything() -> None:
    labels = {**ACTION_LABELS, **outbox.SENTENCES}
    with translation.override("en"):
        assert [code for code, label in labels.items() if CHINESE.search(str(label))] == []


def test_a_message_reads_well(world: World) -> None:
    params = {"number": "20260001", "item": str(case_in(world).item_id), "state": "dispatched"}
    due = {"due": MONDAY.isoformat(), "level": "street"}
    with translation.override("en"):
        assert outbox.sentence("case.turn", params) == (
            "Your turn: Item 0101 (20260001), status 'To sign for'."
        )
        assert outbox.sentence("case.escalated", {**params, **due}) == (
            "Overdue and escalated to the Street: Item 0101 (20260001),"
            " status 'To sign for', was due 03-02 09:00."
        )


def test_problems_of_the_api_are_english(world: World) -> None:
    clerk, case = Program(world.clerk, language="en"), case_in(world, State.HANDLING)
    accept, key = f"/cases/{case.number}/accept/", {"Idempotency-Key": str(KEY)}
    report = {"item": case.item_id, "description": "Rubbish", "place": "No. 3"}
    assert clerk.post("/cases/", report, **key).status_code == 201

    answers = {
        401: [Client().get("/api/v1/cases/", headers={"Accept-Language": "en"})],
        403: [Program(world.audit_admin, language="en").get("/cases/")],
        404: [clerk.get("/cases/0/"), clerk.get("/nowhere/")],
        400: [
            clerk.get("/cases/?since=2026-01-01T00:00:00%2B22:28"),
            clerk.post("/cases/", report),
            clerk.post("/cases/", {}, **key),
        ],
        409: [
            clerk.post("/cases/", {**report, "place": "No. 4"}, **key),
            clerk.post(accept, {"version": 0}),
            clerk.post(accept, {"version": case.version}),
        ],
    }

    for status, found in answers.items():
        assert {answer.status_code for answer in found} == {status}
        assert [text for answer in found for text in CHINESE.findall(answer.content.decode())] == []
    assert answers[401][0].json()["detail"] == "Log in first, or send a token."
    assert answers[409][-1].json()["detail"] == (
        "'Accept' is not possible for a case with status 'Handling'."
        " Possible now: Send back, Finish."
    )
