"""The pages in a real browser: what people do on them, and that every page is clean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect, sync_playwright

from tests.areas import place
from tests.browser import (
    ARGUMENTS,
    CHROMIUM,
    DESK,
    INSTALL,
    PHONE,
    Watched,
    context_for,
    watch,
)
from tests.case_builders import picture
from tests.engines import HOME, worker_number
from tests.routes import admin_pages, pages
from tests.stack import WEB, Stack
from tests.test_journeys import report
from tests.visitor import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason=INSTALL),
    pytest.mark.xdist_group("browser"),
]

LON, LAT = place(0.5, 0.5)
SMALL = {"viewport": PHONE, "is_mobile": True, "has_touch": True}
# A receiver whose fixes come when the test says so.
RECEIVER = """
var fix = () => {};
navigator.geolocation.watchPosition = (found) => {
  fix = (accuracy) => found({coords: {longitude: 117.3, latitude: 39.1, accuracy}});
};
navigator.geolocation.clearWatch = () => { fix = () => {}; };
"""
# What the longest word leaves of its sixth of the bar.
ROOM = """
Math.min(...[...document.querySelectorAll(".bar a")].map((link) => {
  const words = document.createRange();
  words.selectNode([...link.childNodes].find((node) => node.nodeType === 3));
  return link.getBoundingClientRect().width - words.getBoundingClientRect().width;
}))
"""
TWO_TAPS = """
var button = document.querySelector("main .btn-primary");
button.click(); button.click(); button.textContent
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=15_000)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, website: Stack, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open a page as somebody; afterwards nothing may have gone wrong on any of them."""
    watched: list[Watched] = []

    def open_page(path: str, username: str = "", **options: object) -> Page:
        context = context_for(browser, website.visitor(username), **options)
        watched.append(watch(context))
        watched[-1].page.goto(path)
        return watched[-1].page

    yield open_page
    for n, one in enumerate(watched):
        if request.node.failed:
            (HOME / "screenshots").mkdir(exist_ok=True)
            one.page.screenshot(path=HOME / "screenshots" / f"{request.node.name} {n}.png")
        one.page.context.close()
    assert [one.complaints for one in watched] == [[]] * len(watched)


# What people do ------------------------------------------------------------------------------


def test_logging_in(opened: Open) -> None:
    page = opened("/")
    expect(page).to_have_title(re.compile("登录"))

    page.get_by_label("用户名").fill("clerk")
    page.get_by_label("密码").fill("Wangge-2026")
    page.get_by_role("button", name="登录").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("事件列表")


def test_chinese_until_somebody_chooses_english(opened: Open) -> None:
    page = opened("/", "clerk")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")

    page.locator(".side-foot summary").click()
    page.get_by_role("button", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text(re.compile("[一-龥]"))


def test_dispatching_by_reasons(opened: Open, website: Stack) -> None:
    number, _code = report(website.visitor(), "路灯不亮了")
    website.visitor("clerk").act(number, "accept")
    page = opened(f"/cases/{number}/", "dispatcher")

    page.get_by_role("button", name="派遣").click()
    dialog = page.get_by_role("dialog", name="派遣")
    expect(dialog.get_by_text("清单主责部门")).to_be_visible()
    dialog.get_by_role("radio", name="派出所").check()
    dialog.get_by_role("button", name="派遣").click()

    expect(page.locator(".page-head .state")).to_have_text("待签收")
    expect(page.get_by_role("status")).to_contain_text("已完成：派遣")


def test_what_is_left_counts_by_the_servers_time(opened: Open, website: Stack) -> None:
    """The database is at another day than this computer."""
    number, _code = report(website.visitor(), "路灯闪")
    page = opened(f"/cases/{number}/", "clerk")

    left = page.locator("time[data-due]").first
    expect(left).to_have_text(re.compile(r"^剩 ([12] 小时|\d+ 分)"))


def test_a_standard_text_is_read_and_changed_before_it_goes(opened: Open, website: Stack) -> None:
    number, _code = report(website.visitor(), "路灯又灭了")
    website.sql(
        'INSERT INTO cases_standardtext (action, name, text, "order", is_active)'
        " VALUES ('refuse', '甲', '甲文 {number}', 0, true), ('refuse', '乙', '乙文', 1, true)"
    )
    page = opened(f"/cases/{number}/", "clerk")

    page.get_by_role("button", name="不予受理").click()
    dialog = page.get_by_role("dialog", name="不予受理")
    note = dialog.get_by_label("不予受理的理由")
    chosen = dialog.get_by_label("套用文本")
    note.fill("先写的话")
    chosen.select_option(label="甲")
    expect(note).to_have_value(f"先写的话\n甲文 {number}")
    chosen.select_option(label="乙")
    expect(note).to_have_value("先写的话\n乙文")
    note.press_sequentially("，改过")
    dialog.get_by_role("button", name="不予受理").click()

    expect(page.locator(".page-head .state")).to_have_text("不予受理")
    expect(page.locator(".timeline")).to_contain_text("改过")


def test_a_paper_is_made_and_stands_on_its_page(
    opened: Open, website: Stack, auditor: Auditor
) -> None:
    number, _code = report(website.visitor(), "路灯还是不亮")
    website.visitor("clerk").act(number, "accept")
    page = opened(f"/cases/{number}/", "clerk")

    page.get_by_role("button", name="制作文书").click()
    dialog = page.get_by_role("dialog", name="制作文书")
    dialog.get_by_label("文书种类").select_option(label="受理告知书")
    dialog.get_by_role("button", name="制作", exact=True).click()

    expect(page.locator(".paper h2")).to_have_text("受理告知书")
    expect(page.locator(".paper-number")).to_contain_text("受告〔")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Word").click()
    assert download.value.suggested_filename.endswith("号.docx")
    for path in (page.url.removeprefix(website.url), f"/cases/{number}/"):
        audit(auditor(website, "clerk", None), path)


def test_a_called_department_signs_in_on_the_spot(opened: Open, website: Stack) -> None:
    number, _code = report(website.visitor(), "占道经营")
    clerk = website.visitor("clerk")
    clerk.act(number, "accept")
    police = website.one("SELECT id FROM governance_unit WHERE name = '派出所'")
    clerk.act(number, "whistle", note="联合处置", departments=str(police))
    here = {"latitude": 39.05, "longitude": 117.4}
    page = opened(
        f"/m/cases/{number}/", "police_handler", **SMALL, geolocation=here,
        permissions=["geolocation"],
    )  # fmt: skip

    page.get_by_role("button", name="到场签到").click()
    dialog = page.get_by_role("dialog", name="到场签到")
    expect(dialog).to_contain_text("已取得位置")
    dialog.get_by_role("button", name="到场签到").click()

    expect(page.get_by_text("已完成：到场签到。")).to_be_visible()
    query = "SELECT arrived_lat FROM cases_task WHERE department_id = %s ORDER BY id DESC"
    assert website.one(query, police) == 39.05


def test_a_move_that_was_refused_says_why(opened: Open, website: Stack) -> None:
    number, _code = report(website.visitor(), "路灯又不亮了")
    page = opened(f"/cases/{number}/", "clerk")
    website.visitor("clerk").act(number, "accept")

    page.get_by_role("button", name="受理", exact=True).first.click()

    # the page comes anew, and says whose move was first
    expect(page.get_by_role("status")).to_contain_text("已被社区专干更新")
    expect(page.locator(".page-head .state")).not_to_have_text("待受理")


def test_a_new_case_with_a_place_on_the_map(opened: Open, website: Stack) -> None:
    page = opened("/cases/new/", "clerk")

    page.get_by_role("searchbox", name="事项").fill("垃圾")
    page.get_by_role("button", name="暴露垃圾").click()
    page.get_by_label("情况描述").fill("楼道里堆了垃圾")
    page.locator(".map").click(position={"x": 60, "y": 60})
    expect(page.get_by_text("已选位置")).to_be_visible()
    page.get_by_role("button", name="登记").click()

    expect(page.get_by_role("status")).to_contain_text("已登记，编号")
    expect(page.get_by_role("heading", level=1)).to_have_text("暴露垃圾")
    number = page.url.rstrip("/").rpartition("/")[2]
    assert website.one("SELECT lon IS NOT NULL FROM cases_case WHERE number = %s", number)


def end_session(page: Page, website: Stack) -> None:
    (key,) = [one["value"] for one in page.context.cookies() if one["name"] == "sessionid"]
    website.sql("DELETE FROM django_session WHERE session_key = %s", key)


def log_in(page: Page, username: str) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill("Wangge-2026")
    page.get_by_role("button", name="登录").click()


ASKED = re.compile(r"/cases/(facilities|suggest|similar)/$")


def test_what_was_typed_comes_back_after_the_log_in(opened: Open, website: Stack) -> None:
    page = opened("/cases/new/", "clerk")
    # what the page asks by itself would be the first to meet the log-in, now and then
    page.route(ASKED, lambda route: route.fulfill(status=204))
    send = page.get_by_role("button", name="登记")
    told = page.get_by_text("已填回刚才没有提交的内容")
    description = page.get_by_label("情况描述")
    page.get_by_role("searchbox", name="事项").fill("垃圾")
    page.get_by_role("button", name="暴露垃圾").click()
    description.fill("楼道里堆了垃圾，三天了")
    page.get_by_label("反映人姓名").fill("老李")
    page.locator(".map").click(position={"x": 60, "y": 60})
    expect(page.get_by_text("已选位置")).to_be_visible()

    end_session(page, website)
    send.click()
    expect(page.get_by_text("刚才填写的内容没有提交")).to_be_visible()
    log_in(page, "clerk")

    expect(told).to_be_visible()
    expect(description).to_have_value("楼道里堆了垃圾，三天了")
    expect(page.get_by_label("反映人姓名")).to_have_value("老李")
    expect(page.locator(".picked")).to_have_text("暴露垃圾")
    expect(page.locator(".map-pin")).to_be_visible()

    # somebody else at this computer sees nothing of it, and nor do they themselves afterwards
    end_session(page, website)
    send.click()
    expect(page.get_by_text("刚才填写的内容没有提交")).to_be_visible()
    log_in(page, "dispatcher")
    expect(page.locator(".side-foot")).to_be_visible()
    page.goto("/cases/new/")
    expect(told).to_have_count(0)
    expect(description).to_have_value("")


def test_what_was_typed_in_a_dialog_comes_back_in_it(opened: Open, website: Stack) -> None:
    number, _code = report(website.visitor(), "路灯一直不亮")
    page = opened(f"/cases/{number}/", "clerk")
    page.get_by_role("button", name="不予受理").click()
    dialog = page.get_by_role("dialog", name="不予受理")
    dialog.get_by_label("不予受理的理由").fill("不属于本社区")

    end_session(page, website)
    dialog.get_by_role("button", name="不予受理").click()
    log_in(page, "clerk")

    expect(dialog.get_by_text("已填回刚才没有提交的内容")).to_be_visible()
    expect(dialog.get_by_label("不予受理的理由")).to_have_value("不属于本社区")


def test_the_worker_reports_from_where_they_stand(opened: Open, website: Stack) -> None:
    here = {"latitude": LAT, "longitude": LON, "accuracy": 8}
    page = opened("/m/", "grid_worker", **SMALL, geolocation=here, permissions=["geolocation"])

    page.get_by_role("link", name="上报").click()
    expect(page.get_by_text("定位精度 ±8 米")).to_be_visible()
    page.get_by_role("searchbox", name="事项").fill("垃圾")
    page.get_by_role("button", name="暴露垃圾").click()
    page.get_by_label("情况描述").fill("绿地里有垃圾")
    jpeg = picture(width=2000, height=1500).read()
    page.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg}
    )
    expect(page.locator("[data-photo-list] img")).to_be_visible()
    page.get_by_role("button", name="提交上报").click()

    expect(page.get_by_role("status")).to_contain_text("已上报，编号")
    expect(page.locator("main")).to_contain_text("军丽园社区 · 军丽园第一网格")
    assert website.one("SELECT max(width) FROM cases_photo") == 1600


def test_the_worker_verifies_on_the_phone(opened: Open, website: Stack, scene: Scene) -> None:
    page = opened("/m/?tab=all", "grid_worker", **SMALL)

    page.locator(f"[data-row='{scene.finished}'] a").click()
    page.wait_for_url(f"**/m/cases/{scene.finished}/**")  # loaded: else the button is a plain link
    page.get_by_role("button", name="核查通过").click()
    page.get_by_role("dialog").get_by_role("button", name="核查通过").click()

    expect(page.locator(".case-head .state")).to_have_text("待结案")


def test_a_resident_reports_and_follows(opened: Open) -> None:
    page = opened("/report/", **SMALL)

    page.get_by_label("地点").fill("军丽园5号楼")
    page.get_by_label("情况描述").fill("有人乱倒垃圾")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已经收到")
    page.get_by_role("link", name="查看进度").click()

    expect(page.locator("[aria-current=step]")).to_contain_text("已收到")


def test_what_one_does_the_other_sees_without_reloading(opened: Open, website: Stack) -> None:
    number, _code = report(website.visitor(), "花坛边乱倒垃圾")
    page = opened("/?tab=all", "dispatcher")
    row = page.locator(f"[data-row='{number}']")
    expect(row).to_contain_text("待受理")
    requests: list[str] = []
    page.on("framenavigated", lambda frame: requests.append(frame.url))

    website.visitor("clerk").act(number, "accept")

    pill = page.get_by_role("button", name="1 条更新")
    expect(pill).to_be_visible()
    expect(row).to_contain_text("待受理")  # nothing moves under the reader's hand
    pill.click()
    expect(row).to_contain_text("待签收")
    expect(pill).to_be_hidden()
    assert requests == []


# Every page is clean -------------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """Cases of the small world for the pages that show one."""

    accepted: str
    finished: str
    answered: str
    resident: Visitor


@pytest.fixture(scope="module")
def scene(website: Stack) -> Scene:
    clerk, handler, worker = (website.visitor(n) for n in ("clerk", "handler", "grid_worker"))
    resident = website.visitor()
    accepted, finished, answered = (
        report(resident, words)[0] for words in ("路灯坏了", "乱倒垃圾", "又有人乱倒垃圾")
    )
    clerk.act(accepted, "accept")
    for number in (finished, answered):
        clerk.act(number, "accept")
        handler.act(number, "sign")
        handler.act(number, "finish", outcome="solved", note="已清运", photos=picture())
    worker.act(answered, "verify", at="/m/cases/")
    clerk.act(answered, "close")
    clerk.act(answered, "answer", note="垃圾已清走。")
    return Scene(accepted, finished, answered, resident)


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An installation without any data; pages only."""
    folder = tmp_path_factory.mktemp("empty")
    made = Stack(f"empty_{worker_number()}", broker=14, folder=folder, seed="empty")
    made.start(*WEB)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def auditor(browser: Browser) -> Iterator[Callable[[Stack, str, Visitor | None], Watched]]:
    """One page a database and person."""
    known: dict[tuple[str, str], Watched] = {}

    def page_of(website: Stack, username: str, visitor: Visitor | None) -> Watched:
        key = (website.url, username)
        if key not in known:
            context = context_for(browser, visitor or website.visitor(username))
            known[key] = watch(context)
        known[key].complaints.clear()
        return known[key]

    yield page_of
    for one in known.values():
        one.page.context.close()


