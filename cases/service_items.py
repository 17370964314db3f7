"""The service items in memory: guide, form, limit, department (Reference)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from cases.errors import NotAllowed
from cases.models import ServiceItem
from governance.reference import Reference
from governance.search import lexemes


@dataclass(frozen=True)
class Material:
    name: str
    needed: bool
    note: str


@dataclass(frozen=True)
class ServiceFacts:
    """A service item as rules and pages need it, without a query."""

    pk: int
    code: str
    name: str
    name_en: str
    department_id: int
    conditions: str
    materials: tuple[Material, ...]
    days: int
    unit: str
    schema: Mapping[str, Any]
    is_active: bool

    @property
    def title(self) -> str:
        """The name in the active language."""
        return self.name if (get_language() or "").startswith("zh") else self.name_en

    @property
    def needed(self) -> list[str]:
        return [material.name for material in self.materials if material.needed]


def load() -> dict[int, ServiceFacts]:
    return {item.pk: facts_of(item) for item in ServiceItem.objects.order_by("pk")}


def facts_of(item: ServiceItem) -> ServiceFacts:
    return ServiceFacts(
        pk=item.pk,
        code=item.code,
        name=item.name,
        name_en=item.name_en,
        department_id=item.department_id,
        conditions=item.conditions,
        materials=tuple(Material(**row) for row in item.materials),
        days=item.days,
        unit=item.unit,
        schema=item.schema,
        is_active=item.is_active,
    )


items = Reference("services", load)


def facts(item_id: int) -> ServiceFacts:
    return items()[item_id]


def by_code(code: str) -> ServiceFacts | None:
    """An item that may be asked for now."""
    return next((i for i in items().values() if i.code == code and i.is_active), None)


def asked_for(code: str) -> ServiceFacts:
    """The same; raises NotAllowed where there is none."""
    if (found := by_code(code)) is None:
        raise NotAllowed(_t("请从办事事项中选择在办的事项。"))
    return found


def active() -> list[ServiceFacts]:
    return [item for item in items().values() if item.is_active]


MEANT = 0.5


def meant(words: str) -> ServiceFacts | None:
    """The one item whose name somebody's words speak of: more than half of its character pairs, and
    no other name as much; None where they speak of none, or of several."""
    said = set(lexemes(words))
    found = sorted(((share(item.name, said), -item.pk) for item in active()), reverse=True)
    if not found or found[0][0] <= MEANT or found[0][0] in {other for other, _pk in found[1:]}:
        return None
    return items()[-found[0][1]]


def share(name: str, said: set[str]) -> float:
    own = set(lexemes(name))
    return len(own & said) / len(own) if own else 0.0
