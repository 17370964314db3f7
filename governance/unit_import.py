"""Units from a table, one a row, known again by their codes: a file can be loaded twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _t

from governance import clock, units
from governance.models import (
    CodeScheme,
    PartyForm,
    PartyOrganisation,
    Unit,
    UnitCode,
    UnitKind,
)

COLUMNS = ("kind", "code", "name", "parent_code")
LONGEST = {"code": 30, "name": 80, "organisation": 80}


class BadRow(Exception):
    """Names the line and the fault; nothing was written."""


@dataclass
class Done:
    created: int = 0
    changed: int = 0
    same: int = 0


def check_header(names: Sequence[str] | None) -> None:
    """Raises BadRow for a file without its columns: every row of it would say something else."""
    if not names:
        raise BadRow(_t("文件是空的。"))
    if missing := [column for column in COLUMNS if column not in names]:
        said = {"columns": _t("、").join(missing), "line": 1}
        raise BadRow(_t("第 %(line)d 行（表头）缺少列：%(columns)s。") % said)


@transaction.atomic
def load(rows: Iterable[Mapping[str, str | None]]) -> Done:
    """Write the units of the rows, parents before children; all or nothing. Raises BadRow."""
    done = Done()
    lines: dict[tuple[str, str], int] = {}
    for number, raw in enumerate(rows, start=2):
        line = getattr(rows, "line_num", number)  # a CSV reader leaves out empty lines
        row = {key: (value or "").strip() for key, value in raw.items() if key}
        try:
            check_once(row, line, lines)
            load_row(row, done)
        except (units.NotAllowed, BadRow) as error:
            raise BadRow(
                _t("第 %(line)d 行：%(fault)s") % {"line": line, "fault": error}
            ) from error
    return done


def check_once(row: Mapping[str, str], line: int, lines: dict[tuple[str, str], int]) -> None:
    """A code names one unit of the file: a second row of it would rename the first one's unit."""
    if any("\0" in text for text in row.values()):
        raise BadRow(_t("含有空字符（NUL），请删去后重试。"))
    code = row.get("code", "")
    first = lines.setdefault((row.get("scheme") or CodeScheme.STATISTICS, code), line)
    if code and first != line:
        raise BadRow(_t("代码 %(code)s 已在第 %(line)d 行。") % {"code": code, "line": first})


def load_row(row: Mapping[str, str], done: Done) -> Unit:
    if missing := [column for column in COLUMNS[:3] if not row.get(column)]:
        raise BadRow(_t("缺少 %(columns)s。") % {"columns": _t("、").join(missing)})
    if row["kind"] not in UnitKind.values:
        raise BadRow(_t("类别“%(kind)s”不在清单内。") % {"kind": row["kind"]})
    scheme = row.get("scheme") or CodeScheme.STATISTICS
    if scheme not in CodeScheme.values:
        raise BadRow(_t("编码方案“%(scheme)s”不在清单内。") % {"scheme": scheme})
    for column, longest in LONGEST.items():
        if len(row.get(column, "")) > longest:
            raise BadRow(
                _t("%(column)s 超过 %(longest)d 个字。") % {"column": column, "longest": longest}
            )
    parent = by_code(row["parent_code"], scheme) if row.get("parent_code") else None
    known = UnitCode.objects.filter(scheme=scheme, code=row["code"], valid_to=None)
    if code := known.select_related("unit__parent").first():
        unit = code.unit
        update(unit, row, parent, done)
    else:
        today = clock.today()
        unit = units.create(kind=row["kind"], name=row["name"], parent=parent, valid_from=today)
        UnitCode.objects.create(unit=unit, scheme=scheme, code=row["code"], valid_from=today)
        done.created += 1
    if form := row.get("form"):
        if form not in PartyForm.values:
            raise BadRow(_t("党组织形式“%(form)s”不在清单内。") % {"form": form})
        name = row.get("organisation") or f"{unit.name}{PartyForm(form).label}"
        PartyOrganisation.objects.update_or_create(unit=unit, defaults={"form": form, "name": name})
    return unit


def update(unit: Unit, row: Mapping[str, str], parent: Unit | None, done: Done) -> None:
    """A known unit takes its new name; another parent is a move, which has its own verb."""
    if unit.kind != row["kind"] or unit.parent_id != (parent.pk if parent else None):
        raise BadRow(
            _t("代码 %(code)s 已属于“%(unit)s”，类别或上级不同：请用“单位变更”调整。")
            % {"code": row["code"], "unit": unit}
        )
    if unit.name == row["name"]:
        done.same += 1
        return
    units.check_names(parent, unit.kind, [row["name"]])
    unit.name = row["name"]
    unit.save(update_fields=["name"])
    done.changed += 1


def by_code(code: str, scheme: str) -> Unit:
    """The unit that carries a valid code, of this scheme rather than another. Raises BadRow."""
    found = UnitCode.objects.filter(code=code, valid_to=None).select_related("unit").order_by("pk")
    first = found.filter(scheme=scheme).first() or found.first()
    if first is None:
        raise BadRow(_t("没有代码为 %(code)s 的单位。") % {"code": code})
    return first.unit