PAGES = [
    ("", "/login/"),
    ("", "/nowhere/"),
    ("", "/report/"),
    ("", "/report/query/"),
    ("", "/report/privacy/"),
    ("", "/report/suggest/"),
    ("", "/report/suggestions/"),
    ("", "/report/accessibility/"),
    ("clerk", "/"),
    ("clerk", "/?tab=all"),
    ("clerk", "/cases/new/"),
    ("clerk", "/grids/"),
    ("clerk", "/inbox/"),
    ("clerk", "/suggestions/"),
    ("clerk", "/suggestions/new/"),
    ("clerk", "/opinions/"),
    ("clerk", "/m/suggestions/"),
    ("clerk", "/m/suggestions/new/"),
    ("clerk", "/m/opinions/"),
    ("clerk", "/m/inbox/"),
    ("clerk", "/permissions/?"),
    ("clerk", "/password/"),
    ("clerk", "/tokens/"),
    ("clerk", "/m/"),
    ("clerk", "/m/report/"),
    ("system_admin", "/permissions/"),
    ("system_admin", "/admin/"),
]
# Every page that needs no argument; with data each at the size it is made for.
FOUND = [*pages(), *admin_pages(alike=False)]
STATUS = {"/nowhere/": 404, "/permissions/?": 403}
CASE_PAGES = [
    ("resident", "/report/received/{answered}/"),
    ("resident", "/report/progress/{answered}/"),
    ("dispatcher", "/cases/{accepted}/"),
    ("clerk", "/cases/{finished}/"),
    ("grid_worker", "/m/?tab=all"),
    ("grid_worker", "/m/cases/{finished}/"),
]
Auditor = Callable[[Stack, str, Visitor | None], Watched]


