"""The licences of a batch of organisations: a row tells of one, and repeats the organisation.

Known again by kind and number. Just as it is held, or was until it was renewed or given back, it
changes nothing; with other dates it takes the place of the one that is held. What is written goes
the way of those that somebody types in (people/entities.py), timers and all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _t

from governance.table_jobs import BadRow
from people import entities, entity_rows
from people.entities import Papers
from people.entity_rows import PAPER, Said, SaidPaper
from people.errors import BadDetails
from people.models import Entity, Licence

Key = tuple[str, str, str]  # the organisation's code, kind, number


class Licences:
    def __init__(self, said: Collection[Said], known: Collection[Entity]) -> None:
        self.held: defaultdict[Key, list[Licence]] = defaultdict(list)  # the last is the one
        self.told: dict[Key, Papers] = {}
        self.new: list[Licence] = []
        if any(one.paper for one in said):
            rows = Licence.objects.filter(entity__in=known).select_related("entity")
            for row in rows.order_by("pk"):
                self.held[row.entity.credit_code, row.kind, row.number].append(row)

    def news(self, said: Said) -> Papers | None:
        """What a row says of a licence that is not known. Raises BadRow."""
        if said.paper is None:
            return None
        papers = self.filled(said.paper, said.facts.credit_code)
        key = said.facts.credit_code, papers.kind, papers.number
        if self.told.setdefault(key, papers) != papers:
            raise blamed("number", _t("前面的行写的这张证照日期不同。"))
        was = [(row.issued_on, row.expires_on) for row in self.held[key]]
        return None if (papers.issued_on, papers.expires_on) in was else papers

    def filled(self, paper: SaidPaper, code: str) -> Papers:
        """With the dates that are known where the row leaves them empty. Raises BadRow."""
        last = next(reversed(self.held[code, paper.kind, paper.number]), None)
        issued, expires = paper.issued_on, paper.expires_on
        if last is not None:
            issued = issued or last.issued_on
            expires = expires or (None if paper.endless else last.expires_on)
        if issued is None:
            raise blamed("issued_on", _t("请填写发证日期。"))
        try:
            return entities.check_papers(Papers(paper.kind, paper.number, issued, expires))
        except BadDetails as error:
            raise entity_rows.blamed(error, PAPER) from None

    def add(self, entity: Entity, papers: Papers) -> None:
        held = self.held[entity.credit_code, papers.kind, papers.number]
        old = held[-1] if held and held[-1].ended_on is None else None
        held.append(entities.licence_of(entity, papers, old))
        self.new.append(held[-1])

    def write(self, now: datetime) -> None:
        """After their organisations, which are locked."""
        entities.write_licences(self.new, now)


def blamed(name: str, why: str) -> BadRow:
    return entity_rows.blamed(BadDetails({name: why}), PAPER)
