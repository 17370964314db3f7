"""Papers made from Word templates, kept with the case; standard texts of moves."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from docx import Document
from jinja2.exceptions import TemplateError

from cases import papers, texts, word
from cases.errors import NotAllowed
from cases.models import (
    OF_SERVICE,
    Case,
    Finding,
    Paper,
    PaperKind,
    PaperTemplate,
    Photo,
    StandardText,
    State,
)
from governance import clock, reference
from governance.models import AccessRecord, User
from tests.builders import World, create_unit, create_user, create_world, moment, shift_clock
from tests.case_builders import MONDAY, create_case, move
from tests.clients import browser

KIND = PaperKind.DISPOSAL_SHEET


@pytest.fixture
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


@pytest.fixture
def case(world: World, monday: None) -> Case:
    return create_case(
        world, state=State.HANDLING, reporter_name="张三丰", reporter_phone="13812345678"
    )


def order(case: Case, by: User) -> Finding:
    """An inspection found something, and its removal was ordered."""
    move(case, "find", by=by)
    move(case, "order", by=by)
    return case.findings.get()


def docx(*lines: str) -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def words(data: bytes) -> str:
    """All that a Word file says: paragraphs, then cells."""
    document = Document(BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def kept(paper: Paper) -> bytes:
    return Path(paper.file.path).read_bytes()


def make(case: Case, kind: str, by: User, finding: Finding | None = None) -> Paper:
    return papers.make(case, kind, by=by, now=MONDAY, finding=finding)


# Making -----------------------------------------------------------------------------------------


def test_a_disposal_sheet_says_what_the_case_is_and_nobodys_name(world: World, case: Case) -> None:
    paper = make(case, KIND, world.handler)

    said = words(kept(paper))
    assert paper.number == f"{world.sanitation.name}处置〔2026〕1号"
    for text in (paper.number, case.number, "处置单", "暴露垃圾", "楼前有一堆垃圾", "2026年3月2日"):
        assert text in said
    assert "{" not in said
    assert "张三丰" not in said
    assert not AccessRecord.objects.exists()
    assert paper.sha256 == hashlib.sha256(kept(paper)).hexdigest()
    assert Path(paper.file.path).stat().st_mode & 0o777 == 0o600
    line = case.transitions.order_by("-pk")[0]
    assert (line.action, line.from_state, line.to_state) == ("paper", "handling", "handling")
    assert line.details == {"paper": paper.number, "paper_kind": "disposal_sheet"}


PLAIN = [kind for kind in PaperKind if kind not in {*OF_SERVICE, PaperKind.RECTIFICATION_ORDER}]


@pytest.mark.parametrize("kind", PLAIN)
def test_every_kind_comes_with_a_layout(world: World, case: Case, kind: str) -> None:
    if kind == PaperKind.COMPLETION_NOTE:
        case = move(case, "finish", by=world.handler)

    paper = make(case, kind, world.clerk)

    said = words(kept(paper))
    assert str(PaperKind(kind).label) in said
    assert f"{world.community.name}" in paper.number
    assert "{" not in said
    if kind in papers.PERSONAL:
        assert "张三丰" in said
        (look,) = AccessRecord.objects.all()
        assert (look.model, look.reason) == ("cases.Reporter", paper.number)


def test_where_nobody_is_named_there_is_a_line_to_write_on(world: World, monday: None) -> None:
    case = create_case(world, state=State.ACCEPTED)

    paper = make(case, PaperKind.ACCEPTANCE_NOTICE, world.clerk)

    assert "______：" in words(kept(paper))
    page = browser(world.clerk).get(f"/cases/{case.number}/papers/{paper.pk}/").content.decode()
    assert "______：" in page
    assert AccessRecord.objects.filter(model="cases.Reporter").count() == 0


def test_an_order_bears_the_number_it_was_given(world: World, case: Case) -> None:
    finding = order(case, world.handler)

    paper = make(case, PaperKind.RECTIFICATION_ORDER, world.handler, finding)

    said = words(kept(paper))
    assert paper.number == finding.order_number
    for text in ("某某商店", "堵塞消防通道", "消防法第二十八条", "2026年3月9日前整改"):
        assert text in said
    (look,) = AccessRecord.objects.all()
    assert (look.model, look.columns, look.reason) == ("cases.Party", ["name"], paper.number)
    with pytest.raises(NotAllowed, match="已制作"):
        make(case, PaperKind.RECTIFICATION_ORDER, world.handler, finding)


def test_an_order_needs_a_finding_of_this_case_that_was_ordered(world: World, case: Case) -> None:
    move(case, "find", by=world.handler)
    other = create_case(world)

    for about in (None, case.findings.get()):
        with pytest.raises(NotAllowed, match="请先责令整改"):
            make(case, PaperKind.RECTIFICATION_ORDER, world.handler, about)
    with pytest.raises(NotAllowed, match="不符"):
        make(other, PaperKind.MEDIATION_AGREEMENT, world.clerk, case.findings.get())
    with pytest.raises(NotAllowed, match="不能为该事件制作文书"):
        make(case, KIND, world.police_handler)
    assert not Paper.objects.exists()


def test_numbers_run_by_kind_unit_and_year(world: World, case: Case) -> None:
    made = [
        make(case, KIND, world.handler),
        make(case, KIND, world.clerk),
        make(case, PaperKind.ACCEPTANCE_NOTICE, world.clerk),
        make(case, KIND, world.clerk),
        papers.make(case, KIND, by=world.clerk, now=MONDAY.replace(year=2027)),
    ]

    numbers = [paper.number.partition("〔")[2] for paper in made]
    assert numbers == ["2026〕1号", "2026〕1号", "2026〕1号", "2026〕2号", "2027〕1号"]
    assert len({paper.number for paper in made}) == 5


def test_a_paper_has_to_wait_for_what_it_says(world: World, monday: None) -> None:
    case = create_case(world, state=State.REPORTED)
    early = {PaperKind.ACCEPTANCE_NOTICE, PaperKind.COMPLETION_NOTE}

    assert not early & set(papers.kinds_for(world.clerk, case))
    for kind, why in zip(sorted(early), ("尚未受理", "尚无办理结果"), strict=True):
        with pytest.raises(NotAllowed, match=why):
            make(case, kind, world.clerk)
    assert not Paper.objects.exists()

    case = move(case, "accept", by=world.clerk)
    assert early & set(papers.kinds_for(world.clerk, case)) == {PaperKind.ACCEPTANCE_NOTICE}


def test_units_of_one_name_share_their_numbers(world: World, case: Case) -> None:
    other = create_unit(kind="department", name=world.police.name, parent=world.street)
    clerk = create_user(role="handler", unit=other)
    elsewhere = create_case(world)
    for row, unit in ((case, world.police), (elsewhere, other)):
        Case.objects.filter(pk=row.pk).update(department=unit)

    made = [make(case, KIND, world.police_handler), make(elsewhere, KIND, clerk)]

    assert [paper.number[-2:] for paper in made] == ["1号", "2号"]


def test_two_papers_at_once_get_two_numbers(committed_db: object) -> None:
    reference.forget()
    world = create_world()
    cases = [create_case(world), create_case(world)]

    def made(case: Case) -> str:
        try:
            return make(case, KIND, world.clerk).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(made, cases * 2))

    assert sorted(number[-2:] for number in numbers) == ["1号", "2号", "3号", "4号"]


def test_a_paper_that_fails_leaves_neither_file_nor_number(
    world: World, case: Case, settings: Any
) -> None:
    folder = Path(settings.MEDIA_ROOT) / "papers"
    before = set(folder.rglob("*.docx"))
    # a template that was kept by another way than the admin's form
    keep_template(docx("{{ ''.__class__.__mro__ }}"))

    with pytest.raises(TemplateError):
        make(case, KIND, world.clerk)

    assert set(folder.rglob("*.docx")) == before
    assert not Paper.objects.exists()


def test_what_somebody_wrote_is_text_and_no_markup(world: World, monday: None) -> None:
    case = create_case(world, description="<w:p>&{{ number }}\a第一行\n第二行")

    said = words(kept(make(case, KIND, world.clerk)))

    assert "<w:p>&{{ number }}第一行\n第二行" in said


# Templates --------------------------------------------------------------------------------------


def keep_template(data: bytes, *, since: date = MONDAY.date(), **fields: Any) -> PaperTemplate:
    template = PaperTemplate(kind=KIND, name="本所模板", valid_from=since, **fields)
    template.file.save("x.docx", ContentFile(data))
    return template


def test_the_newest_template_in_force_is_used(world: World, case: Case) -> None:
    keep_template(docx("旧：{{ number }}"), since=date(2026, 1, 1))
    keep_template(docx("新：{{ number }}{% if result %}结果{% endif %}"), since=date(2026, 3, 1))
    keep_template(docx("将来"), since=date(2026, 4, 1))
    keep_template(docx("停用"), since=date(2026, 3, 2), is_active=False)

    paper = make(case, KIND, world.clerk)

    assert words(kept(paper)) == f"新：{paper.number}"


def test_the_shipped_templates_pass_the_check_of_the_offices_own(tmp_path: Path) -> None:
    call_command("build_papers", folder=tmp_path, stdout=StringIO())

    for kind in PaperKind:
        shipped = (papers.FOLDER / f"{kind.value}.docx").read_bytes()
        word.check(shipped, papers.samples(kind))
        assert words((tmp_path / f"{kind.value}.docx").read_bytes()) == words(shipped)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ numbr }}和{{ placee }}", "该文书没有这些字段：numbr、placee。"),
        ("{% if closd %}x{% endif %}", "该文书没有这些字段：closd。"),
        ("{{ reporter_name }}", "该文书没有这些字段：reporter_name。"),
        ("编号 {{ number }", "标签不完整：“{{ number }”。"),
        ("编号 number }}", "标签不完整：“}}”。"),
        ("{{ number item }}", "标签写法有误：“{{ number item }}”。"),
        ("{% if number %}没有结束", "没有成对"),
        ("{{ ''.__class__ }}", "不允许的标签：“{{ ''.__class__ }}”。"),
        ("{{ number.__class__.__mro__ }}", "不允许的标签"),
        ("{{ number['x'] }}", "不允许的标签"),
        ("{{ number|center(999999999) }}", "不允许的标签"),
        ("{{ 'a' * 999999999 }}", "不允许的标签"),
        ("{{ cycler('a') }}", "不允许的标签"),
        ("{% for x in number %}{% endfor %}", "不允许的标签"),
        ("{% include '/etc/passwd' %}", "不允许的标签"),
        ("{{r number }}", "标签写法有误"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(text: str, said: str) -> None:
    with pytest.raises(word.BadTemplate) as refused:
        word.check(docx("{{ title }}", text), papers.samples(KIND))

    assert said in str(refused.value)


def changed(**parts: bytes) -> bytes:
    """A good document with some of its parts replaced or added."""
    made = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(docx("{{ number }}"))) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.pop(name, old.read(name)))
        for name, data in parts.items():
            new.writestr(name, data)
    return made.getvalue()


RELS = b"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://x/attachedTemplate" Target="http://x/" TargetMode="External"/>
</Relationships>"""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (lambda: b"no document", "不是 Word 文档"),
        (lambda: changed(**{"[Content_Types].xml": b"<Types/>"}), "不是 Word 文档"),
        (lambda: changed(**{"word/vbaProject.bin": b"x"}), "word/vbaProject.bin"),
        (lambda: changed(**{"word/embeddings/sheet.xml": b"<x/>"}), "word/embeddings/sheet.xml"),
        (lambda: changed(**{"word/_rels/settings.xml.rels": RELS}), "外部文件"),
        (lambda: changed(**{"word/x.xml": b"<!DOCTYPE x><x/>"}), "不是完好的 Word 文档"),
        (lambda: changed(**{"word/document.xml": b"<w:document"}), "不是完好的 Word 文档"),
        (lambda: changed(**{"word/_rels/document.xml.rels": b"<x/>"}), "不是完好的 Word 文档"),
        (lambda: changed(**{"word/x.xml": b" " * word.MOST_UNPACKED}), "20 MB"),
        (lambda: b" " * (word.MOST_BYTES + 1), "2 MB"),
    ],
)
def test_only_a_plain_document_is_taken(data: Callable[[], bytes], said: str) -> None:
    with pytest.raises(word.BadTemplate) as refused:
        word.check(data(), papers.samples(KIND))

    assert said in str(refused.value)