@pytest.mark.parametrize(("username", "path"), FOUND)
def test_a_page_is_clean(website: Stack, auditor: Auditor, username: str, path: str) -> None:
    audit(auditor(website, username, None), path, PHONE if path.startswith("/m/") else DESK)


@pytest.mark.parametrize(("username", "path"), CASE_PAGES)
def test_a_page_of_a_case_is_clean(
    website: Stack, scene: Scene, auditor: Auditor, username: str, path: str
) -> None:
    visitor = scene.resident if username == "resident" else None
    audit(auditor(website, username, visitor), path.format_map(vars(scene)))


@pytest.mark.parametrize(("username", "path"), PAGES)
def test_a_page_without_data_is_clean(
    first_day: Stack, auditor: Auditor, username: str, path: str
) -> None:
    audit(auditor(first_day, username, None), path)


def audit(watched: Watched, path: str, *sizes: dict[str, int]) -> None:
    answer = watched.page.goto(path)
    assert answer is not None
    found = [fault for size in sizes or (DESK, PHONE) for fault in watched.audit(size)]
    assert watched.complaints + found == []
    assert answer.status == STATUS.get(path, 200)


# On a phone, with a slow line and a thumb ---------------------------------------------------------


def test_a_sending_that_was_stopped_can_begin_anew(opened: Open) -> None:
    page = opened("/report/", **SMALL)
    page.get_by_label("地点").fill("军丽园6号楼")
    page.get_by_label("情况描述").fill("有人乱倒垃圾")
    sent: list[Route] = []
    page.route("**/report/", lambda route: sent.append(route))  # so slow that nothing comes back
    debugger = page.context.new_cdp_session(page)  # a locator would wait for the answer

    with page.expect_request(lambda request: request.method == "POST"):
        tapped = debugger.send("Runtime.evaluate", {"expression": TWO_TAPS})
    assert "正在发送…" in tapped["result"]["value"]
    debugger.send("Page.stopLoading")
    button = page.get_by_role("button", name="提交")
    expect(button).not_to_have_attribute("aria-busy", "true")
    assert len(sent) == 1
    page.unroute("**/report/")
    button.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("已经收到")


