"""Draw the Word templates that come with the platform, from cases/data/papers/papers.toml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import override
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from cases import papers, texts
from cases.models import PaperKind
from cases.papers import Layout

TITLE, BODY = "方正小标宋简体", "仿宋_GB2312"  # GB/T 9704; Word falls back where they are missing

# Often unknown: then there is a line to write on.
MAY_LACK = (
    *("reporter_name", "reporter_phone", "party", "department", "terms", "obligations"),
    *("applicant_name", "applicant_phone", "due_by"),
)


class Command(BaseCommand):
    help = "Draw the shipped Word templates of papers anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=papers.FOLDER)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        for kind, layout in papers.layouts().items():
            with override(texts.CHINESE):
                drawn(kind, layout).save(str(folder / f"{kind}.docx"))
            self.stdout.write(f"{kind}.docx")


def drawn(kind: str, layout: Layout) -> Any:
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.top_margin, page.bottom_margin = Cm(3.2), Cm(2.8)
    page.left_margin = page.right_margin = Cm(2.7)
    document.core_properties.title = str(PaperKind(kind).label)
    document.core_properties.author = document.core_properties.comments = ""
    body = document.styles["Normal"]
    font(body, BODY, 14)
    body.paragraph_format.line_spacing = 1.3
    line(document, "{{ title }}", align=WD_ALIGN_PARAGRAPH.CENTER, name=TITLE, size=22)
    line(document, "{{ number }}", align=WD_ALIGN_PARAGRAPH.CENTER)
    facts(document, kind, layout.facts)
    for n, text in enumerate(layout.text.split("\n") if layout.text else []):
        said = line(document, texts.FIELD.sub(tag, text))
        said.paragraph_format.space_before = Pt(0 if n else 12)
        if not text.endswith("：") and "方：" not in text:
            said.paragraph_format.first_line_indent = Pt(28)
    for name in layout.signatures:
        line(document, f"{name}：").paragraph_format.space_before = Pt(14)
    line(
        document, "{{ unit }}（盖章）", align=WD_ALIGN_PARAGRAPH.RIGHT
    ).paragraph_format.space_before = Pt(18)
    line(document, "{{ made_on }}", align=WD_ALIGN_PARAGRAPH.RIGHT)
    return document


def tag(field: re.Match[str]) -> str:
    name = field[1]
    said = f"{{{{ {name} }}}}"
    if name in MAY_LACK:
        return f"{{% if {name} %}}{said}{{% else %}}{texts.BLANK}{{% endif %}}"
    return said


def facts(document: Any, kind: str, names: tuple[str, ...]) -> None:
    """A table of two columns, a row a fact."""
    labels = papers.known(kind)
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    for name in names:
        cells = table.add_row().cells
        for cell, text, width in zip(
            cells, (str(labels[name]), f"{{{{ {name} }}}}"), (3.6, 12.0), strict=True
        ):
            cell.width = Cm(width)
            cell.paragraphs[0].add_run(text)
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)


def line(document: Any, text: str, *, align: Any = None, name: str = "", size: int = 0) -> Any:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(4)
    run = paragraph.add_run(text)
    if name:
        font(run, name, size)
    return paragraph


def font(holder: Any, name: str, size: int) -> None:
    """Chinese letters take the East Asian font, which python-docx does not set by itself."""
    holder.font.name, holder.font.size = name, Pt(size)
    holder.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)