def test_the_office_uploads_its_template_in_the_admin(world: World, monday: None) -> None:
    client, path = browser(world.system_admin), "/admin/cases/papertemplate/add/"
    sent = {"kind": KIND, "name": "本所", "valid_from": "2026-03-01", "is_active": "on"}

    page = client.get(path).content.decode()
    answers = [
        client.post(path, {**sent, "file": SimpleUploadedFile("a.docx", docx(text))})
        for text in ("{{ numbr }}", "{{ number }}")
    ]

    assert "<code>{{ closed_on }}</code>" in page
    assert "该文书没有这些字段：numbr。" in answers[0].content.decode()
    assert answers[1].status_code == 302
    row = PaperTemplate.objects.get()
    assert str(row.file.name).startswith("paper_templates/")
    change = f"/admin/cases/papertemplate/{row.pk}/change/"
    assert client.get(change).status_code == 200
    assert client.post(change, {**sent, "name": "本单位"}).status_code == 302
    got = client.get(f"/papers/templates/{KIND.value}/")
    assert words(b"".join(got.streaming_content)) == "{{ number }}"  # type: ignore[attr-defined]
    assert client.get("/papers/templates/poem/").status_code == 404
    assert browser(world.clerk).get(f"/papers/templates/{KIND.value}/").status_code == 403


