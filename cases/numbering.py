"""Numbers of papers, by issuing unit and year: 东丽区环卫所责改〔2026〕3号."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from governance import units

# The word that stands in the number of a paper (机关代字).
WORDS: Mapping[str, str] = {
    "rectification": "责改",
    "disposal_sheet": "处置",
    "acceptance_notice": "受告",
    "mediation_agreement": "调解",
    "mandate": "委托",
    "completion_note": "办结",
    "service_mandate": "代委",
    "service_notice": "代受",
}


def take(kind: str, unit_id: int, year: int) -> str:
    """The next number of a kind of paper. Two at once get two numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_serial AS known (kind, unit_id, year, last) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (kind, unit_id, year) DO UPDATE SET last = known.last + 1"
            " RETURNING last",
            [kind, unit_id, year],
        )
        return f"{units.name_of(unit_id)}{WORDS[kind]}〔{year}〕{cursor.fetchone()[0]}号"
