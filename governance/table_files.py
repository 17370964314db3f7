"""The rows of an uploaded file, CSV or XLSX, a header and then cells as text.

CSV streams by. A workbook is read by GDAL's driver: in a worker or a command, never in a web
process. What leaves the house as a file: governance/tables.py.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
import zipfile
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from shutil import copyfileobj
from typing import IO, Any

import pyogrio
from django.utils.translation import gettext as _t

CHUNK = 1 << 20
ENCODINGS = ("utf-8-sig", "gb18030")  # what Excel writes in China without being asked
UNPACKED = 300 * 1024 * 1024  # of a workbook: a small file can unfold into gigabytes
WIDEST = 100


class BadFile(Exception):
    """The file cannot be read; nothing was written."""


@dataclass(frozen=True)
class Row:
    """One record: the line it begins on, and its cells, as many as the header has."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    header: list[str]
    rows: Iterator[Row]


@contextmanager
def reading(file: IO[bytes], name: str) -> Iterator[Table]:
    """The table of an open binary file. Raises BadFile, also while the rows stream by."""
    if name.lower().endswith(".xlsx"):
        yield workbook(file)
        return
    text = io.TextIOWrapper(file, encoding=encoding_of(file), newline="")
    try:
        yield checked(comma_separated(text))
    finally:
        text.detach()  # the file is its opener's to close


def encoding_of(file: IO[bytes]) -> str:
    """The first of ENCODINGS that the whole file is good text in. Raises BadFile."""
    for encoding in ENCODINGS:
        file.seek(0)
        decoder = getincrementaldecoder(encoding)()
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        file.seek(0)
        return encoding
    raise BadFile(_t("文件不是 UTF-8 或 GB18030 编码的 CSV，也不是 XLSX。"))


def comma_separated(text: IO[str]) -> Iterator[Row]:
    reader = csv.reader(text, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadFile(
                _t("第 %(line)d 行不是 CSV：%(error)s") % {"line": line, "error": error}
            ) from error
        cells = [plain(cell) for cell in cells]
        if any(cells):
            yield Row(line, cells)


def checked(rows: Iterator[Row]) -> Table:
    """The first row is the header; the others are cut or filled to its length."""
    first = next(rows, None)
    if first is None:
        raise BadFile(_t("文件是空的。"))
    header = named(first.cells)
    width = len(header)
    return Table(header, (Row(row.line, (row.cells + [""] * width)[:width]) for row in rows))


def named(cells: list[str]) -> list[str]:
    """Each column has a name of its own; what stands behind the last name is no column."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    if not cells or len(cells) > WIDEST or len({*cells, ""}) != len(cells) + 1:
        raise BadFile(_t("第一行须是表头，列名不能重复或为空。"))
    return cells


def workbook(file: IO[bytes]) -> Table:
    """The first sheet of a workbook."""
    check_size(file)
    with in_memory(file) as path:
        try:
            meta, _ids, _shapes, columns = pyogrio.raw.read(
                f"XLSX:{path}", read_geometry=False, HEADERS="FORCE", FIELD_TYPES="STRING"
            )
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
            raise BadFile(_t("这个 XLSX 文件读不出来，请另存为 CSV 再试。")) from error
    cells: Any = zip(*columns, strict=True)
    rows = (
        Row(line, found)
        for line, values in enumerate(cells, start=2)
        if any(found := [plain(value) for value in values])
    )
    return Table(named([plain(name) for name in meta["fields"]]), rows)


@contextmanager
def in_memory(file: IO[bytes]) -> Iterator[str]:
    """The path of a copy that is on no disk, where what is in the file may lie sealed; where the
    system has no such files, of a temporary one."""
    file.seek(0)
    if not hasattr(os, "memfd_create"):
        with tempfile.NamedTemporaryFile() as copy:
            copyfileobj(file, copy, CHUNK)
            copy.flush()
            yield copy.name
        return
    with os.fdopen(os.memfd_create("table"), "wb") as held:
        copyfileobj(file, held, CHUNK)
        held.flush()
        yield f"/proc/self/fd/{held.fileno()}"


def check_size(file: IO[bytes]) -> None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile as error:
        raise BadFile(_t("这个 XLSX 文件读不出来，请另存为 CSV 再试。")) from error
    if unpacked > UNPACKED:
        raise BadFile(_t("这个 XLSX 文件太大，请分成几个文件。"))


def plain(value: object) -> str:
    """A cell's text with single spaces, without what no database keeps."""
    return "" if value is None else " ".join(str(value).replace("\0", "").split())