# On the page of the case ------------------------------------------------------------------------


def test_a_clerk_makes_a_paper_reads_and_downloads_it(world: World, case: Case) -> None:
    client, url = browser(world.clerk), f"/cases/{case.number}/"
    assert 'data-opens="make-paper"' in client.get(url).content.decode()

    answer = client.post(f"{url}papers/", {"paper": "mandate"}, follow=True)

    paper = Paper.objects.get()
    page = answer.content.decode()
    assert answer.redirect_chain == [(f"{url}papers/{paper.pk}/", 302)]
    for text in (paper.number, "<h2>委托书</h2>", "张三丰", "13812345678", case.number):
        assert text in page
    file = client.get(f"{url}papers/{paper.pk}/file/")
    assert file.headers["Content-Type"] == word.MIME
    assert file.headers["Content-Disposition"].startswith(
        "attachment; filename=\"paper.docx\"; filename*=UTF-8''%E5"
    )
    assert b"".join(file.streaming_content) == kept(paper)  # type: ignore[attr-defined]
    looks = AccessRecord.objects.order_by("pk").values_list("model", flat=True)
    assert list(looks) == ["cases.Reporter", "cases.Paper", "cases.Paper"]
    html = client.get(url).content.decode()
    assert f'href="{url}papers/{paper.pk}/"' in html
    assert "<strong>制作文书</strong>" in html


