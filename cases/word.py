"""Word templates: taken in only as plain documents whose tags name known fields.

A template may say {{ field }} and {% if field %} … {% endif %}; it calls nothing and looks into
nothing, and is filled in a sandbox.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _t
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 20 * 1024 * 1024
PARTS = re.compile(r"[\w./ \[\]-]+\.(xml|rels|png|jpe?g|gif|emf|wmf|odttf)", re.ASCII)
ACTIVE = re.compile(r"vba|activex|embeddings|macro", re.IGNORECASE)
RENDERED = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TAG = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}|\{#.*?#\}")
BROKEN = re.compile(r"(\{\{|\{%|\}\}|%\}).{0,30}")
# docxtpl's own marks before `if`: the tag takes its paragraph, row, cell or run with it
CONDITION = re.compile(r"(?:p|tr|tc|r)?\s*(if|elif|else|endif)\b(.*)")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
HARMLESS = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If),
    *(nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand),
)


class BadTemplate(Exception):
    """It cannot be taken; the text says why, and names the field or the tag."""


class FieldsOnly(SandboxedEnvironment):
    """The sandbox, and in it nothing but names and conditions: no call, attribute, filter, loop."""

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_harmless(self.parse(source)):
            raise SecurityError("only fields and conditions")
        return super().from_string(source, *args, **kwargs)


def environment() -> FieldsOnly:
    return FieldsOnly(autoescape=True, undefined=StrictUndefined)


def is_harmless(tree: nodes.Template) -> bool:
    return all(isinstance(node, HARMLESS) for node in tree.find_all(nodes.Node))


def render(template: bytes, values: Mapping[str, str]) -> bytes:
    """The template with the values in it, as a Word file."""
    document = DocxTemplate(BytesIO(template))
    # among the control characters are some that docxtpl takes for page breaks and paragraphs
    clean = {name: CONTROLS.sub("", value) for name, value in values.items()}
    document.render(clean, environment(), autoescape=True)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def check(template: bytes, samples: Mapping[str, str]) -> None:
    """Raises BadTemplate unless this is a plain document that the sample values can fill."""
    texts = list(paragraphs(plain_parts(template)))
    check_tags(texts, samples)
    try:
        render(template, samples)
    except TemplateError:
        # each tag alone is good: {% if %} and {% endif %} do not pair, or not as Word nests them
        raise BadTemplate(_t("“{% if … %}”与“{% endif %}”没有成对。")) from None
    except Exception:  # malformed documents raise whatever the parser stumbles over
        raise BadTemplate(_t("不是完好的 Word 文档，请在 Word 中另存为 .docx 再上传。")) from None


def plain_parts(template: bytes) -> dict[str, bytes]:
    """The XML parts of a document without macros, embedded objects or links to other files."""
    if len(template) > MOST_BYTES:
        raise BadTemplate(_t("模板超过 2 MB。"))
    try:
        with zipfile.ZipFile(BytesIO(template)) as package:
            if sum(entry.file_size for entry in package.infolist()) > MOST_UNPACKED:
                raise BadTemplate(_t("模板解压后超过 20 MB。"))
            names = [name for name in package.namelist() if not name.endswith("/")]
            foreign = [n for n in names if not PARTS.fullmatch(n) or ACTIVE.search(n)]
            if foreign:
                raise BadTemplate(
                    _t("模板只能是不含宏和嵌入对象的 .docx；其中有：%(names)s。")
                    % {"names": _t("、").join(name[:60] for name in foreign[:5])}
                )
            parts = {n: package.read(n) for n in names if n.endswith((".xml", ".rels"))}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError):
        raise BadTemplate(_t("不是 Word 文档（.docx）。")) from None
    check_parts(parts)
    return parts


def check_parts(parts: Mapping[str, bytes]) -> None:
    kinds = parts.get("[Content_Types].xml", b"")
    if f"{MIME}.main+xml".encode() not in kinds or b"macroEnabled" in kinds:
        raise BadTemplate(_t("不是 Word 文档（.docx）。"))
    for name, xml in parts.items():
        if b"\x00" in xml or b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
            raise BadTemplate(_t("不是完好的 Word 文档，请在 Word 中另存为 .docx 再上传。"))
        if name.endswith(".rels") and links_outside(xml):
            raise BadTemplate(_t("模板引用了外部文件，请去掉链接的图片或模板。"))


def links_outside(rels: bytes) -> bool:
    """Whether opening the document would fetch something; a link that one clicks does not."""
    return any(
        row.get("TargetMode") == "External" and not row.get("Type", "").endswith("/hyperlink")
        for row in parsed(rels).iter("{*}Relationship")
    )


def parsed(xml: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        raise BadTemplate(_t("不是完好的 Word 文档，请在 Word 中另存为 .docx 再上传。")) from None


def paragraphs(parts: Mapping[str, bytes]) -> Iterator[str]:
    """The text of each paragraph that is filled in, headers and footers too."""
    for name, xml in parts.items():
        if RENDERED.fullmatch(name):
            for paragraph in parsed(xml).iter(f"{WORD}p"):
                yield "".join(run.text or "" for run in paragraph.iter(f"{WORD}t"))


def check_tags(texts: Iterable[str], known: Mapping[str, object]) -> None:
    unknown: dict[str, None] = {}
    for text in texts:
        if broken := BROKEN.search(TAG.sub("", text)):
            raise BadTemplate(_t("标签不完整：“%(tag)s”。") % {"tag": broken[0]})
        for tag in TAG.finditer(text):
            unknown |= dict.fromkeys(sorted(names_in(tag) - known.keys()))
    if unknown:
        raise BadTemplate(_t("该文书没有这些字段：%(names)s。") % {"names": _t("、").join(unknown)})


def names_in(tag: re.Match[str]) -> set[str]:
    """The fields that one tag names. Raises BadTemplate for a tag of another sort."""
    source = "" if tag[1] is None and tag[2] is None else tag[0]
    if tag[2] is not None:
        found = CONDITION.fullmatch(tag[2].strip(" -+"))
        if found is None:
            raise BadTemplate(_t("不允许的标签：“%(tag)s”。") % {"tag": tag[0][:60]})
        asks = found[1] in {"if", "elif"}
        source = f"{{% if {found[2]} %}}{{% endif %}}" if asks else ""
    try:
        tree = environment().parse(source)
    except TemplateSyntaxError:
        raise BadTemplate(_t("标签写法有误：“%(tag)s”。") % {"tag": tag[0][:60]}) from None
    if not is_harmless(tree):
        raise BadTemplate(_t("不允许的标签：“%(tag)s”。") % {"tag": tag[0][:60]})
    return {node.name for node in tree.find_all(nodes.Name)}
