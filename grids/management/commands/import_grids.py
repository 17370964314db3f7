from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _t

from governance import actor
from governance.models import Unit
from grids import coverage, imports


class Command(BaseCommand):
    help = (
        "Imports grids from GeoJSON (WGS 84): every feature a grid unit with its boundary; "
        "reports overlaps and gaps in m² with the grids beside them: holes of any size, and strips "
        f"open at their ends up to {coverage.STRIP_M:.0f} m wide. All or nothing; twice-safe."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--repair", action="store_true", help="mend invalid boundaries")
        parser.add_argument("--name-property", default="name", metavar="NAME")
        parser.add_argument("--code-property", default="code", metavar="NAME")
        parser.add_argument(
            "--parent", default="", metavar="CODE", help="for features without parent_code"
        )
        parser.add_argument("--dry-run", action="store_true", help="say everything, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = imports.Options(
            name=options["name_property"],
            code=options["code_property"],
            parent=options["parent"],
            repair=options["repair"],
        )
        try:
            features = imports.read(options["file"].read_bytes(), chosen)
            with actor.acting(None, "import"), transaction.atomic():
                done = imports.load(features, chosen)
                for line in report(done):
                    self.stdout.write(line)
                transaction.set_rollback(options["dry_run"])
        except (OSError, imports.BadFile) as error:
            raise CommandError(str(error)) from error


def report(done: imports.Done) -> Iterator[str]:
    """What was mended, what overlaps, where nobody is; and a line of counts."""
    name = dict(Unit.objects.filter(kind="grid").values_list("pk", "name"))
    for line in done.repairs:
        yield _t("修复：%(line)s") % {"line": line}
    for overlap in done.overlaps:
        pair = {"one": name[overlap.first], "other": name[overlap.second], "m2": overlap.m2}
        yield _t("重叠：%(one)s 与 %(other)s，%(m2).0f 平方米") % pair
    for gap in done.gaps:
        around = {**gap._asdict(), "around": _t("、").join(name[pk] for pk in gap.around)}
        yield _t("空隙：%(around)s 之间，%(m2).0f 平方米（%(lon).6f, %(lat).6f）") % around
    yield (
        f"grids={len(done.written)} created={done.created} changed={done.changed}"
        f" repaired={len(done.repairs)} overlaps={len(done.overlaps)}"
        f" overlap_m2={sum(it.m2 for it in done.overlaps):.0f} gaps={len(done.gaps)}"
        f" gap_m2={sum(gap.m2 for gap in done.gaps):.0f}"
    )