def test_nginx_sends_the_file_where_it_stands_in_front(
    world: World, case: Case, settings: Any
) -> None:
    settings.ACCEL_REDIRECT_PREFIX = "/private/"
    paper = make(case, KIND, world.clerk)

    answer = browser(world.clerk).get(f"/cases/{case.number}/papers/{paper.pk}/file/")

    assert answer.headers["X-Accel-Redirect"] == f"/private/{paper.file.name}"
    assert answer.content == b""


def test_a_paper_is_for_those_who_see_the_case(world: World, case: Case) -> None:
    plain = make(case, KIND, world.clerk)
    named = make(case, PaperKind.MANDATE, world.clerk)
    other = create_case(world)
    url = f"/cases/{case.number}/papers/"

    def status(user: User, paper: Paper, tail: str = "") -> int:
        answer = browser(user).get(f"{url}{paper.pk}/{tail}")
        list(answer)  # a file is closed when it was read to its end
        return answer.status_code

    for tail in ("", "file/"):
        assert status(world.outsider, plain, tail) == 404
        assert status(world.police_handler, plain, tail) == 404
        assert status(world.leader, plain, tail) == 200
        assert status(world.leader, named, tail) == 403
        assert status(world.grid_worker, named, tail) == 200
    other_url = f"/cases/{other.number}/papers/{plain.pk}/"
    assert browser(world.clerk).get(other_url).status_code == 404
    page = browser(world.leader).get(f"/cases/{case.number}/").content.decode()
    assert named.number in page
    assert f"{url}{named.pk}/" not in page
    assert f"{url}{plain.pk}/" in page


def test_who_may_make_one(world: World, case: Case) -> None:
    url, sent = f"/cases/{case.number}/papers/", {"paper": "disposal_sheet"}

    answers = {
        user: browser(user).post(url, sent).status_code
        for user in (world.outsider, world.grid_worker, world.leader, world.handler)
    }

    assert list(answers.values()) == [404, 403, 403, 302]
    # who once reported a case sees it, and is no clerk of it
    reported = create_case(world, by=world.outsider)
    url = f"/cases/{reported.number}/papers/"
    assert browser(world.outsider).post(url, sent).status_code == 403
    for wrong in ("poem", "mandate:x", ""):
        assert browser(world.clerk).post(url, {"paper": wrong}).status_code == 404
    page = browser(world.clerk).post(url, {"paper": "rectification_order"}, follow=True)
    assert "请先责令整改" in page.content.decode()