def test_a_place_that_was_tapped_stays_when_a_better_fix_comes(opened: Open) -> None:
    page = opened("/report/", **SMALL)
    debugger = page.context.new_cdp_session(page)
    debugger.send("Runtime.evaluate", {"expression": RECEIVER})
    page.get_by_role("button", name="用我的位置").click()
    debugger.send("Runtime.evaluate", {"expression": "fix(90)"})
    expect(page.get_by_text("定位精度 ±90 米")).to_be_visible()

    page.locator(".map").tap(position={"x": 60, "y": 60})
    expect(page.get_by_text("已选位置")).to_be_visible()
    tapped = page.locator("#id_lon").input_value()
    debugger.send("Runtime.evaluate", {"expression": "fix(8)"})

    expect(page.get_by_text("已选位置")).to_be_visible()
    assert page.locator("#id_lon").input_value() == tapped != "117.300000"


def test_a_refused_form_shows_where_the_fault_is(opened: Open) -> None:
    page = opened("/report/", **SMALL)
    page.get_by_label("地点").fill("军丽园6号楼")
    page.get_by_label("情况描述").fill("有人乱倒垃圾")
    page.get_by_label("联系电话").fill("不告诉")
    page.get_by_role("button", name="提交").click()

    expect(page.get_by_label("联系电话")).to_be_focused()
    expect(page.get_by_text("请填写电话号码")).to_be_in_viewport()


