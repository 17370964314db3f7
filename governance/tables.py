"""Tables that leave the house as files: CSV and Excel, in which nothing is a formula."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from xml.sax.saxutils import escape

CSV, XLSX = "csv", "xlsx"
MIME = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Rows = Iterable[Sequence[str]]

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_SPACE = "http://schemas.openxmlformats.org"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_SPACE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_SPACE}/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_SPACE}/officeDocument/2006/relationships/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SPACE}/spreadsheetml/2006/main"'
    f' xmlns:r="{_SPACE}/officeDocument/2006/relationships"><sheets>'
    '<sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_SPACE}/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_SPACE}/officeDocument/2006/relationships/worksheet"'
    ' Target="worksheets/sheet1.xml"/></Relationships>',
}


def write(form: str, rows: Rows) -> bytes:
    """The rows as a file of this form."""
    return {CSV: as_csv, XLSX: as_xlsx}[form](rows)


def harmless(value: str) -> str:
    """A spreadsheet would work out what begins like a formula; after an apostrophe it is text."""
    return f"'{value}" if value.lstrip(" \u3000").startswith(ACTIVE) else value


def as_csv(rows: Rows) -> bytes:
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([harmless(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")  # or Excel would read it as GBK


def as_xlsx(rows: Rows) -> bytes:
    """Every cell is a text: nothing to work out, and long numbers keep all their digits."""
    lines = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    sheet = (
        f'<worksheet xmlns="{_SPACE}/spreadsheetml/2006/main"><sheetData>{lines}</sheetData>'
        "</worksheet>"
    )
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, xml in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            package.writestr(name, _HEAD + xml)
    return made.getvalue()


def cell(value: str) -> str:
    clean = "".join(letter for letter in harmless(value) if letter >= " " or letter in "\t\n")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(clean)}</t></is></c>'