def test_findings_are_offered_with_their_papers(world: World, case: Case) -> None:
    finding = order(case, world.handler)

    page = browser(world.handler).get(f"/cases/{case.number}/").content.decode()

    assert f'value="rectification_order:{finding.pk}"' in page
    assert f"责令整改通知书：{finding.order_number}" in page
    sent = {"paper": f"rectification_order:{finding.pk}"}
    url = f"/cases/{case.number}/papers/"
    html = browser(world.handler).post(url, sent, follow=True).content.decode()
    assert "某某商店：" in html
    assert Paper.objects.get().finding == finding


def test_a_paper_stays_as_it_was_and_is_chinese(world: World, case: Case) -> None:
    client = browser(world.clerk)
    client.cookies["django_language"] = "en"
    client.post(f"/cases/{case.number}/papers/", {"paper": KIND.value})
    paper = Paper.objects.get()
    move(case, "correct", by=world.clerk, place="别处")

    page = client.get(f"/cases/{case.number}/papers/{paper.pk}/").content.decode()

    assert "暴露垃圾" in words(kept(paper))
    assert "事件编号" in page
    assert "军丽园3号楼" in page
    assert "别处" not in page


def test_of_an_erased_person_nothing_is_printed(world: World, case: Case) -> None:
    paper = make(case, PaperKind.MANDATE, world.clerk)
    paper.data_key.destroyed_at = clock.now()
    paper.data_key.save()

    page = browser(world.clerk).get(f"/cases/{case.number}/papers/{paper.pk}/").content.decode()

    assert paper.number in page
    assert "张三丰" not in page


# Standard texts ---------------------------------------------------------------------------------


def create_text(text: str, *, action: str = "refuse", **fields: Any) -> StandardText:
    return StandardText.objects.create(**{"name": "套话", "action": action, "text": text, **fields})


def test_a_standard_text_is_seen_filled_before_it_goes(world: World, monday: None) -> None:
    case = create_case(world)
    create_text("您反映的“{item}”（{number}）在{place}，{due}前答复。<b>", name="通用")
    create_text("本事项专用", name="专用", item=case.item, order=9)
    create_text("停用的", name="停用", is_active=False)
    create_text("别的动作", action="accept")

    page = browser(world.clerk).get(f"/cases/{case.number}/refuse/").content.decode()

    filled = f"您反映的“暴露垃圾”（{case.number}）在军丽园3号楼，2026年3月5日前答复。&lt;b&gt;"
    assert f'data-text="{filled}"' in page
    assert 'data-fills="id_refuse_note"' in page
    assert page.index("专用") < page.index("通用")
    assert "停用的" not in page
    assert "别的动作" not in page


def test_another_text_of_the_name_from_a_day_on(world: World, monday: None) -> None:
    case = create_case(world)
    create_text("旧文")
    create_text("新文", valid_from=date(2026, 3, 3), valid_to=date(2026, 3, 5))

    found = []
    for day in (2, 3, 5):
        shift_clock(to=moment(f"2026-03-0{day} 09:00"))
        found.append(texts.offered(case, "refuse"))

    assert found == [[("套话", "旧文")], [("套话", "新文")], []]


def test_what_is_not_known_is_left_to_fill_in(world: World, monday: None) -> None:
    case = create_case(world)
    create_text("{department}")

    assert texts.offered(case, "refuse") == [("套话", "______")]
    assert texts.offered(case, "accept") == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{number}、{place}", []),
        ("{nmber}和{x}", ["{nmber}", "{x}"]),
        ("{number.__class__}", ["{number.__class__}"]),
        ("{number", ["{number"]),
        ("number}", ["}"]),
    ],
)
def test_faults_of_a_text(text: str, wrong: list[str]) -> None:
    assert texts.faults(text) == wrong


def test_the_office_keeps_texts_in_the_admin(world: World, monday: None) -> None:
    client, path = browser(world.system_admin), "/admin/cases/standardtext/add/"
    sent = {"action": "answer", "name": "办结", "order": "0", "is_active": "on"}

    page = client.get(path).content.decode()
    refused = client.post(path, {**sent, "text": "{nmber}已办结"})
    kept_ = client.post(path, {**sent, "text": "{number}已办结"})

    assert "{number} 事件编号" in page
    assert "没有这些字段：{nmber}。" in refused.content.decode()
    assert kept_.status_code == 302
    assert "回告" in client.get("/admin/cases/standardtext/").content.decode()
    again = client.post(path, {**sent, "text": "又一次"})
    assert "已有同名的标准文本。" in again.content.decode()
    assert client.get("/admin/cases/papertemplate/").status_code == 200
    assert not Photo.objects.exists()