def test_other_words_than_those_of_the_item_ask_for_one(opened: Open) -> None:
    page = opened("/m/report/", "grid_worker", **SMALL)
    item = page.get_by_role("searchbox", name="事项")
    item.fill("垃圾")
    page.get_by_role("button", name="暴露垃圾").click()
    page.get_by_label("情况描述").fill("井盖松了")
    page.get_by_label("地点").fill("军丽园6号楼")

    item.fill("井盖")
    expect(page.locator(".picked")).to_be_hidden()
    page.get_by_role("button", name="提交上报").click()

    expect(page.get_by_text("请选择事项。")).to_be_in_viewport()
    expect(item).to_be_focused()


def test_a_picture_that_cannot_be_taken_is_left_out_at_once(opened: Open) -> None:
    page = opened("/report/", **SMALL)
    chosen: list[FilePayload] = [
        {"name": "a.heic", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic"},
        {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": b""},
        {"name": "c.jpg", "mimeType": "image/jpeg", "buffer": picture().read()},
    ]
    page.locator("input[type=file]").set_input_files(chosen)

    said = page.locator("[data-photo-error]")
    expect(said).to_contain_text("“a.heic”的格式不能接收")
    expect(said).to_contain_text("“b.jpg”是空文件")
    expect(page.locator("[data-photo-list] img")).to_have_count(1)
    expect(page.locator("[data-photo-list] img")).to_have_attribute("alt", "c.jpg")


LISTS = ("people/entities/", "people/visits/", "places/facilities/", "places/")


def test_a_long_name_of_a_grid_breaks_no_list(opened: Open, website: Stack) -> None:
    website.run("-m", "tests.stack_seed", "wide")
    page = opened("/m/", "clerk", **SMALL)

    for path in LISTS:
        page.goto(f"/m/{path}")
        expect(page.get_by_text(re.compile("名字特别长的网格")).last).to_be_attached()
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 700})
            expect(page.locator("html")).to_have_js_property("scrollWidth", width)


