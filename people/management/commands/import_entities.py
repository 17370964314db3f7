"""`manage.py import_entities FILE --as USER [--dry-run] [--column …] [--refused FILE]`."""

from people.management.commands import import_people
from people.models import ImportKind, PeopleImport


class Command(import_people.Command):
    kind = ImportKind.ENTITIES
    help = (
        "导入法人单位：CSV 或 XLSX，第一行为表头，按统一社会信用代码识别，与页面上的导入相同"
        " · organisations from a CSV or XLSX file, as the desk's page does"
    )

    def counted(self, job: PeopleImport) -> str:
        known = f"changed={job.changed} same={job.same} refused={job.refused}"
        return f"rows={job.read} new={job.made} {known}"
