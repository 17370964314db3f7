"""What cases, suggestions and services hold about who asks for their own data: people/rights.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _t

from cases.models import Case, ServiceRequest, Suggestion
from people import rights
from people.rights import Holding


@rights.holder
def by_number(number: str) -> Iterator[Holding]:
    """Who reported, suggested or applied under this number."""
    for model, path, title in (
        (Case, "reporter", _t("反映的事件 %(number)s")),
        (Suggestion, "contributor", _t("提出的建议 %(number)s")),
        (ServiceRequest, "applicant", _t("委托代办的事项 %(number)s")),
    ):
        rows = model._default_manager.filter(number=number).select_related(f"{path}__data_key")
        for row in rows:
            if (person := getattr(row, path)) is not None:
                yield holding(person, title % {"number": number})


@rights.naming
def of_registrations(keys: Sequence[UUID]) -> Iterator[Holding]:
    """Who was named from the register in what was found on a visit."""
    cases = Case.objects.filter(
        reporter__person__in=keys, reporter__data_key__destroyed_at=None
    ).select_related("reporter__data_key")
    for case in cases.order_by("pk"):
        assert case.reporter is not None
        yield holding(case.reporter, _t("反映的事件 %(number)s") % {"number": case.number})
    requests = ServiceRequest.objects.filter(
        applicant__person__in=keys, applicant__data_key__destroyed_at=None
    ).select_related("applicant__data_key")
    for request in requests.order_by("pk"):
        title = _t("委托代办的事项 %(number)s") % {"number": request.number}
        yield holding(request.applicant, title)


def holding(person: Any, title: str) -> Holding:
    name, phone = (str(value.reveal()) if value else "" for value in (person.name, person.phone))
    return Holding(person._meta.label, person.pk, title, name, phone)