def test_the_bar_has_room_for_english_on_the_narrowest_phone(opened: Open) -> None:
    page = opened("/m/", "grid_worker", **{**SMALL, "viewport": {"width": 320, "height": 568}})

    page.locator(".account summary").click()
    page.get_by_role("button", name="English").click()

    expect(page.locator(".bar a").last).to_contain_text("Messages")
    debugger = page.context.new_cdp_session(page)
    room = debugger.send("Runtime.evaluate", {"expression": ROOM})["result"]["value"]
    assert room >= 5


# A case that has seen a lot ----------------------------------------------------------------------


@pytest.mark.parametrize(("prefix", "size"), [("", DESK), ("", PHONE), ("/m", PHONE)])
def test_a_long_case_stays_readable(
    browser: Browser, website: Stack, prefix: str, size: dict[str, int]
) -> None:
    """200 lines, 30 photos, six departments: nothing runs off, and what is old is folded."""
    found = website.sql("SELECT number FROM cases_case WHERE starts_with(description, '长案')")
    if not found:
        website.run("-m", "tests.stack_seed", "long")
        found = website.sql("SELECT number FROM cases_case WHERE starts_with(description, '长案')")
    options = {"viewport": size, **(SMALL if size == PHONE else {})}
    watched = watch(context_for(browser, website.visitor("clerk"), **options))
    page = watched.page
    page.goto(f"{prefix}/cases/{found[0][0]}/")

    assert watched.audit(size) == []
    assert watched.complaints == []
    lines, photos = page.locator(".timeline > li"), page.locator(".photos > li")
    assert (lines.count(), photos.count()) == (200, 30)
    assert (lines.filter(visible=True).count(), photos.filter(visible=True).count()) == (30, 12)
    for name in ("环卫所", "市场监督管理局第三分局", "住房和建设委员会"):
        expect(page.get_by_text(name).first).to_be_visible()
    page.locator("summary", has_text="更早的过程").click()
    page.locator("summary", has_text="全部 30 张照片").click()
    assert (lines.filter(visible=True).count(), photos.filter(visible=True).count()) == (200, 30)
    assert watched.audit(size) == []
    page.context.close()
